"""The looks by which a person steers a model's writing: what there is, and where a key takes each."""

import math

from tui_lab.run.catalogue import Hyperparameter, ScenarioCard, Value

PROMPT, GROWN = "prompt", "grown"
TEMPERATURE, TOP_K, TOP_P = "temperature", "top_k", "top_p"
SEED = "seed"
"""How the name of the look ends from which the chances of a sample are drawn."""
_STEPS = {TEMPERATURE: 0.1, TOP_P: 0.05}
_TOP_K = (1, 2, 3, 5, 10, 20, 50, 100)
"""The rungs below all tokens."""
_DIGITS = 9


def can_write(card: ScenarioCard) -> bool:
    """Whether there is a prompt, and how far it is written on."""
    return {PROMPT, GROWN} <= looks_of(card).keys()


def looks_of(card: ScenarioCard) -> dict[str, Hyperparameter]:
    """The looks that writing knows, in the order in which they are told; the seed under `SEED`."""
    looks = {each.name: each for each in card.hyperparameters if each.look}
    seed = next((each for name, each in looks.items() if name.endswith(SEED)), None)
    known = {name: looks.get(name) for name in (PROMPT, GROWN, TEMPERATURE, TOP_K, TOP_P)} | {SEED: seed}
    return {name: look for name, look in known.items() if look is not None}


def turned(look: Hyperparameter, value: Value, by: int) -> Value:
    """The value `by` key presses further, as far as it may go. Of the top k, 0 (or a word) is all of them, the most."""
    if look.name == TOP_K:
        return _rung(look, value, by)
    low = -math.inf if look.minimum is None else look.minimum
    high = math.inf if look.maximum is None else look.maximum
    number = high if isinstance(value, str) else value
    number = min(max(round(number + by * _STEPS.get(look.name, 1), _DIGITS), low), high)
    return int(number) if look.type == "int" else float(number)


def _rung(look: Hyperparameter, value: Value, by: int) -> Value:
    high = math.inf if look.maximum is None else look.maximum
    ladder: list[Value] = [rung for rung in _TOP_K if (look.minimum or 1) <= rung <= high]
    if look.words or not look.minimum:
        ladder.append(look.words[0] if look.words else 0)
    if value == ladder[-1]:
        place = len(ladder) - 1 if by > 0 else len(ladder) - 2
    elif by > 0:
        place = next((i for i, rung in enumerate(ladder) if _size(rung) > _size(value)), len(ladder) - 1)
    else:
        place = max((i for i, rung in enumerate(ladder) if _size(rung) < _size(value)), default=0)
    return ladder[max(place, 0)]


def _size(rung: Value) -> float:
    return math.inf if isinstance(rung, str) or rung == 0 else float(rung)
