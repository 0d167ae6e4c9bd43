"""The chain rule: from the operations that compute a loss to the instructions that compute its gradient."""

from collections import Counter
from collections.abc import Iterator, Sequence

import numpy as np

from tui_lab.lab.equation import derivative, entry, entry_name, product, total
from tui_lab.lab.operations import Kernel, Operation, bound
from tui_lab.lab.scenario import Array
from tui_lab.lab.tensor import Tensor


class Gradient:
    """An instruction of the backward phase: `∂L/∂e = 2·e·∂L/∂q`, local derivative times the gradient that flowed in.

    It goes backward through `operation` to its input number `which`. Where an earlier instruction has found a share of
    the same gradient, `before`, the two are added.
    """

    def __init__(
        self, loss: Tensor, operation: Operation, which: int, kernels: list[Kernel], result: Array, before: Array | None
    ) -> None:
        self.kernels = kernels
        self.operation, self.which, self._result, self._before = operation, which, result, before
        self._flow_name = derivative(loss.name, operation.output.name)
        self._name = derivative(loss.name, operation.inputs[which].name)
        self._summed = operation.output.value.ndim > operation.inputs[which].value.ndim

    @property
    def symbols(self) -> str:
        """The equation in names."""
        share = product(self.operation.slope(self.which, *self.operation.names()), self._flow_name)
        share = f"Σ {share}" if self._summed else share
        return f"{self._name} = {share}" if self._before is None else f"{self._name} ← {self._name} + {share}"

    def numbers(self) -> str:
        """The equation of the first entry with its numbers."""
        index = (0,) * self._result.ndim
        name, result = entry_name(self._name, index), entry(self._result, index)
        if self._before is None:
            return f"{name} = {self._share()} = {result}"
        return f"{name} ← {entry(self._before, index)} + {self._share()} = {result}"

    def _share(self) -> str:
        shape = self.operation.output.value.shape
        if not self._summed:
            return self._term((0,) * max(len(shape), self._result.ndim))
        leading = shape[: len(shape) - self._result.ndim]
        zeros = (0,) * self._result.ndim
        rows = int(np.prod(leading))
        return total(rows, lambda row: self._term(tuple(int(i) for i in np.unravel_index(row, leading)) + zeros))

    def _term(self, index: tuple[int, ...]) -> str:
        flow = _flow(self.operation)
        at_output = index[len(index) - flow.ndim :]
        return product(self.operation.slope(self.which, *self.operation.figures(index)), entry(flow, at_output))


def differentiate(loss: Tensor, operations: Sequence[Operation]) -> list[Gradient]:
    """The instructions that fill the `gradient` of everything that `loss` depends on and that needs one, from the last
    operation to the first. Raises ValueError if the loss is not one number or depends on no parameter."""
    if loss.value.ndim or not loss.needs_gradient:
        raise ValueError(f"{loss.name} must be one number that depends on a parameter")
    return list(_Differentiation(loss, operations).instructions())


class _Differentiation:
    """The first share of a gradient is written, later ones are added, each sum into a buffer of its own, so that every
    equation keeps its numbers."""

    def __init__(self, loss: Tensor, operations: Sequence[Operation]) -> None:
        self._loss = loss
        self._path = _path(loss, operations)
        self._missing = Counter(tensor for operation in self._path for tensor in operation.inputs)
        self._found: dict[Tensor, Array] = {}
        self._unchanging = {loss}
        loss.gradient = np.ones(())

    def instructions(self) -> Iterator[Gradient]:
        for operation in reversed(self._path):
            for which, tensor in enumerate(operation.inputs):
                if tensor.needs_gradient:
                    yield self._instruction(operation, which, tensor)

    def _instruction(self, operation: Operation, which: int, tensor: Tensor) -> Gradient:
        before = self._found.get(tensor)
        self._missing[tensor] -= 1
        if before is None and not self._missing[tensor] and tensor.gradient is None:
            kernels = self._only_share(operation, which, tensor)
        else:
            kernels = self._share(operation, which, tensor, before)
        result = self._found[tensor]
        return Gradient(self._loss, operation, which, kernels, result, before)

    def _only_share(self, operation: Operation, which: int, tensor: Tensor) -> list[Kernel]:
        """A gradient with one source: shared where the slope is 1, computed now and never again where nothing in it
        changes."""
        flow = _flow(operation)
        unchanging = operation.output in self._unchanging and operation.constant_slope
        if operation.passes_unchanged(which) and tensor.value.shape == flow.shape:
            result, kernels = flow, list[Kernel]()
        else:
            result = np.zeros(tensor.value.shape)
            kernels = operation.backward(which, flow, result)
        self._found[tensor] = tensor.gradient = result
        if not unchanging:
            return kernels
        self._unchanging.add(tensor)
        for kernel in kernels:
            kernel()
        return []

    def _share(self, operation: Operation, which: int, tensor: Tensor, before: Array | None) -> list[Kernel]:
        """One of several shares, or a parameter's gradient, whose place is in the parameter vector."""
        shape = tensor.value.shape
        if tensor.gradient is None and not self._missing[tensor]:
            tensor.gradient = np.zeros(shape)
        result = np.zeros(shape) if self._missing[tensor] or tensor.gradient is None else tensor.gradient
        self._found[tensor] = result
        if before is None:
            return operation.backward(which, _flow(operation), result)
        share = np.zeros(shape)
        return [*operation.backward(which, _flow(operation), share), bound(np.add, before, share, result)]


def _path(loss: Tensor, operations: Sequence[Operation]) -> list[Operation]:
    """The operations through which the loss depends on parameters, in their order."""
    wanted, path = {loss}, []
    for operation in reversed(operations):
        if operation.output in wanted and operation.output.needs_gradient:
            path.append(operation)
            wanted.update(operation.inputs)
    return path[::-1]


def _flow(operation: Operation) -> Array:
    """∂L/∂output, which every operation on the path has when its turn comes."""
    gradient = operation.output.gradient
    if gradient is None:
        raise ValueError(f"the gradient of {operation.output.name} is not known yet")
    return gradient
