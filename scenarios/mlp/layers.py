"""A network on a tape, with what its layers compute at hand."""

from dataclasses import dataclass

from tui_lab.lab.scenario import Array
from tui_lab.lab.tape import Tape
from tui_lab.lab.tensor import Tensor


@dataclass(frozen=True, slots=True)
class Layers:
    """`sums` are the weighted sums (n, width) of every layer; `outputs` (n, width) begin with the features and end with
    the network's answers."""

    tape: Tape
    sums: list[Tensor]
    outputs: list[Tensor]

    def run(self) -> "Layers":
        """Compute everything anew, where the parameters stand."""
        self.tape.run()
        return self

    @property
    def hidden(self) -> list[Array]:
        """What the neurons of each hidden layer say, (n, width)."""
        return [tensor.value for tensor in self.outputs[1:-1]]

    @property
    def answers(self) -> Array:
        """What the network says, (n, m)."""
        return self.outputs[-1].value
