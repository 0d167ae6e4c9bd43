"""A sentence of the user's, each token coloured by how much it surprises the model."""

import numpy as np

from tui_lab.lab.views import Passage
from tui_lab.lab.views import Tokens as TokensView

from .perplexity import Surprise
from .spelling import spelled
from .tokens import Tokens


def sentence_view(tokens: Tokens, sentence: str, found: Surprise) -> TokensView:
    """The colour scale ends where guessing all tokens evenly would be, at log₂ V bits."""
    pieces, unknown = spelled(tokens, sentence)
    pieces, unknown = pieces[: len(found.bits)], unknown[: len(found.bits)]
    even = float(np.log2(tokens.size))
    title = (
        f"your sentence: perplexity {found.perplexity:.3g} per token, {found.bits_per_character:.2f} bits per character"
    )
    marks = ["known", "unknown to the model"] if any(unknown) else ["known"]
    passage = Passage(_worst(pieces, found), pieces, np.array(unknown, np.intp), np.clip(found.bits / even, 0.0, 1.0))
    return TokensView(title, [passage], marks, "bits of surprise", 0.0, even)


def _worst(pieces: list[str], found: Surprise) -> str:
    place = int(np.argmax(found.bits))
    return f"most surprising: token {place + 1}, '{pieces[place]}', {found.bits[place]:.1f} bits"
