"""Models on tensors that have a shape, a dtype and a device, but no numbers."""

import torch
from torch import nn
from torch._subclasses.fake_tensor import FakeTensor, FakeTensorMode


def fake(model: nn.Module, mode: FakeTensorMode) -> None:
    """Take a model's tensors from the meta device to a pretended CPU, where autocast works as on a real one."""
    for module in model.modules():
        for name, parameter in module.named_parameters(recurse=False):
            module.register_parameter(name, nn.Parameter(_faked(parameter.data, mode), parameter.requires_grad))
        for name, buffer in module.named_buffers(recurse=False):
            setattr(module, name, _faked(buffer, mode))


def _faked(tensor: torch.Tensor, mode: FakeTensorMode) -> torch.Tensor:
    return FakeTensor(mode, tensor, torch.device("cpu"))
