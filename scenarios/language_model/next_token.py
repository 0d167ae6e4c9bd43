"""The pictures of writing: the text so far, and what may come next."""

import numpy as np

from tui_lab.lab.views import Bars, Passage
from tui_lab.lab.views import Tokens as TokensView

from .sampling import Rules, by_probability, draw, kept, tempered
from .spelling import names, spelled
from .tokens import Tokens
from .writer import Sample

_MOST_BARS = 30
MARKS = ["prompt", "written", "unknown to the model"]
PROMPT, WRITTEN, UNKNOWN = range(3)


def text_view(tokens: Tokens, prompt: str, sample: Sample, wanted: int) -> TokensView:
    """The prompt and what was written after it, each written token shaded by the probability that the model gave it."""
    pieces, unknown = spelled(tokens, prompt)
    marks = [UNKNOWN if strange else PROMPT for strange in unknown] + [WRITTEN] * len(sample.written)
    shades = np.concatenate([np.full(len(pieces), np.nan), sample.probabilities])
    passage = Passage("", [*pieces, *names(tokens, sample.written)], np.array(marks, np.intp), shades)
    shown = MARKS if any(unknown) else MARKS[:UNKNOWN]
    return TokensView(
        f"what it writes: {_much(sample, wanted)}", [passage], shown, "the model's probability of the token"
    )


def _much(sample: Sample, wanted: int) -> str:
    count = len(sample.written)
    much = f"{count} token" + "s" * (count != 1) + ("" if sample.complete else f" of {wanted}")
    return much + (", each by the model of its moment" if sample.mixed else "")


def bars_view(tokens: Tokens, sample: Sample, rules: Rules) -> Bars:
    """The likeliest next tokens after temperature, those that the cuts leave out drawn faintly; chosen is the one that
    will be written next. Where temperature changes the probabilities, the model's own are beside them."""
    own, after = tempered(sample.following, 1.0), tempered(sample.following, rules.temperature)
    if not np.isfinite(after).all():
        return Bars("the next token: the model's answers are not numbers", "probability", [], np.zeros(0))
    left = kept(after, rules.top_k, rules.top_p)
    token = draw(np.where(left, after, 0.0), sample.uniform)
    order = by_probability(own)[:_MOST_BARS].tolist()
    order = order if token in order else [*order[:-1], token]
    compared = rules.temperature != 1
    return Bars(
        title=f"the next token{_cut(left.sum(), after[left].sum(), len(after))}",
        value_label=f"probability at temperature {rules.temperature:g}" if compared else "probability",
        names=names(tokens, order),
        values=after[order],
        kept=left[order],
        chosen=order.index(token),
        compared=own[order] if compared else np.zeros(0),
        compared_label="the model's own" if compared else "",
    )


def _cut(count: int, share: float, size: int) -> str:
    return "" if count == size else f": {count} of {size} are kept, {share:.1%} of the probability"
