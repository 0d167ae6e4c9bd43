"""Failure 11: what is exported is not what was trained."""

import json
from collections.abc import Iterable
from pathlib import Path

from tui_lab.lab.errors import BadInput

from .finding import Finding, Weight

LEAST_KEPT = 0.5


def demand_sound(kept: float, ends: Iterable[int], folder: Path) -> None:
    """After a merged model was written to `folder`. Raises BadInput where it is not what was trained: `kept` is the
    share of ΔW that is in it, `ends` are the tokens that answers were trained to end in."""
    for finding in (merge_erases(kept, 16), endings_differ(set(ends), exported_ends(folder))):
        if finding is not None:
            raise BadInput(finding.sentence)


def exported_ends(folder: Path) -> set[int]:
    """The tokens at which a folder's generation_config stops; none where it has none."""
    path = folder / "generation_config.json"
    named = json.loads(path.read_text(encoding="utf-8")).get("eos_token_id") if path.is_file() else None
    return set(named if isinstance(named, list) else [] if named is None else [named])


def merge_erases(kept: float, bits: int) -> Finding | None:
    """`kept` is the share of ΔW, or of its effect on the logits, that is left in the merged weights."""
    if not kept < LEAST_KEPT:
        return None
    return Finding(
        Weight.FAILURE,
        "The merge erases the adapter",
        f"{max(kept, 0):.0%} of what the adapter does is left in the merged weights of {bits} bits",
        "the change is smaller than the steps between the numbers that they can hold",
        "save it as format=adapter" + ("" if bits == 16 else ", or merge into the dequantised base in 16 bits"),
    )


def endings_differ(trained: set[int], exported: set[int]) -> Finding | None:
    """The tokens that end an answer, in training and in the folder that was written."""
    if trained <= exported:
        return None
    return Finding(
        Weight.FAILURE,
        "The exported model never stops",
        f"answers were trained to end in token {_listed(trained)}, and the exported generation_config stops at "
        f"{_listed(exported)}",
        "the base model's own ending was exported",
        "set eos_token_id in generation_config.json",
    )


def _listed(tokens: set[int]) -> str:
    return ", ".join(map(str, sorted(tokens))) or "none"
