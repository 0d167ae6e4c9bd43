"""How well two vectors agree: their dot product."""

from functools import partial

import numpy as np
from scipy.sparse import csc_array, csr_array

from tui_lab.lab.equation import entry, product, total
from tui_lab.lab.losses import BinaryCrossEntropy
from tui_lab.lab.operations import Kernel, Operation
from tui_lab.lab.scenario import Array

from .corpus import Ids


class Agreement(Operation):
    """s[i, j] = Σ v[i, l]·U[o[i, j], l] over l: each vector v (n, d) with the rows of a table U (v, d) which the ids
    o (n, k) name."""

    def shape(self) -> tuple[int, ...]:
        vectors, table, ids = (tensor.value.shape for tensor in self.inputs)
        if len(ids) != 2 or vectors != (ids[0], *table[1:]):
            raise ValueError(
                f"vectors {vectors}, a table {table} and ids {ids} do not fit: (n, d), (v, d) and (n, k) do"
            )
        return ids

    def forward(self) -> list[Kernel]:
        vectors, table, ids = (tensor.value for tensor in self.inputs)
        self._numbers: Ids = np.zeros(ids.shape, np.int32)
        self._starts = np.arange(len(ids) + 1, dtype=np.int32) * ids.shape[1]
        picked = np.zeros((*ids.shape, table.shape[1]))
        return [
            partial(np.copyto, self._numbers, ids, "unsafe"),
            partial(np.take, table, self._numbers, 0, picked, "clip"),  # all are valid: "clip" only spares numpy a copy
            partial(self._multiply, picked, vectors),
        ]

    def backward(self, which: int, flow: Array, out: Array) -> list[Kernel]:
        vectors, table = (tensor.value for tensor in self.inputs[:2])
        if which == 0:
            return [partial(self._to_vectors, flow, table, out)]
        return [partial(self._to_table, flow, vectors, out)]

    def notation(self, *terms: str) -> str:
        return terms[0]

    def names(self) -> list[str]:
        vectors, table, ids = self.inputs
        return [product(vectors.name, f"{table.name}[{ids.name}]"), self.output.name]

    def figures(self, index: tuple[int, ...]) -> list[str]:
        row, asked = index[0], int(self._numbers[index])
        vectors, table = (tensor.shown for tensor in self.inputs[:2])
        terms = total(table.shape[1], lambda i: product(entry(vectors, (row, i)), entry(table, (asked, i))))
        return [terms, entry(self.output.shown, index)]

    def slope(self, which: int, *terms: str) -> str:
        vectors, table, ids = self.inputs
        return f"{table.name}[{ids.name}]" if which == 0 else vectors.name

    def flow_back(self, which: int, flow: str) -> str:
        sign = "Σ" if which == 0 else f"Σ({self.inputs[2].name} = row)"
        return f"{sign} {product(flow, self.slope(which))}"

    def flow_back_numbers(self, which: int, flow: Array, index: tuple[int, ...]) -> str:
        row, column = index
        vectors, table = (tensor.shown for tensor in self.inputs[:2])
        if which == 0:
            asked = self._numbers[row].tolist()
            return total(len(asked), lambda j: product(entry(flow, (row, j)), entry(table, (asked[j], column))))
        places = np.argwhere(self._numbers == row).tolist()
        terms = total(
            len(places), lambda p: product(entry(flow, tuple(places[p])), entry(vectors, (places[p][0], column)))
        )
        return terms or "0"

    def _multiply(self, picked: Array, vectors: Array) -> None:
        self.output.value[...] = np.matmul(picked, np.ascontiguousarray(vectors)[:, :, None])[:, :, 0]

    def _to_vectors(self, flow: Array, table: Array, out: Array) -> None:
        out[...] = csr_array((flow.ravel(), self._numbers.ravel(), self._starts), (len(out), len(table))) @ table

    def _to_table(self, flow: Array, vectors: Array, out: Array) -> None:
        out[...] = csc_array((flow.ravel(), self._numbers.ravel(), self._starts), (len(out), len(vectors))) @ vectors


class NegativeSampling(BinaryCrossEntropy):
    """−Σ log σ(s) for the words that truly stand there, and log σ(−s) for those drawn at random: a neuron that says yes
    or no to each pair. (T. Mikolov et al. 2013, equation 4; 1 − σ(s) is σ(−s).)"""

    def notation(self, *terms: str) -> str:
        scores, answers = terms[:2]
        return f"−Σ({answers}·log σ({scores}) + (1 − {answers})·log σ(-{scores}))/n"
