"""Whether a run fits into memory, asked before its weights are loaded."""

from contextlib import AbstractContextManager
from typing import TYPE_CHECKING

from tui_lab.lab.errors import BadInput

from ..sizes import largest_batch
from .memory import ROOM, cuts, demand_room, out_of_memory
from .out_of_memory import telling
from .usage import free_memory

if TYPE_CHECKING:
    from ..scenario import QLoRA

_SURELY = 1 / 8
"""The share of free memory that a generous guess may fill without the ledger being asked, which takes a second."""


def demand_memory(scenario: "QLoRA") -> None:
    """Raises BadInput where the memory ledger predicts more than there is room for, with what to set."""
    free, books = free_memory(scenario.device), scenario.bookkeeping
    if _generous_guess(scenario) < _SURELY * free:
        return
    gpu = scenario.device.type == "cuda"
    needed = books.ledger.on_gpu if gpu else books.ledger.peak
    if needed > ROOM * free:
        demand_room(needed, free, "the GPU" if gpu else "the machine", cuts(scenario.method, books.predict))


def while_loading(scenario: "QLoRA") -> AbstractContextManager[None]:
    """Around what loads a model and asks it for the first time. Raises BadInput, with what to set, where there is too
    little memory after all."""

    def tell(message: str) -> BadInput:
        predict = scenario.bookkeeping.predict
        return BadInput(out_of_memory(message, predict(scenario.method), cuts(scenario.method, predict), "").sentence)

    return telling(tell)


def _generous_guess(scenario: "QLoRA") -> float:
    """Several times what a run keeps: 16 bytes for each of the model's numbers, and for each token 400 for each entry
    of each block's output and 16 for each score."""
    census, tokens = scenario.bookkeeping.census, largest_batch(scenario.sequences, scenario.method).tokens
    config = scenario.base.config.get_text_config()
    width, blocks = getattr(config, "hidden_size", 0), getattr(config, "num_hidden_layers", 0)
    return 16.0 * census.total + tokens * (400.0 * width * blocks + 16.0 * census.scores)
