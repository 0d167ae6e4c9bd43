"""Other models than a Llama, other ways to freeze and adapt them, and what is refused before weights are loaded."""

import json
import shutil
from pathlib import Path

import pytest
import torch
from bitsandbytes.nn.modules import Linear4bit, Linear8bitLt
from torch import nn

from tests.scenarios.networks import same
from tests.scenarios.qlora_models import build, folder, train
from tui_lab.lab.errors import BadInput, Halt
from tui_lab.scenarios.qlora import scenario as scenario_module
from tui_lab.scenarios.qlora.quantise import dequantised


@pytest.mark.parametrize("words", [
    ("quantisation=fp4",), ("quantisation=int8",), ("quantisation=none",), ("double_quant=off",),
    ("dora=on",), ("rslora=on",), ("compute_dtype=bf16",), ("packing=on",), ("target_modules=q_proj,v_proj",),
])  # fmt: skip
def test_every_way_to_adapt_a_llama_trains(words: tuple[str, ...]) -> None:
    model = build(*words)
    before = {name: tensor.detach().clone() for name, tensor in model.trainables.tensors.items()}
    train(model, 2)
    assert all(not torch.equal(tensor, before[name]) for name, tensor in model.trainables.tensors.items())
    kind = {"fp4": Linear4bit, "int8": Linear8bitLt, "none": nn.Linear}
    assert type(model.layers[0].base) is kind.get(model.method.quantisation, Linear4bit)


def test_the_scaling_is_alpha_over_rank_or_over_its_root() -> None:
    assert build("rank=4", "alpha=8").layers[0].scaling == 2.0
    assert build("rank=4", "alpha=8", "rslora=on").layers[0].scaling == 4.0


def test_adapters_are_fp32_and_drawn_from_the_seed() -> None:
    one, same_seed, other = build("compute_dtype=bf16", seed=1), build("compute_dtype=bf16", seed=1), build(seed=2)
    assert {tensor.dtype for tensor in one.trainables.tensors.values()} == {torch.float32}
    assert torch.equal(one.layers[0].a, same_seed.layers[0].a)
    assert not torch.equal(one.layers[0].a, other.layers[0].a)


@pytest.mark.parametrize("quantisation", ["nf4", "int8"])
def test_linear_layers_with_biases_keep_them(quantisation: str) -> None:
    model = build(f"quantisation={quantisation}", model="qwen2")
    layer = model.layers[0].base
    assert layer.bias is not None and layer.bias.abs().max() > 0.05
    model.model.eval()
    x = torch.randn(5, 64)
    with torch.no_grad():
        expected = x @ dequantised(layer).T + layer.bias
        torch.testing.assert_close(layer(x), expected, rtol=0.02, atol=0.02)
    model.model.train()
    train(model, 2)


def test_an_encoder_trains_its_new_head_in_full() -> None:
    model = build(model="encoder")
    assert model.base.kind == "encoder"
    names = list(model.trainables.tensors)
    heads = [name for name in names if not name.endswith((".A", ".B"))]
    assert heads == ["bert.pooler.dense.weight", "bert.pooler.dense.bias", "classifier.weight", "classifier.bias"]
    assert len(model.layers) == 12, "query, key, value, three dense layers in each of two blocks; not the pooler"
    assert all(type(layer.base) is Linear4bit for layer in model.layers)
    before = {name: model.trainables.tensors[name].detach().clone() for name in heads}
    batch_loss = train(model, 1)[0]["loss"]
    assert 0.3 < batch_loss < 1.5, "two classes: about log 2"
    assert all(not torch.equal(model.trainables.tensors[name], value) for name, value in before.items())
    assert model.evaluation.confusion.shape == (2, 2)


def test_an_encoder_continues_to_the_last_bit() -> None:
    straight, other = build("dropout=0.1", model="encoder"), build("dropout=0.1", model="encoder")
    train(straight, 2)
    other.restore(straight.state())
    assert train(straight, 2)[-1]["loss"] == train(other, 2)[-1]["loss"]
    assert same(straight.state(), other.state())


def test_an_encoder_s_loss_is_the_cross_entropy_of_its_classes() -> None:
    model = build(model="encoder")
    model.model.eval()
    batch = model.batch(model.sequences[:6])
    assert batch.labels.shape == (6,)
    with torch.no_grad():
        theirs = model.model(input_ids=batch.input_ids, attention_mask=batch.attention_mask, labels=batch.labels).loss
        ours = model.summed_loss(model.forward(batch), batch) / 6
    assert ours.item() == pytest.approx(theirs.item(), rel=1e-5)


