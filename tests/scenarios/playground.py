"""TensorFlow Playground's nn.ts in plain Python, one number after the other: what the scenario is compared with.

Written from its description: derivatives are accumulated example by example, and after every `batch` examples each
weight moves by the mean, in the order in which the examples come.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass, field


@dataclass
class Node:
    """A neuron with the links that enter it, one from each node of the layer before."""

    weights: list[float]
    bias: float
    bias_sum: float = 0.0
    weight_sums: list[float] = field(default_factory=list)
    output: float = 0.0
    output_slope: float = 0.0

    def __post_init__(self) -> None:
        self.weight_sums = [0.0] * len(self.weights)


class Playground:
    """A network of tanh nodes, trained on half the squared error. `weights` and `biases` as in nn.ts: per layer, per
    node, its incoming weights."""

    def __init__(self, weights: Sequence[Sequence[Sequence[float]]], biases: Sequence[Sequence[float]]) -> None:
        self.layers = [
            [Node(list(incoming), bias) for incoming, bias in zip(layer, layer_biases, strict=True)]
            for layer, layer_biases in zip(weights, biases, strict=True)
        ]
        self.accumulated = 0

    def forward(self, inputs: Sequence[float]) -> float:
        """The output for one example."""
        values = list(inputs)
        for layer in self.layers:
            for node in layer:
                total = node.bias
                for weight, value in zip(node.weights, values, strict=True):
                    total += weight * value
                node.output = math.tanh(total)
            values = [node.output for node in layer]
        return values[0]

    def backward(self, inputs: Sequence[float], target: float) -> None:
        """Add the derivatives of one example to what has been accumulated."""
        self.layers[-1][0].output_slope = self.layers[-1][0].output - target
        for number in reversed(range(len(self.layers))):
            before = [node.output for node in self.layers[number - 1]] if number else list(inputs)
            slopes = []
            for node in self.layers[number]:
                slope = node.output_slope * (1 - node.output * node.output)
                node.bias_sum += slope
                for i, value in enumerate(before):
                    node.weight_sums[i] += slope * value
                slopes.append(slope)
            for i, node in enumerate(self.layers[number - 1] if number else []):
                node.output_slope = 0.0
                for after, slope in zip(self.layers[number], slopes, strict=True):
                    node.output_slope += after.weights[i] * slope
        self.accumulated += 1

    def update(self, rate: float) -> None:
        """Move every weight by the mean of what was accumulated."""
        for layer in self.layers:
            for node in layer:
                node.bias -= rate * node.bias_sum / self.accumulated
                node.bias_sum = 0.0
                for i, slope in enumerate(node.weight_sums):
                    node.weights[i] -= rate / self.accumulated * slope
                    node.weight_sums[i] = 0.0
        self.accumulated = 0

    def epoch(self, examples: Sequence[tuple[Sequence[float], float]], rate: float, batch: int) -> None:
        """Playground's oneStep, without what it draws."""
        for i, (inputs, target) in enumerate(examples):
            self.forward(inputs)
            self.backward(inputs, target)
            if (i + 1) % batch == 0:
                self.update(rate)

    def parameters(self) -> list[float]:
        """All weights and biases in the order of the scenario: per layer W (in, out) row by row, then b."""
        found: list[float] = []
        for layer in self.layers:
            inputs = range(len(layer[0].weights))
            found += [node.weights[i] for i in inputs for node in layer]
            found += [node.bias for node in layer]
        return found
