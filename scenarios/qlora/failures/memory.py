"""Failure 7: no memory left, or hardly any; and which row of the memory ledger to cut, with the saving."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace

from tui_lab.lab.errors import BadInput

from ..method import Method
from ..words import bytes_of
from .finding import Finding, Weight

ROOM = 0.95
"""The share of free memory that a run may be predicted to need."""
FULL = 0.92
"""The share of all memory from which it is nearly full."""
SLACK = 0.2
"""The share of what is reserved that may lie unused."""
_KEPT = "the adapter keeps its last good values; "

Predict = Callable[[Method], Mapping[str, float]]
"""The memory ledger: the bytes of each of its rows, for a run by that method."""


@dataclass(frozen=True, slots=True)
class Cut:
    """A change of one setting, the ledger's row that it cuts most, and the bytes that it saves in all."""

    setting: str
    row: str
    saving: float

    @property
    def sentence(self) -> str:
        """As a remedy."""
        return f"{self.setting} cuts {self.row} and saves {bytes_of(self.saving)}"


def cuts(method: Method, predict: Predict) -> list[Cut]:
    """What one could change to need less, the largest saving first; nothing that saves nothing."""
    here = predict(method)
    found = []
    for setting, changed in _alternatives(method):
        there = predict(changed)
        savings = {row: size - there.get(row, 0.0) for row, size in here.items()}
        total = sum(here.values()) - sum(there.values())
        if total > 0:
            found.append(Cut(setting, max(savings, key=savings.__getitem__), total))
    return sorted(found, key=lambda cut: -cut.saving)


def _alternatives(method: Method) -> Iterator[tuple[str, Method]]:
    if not method.gradient_checkpointing:
        yield "gradient_checkpointing=true", replace(method, gradient_checkpointing=True)
    if method.batch_size > 1:
        batch, accumulation = method.batch_size // 2, method.accumulation * 2
        yield (
            f"batch_size={batch} with accumulation={accumulation}",
            replace(method, batch_size=batch, accumulation=accumulation),
        )
    if isinstance(method.max_length, int) and method.max_length >= 16:
        yield f"max_length={method.max_length // 2}", replace(method, max_length=method.max_length // 2)
    if method.quantisation in ("none", "int8"):
        yield "quantisation=nf4", replace(method, quantisation="nf4")
    if method.bits == 4 and not method.double_quant:
        yield "double_quant=true", replace(method, double_quant=True)
    if method.upcast:
        yield "upcast=false", replace(method, upcast=False)
    if "8bit" not in method.optimizer:
        yield "optimizer=paged_adamw_8bit", replace(method, optimizer="paged_adamw_8bit")
    if method.rank > 1:
        yield f"rank={method.rank // 2}", replace(method, rank=method.rank // 2)


def demand_room(needed: float, free: float, where: str, found: Iterable[Cut]) -> None:
    """Before anything is loaded: raises BadInput where a run would need more than 0.95 of the bytes that are free, with
    what to set: the largest saving, and the first that would do if that one does not."""
    room = ROOM * free
    if needed <= room:
        return
    enough = [cut for cut in found if needed - cut.saving <= room]
    best = max(found, key=lambda cut: cut.saving, default=None)
    if enough:
        advice = "set " + min(enough, key=lambda cut: cut.saving).sentence.replace(" cuts ", ", which cuts ")
    elif best is not None:
        advice = f"no one setting is enough; {best.sentence}, and a smaller model or {where} with more memory is needed"
    else:
        advice = f"give a smaller model, or {where} with more memory"
    raise BadInput(
        f"This run would need about {bytes_of(needed)}, and {bytes_of(free)} of {where}'s memory are free: {advice}."
    )


@dataclass(frozen=True, slots=True)
class Usage:
    """Bytes of a device's memory. `peak` is the most that tensors took so far, in a micro-batch of `places` tokens at
    most; the largest one that can come has `worst`."""

    allocated: float
    reserved: float
    total: float
    peak: float
    places: int
    worst: int
    where: str


def memory_findings(usage: Usage, found: Callable[[], list[Cut]]) -> list[Finding]:
    """What is told while there is still memory. `found` is only asked when something has to be cut."""
    ahead = usage.allocated + (usage.peak - usage.allocated) * usage.worst / max(usage.places, 1)
    if usage.peak < usage.total < ahead:
        evidence = (
            f"the largest micro-batch so far had {usage.places} tokens and took {bytes_of(usage.peak)}; one of "
            f"{usage.worst} can come and would take about {bytes_of(ahead)} of {bytes_of(usage.total)}"
        )
        return [
            Finding(Weight.FAILURE, "Memory will run out", evidence, "the data has longer examples", _advice(found()))
        ]
    if usage.reserved > FULL * usage.total:
        evidence = f"{bytes_of(usage.reserved)} of {bytes_of(usage.total)} of {usage.where}'s memory are taken"
        return [
            Finding(
                Weight.FAILURE, "Memory nearly full", evidence, "the next longer batch may not fit", _advice(found())
            )
        ]
    if usage.reserved - usage.peak > SLACK * usage.reserved and usage.reserved > usage.total / 2:
        unused = bytes_of(usage.reserved - usage.peak)
        evidence = f"{unused} of the {bytes_of(usage.reserved)} that are reserved lie between tensors"
        remedy = "start the trainer with PYTORCH_ALLOC_CONF=expandable_segments:True"
        return [
            Finding(Weight.REMARK, "Memory in pieces", evidence, "batches of many different lengths leave gaps", remedy)
        ]
    return []


def out_of_memory(message: str, rows: Mapping[str, float], found: list[Cut], kept: str = _KEPT) -> Finding:
    """What is said when there was none left: a state of the run, at the last step that was done; or, with nothing that
    is `kept`, the reason why it never began."""
    evidence = message.strip().splitlines()[0].rstrip(".") if message.strip() else "an allocation failed"
    cause = ""
    if rows:
        largest = max(rows, key=rows.__getitem__)
        cause = f"the ledger's largest row is {largest} with {bytes_of(rows[largest])}"
    return Finding(Weight.STOP, "Out of memory", evidence, cause, f"{kept}{_advice(found)}")


def _advice(found: list[Cut]) -> str:
    if not found:
        return "use a smaller model, or a machine with more memory"
    return "start a run with " + " or ".join(cut.sentence.replace(" cuts ", ", which cuts ") for cut in found[:2])
