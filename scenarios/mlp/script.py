"""The network as a PyTorch script that runs on its own."""

import json

import numpy as np

from tui_lab.lab.scenario import Array

from .model import Model

_EXPRESSIONS = {
    "x1": "x[:, 0]",
    "x2": "x[:, 1]",
    "x1²": "x[:, 0] ** 2",
    "x2²": "x[:, 1] ** 2",
    "x1·x2": "x[:, 0] * x[:, 1]",
    "sin x1": "torch.sin(x[:, 0])",
    "sin x2": "torch.sin(x[:, 1])",
}
_MODULES = {
    "tanh": "nn.Tanh()",
    "relu": "nn.ReLU()",
    "sigmoid": "nn.Sigmoid()",
    "linear": "nn.Identity()",
    "softmax": "nn.Softmax(dim=1)",
}
_TEMPLATE = '''"""A {widths} network, trained with tui-lab.

Run it with a line of {inputs} numbers for each example on standard input, separated by commas:
{names}
It prints the outputs of each on a line{and_class}.
"""

import json
import sys

import torch
from torch import nn

torch.set_default_dtype(torch.float64)

CLASSES = {classes}
SHIFT, SCALE = torch.tensor({shift}), torch.tensor({scale})
LABEL_SHIFT, LABEL_SCALE = {label_shift}, {label_scale}
PARAMETERS = json.loads("""{parameters}""")


def features(x):
    """What the network gets, (n, {count}), from inputs (n, {inputs})."""
    return ({features} - SHIFT) / SCALE


def network():
    """The layers with their trained weights."""
    layers = nn.Sequential(
{layers}
    )
    linear = [layer for layer in layers if isinstance(layer, nn.Linear)]
    with torch.no_grad():
        for number, layer in enumerate(linear, 1):
            layer.weight.copy_(torch.tensor(PARAMETERS[f"layer{{number}}.W"]).T)
            layer.bias.copy_(torch.tensor(PARAMETERS[f"layer{{number}}.b"]))
    return layers


def answers(x):
    """The outputs (n, {outputs}) for inputs (n, {inputs})."""
    with torch.no_grad():
        return network()(features(x)) * LABEL_SCALE + LABEL_SHIFT


if __name__ == "__main__":
    rows = [[float(cell) for cell in line.split(",")] for line in sys.stdin if line.strip()]
    for outputs in answers(torch.tensor(rows)).tolist():
        words = [repr(output) for output in outputs]
        if CLASSES:
            best = outputs.index(max(outputs)) if len(outputs) > 1 else int(outputs[0] > {middle})
            words.append(CLASSES[best])
        print(*words, sep=",")
'''


def pytorch_script(model: Model) -> str:
    """Python source that needs nothing but torch: the inputs' preparation, the layers, and the trained numbers."""
    task, chosen, weights = model.task, model.features, model.weights
    made = ", ".join(_EXPRESSIONS[name] for name in chosen.names) if chosen.made else ""
    parameters = {name: weights.part(name, weights.values).tolist() for name in weights.shapes}
    return _TEMPLATE.format(
        widths="-".join(map(str, model.widths)),
        inputs=len(model.examples.names),
        names=_quiet(", ".join(model.examples.names)),
        and_class=", and the class" if task.classes else "",
        classes=repr(task.classes),
        shift=_numbers(chosen.shift),
        scale=_numbers(chosen.scale),
        label_shift=repr(task.shift),
        label_scale=repr(task.scale),
        parameters=json.dumps(parameters),
        count=len(chosen.names),
        features=f"torch.stack([{made}], dim=1)" if made else "x",
        layers="\n".join(f"        {line}," for line in _modules(model)),
        outputs=task.outputs,
        middle=repr(task.middle),
    )


def _modules(model: Model) -> list[str]:
    lines = []
    functions = [*model.activations, model.task.output_name]
    for inputs, outputs, function in zip(model.widths, model.widths[1:], functions, strict=False):
        lines += [f"nn.Linear({inputs}, {outputs})", _MODULES[function]]
    return lines


def _numbers(values: Array) -> str:
    return json.dumps(np.asarray(values).tolist())


def _quiet(text: str) -> str:
    """Names from outside, so that they end no string."""
    return json.dumps(text, ensure_ascii=False)[1:-1]
