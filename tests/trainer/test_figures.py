"""Parameters in figures: small ones entry by entry, hundreds of them only as far as there is room."""

import msgspec
import numpy as np

from tui_lab.lab.scenario import ArrayParameter, Parameter
from tui_lab.trainer.figures import parameter_rows


def parameters(count: int, *shape: int) -> list[Parameter]:
    return [ArrayParameter(f"layers.{i}.w", *(np.full(shape, float(n)) for n in (2, 3, 1))) for i in range(count)]


def test_a_small_parameter_is_told_entry_by_entry_and_a_large_one_by_its_norms() -> None:
    [small] = parameter_rows(parameters(1, 8, 8))
    [large] = parameter_rows(parameters(1, 8, 9))
    assert small.values == [[2.0] * 8] * 8 and small.gradient == [[3.0] * 8] * 8 and small.update == [[1.0] * 8] * 8
    assert large.values is large.gradient is large.update is None
    assert (small.norm, small.grad_norm, small.update_ratio) == (16.0, 24.0, 0.5)
    assert large.norm == np.sqrt(72 * 4)


def test_a_model_of_hundreds_of_small_parameters_is_not_told_entry_by_entry_to_its_end() -> None:
    rows = parameter_rows(parameters(500, 64))
    told = [row.values is not None for row in rows]
    assert told == [True] * 64 + [False] * 436
    assert len(msgspec.json.encode(rows)) < 200_000


def test_hundreds_of_large_parameters_take_a_hundred_bytes_each() -> None:
    names = [f"base_model.model.model.layers.{i}.self_attn.q_proj.lora_A.default.weight" for i in range(450)]
    large = [ArrayParameter(name, *(np.ones((16, 64)),) * 3) for name in names]
    assert len(msgspec.json.encode(parameter_rows(large))) < 450 * 250
