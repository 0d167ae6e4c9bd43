"""Making a run's scenario from its manifest."""

import importlib
import json
import sys
from pathlib import Path
from typing import Any

import numpy as np
from safetensors import SafetensorError
from safetensors.numpy import load_file

from tui_lab.lab.errors import BadInput, nearest
from tui_lab.lab.scenario import Scenario
from tui_lab.run.catalogue import ScenarioCard
from tui_lab.run.manifest import Manifest, source_of


def load(card: ScenarioCard, manifest: Manifest) -> Scenario:
    """The scenario, built and at step 0. Raises BadInput for settings, data or initial values that cannot be used."""
    scenario = scenario_class(card)()
    scenario.build({**manifest.settings, "data": source_of(manifest.data)}, manifest.seed, manifest.device)
    if manifest.init:
        initialise(scenario, manifest.init.unchanged("--init"))
    return scenario


def initialise(scenario: Scenario, path: Path) -> None:
    """Give parameters the values that a safetensors or JSON file has under their names. Raises BadInput."""
    parameters = {parameter.name: parameter for parameter in scenario.parameters()}
    for name, content in _read_tensors(path).items():
        if name not in parameters:
            raise BadInput(f"{path} has a parameter '{name}' that this model lacks: {nearest(name, parameters)}")
        values = _as_numbers(path, name, content)
        if values.shape != parameters[name].shape:
            shapes = f"{list(values.shape)} in {path}, but {list(parameters[name].shape)} in this model"
            raise BadInput(f"Parameter '{name}' has shape {shapes}.")
        parameters[name].write(values)


def scenario_class(card: ScenarioCard) -> type[Scenario]:
    """The class that the scenario's folder defines. Raises BadInput if it is not exactly one, or if a package that the
    scenario requires is missing."""
    try:
        module = importlib.import_module(card.module)
    except ModuleNotFoundError as error:
        if error.name not in card.requires:
            raise
        install = f"{sys.executable} -m pip install {error.name}"
        raise BadInput(f"{card.title} needs {error.name}, which is not installed here: {install}") from None
    classes = [
        value
        for value in vars(module).values()
        if isinstance(value, type) and issubclass(value, Scenario) and value.__module__ == module.__name__
    ]
    if len(classes) != 1:
        raise BadInput(f"{module.__file__} must define exactly one Scenario class; it defines {len(classes)}.")
    return classes[0]


def _read_tensors(path: Path) -> dict[str, Any]:
    try:
        if path.suffix == ".safetensors":
            return dict(load_file(path))
        content = json.loads(path.read_text(encoding="utf-8"))
    except (SafetensorError, ValueError) as error:
        raise BadInput(f"{path} is neither safetensors nor JSON: {error}.") from None
    if not isinstance(content, dict):
        raise BadInput(f"{path} must hold one JSON object, a list of numbers under each parameter's name.")
    return content


def _as_numbers(path: Path, name: str, content: Any) -> np.ndarray[Any, np.dtype[np.float64]]:
    try:
        values = np.asarray(content, dtype=np.float64)
    except (TypeError, ValueError):
        raise BadInput(f"{path} has something other than a block of numbers under '{name}'.") from None
    if not np.isfinite(values).all():
        raise BadInput(f"{path} has a number that is not finite under '{name}'.")
    return values
