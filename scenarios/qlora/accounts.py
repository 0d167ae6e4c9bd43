"""What is in memory all the time, and what is there beside a step: parts of the memory ledger, from counted numbers."""

from collections.abc import Iterator
from dataclasses import dataclass

import torch

from .base import Base
from .census import Census
from .method import Method
from .words import counted, dtype_name

BLOCK, NESTED = 64, 256
"""Weights that share a constant, and constants that share one of their own."""
TABLES = 4 * (16 + 256) + 4
"""The code books of 16 and 256 numbers and the constants' mean, which each 4-bit layer keeps."""
SMALL_8BIT, OPTIMIZER_BLOCK = 4096, 256
"""bitsandbytes' 8-bit optimizers leave smaller tensors in 32 bits; they have a constant for so many numbers."""
PAGED = 100_000
"""Smaller tensors' averages are not paged."""
CUBLAS = 32 * 2**20
"""What the library that multiplies matrices takes of torch's memory on a GPU (torch's default on Hopper GPUs)."""
CONTEXT = 0.5 * 2**30
"""What CUDA itself takes on a GPU, about; measured where a run is."""
CUDA, PAGES = "CUDA's context", "optimizer, paged"
"""Parts that are outside of torch's own memory."""


@dataclass(frozen=True, slots=True)
class Part:
    """One row: what it is, its bytes as a formula with the numbers in it, and why it is there."""

    name: str
    formula: str
    size: float
    why: str


