"""What a step really needs in memory: counted as it goes on, for the largest micro-batch so far."""

from collections.abc import Iterator
from contextlib import nullcontext
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tui_lab.lab.scenario import Moment

from .counting import ByteCount
from .measured import lasting
from .needs import Needs, Observer, Sizes

if TYPE_CHECKING:
    from .scenario import QLoRA


@dataclass(frozen=True, slots=True)
class Counted:
    """What a micro-batch of these sizes has needed in a step, and the bytes of the largest weight that bitsandbytes has
    dequantised for it as a whole: 0 where it does that inside its kernels."""

    needs: Needs
    sizes: Sizes
    weight: int
    step: int


class Tally:
    """Counts while a step computes, and not while it is stopped at a moment. Counting changes no number but takes time,
    so only a micro-batch that is larger than every one before is counted."""

    def __init__(self, scenario: "QLoRA") -> None:
        self._scenario = scenario
        self._number = 0
        self._count: ByteCount | None = None
        self._observer: Observer | None = None
        self.counted: Counted | None = None
        """The largest so far; None before the first."""

    def over(self, moments: Iterator[Moment]) -> Iterator[Moment]:
        """The same moments; between them the count is on, if the micro-batch is one to be counted."""
        try:
            while True:
                with self._count or nullcontext():
                    moment = next(moments, None)
                if moment is None:
                    return
                if moment.last:
                    self._note(moment.phase)
                yield moment
        finally:
            self._leave()

    def _note(self, phase: str) -> None:
        """Follow the step: a micro-batch is its forward, loss and backward."""
        if phase == "tokens":
            self._begin(0)
        elif phase == "forward" and self._observer:
            self._observer.forward(self._scenario.scores_size)
        elif phase == "backward":
            if self._observer and self._count:
                step = self._scenario.done + 1
                needs, weight = self._observer.backward(), self._count.dequantised
                self.counted = Counted(needs, self._sizes(self._number), weight, step)
            self._leave()
            self._begin(self._number + 1)

    def _begin(self, number: int) -> None:
        """Count the micro-batch of this number in the step if it is worth it. Where gradients add up over several, the
        first one makes them, and a later one shows what a step needs besides."""
        self._number = number
        scenario = self._scenario
        if not (scenario.method.accumulation > 1) <= number < len(scenario.micro_batches):
            return
        if self.counted is None or self._sizes(number).tokens > self.counted.sizes.tokens:
            known = lasting(scenario.model, {}, scenario.trainables, scenario.optimizer)
            self._count = ByteCount([*(tensor for _, tensor in known), *scenario.model.buffers()])
            self._observer = Observer(self._count, scenario.model)

    def _sizes(self, number: int) -> Sizes:
        batch = self._scenario.micro_batches[number]
        learned = batch.columns.numel() if self._scenario.base.kind == "causal" else 1
        rows, columns = batch.input_ids.shape
        return Sizes(rows, columns, learned, masked=batch.padded > 0 or batch.packed)

    def _leave(self) -> None:
        if self._observer:
            self._observer.leave()
        self._count = self._observer = None
