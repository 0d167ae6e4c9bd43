"""Rows of a table by their numbers: how tokens become vectors."""

from functools import partial

import numpy as np
from scipy.sparse import csc_array, csr_array

from tui_lab.lab.equation import entry, entry_name, factor, number, product, total
from tui_lab.lab.operations import Kernel, Operation
from tui_lab.lab.scenario import Array

from .corpus import Ids


class Rows(Operation):
    """v[i] = Σ shares[i, j]·V[c[i, j]] over j, from a table V (v, d), ids c (n, m) and shares (n, m): a row of the
    table for each id, or for m > 1 their mean, in which a share of 0 says that there is no word.

    It is the product of V with a matrix that is nearly all zeros, one 1 in each row if there is one id: *one-hot*.
    """

    def shape(self) -> tuple[int, ...]:
        table, ids, shares = (tensor.value.shape for tensor in self.inputs)
        if len(table) != 2 or len(ids) != 2 or ids != shares:
            raise ValueError(f"a table {table}, ids {ids} and shares {shares} do not fit: (v, d), (n, m) and (n, m) do")
        return ids[0], table[1]

    def forward(self) -> list[Kernel]:
        table, ids, shares = (tensor.value for tensor in self.inputs)
        self._numbers: Ids = np.zeros(ids.shape, np.int32)
        self._starts = np.arange(len(ids) + 1, dtype=np.int32) * ids.shape[1]
        return [
            partial(np.copyto, self._numbers, ids, "unsafe"),
            partial(self._look_up, table, shares, self.output.value),
        ]

    def backward(self, which: int, flow: Array, out: Array) -> list[Kernel]:
        return [partial(self._bring_back, self.inputs[2].value, flow, out)]

    def notation(self, *terms: str) -> str:
        return terms[0]

    def names(self) -> list[str]:
        row = f"{self.inputs[0].name}[{self.inputs[1].name}]"
        return [row if self._numbers.shape[1] == 1 else f"Σ {row}/m", self.output.name]

    def figures(self, index: tuple[int, ...]) -> list[str]:
        row, column = index
        there = np.flatnonzero(self.inputs[2].value[row])
        table, ids = self.inputs[0], self._numbers[row, there].tolist()
        if self._numbers.shape[1] == 1:
            return [entry_name(table.name, (ids[0], column)), entry(self.output.shown, index)]
        listed = total(len(ids), lambda j: (factor if j else str)(entry(table.shown, (ids[j], column))))
        return [f"({listed})/{len(ids)}", entry(self.output.shown, index)]

    def slope(self, which: int, *terms: str) -> str:
        return "1" if self._numbers.shape[1] == 1 else "1/m"

    def flow_back(self, which: int, flow: str) -> str:
        share = flow if self._numbers.shape[1] == 1 else f"{flow}/m"
        return f"Σ({self.inputs[1].name} = row) {share}"

    def flow_back_numbers(self, which: int, flow: Array, index: tuple[int, ...]) -> str:
        row, column = index
        shares = self.inputs[2].value
        places = np.argwhere((self._numbers == row) & (shares > 0)).tolist()

        def term(which_place: int) -> str:
            i, j = places[which_place]
            here = entry(flow, (i, column))
            return (factor(here) if which_place else here) if shares[i, j] == 1 else product(number(shares[i, j]), here)

        return total(len(places), term) or "0"

    def _look_up(self, table: Array, shares: Array, out: Array) -> None:
        picked = csr_array((shares.ravel(), self._numbers.ravel(), self._starts), (len(shares), len(table)))
        out[...] = picked @ table

    def _bring_back(self, shares: Array, flow: Array, out: Array) -> None:
        picked = csc_array((shares.ravel(), self._numbers.ravel(), self._starts), (len(out), len(shares)))
        out[...] = picked @ flow
