"""The memory ledger as tables: what is predicted beside what is measured, and why each part is there."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from tui_lab.lab.views import Table

from .accounts import CUDA, PAGES, Part
from .fullest import Moments
from .ledger import Ledger
from .words import bytes_of, counted, rounded, unit_name, unit_of

Row = list[str | float]


@dataclass(frozen=True)
class Found:
    """What was measured in a run: bytes of `parts` by their names, and of those `passing` that a step needs at its
    fullest moment; of all that is held `now` between two steps beyond what was there before the run, and at the `peak`
    of a step; of CUDA's `context`, and of what torch has `cached` beyond the peak. None is what could not be
    measured."""

    parts: Mapping[str, float] = field(default_factory=dict)
    passing: Mapping[str, float] = field(default_factory=dict)
    now: float | None = None
    peak: float | None = None
    context: float | None = None
    cached: float | None = None
    gpu: bool = True
    """There torch says what is held and what the peak was, in tensors; for a CPU the system says what the process has
    in all, and tensors are counted."""
    moments: Moments | None = None
    """What a step needed, counted."""
    step: int = 0
    """In which that was."""


def ledger_table(title: str, ledger: Ledger, found: Found | None = None) -> Table:
    """All parts, with their sums; measured ones only where there is a run."""
    unit = unit_of(ledger.peak)
    columns = ["part", f"predicted {unit_name(unit)}"]
    columns += [f"measured {unit_name(unit)}"] if found else []
    rows = list(_rows(ledger, found or Found(), unit))
    return Table(title, [*columns, "formula"], rows if found else [[row[0], row[1], row[3]] for row in rows])


def why_table(ledger: Ledger) -> Table:
    """Why each part is there."""
    parts = [*ledger.lasting, *ledger.passing, *ledger.beside]
    return Table("memory ledger: why", ["part", "why it is there"], [[part.name, part.why] for part in parts])


def moments_table(ledger: Ledger, found: Found) -> Table:
    """What a step needs at each of its moments besides what is there all the time."""
    said = {**_waiting(ledger.moments), **ledger.moments.needs}
    seen = {} if found.moments is None else {**_waiting(found.moments), **found.moments.seen_needs}
    unit = unit_of(max(*said.values(), *seen.values()))
    rows: list[Row] = [[name, _in(unit, said[name]), _in(unit, seen.get(name))] for name in said]
    columns = ["what", f"predicted {unit_name(unit)}", f"measured {unit_name(unit)}"]
    title = f"memory of a step: {ledger.moments.sizes.shape} predicted"
    if found.moments is not None:
        title += f", {found.moments.sizes.shape} in step {found.step}"
    return Table(title, columns, rows)


def _waiting(moments: Moments) -> dict[str, float]:
    seen = moments.seen
    return {"activations, kept for the backward pass": seen.kept, "scores, handed over to the loss": seen.scores}


def _in(unit: int, size: float | None) -> str | float:
    return "" if size is None else rounded(size / 1024**unit, 4)


def reference_table(ledger: Ledger) -> Table:
    """What full fine-tuning in 16 bits would keep, beside this."""
    unit = unit_of(ledger.full)
    sizes = [*((part.name, part.size, part.formula) for part in ledger.reference)]
    sizes.append(("in all", ledger.full, "12 B for each number, and activations"))
    sizes.append(("this run, between steps", ledger.resident, _share(ledger.resident, ledger.full)))
    rows: list[Row] = [[name, rounded(size / 1024**unit, 4), formula] for name, size, formula in sizes]
    title = f"fine-tuning {counted(ledger.numbers)} numbers in full, in 16 bits"
    return Table(title, ["part", unit_name(unit), "formula"], rows)


def _rows(ledger: Ledger, found: Found, unit: int) -> Iterator[Row]:
    def row(name: str, predicted: float | None, measured: float | None, formula: str) -> Row:
        return [name, _in(unit, predicted), _in(unit, measured), formula]

    known = {**found.passing, **found.parts}

    def part_row(part: Part) -> Row:
        return row(part.name, part.size, known.get(part.name), part.formula)

    yield from map(part_row, ledger.lasting)
    counted = sum(found.parts.get(part.name, 0.0) for part in ledger.lasting) if found.parts else None
    yield row("between two steps", ledger.resident, found.now if found.gpu else counted, "all of the above")
    if found.now is not None:
        explained = sum(size for name, size in found.parts.items() if name != PAGES)
        who = "torch has" if found.gpu else "the process has"
        formula = f"{bytes_of(found.now)} that {who} taken, less all that is measured"
        yield row("not explained", None, found.now - explained, formula)
    if ledger.unknown:
        yield row("activations", None, None, f"not known: {ledger.unknown}")
    yield from map(part_row, ledger.passing)
    peak = f"at the peak, {ledger.moments.fullest}"
    yield row(peak, ledger.peak, found.peak, _compared(ledger, found))
    if found.peak is not None and found.cached is not None:
        explained = sum(known.get(part.name, 0.0) for part in (*ledger.lasting, *ledger.passing))
        yield row("not explained", None, found.peak - explained, "the peak, less all that is measured of its parts")
        yield row(
            "torch's cache",
            None,
            found.cached,
            "reserved beyond the peak: gaps between tensors, and what evaluations needed",
        )
    for part in ledger.beside:
        measured = found.context if part.name == CUDA else found.parts.get(part.name)
        yield row(part.name, part.size, measured, part.formula)
    if ledger.on_gpu > ledger.peak:
        yield row("on the GPU in all", ledger.on_gpu, None, "the peak, the context, and pages as long as there is room")


def _compared(ledger: Ledger, found: Found) -> str:
    """How far off the prediction of the peak is, where a batch as large as may come has come."""
    if found.peak is None:
        return "all of the above"
    if found.moments is not None and not found.moments.sizes.alike(ledger.moments.sizes):
        return f"{ledger.moments.sizes} predicted, at most {found.moments.sizes} measured so far, in step {found.step}"
    return f"predicted is {ledger.peak / found.peak - 1:+.1%} off"


def _share(part: float, whole: float) -> str:
    return f"{part / whole:.1%} of it, {bytes_of(whole - part)} less"