@dataclass(frozen=True)
class Accounts:
    """Writes the parts of a ledger."""

    counts: Census
    method: Method
    dtype: torch.dtype
    gpu: bool

    def lasting(self) -> Iterator[Part]:
        """What is there all the time."""
        yield from self.frozen()
        yield from self.unquantised()
        yield from self.trained()

    def frozen(self) -> Iterator[Part]:
        """The weights of the linear layers, as the method stores them."""
        number, method = self.counts.quantised, self.method
        if method.bits == 0:
            width = self.dtype.itemsize
            yield Part("frozen weights", f"{counted(number)} × {width} B", number * width, "as they were loaded")
            return
        what = "W, each number one of sixteen" if method.bits == 4 else "W, each number one of 256"
        formula = f"{counted(number)} × {method.bits} bit"
        yield Part(f"{method.bits}-bit codes", formula, number * method.bits / 8, what)
        if method.bits == 8:
            rows = sum(rows for rows, _ in self.counts.linear.values())
            yield Part("constants", f"{counted(rows)} rows × 4 B", rows * 4, "the largest number of each row")
            return
        yield from self.constants()

    def constants(self) -> Iterator[Part]:
        """What the 4-bit codes are multiplied by."""
        sizes = [rows * columns for rows, columns in self.counts.linear.values()]
        blocks = [-(-size // BLOCK) for size in sizes]
        count, width = sum(blocks), 1 if self.method.double_quant else 4
        per = f"{counted(sum(sizes))} / {BLOCK} × {width} B"
        yield Part("constants", per, count * width, "the largest number of each block of 64")
        if self.method.double_quant:
            outer = sum(-(-each // NESTED) for each in blocks)
            formula = f"{counted(count)} / {NESTED} × 4 B"
            yield Part("their constants", formula, outer * 4, "double quantisation: the constants in 8 bits")
        tables = len(sizes) * (TABLES if self.method.double_quant else 64)
        yield Part("code books", f"{len(sizes)} layers × {tables // max(len(sizes), 1)} B", tables, "what codes mean")

    def unquantised(self) -> Iterator[Part]:
        """All that is frozen and not quantised."""
        dtype = torch.float32 if self.method.upcast else self.dtype
        why = {
            "embeddings": "looked up, not multiplied",
            "output head": "its errors would go straight into the answer",
            "norms": "few numbers, and everything passes through them",
        }
        for kind, number in self.counts.rest.items():
            formula = f"{counted(number)} × {dtype.itemsize} B"
            yield Part(f"{kind}, {dtype_name(dtype)}", formula, number * dtype.itemsize, why.get(kind, "not quantised"))
        if self.counts.head:
            number = self.counts.head
            formula = f"{counted(number)} × {dtype.itemsize} B"
            yield Part("head as it was", formula, number * dtype.itemsize, "PEFT keeps the one it began with")

    def trained(self) -> Iterator[Part]:
        """The adapters, and what training keeps for each of their numbers."""
        sizes = self.sizes()
        number = sum(sizes)
        adapters, head = sum(self.counts.adapter_sizes(self.method)), self.counts.head
        yield Part(
            "adapters", f"{self._product()} × 4 B", adapters * 4, "A and B, in 32 bits so that small updates count"
        )
        if head:
            yield Part("new head", f"{counted(head)} × 4 B", head * 4, "for the classes, trained in full")
        yield Part("copy of them", f"{counted(number)} × 4 B", number * 4, "the lab's own, to show what an update did")
        plain = [size for size in sizes if not self._is_paged(size)]
        if plain:
            formula = f"{counted(sum(plain))} × {self._averages()} B"
            yield Part("optimizer", formula, sum(map(self.averages, plain)), "averages of the gradient and its square")
        if self.gpu:
            yield Part("cuBLAS", "32 MiB", CUBLAS, "room that the matrix products work in")

    def sizes(self) -> list[int]:
        """Numbers in each trained tensor; a head's count as one tensor."""
        return self.counts.adapter_sizes(self.method) + [self.counts.head] * bool(self.counts.head)

    def averages(self, size: int) -> float:
        """Bytes that the optimizer keeps for a tensor of so many numbers."""
        if "8bit" not in self.method.optimizer or size < SMALL_8BIT:
            return 8 * size
        return 2 * size + 2 * 4 * -(-size // OPTIMIZER_BLOCK)

    def paged(self) -> Iterator[Part]:
        """What the optimizer keeps outside of torch's memory, on the GPU as long as there is room."""
        sizes = [size for size in self.sizes() if self._is_paged(size)]
        if sizes:
            formula = f"{counted(sum(sizes))} × {self._averages()} B"
            why = "in pages that go to the machine's memory when the GPU's is full"
            yield Part(PAGES, formula, sum(map(self.averages, sizes)), why)

    def asking(self, base: Base, batch: int, length: int, learned: int) -> Iterator[Part]:
        """What is needed while the model is asked and not trained: scores of held-out examples, and keys and values of
        the prompts that it answers."""
        each = self.dtype.itemsize + 8
        formula = f"{batch} × {learned} × {counted(self.counts.scores)} scores × {each} B"
        size = batch * learned * self.counts.scores * each
        yield Part("held-out scores", formula, size, "while held-out examples are asked, a batch at a time")
        config = base.config.get_text_config()
        heads = getattr(config, "num_attention_heads", 0)
        if base.kind == "encoder" or not heads:
            return
        keys = getattr(config, "num_key_value_heads", None) or heads
        width = keys * (getattr(config, "head_dim", None) or config.hidden_size // heads)
        layers = config.num_hidden_layers
        formula = f"2 × {layers} layers × {length} tokens × {counted(width)} × {self.dtype.itemsize} B"
        size = 2 * layers * length * width * self.dtype.itemsize
        yield Part("keys and values", formula, size, "of each prompt, while it is answered")

    def context(self) -> Iterator[Part]:
        """What is taken on a GPU before the first tensor."""
        if self.gpu:
            yield Part(CUDA, "about 0.5 GiB", CONTEXT, "kernels and tables of the driver, in no tensor")

    def _is_paged(self, size: int) -> bool:
        return self.gpu and "paged" in self.method.optimizer and size >= PAGED

    def _averages(self) -> str:
        return "2.03" if "8bit" in self.method.optimizer else "8"

    def _product(self) -> str:
        rank, widths = self.method.rank, sum(rows + columns for rows, columns in self.counts.adapted.values())
        lengths = f" + {counted(sum(rows for rows, _ in self.counts.adapted.values()))}" if self.method.dora else ""
        return f"({rank} × {counted(widths)}{lengths})" if lengths else f"{rank} × {counted(widths)}"
