"""The eight models by name, in the order of history, made from a run's settings."""

from collections.abc import Mapping
from typing import Any

from tui_lab.lab.errors import BadInput

from .attentive import AttentiveRecurrent
from .bengio import Bengio
from .counts import Bigram, Counting
from .model import Network
from .ngram import NGram
from .recurrent import Recurrent
from .transformer import Shape, Transformer

YEARS = {
    "bigram": 1913,
    "ngram": 1991,
    "bengio": 2003,
    "rnn": 1990,
    "lstm": 1997,
    "gru": 2014,
    "attention": 2014,
    "transformer": 2017,
}
"""When each was published: Markov; Witten and Bell; Bengio et al.; Elman; Hochreiter and Schmidhuber; Cho et al.;
Bahdanau et al.; Vaswani et al."""
LAYERS = {"transformer": 4}
"""Of a model whose `layers` are `auto`; 1 for those that are not named."""
LEARNING_RATES = {"bengio": 1e-2, "rnn": 1e-2, "lstm": 2e-2, "gru": 1e-2, "attention": 1e-2, "transformer": 3e-3}
"""Where `learning_rate` is `auto`, with an optimizer of Adam's kind."""
SGD_TIMES = 200.0
"""Plain gradient descent takes steps in proportion to the gradient, which is small: it needs a rate so much larger."""


def make_model(name: str, settings: Mapping[str, Any], tokens: int) -> Network | Counting:
    """The model called `name` for so many different tokens; weights are drawn from torch's random numbers. Raises
    BadInput for sizes that do not fit together."""
    width, context, dropout = settings["width"], settings["context"], settings["dropout"]
    layers = LAYERS.get(name, 1) if settings["layers"] == "auto" else settings["layers"]
    match name:
        case "bigram":
            return Bigram(tokens, settings["smoothing"])
        case "ngram":
            return NGram(tokens, settings["order"])
        case "bengio":
            return Bengio(tokens, settings["order"], max(width // 4, 2), width, dropout)
        case "attention":
            return AttentiveRecurrent(tokens, width, context, dropout)
        case "transformer":
            return Transformer(Shape(tokens, width, layers, heads(settings), mlp_width(width), context, dropout))
    return Recurrent(name, tokens, width, layers, context, dropout)


def heads(settings: Mapping[str, Any]) -> int:
    """The number of heads. Raises BadInput where they cannot share the width evenly."""
    count: int = settings["heads"]
    width: int = settings["width"]
    if width % (2 * count):
        fitting = max(width // (2 * count), 1) * 2 * count
        raise BadInput(
            f"width={width} cannot be shared by heads={count}, whose numbers are turned in pairs: "
            f"give a multiple of {2 * count}, such as width={fitting}."
        )
    return count


def mlp_width(width: int) -> int:
    """8/3 of the width, as in Llama, rounded up to a multiple of 64."""
    return -(-8 * width // (3 * 64)) * 64


def learning_rate(settings: Mapping[str, Any], name: str) -> float:
    """Before warm-up and schedule."""
    if settings["learning_rate"] != "auto":
        return float(settings["learning_rate"])
    return LEARNING_RATES.get(name, 0.0) * (SGD_TIMES if settings["optimizer"] == "sgd" else 1.0)
