"""Test what is told of a run before anything of it is loaded."""

import json
from pathlib import Path
from typing import Any

import pytest
from transformers.models.llama.modeling_llama import LlamaDecoderLayer

from tests.scenarios import qlora_models
from tests.scenarios.qlora_ill import defaults
from tui_lab.lab.errors import BadInput
from tui_lab.lab.views import Table
from tui_lab.scenarios.qlora.plan import plan

GIB = 2**30


def planned(**changes: Any) -> list[Table]:
    found = list(plan({**defaults(), "data": None, **changes}))
    assert all(isinstance(view, Table) for view in found)
    return [view for view in found if isinstance(view, Table)]


def test_a_shape_is_planned_without_any_model() -> None:
    table, reference, why = planned(
        model="llama-65b", batch_size=1, max_length=512, gradient_checkpointing=True, rank=64
    )
    rows = {row[0]: row[1] for row in table.rows}
    assert rows["4-bit codes"] == pytest.approx(64_760_053_760 / 2 / GIB, rel=1e-3)
    assert "on a GPU, computed in bf16" in table.title
    assert [row[0] for row in why.rows if row[0] == "4-bit codes"]
    assert "65,285,660,672" in reference.title


def test_a_folder_with_a_config_alone_is_planned(tmp_path: Path) -> None:
    content = json.loads((qlora_models.folder("llama") / "config.json").read_text(encoding="utf-8"))
    (tmp_path / "config.json").write_text(json.dumps({**content, "num_hidden_layers": 3}), encoding="utf-8")
    for model in (tmp_path, tmp_path / "config.json"):
        table = planned(model=str(model), device="cpu")[0]
        assert "on a CPU, computed in fp32" in table.title
        assert {"4-bit codes", "activations"} <= {row[0] for row in table.rows}


def test_what_cannot_be_rehearsed_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    def forward(self: Any, *_: Any, **__: Any) -> Any:
        raise NotImplementedError("numbers are needed")

    monkeypatch.setattr(LlamaDecoderLayer, "forward", forward)
    rows = {row[0]: row for row in planned(model="llama-7b", batch_size=1)[0].rows}
    assert rows["activations"][1] == "" and "NotImplementedError" in str(rows["activations"][2])
    assert rows["4-bit codes"][1] == pytest.approx(6_476_005_376 / 2 / GIB, rel=1e-3)


def test_a_shape_that_there_is_not_is_named() -> None:
    with pytest.raises(BadInput, match="llama-65b"):
        planned(model="lama-65b")


def test_the_plan_of_a_run_knows_its_data() -> None:
    table = planned(model=str(qlora_models.folder("llama")), data=qlora_models.reviews(), batch_size=4, device="cpu")[0]
    scenario = qlora_models.build()
    longest = max(len(each.ids) for sequence in scenario.sequences for each in sequence)
    assert f"4 × {longest} tokens" in table.title
