"""An optimizer's state as arrays."""

from collections.abc import Mapping

import torch

from tui_lab.torch_lab.arrays import AnyArray, array_of, load

Named = Mapping[str, torch.Tensor]


def optimizer_state(
    optimizer: torch.optim.Optimizer, parameters: Named, prefix: str = "optimizer/"
) -> dict[str, AnyArray]:
    """Every tensor that the optimizer keeps for each of the named parameters; nothing before the first update."""
    return {
        f"{prefix}{name}/{key}": array_of(value)
        for name, parameter in parameters.items()
        for key, value in optimizer.state.get(parameter, {}).items()
        if isinstance(value, torch.Tensor)
    }


def restore_optimizer(
    optimizer: torch.optim.Optimizer,
    parameters: Named,
    arrays: Mapping[str, AnyArray],
    prefix: str = "optimizer/",
) -> None:
    """Give the optimizer the state that `optimizer_state` told. What it keeps already is overwritten in place; what it
    does not keep yet is made on the parameter's device, or the CPU for a scalar, as torch's own optimizers have it."""
    for name, parameter in parameters.items():
        stem = f"{prefix}{name}/"
        kept = {key.removeprefix(stem): array for key, array in arrays.items() if key.startswith(stem)}
        if not kept:
            optimizer.state.pop(parameter, None)
            continue
        own = optimizer.state[parameter]
        for key, array in kept.items():
            if isinstance(own.get(key), torch.Tensor):
                load(own[key], array)
            else:
                own[key] = torch.from_numpy(array.copy()).to(parameter.device if array.ndim else "cpu")
