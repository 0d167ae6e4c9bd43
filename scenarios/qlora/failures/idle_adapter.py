"""Failure 4: the adapter does nothing: with it and without it the model answers the same."""

from dataclasses import dataclass

from .finding import Finding, Weight

LEAST_EFFECT = 1e-4
"""|logits(on) − logits(off)|/|logits| below which an adapter has no effect."""
PATIENCE = 3
"""Updates after which B must have left 0."""


@dataclass(frozen=True, slots=True)
class Idleness:
    """What there is to see of an adapter's effect."""

    updates: int
    largest_b: float
    """max|B| over all layers."""
    effect: float
    """|logits(on) − logits(off)|/|logits| on a fixed batch, NaN where it was not measured."""
    scaling: float
    active: str
    trained: str
    """The names of the adapter that computes, and of the one that has the trained tensors."""
    learning_rate: float


def idle(seen: Idleness) -> Finding | None:
    """The first reason, if there is one, why the adapter cannot have an effect."""
    if seen.active != seen.trained:
        return _finding(
            f"the model computes with adapter '{seen.active}', and '{seen.trained}' is trained",
            "another adapter was made active",
            f"make '{seen.trained}' the active one",
        )
    if seen.scaling == 0:
        return _finding(
            f"B·A is multiplied by alpha/rank = {seen.scaling:g}", "alpha is 0", "start a run with alpha above 0"
        )
    if seen.updates < PATIENCE:
        return None
    if seen.largest_b == 0:
        return _finding(
            f"after {seen.updates} updates every B is still 0",
            f"no gradient reaches B, or the learning rate of {seen.learning_rate:g} moves nothing",
            "look at the gradients in the adapter table, and raise learning_rate",
        )
    if seen.effect < LEAST_EFFECT:
        return _finding(
            f"with the adapter on, the logits of a fixed batch differ by {seen.effect:.1e} of themselves from those "
            f"with it off, after {seen.updates} updates",
            f"the learning rate of {seen.learning_rate:g} moves it too little",
            "raise learning_rate, or train longer",
        )
    return None


def fewer_than_meant(adapted: int, expected: int) -> Finding | None:
    """Adapted layers against those that the targets asked for, as after loading an adapter with missing keys."""
    if adapted == expected:
        return None
    return _finding(
        f"{adapted} layers have an adapter where {expected} were meant to",
        "names in the adapter's file and in the model differ",
        "look at the adapter table for the layers that lack one",
    )


def _finding(evidence: str, cause: str, remedy: str) -> Finding:
    return Finding(Weight.FAILURE, "The adapter does nothing", evidence, cause, remedy)
