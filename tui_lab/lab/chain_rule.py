"""The chain rule: from the operations that compute a loss to the instructions that compute its gradient."""

from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import chain

import numpy as np

from tui_lab.lab.equation import derivative, entry, entry_name
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
        self.operation, self.which, self.result, self._before = operation, which, result, before
        self.source = operation.source
        self.parameter = operation.inputs[which].parameter
        self._flow_name = derivative(loss.name, operation.output.name)
        self._name = derivative(loss.name, operation.inputs[which].name)

    @property
    def symbols(self) -> str:
        """The equation in names."""
        share = self.operation.flow_back(self.which, self._flow_name)
        return f"{self._name} = {share}" if self._before is None else f"{self._name} ← {self._name} + {share}"

    def numbers(self, index: tuple[int, ...]) -> str:
        """The equation of entry `index` with its numbers."""
        name, result = entry_name(self._name, index), entry(self.result, index)
        share = self.operation.flow_back_numbers(self.which, _flow(self.operation), index)
        if self._before is None:
            return f"{name} = {share} = {result}"
        return f"{name} ← {entry(self._before, index)} + {share} = {result}"

    @property
    def alone(self) -> bool:
        """Whether its kernels compute the whole gradient of the input."""
        return self._before is None and bool(self.kernels) and self.result is self.operation.inputs[self.which].gradient


def differentiate(loss: Tensor, operations: Sequence[Operation]) -> tuple[list[Gradient], list[Kernel]]:
    """The instructions that fill the `gradient` of everything that `loss` depends on and that needs one, from the last
    operation to the first, and kernels that do the same without stopping. Raises ValueError if the loss is not one
    number or depends on no parameter."""
    if loss.value.ndim or not loss.needs_gradient:
        raise ValueError(f"{loss.name} must be one number that depends on a parameter")
    groups = list(_Differentiation(loss, operations).groups())
    return list(chain.from_iterable(groups)), list(chain.from_iterable(map(_at_once, groups)))


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

    def groups(self) -> Iterator[list[Gradient]]:
        """The instructions of each operation."""
        for operation in reversed(self._path):
            wanted = [(which, tensor) for which, tensor in enumerate(operation.inputs) if tensor.needs_gradient]
            yield [self._instruction(operation, which, tensor) for which, tensor in wanted]

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
            result = np.zeros(tensor.value.shape, order="F")
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
            tensor.gradient = np.zeros(shape, order="F")
        result = np.zeros(shape, order="F") if self._missing[tensor] or tensor.gradient is None else tensor.gradient
        self._found[tensor] = result
        if before is None:
            return operation.backward(which, _flow(operation), result)
        share = np.zeros(shape, order="F")
        return [*operation.backward(which, _flow(operation), share), bound(np.add, before, share, result)]


def _at_once(group: Sequence[Gradient]) -> list[Kernel]:
    """The kernels of the instructions of one operation, or fewer that do the same."""
    if all(gradient.alone for gradient in group):
        operation = group[0].operation
        kernels = operation.backward_at_once(_flow(operation), {each.which: each.result for each in group})
        if kernels is not None:
            return kernels
    return [kernel for gradient in group for kernel in gradient.kernels]


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
