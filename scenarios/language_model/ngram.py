"""N-grams with smoothing: longer contexts say more, where they have been seen; where not, shorter ones are asked."""

import torch
from torch import Tensor

from tui_lab.lab.errors import BadInput
from tui_lab.lab.scenario import Parameter
from tui_lab.torch_lab.arrays import AnyArray, array_of
from tui_lab.torch_lab.parameters import TensorParameter

from .counts import Counting


class NGram(Counting):
    """Looks at the last n − 1 tokens h, and at ever shorter ends h' of them, down to none:

        p(w | h) = (c(hw) + T(h) · p(w | h')) / (c(h) + T(h))

    T(h) is how many different tokens came after h: the more there were, the likelier is one that has not come yet, and
    for that the shorter context is asked (Witten and Bell 1991; "Witten-Bell" in Chen and Goodman 1999).
    """

    name = "ngram"
    formula = "p = (c(hw) + T(h)·p(w|h′))/(c(h) + T(h))"
    read: Tensor

    def __init__(self, tokens: int, order: int) -> None:
        """`order` is n. Raises BadInput where there are more n-grams than 63 bits can number."""
        super().__init__()
        if tokens**order >= 2**63:
            raise BadInput(f"order={order} is too much for {tokens:,} different tokens: give a smaller order.")
        self.tokens, self.order, self.context = tokens, order, max(order - 1, 1)
        self.tables = [Table() for _ in range(order)]  # of 1-grams, 2-grams, … n-grams
        self.register_buffer("read", torch.zeros((), dtype=torch.int64))  # tokens read

    def count(self, inputs: Tensor, targets: Tensor) -> None:
        windows = torch.cat((inputs, targets[:, -1:]), dim=1)  # (b, t + 1)
        for order, table in enumerate(self.tables, 1):
            grams = windows[:, 1:] if order == 1 else self.coded(windows, order)
            table.add(grams.flatten())
        self.read += targets.numel()

    def coded(self, ids: Tensor, order: int) -> Tensor:
        """Each `order` neighbours of ids (b, t) as one number, its digits the tokens: (b, t − order + 1)."""
        codes = torch.zeros_like(ids[:, order - 1 :])
        for place in range(order):
            codes = codes * self.tokens + ids[:, place : ids.shape[1] - order + 1 + place]
        return codes

    def log_probabilities(self, ids: Tensor) -> Tensor:
        b, t = ids.shape
        p = torch.full((b, t, self.tokens), 1 / self.tokens, dtype=torch.float64, device=ids.device)
        for order, table in enumerate(self.tables, 1):
            length = order - 1  # of the context h; at the first places of ids there is not so much
            if length > t:
                break
            contexts = self.coded(ids, length) if length else torch.zeros_like(ids)
            here = p[:, max(length - 1, 0) :].flatten(0, 1)  # (m, V): p(w | h')
            p[:, max(length - 1, 0) :] = table.interpolated(contexts.flatten(), here).view(b, -1, self.tokens)
        return p.log()

    def described(self) -> list[Parameter]:
        return [
            TensorParameter(f"{order}-grams", table.counts, table.counts - table.added)
            for order, table in enumerate(self.tables, 1)
        ]

    def rest(self) -> None:
        for table in self.tables:
            table.added = torch.zeros_like(table.counts)

    def tensors(self) -> list[Tensor]:
        return [*super().tensors(), *(part for table in self.tables for part in (table.grams, table.counts))]

    def arrays(self) -> dict[str, AnyArray]:
        found = {"read": array_of(self.read)}
        for order, table in enumerate(self.tables, 1):
            found |= {f"{order}/grams": array_of(table.grams), f"{order}/counts": array_of(table.counts)}
        return found

    def load(self, arrays: dict[str, AnyArray]) -> None:
        device = self.read.device
        self.read.copy_(torch.from_numpy(arrays["read"]))
        for order, table in enumerate(self.tables, 1):
            table.grams, table.counts = (
                torch.from_numpy(arrays[f"{order}/{name}"].copy()).to(device) for name in ("grams", "counts")
            )
            table.added = torch.zeros_like(table.counts)


class Table:
    """How often each gram came: a gram is a context and a token, coded as context · V + token; sorted."""

    def __init__(self) -> None:
        self.grams = torch.zeros(0, dtype=torch.int64)
        self.counts = torch.zeros(0, dtype=torch.float64)
        self.added = torch.zeros(0, dtype=torch.float64)
        """What the latest `add` added to each count."""

    def add(self, grams: Tensor) -> None:
        """Count more grams (m,)."""
        different, often = grams.unique(return_counts=True)
        self._move(grams.device)
        self._make_room(different)
        places = torch.searchsorted(self.grams, different)
        self.added = torch.zeros_like(self.counts)
        self.added[places] = often.to(self.added.dtype)
        self.counts = self.counts + self.added

    def _move(self, device: torch.device) -> None:
        """Be where the ids are."""
        self.grams, self.counts, self.added = (each.to(device) for each in (self.grams, self.counts, self.added))

    def _make_room(self, grams: Tensor) -> None:
        """Those of `grams`, sorted, that are new get a place and the count 0."""
        places = torch.searchsorted(self.grams, grams)
        known = torch.zeros_like(grams, dtype=torch.bool)
        inside = places < len(self.grams)
        known[inside] = self.grams[places[inside]] == grams[inside]
        new, places = grams[~known], places[~known]
        where = places + torch.arange(len(new), device=new.device)
        old = torch.ones(len(self.grams) + len(new), dtype=torch.bool, device=new.device)
        old[where] = False
        merged, counts = torch.empty_like(old, dtype=torch.int64), torch.zeros_like(old, dtype=torch.float64)
        merged[where], merged[old], counts[old] = new, self.grams, self.counts
        self.grams, self.counts = merged, counts

    def interpolated(self, contexts: Tensor, p: Tensor) -> Tensor:
        """(c(hw) + T(h)·p) / (c(h) + T(h)) for contexts h (m,) and p (m, V); p itself where h never came."""
        self._move(p.device)
        size = p.shape[1]
        contexts, which = contexts.unique(return_inverse=True)  # (u,): the same ones come often
        first = torch.searchsorted(self.grams, contexts * size)
        different = torch.searchsorted(self.grams, (contexts + 1) * size) - first  # T(h), (u,)
        rows = torch.arange(len(contexts), device=p.device).repeat_interleave(different)
        before = (different.cumsum(0) - different).repeat_interleave(different)
        places = first[rows] + torch.arange(len(rows), device=p.device) - before  # of all grams that begin with an h
        counted = torch.zeros(len(contexts), size, dtype=p.dtype, device=p.device)
        counted[rows, self.grams[places] % size] = self.counts[places]  # c(hw), (u, V)
        total = counted.sum(1) + different  # c(h) + T(h)
        rest = torch.where(different > 0, different / total, 1.0)  # what the shorter context has a say in
        return (counted / total.clamp(min=1)[:, None])[which] + rest[which, None] * p