def altered(tmp_path: Path, **config: object) -> Path:
    """A copy of the Llama with another config.json."""
    there = tmp_path / "altered"
    shutil.copytree(folder("llama"), there)
    content = json.loads((there / "config.json").read_text())
    (there / "config.json").write_text(json.dumps({**content, **config}))
    return there


@pytest.fixture
def unloaded(monkeypatch: pytest.MonkeyPatch) -> None:
    """Loading weights fails the test."""

    def load(*_: object) -> None:
        raise AssertionError("the weights were loaded")

    monkeypatch.setattr(scenario_module, "load_frozen", load)


@pytest.mark.usefixtures("unloaded")
@pytest.mark.parametrize(("words", "sentence"), [
    (["target_modules=q_proj,v_porj"], "target_modules has 'v_porj'.*did you mean 'v_proj'.*gate_proj"),
    (["target_modules=input_layernorm"], "is a LlamaRMSNorm and gets no adapter"),
    (["target_modules=all_linear"], "all-linear"),
    (["target_modules=lm_head"], "target_modules has 'lm_head'"),
    (["target_modules="], "names no layer"),
    (["rank=65"], "rank is 65, but .* no change of it has a rank above (32|64)"),
    (["max_length=129"], "max_length is 129, but .* has 128 positions"),
    (["batch_size=64"], "takes 64 sequences .* only 36"),
    (["accumulation=10"], "takes 40 sequences"),
    (["dora=on", "quantisation=int8"], "do not go together"),
    (["template=Read this"], "must contain {text}"),
    (["layer=99"], "layer is 99, but the model has 14"),
])  # fmt: skip
def test_what_the_model_or_the_data_does_not_allow_is_refused(words: list[str], sentence: str) -> None:
    with pytest.raises(BadInput, match=sentence):
        build(*words)


@pytest.mark.usefixtures("unloaded")
def test_a_model_that_is_not_there_is_refused_at_once(tmp_path: Path) -> None:
    (tmp_path / "tiny-lama").mkdir()
    with pytest.raises(BadInput, match=r"There is no model folder .*did you mean 'tiny-lama'"):
        build(model=tmp_path / "tiny-llama")
    with pytest.raises(BadInput, match=r"has no config\.json"):
        build(model=tmp_path / "tiny-lama")
    with pytest.raises(BadInput, match="which is a file"):
        build(model=folder("llama") / "config.json")
    with pytest.raises(BadInput, match=r"There is no folder or file 'no-such-owner/no-such-model'"):
        build("model=no-such-owner/no-such-model")
    with pytest.raises(BadInput, match="called owner/name"):
        build("model=lama")


@pytest.mark.usefixtures("unloaded")
def test_a_model_of_another_kind_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="model_type 'lama', which transformers does not know: did you mean 'llama'"):
        build(model=altered(tmp_path / "a", model_type="lama"))
    with pytest.raises(BadInput, match="an encoder and a decoder"):
        build(model=altered(tmp_path / "b", model_type="t5", is_encoder_decoder=True))
    with pytest.raises(BadInput, match="do not belong together"):
        build(model=altered(tmp_path / "c", vocab_size=100))
    with pytest.raises(BadInput, match="is quantised already, by gptq: give the model that it was made from"):
        build(model=altered(tmp_path / "e", quantization_config={"quant_method": "gptq", "bits": 4}))
    broken = altered(tmp_path / "d")
    (broken / "config.json").write_text("{")
    with pytest.raises(BadInput, match="is not JSON"):
        build(model=broken)
    (broken / "model.safetensors").unlink()
    with pytest.raises(BadInput, match=r"no weights in \*\.safetensors"):
        build(model=broken)


def test_damaged_weights_are_told(tmp_path: Path) -> None:
    damaged = altered(tmp_path)
    (damaged / "model.safetensors").write_bytes(b"nothing of the kind")
    with pytest.raises(BadInput, match="cannot be loaded"):
        build(model=damaged)


def test_memory_that_runs_out_while_loading_is_told_with_what_to_set(monkeypatch: pytest.MonkeyPatch) -> None:
    def fill(*_: object) -> None:
        raise torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 2.00 GiB.")

    monkeypatch.setattr(scenario_module, "load_frozen", fill)
    with pytest.raises(BadInput, match=r"Out of memory: CUDA out of memory.*largest row is .*; start a run with "):
        build()


def test_memory_that_runs_out_in_an_evaluation_stops_the_run_with_what_to_set(monkeypatch: pytest.MonkeyPatch) -> None:
    model = build("evaluate_every=1")

    def fill() -> None:
        raise torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 2.00 GiB.")

    monkeypatch.setattr(model, "examiner", fill)
    with pytest.raises(Halt, match="the adapter keeps its last good values; start a run with "):
        train(model, 1)
