"""What 4 bits lose, as pictures."""

from collections.abc import Sequence

import numpy as np

from tui_lab.lab.scenario import Array
from tui_lab.lab.views import Bars, Table

from .nf4 import LayerError, code_book, entropy, gaussian_counts
from .words import rounded


def code_bars(kind: str, counts: Array, bits: float, layers: str) -> Bars:
    """How often each of the sixteen values (16,) is used, beside normally distributed weights."""
    book = code_book(kind)
    order = np.argsort(book)  # FP4's codes are not in the order of their values
    shares, normal = counts / counts.sum(), np.array(gaussian_counts(kind))
    return Bars(
        f"{kind.upper()}: {entropy(counts):.2f} of 4 bits told, {bits:.3f} bits stored per weight{layers}",
        "% of codes",
        [f"{value:+.4f}" for value in book[order]],
        100 * shares[order],
        compared=100 * normal[order],
        compared_label="normally distributed weights",
    )


def error_table(errors: Sequence[LayerError], layers: str) -> Table:
    """How far off each layer's weight is in three formats, in percent, the worst first."""
    rows: list[list[str | float]] = [
        [
            each.name,
            *(rounded(100 * size) for size in (each.nf4, each.fp4, each.int8, each.worst)),
            rounded(each.outlier),
        ]
        for each in sorted(errors, key=lambda each: -each.nf4)
    ]
    columns = ["layer", "NF4 %", "FP4 %", "int8 %", "worst block %", "largest / rms"]
    return Table(f"‖Ŵ − W‖/‖W‖: what quantising loses{layers}", columns, rows)
