"""Counting the bytes of tensors as they come and go."""

from typing import Any
from weakref import finalize

import torch
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_leaves


class ByteCount(TorchDispatchMode):
    """While it is on, `live` is the bytes of all storages made since and not yet freed, and `peak` the most they were.

    It works on tensors without numbers as on real ones. Storages that were there before do not count: `known`.
    """

    def __init__(self, known: list[torch.Tensor]) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self.live = self.peak = 0
        self.dequantised = 0
        """Bytes of the largest tensor that bitsandbytes has dequantised."""
        self._known = [tensor.untyped_storage() for tensor in known]  # kept, so that no other gets their address
        self._sizes = {storage._cdata: 0 for storage in self._known}

    def __torch_dispatch__(self, function: Any, types: Any, arguments: Any = (), named: Any = None) -> Any:
        if function is torch.ops.aten._local_scalar_dense.default and arguments[0].is_meta:
            # The only questions that a model's code asks of numbers in a rehearsal are whether nothing is masked and
            # whether sequences are not packed. Both are so.
            return True
        result = function(*arguments, **(named or {}))
        if function.name() == "bitsandbytes::dequantize_4bit":
            self.dequantised = max(self.dequantised, result.nbytes)
        for leaf in tree_leaves(result):
            if isinstance(leaf, torch.Tensor):
                self._count(leaf.untyped_storage())
        return result

    def most(self) -> int:
        """The peak since the last time that this was asked."""
        most, self.peak = self.peak, self.live
        return most

    def _count(self, storage: torch.UntypedStorage) -> None:
        address, size = storage._cdata, storage.nbytes()
        if address not in self._sizes:
            self._sizes[address] = size
            self.live += size
            self.peak = max(self.peak, self.live)
            finalize(storage, self._free, address)

    def _free(self, address: int) -> None:
        self.live -= self._sizes.pop(address)
