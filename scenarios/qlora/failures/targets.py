"""Failure 5: adapters on fewer layers than were meant. Names that no layer has are refused before anything is loaded
(`adapter.target_layers`); what is left to tell is that some kinds of layers have none."""

from collections.abc import Mapping

from .finding import Finding, Weight


def few_adapted(adapted: Mapping[str, int], linear: Mapping[str, int]) -> Finding | None:
    """Which linear layers (name: number of weights), the output head left out, have no adapter. The paper's main
    finding is that all of them need one to match training in 16 bits."""
    without = sorted({name.rpartition(".")[2] for name in linear.keys() - adapted.keys()})
    if not without:
        return None
    have, all_of_them = sum(adapted.values()), sum(linear.values())
    return Finding(
        Weight.REMARK,
        "Few layers adapted",
        f"{len(adapted)} of {len(linear)} linear layers have an adapter, {have / all_of_them:.0%} of their weights; "
        f"{', '.join(without)} have none",
        "QLoRA matched 16-bit training only with adapters on all of them",
        "use target_modules=all-linear unless you meant this",
    )
