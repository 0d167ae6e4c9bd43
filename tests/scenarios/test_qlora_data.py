"""Examples from files, and what becomes of them: tokens, labels, batches, packs."""

import json
import re
from pathlib import Path
from typing import Any

import pyarrow
import pyarrow.parquet
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from tests.scenarios.qlora_models import CARD, build, folder
from tui_lab.lab.errors import BadInput
from tui_lab.run.settings import settings_of
from tui_lab.scenarios.qlora.base import open_base
from tui_lab.scenarios.qlora.batches import MASKED, batch_of, pack
from tui_lab.scenarios.qlora.examples import REVIEWS, Examples, read_examples
from tui_lab.scenarios.qlora.method import Method
from tui_lab.scenarios.qlora.rows import read_rows
from tui_lab.scenarios.qlora.tokenise import Tokeniser


def written(path: Path, *rows: Any) -> Path:
    path.write_text("\n".join(row if isinstance(row, str) else json.dumps(row) for row in rows), encoding="utf-8")
    return path


def tokeniser(examples: Examples, *words: str, kind: str = "llama") -> Tokeniser:
    method = Method.of(settings_of(CARD, words))
    return Tokeniser(open_base(str(folder(kind)), max(len(examples.classes), 0)), method, examples)


def sentences(text: str) -> set[str]:
    """The sentences of a text, in lower-case letters alone."""
    parts = re.split(r"(?<=[.!?])[\"']?\s+", text)
    return {plain for part in parts if (plain := re.sub(r"[^a-z0-9 ]", "", part.lower()).strip())}


def test_the_lab_s_reviews_are_many_balanced_and_held_out_apart() -> None:
    examples = read_examples(None, 10)
    assert len(examples.train) >= 3000 and len(examples.held_out) >= 290
    assert examples.classes == ["negative", "positive"]
    for part in (examples.train, examples.held_out):
        assert abs(sum(example.label for example in part) / len(part) - 0.5) < 0.01
    texts = [example.prompt for example in examples.train + examples.held_out]
    assert len(set(texts)) == len(texts)
    learned = {sentence for example in examples.train for sentence in sentences(example.prompt)}
    shared = {sentence for example in examples.held_out for sentence in sentences(example.prompt)} & learned
    assert shared == set(), "a sentence that is learned tells nothing when it is held out"
    assert (REVIEWS / "LICENCE").is_file()


@pytest.mark.parametrize("suffix", [".jsonl", ".csv", ".parquet"])
def test_a_file_is_read_in_each_form(tmp_path: Path, suffix: str) -> None:
    rows = [{"text": f'good, "{i}"\nfilm', "label": "yes" if i % 3 else "no"} for i in range(20)]
    path = tmp_path / f"mine{suffix}"
    if suffix == ".jsonl":
        written(path, *rows)
    elif suffix == ".csv":
        lines = ['"good, ""%d""\nfilm",%s' % (i, row["label"]) for i, row in enumerate(rows)]  # noqa: UP031
        written(path, "text,label", *lines)
    else:
        pyarrow.parquet.write_table(pyarrow.Table.from_pylist(rows), path)
    examples = read_examples(path, 25)
    assert (len(examples.train), len(examples.held_out)) == (15, 5)
    assert examples.classes == ["no", "yes"]
    assert {example.prompt for example in examples.train + examples.held_out} == {row["text"] for row in rows}
    assert read_examples(path, 25) == examples


def test_numbers_are_classes_in_their_order(tmp_path: Path) -> None:
    path = written(tmp_path / "n.jsonl", *({"text": str(i), "label": i} for i in (10, 9, 2, 10, 2, 9)))
    assert read_examples(path, 10).classes == ["2", "9", "10"]


TALK = [{"role": "user", "content": "Hi"}, {"role": "assistant", "content": "Hello"}]


@pytest.mark.parametrize(("rows", "sentence"), [
    ([{"text": "a", "label": "x"}, "{"], r"Line 2 of f\.jsonl is not JSON"),
    ([{"text": "a", "label": "x"}, "[1]"], r"Line 2 of f\.jsonl is not a JSON object"),
    ([{"text": "a", "label": "x"}, {"text": "b"}], r"Line 2 of f\.jsonl has the label None"),
    ([{"text": "a", "label": "x"}, {"text": "", "label": "y"}], r"Line 2 of f\.jsonl has '' for text"),
    ([{"text": "a", "label": "x"}, {"text": 3, "label": "y"}], r"Line 2 of f\.jsonl has 3 for text"),
    ([{"text": "a", "label": "x"}, {"text": "b", "label": 1.5}], "a label is a word or a whole number"),
    ([{"text": "a", "label": "x"}, {"text": "b", "label": True}], "a label is a word or a whole number"),
    ([{"text": "a", "label": "x"}] * 3, "Every example of f.jsonl has the label 'x'"),
    ([{"text": str(i), "label": str(i)} for i in range(70)], "70 different labels: at most 64"),
    ([{"txt": "a", "lable": "x"}] * 3, r"'txt': did you mean 'text'\?.*'lable': did you mean 'label'"),
    ([{"prompt": "a", "completion": ""}] * 3, "has '' for completion"),
    ([{"messages": TALK[:1]}] * 3, "do not end with the assistant's"),
    ([{"messages": []}] * 3, "do not end with the assistant's"),
    ([{"messages": [{"role": "user"}]}] * 3, "each has a role and a content"),
    ([{"messages": [{"role": "assistent", "content": "x"}]}] * 3, "did you mean 'assistant'"),
    ([{"text": "a", "label": "x"}], "has 1 examples"),
    ([], "has 0 examples"),
])  # fmt: skip
def test_a_row_that_cannot_be_used_is_told_with_its_line(tmp_path: Path, rows: list[Any], sentence: str) -> None:
    with pytest.raises(BadInput, match=sentence):
        read_examples(written(tmp_path / "f.jsonl", *rows), 10)


def test_other_files_are_told_apart(tmp_path: Path) -> None:
    (tmp_path / "latin.jsonl").write_bytes('{"text": "schön", "label": "x"}'.encode("latin-1"))
    with pytest.raises(BadInput, match="is not UTF-8 text"):
        read_examples(tmp_path / "latin.jsonl", 10)
    written(tmp_path / "short.csv", "text,label", "a,x", "b")
    with pytest.raises(BadInput, match=r"Line 3 of short\.csv has 1 cells"):
        read_examples(tmp_path / "short.csv", 10)
    written(tmp_path / "no.parquet", "text")
    with pytest.raises(BadInput, match="is not a parquet file"):
        read_examples(tmp_path / "no.parquet", 10)
    with pytest.raises(BadInput, match="There is no folder or file 'no-such/set'"):
        read_examples("no-such/set", 10)


@given(st.lists(st.text(), max_size=5))
def test_lines_are_read_or_refused_in_a_sentence(lines: list[str]) -> None:
    import tempfile

    with tempfile.TemporaryDirectory() as place:
        path = Path(place, "any.jsonl")
        path.write_text("\n".join(lines), encoding="utf-8", errors="surrogatepass")
        try:
            list(read_rows(path))
        except BadInput as error:
            assert "any.jsonl" in str(error)


def test_an_answer_is_learned_with_its_end_and_the_text_is_only_read(tmp_path: Path) -> None:
    path = written(tmp_path / "f.jsonl", *({"text": f"Fine film {i}", "label": "yn"[i % 2]} for i in range(8)))
    examples = read_examples(path, 25)
    make = tokeniser(examples, "template=Say: {text}\\n=")
    for example, tokens in zip(examples.train, make(examples.train), strict=True):
        learned = [i for i, t in zip(tokens.ids, tokens.trained, strict=True) if t]
        read = [i for i, t in zip(tokens.ids, tokens.trained, strict=True) if not t]
        assert make.tokenizer.decode(read) == f"Say: {example.prompt}\n="
        assert make.tokenizer.decode(learned) == f" {examples.classes[example.label]}<|end|>"
        assert tokens.ids[: tokens.answer_start] == make.prompt(example.prompt)


def test_a_completion_is_learned_word_for_word(tmp_path: Path) -> None:
    path = written(tmp_path / "f.jsonl", *({"prompt": f"{i}+1=", "completion": str(i + 1)} for i in range(6)))
    examples = read_examples(path, 20)
    make = tokeniser(examples)
    tokens = make(examples.train)[0]
    assert make.tokenizer.decode([i for i, t in zip(tokens.ids, tokens.trained, strict=True) if t]) == (
        examples.train[0].completion + "<|end|>"
    )


def test_of_a_conversation_all_that_the_assistant_says_is_learned(tmp_path: Path) -> None:
    talk = [{"role": "system", "content": "Be kind."}, *TALK, {"role": "user", "content": "Bye"}]
    path = written(tmp_path / "f.jsonl", *[{"messages": [*talk, {"role": "assistant", "content": "Ciao"}]}] * 4)
    examples = read_examples(path, 25)
    make = tokeniser(examples)
    tokens = make(examples.train)[0]
    learned = make.tokenizer.decode([i for i, t in zip(tokens.ids, tokens.trained, strict=True) if t])
    assert learned == "Hello<|end|>Ciao<|end|>"
    assert make.tokenizer.decode(tokens.ids).startswith("<|system|>Be kind.<|end|><|user|>Hi<|end|><|assistant|>Hello")
    make.tokenizer.chat_template = "{{ raise_exception('System role not supported') }}"
    with pytest.raises(BadInput, match=r"refuses messages by system.*: System role not supported"):
        make(examples.train)
    make.tokenizer.chat_template = None
    with pytest.raises(BadInput, match="has no chat template"):
        make(examples.train)


def test_too_long_a_text_loses_its_beginning_and_keeps_question_and_answer(tmp_path: Path) -> None:
    path = written(tmp_path / "f.jsonl", *({"text": "word " * 20, "label": "yn"[i % 2]} for i in range(4)))
    examples = read_examples(path, 25)
    whole, cut = tokeniser(examples)(examples.train)[0], tokeniser(examples, "max_length=32")(examples.train)[0]
    assert len(cut.ids) == 32 and cut.ids == whole.ids[-32:]
    assert cut.cut == len(whole.ids) - 32 and whole.cut == 0
    assert cut.learned == whole.learned


def test_too_long_an_answer_loses_its_end_and_leaves_the_prompt_a_quarter(tmp_path: Path) -> None:
    path = written(tmp_path / "f.jsonl", *({"prompt": "ask " * 40, "completion": "answer " * 60} for _ in range(4)))
    examples = read_examples(path, 25)
    tokens = tokeniser(examples, "max_length=40")(examples.train)[0]
    assert len(tokens.ids) == 40
    assert tokens.trained == [False] * 10 + [True] * 30
    assert tokens.cut > 0


def test_an_encoder_needs_classes_and_cannot_be_packed(tmp_path: Path) -> None:
    path = written(tmp_path / "f.jsonl", *({"prompt": "a", "completion": "b"} for _ in range(20)))
    with pytest.raises(BadInput, match="its examples need a text and a label"):
        build(model="encoder", data=path)
    with pytest.raises(BadInput, match="packing is for causal models"):
        build("packing=on", model="encoder")


def test_a_batch_is_padded_on_the_left_and_scored_only_before_answers() -> None:
    model = build("batch_size=8")
    batch, padding = model.draw()[0][0], model.base.padding
    assert batch.padded == int((batch.attention_mask == 0).sum()) > 0
    assert (batch.input_ids[batch.attention_mask == 0] == padding).all()
    assert (batch.labels[:, -1] != MASKED).all(), "all answers end at the right edge"
    assert batch.learned == int((batch.labels != MASKED).sum())
    assert batch.tokens + batch.padded == batch.input_ids.numel()
    answer = max(len(each) for each in model.tokeniser.answers)
    assert batch.columns.tolist() == list(range(batch.input_ids.shape[1] - answer - 1, batch.input_ids.shape[1] - 1))
    assert model.forward(batch).shape == (8, answer, 384)


@given(st.lists(st.integers(1, 50), max_size=60))
def test_packs_hold_every_example_once_and_never_too_much(lengths: list[int]) -> None:
    packs = pack(lengths, 50)
    assert sorted(index for share in packs for index in share) == list(range(len(lengths)))
    assert all(sum(lengths[index] for index in share) <= 50 for share in packs)


def test_examples_in_one_sequence_do_not_see_each_other() -> None:
    model = build("packing=on", "quantisation=none")
    sequence = next(each for each in model.sequences if len(each) > 2)
    model.model.eval()
    with torch.no_grad():
        packed, alone = model.batch([sequence]), [model.batch([[example]]) for example in sequence]
        together = model.summed_loss(model.forward(packed), packed)
        apart = sum(model.summed_loss(model.forward(batch), batch) for batch in alone)
    assert together.item() == pytest.approx(float(apart), rel=1e-5)
    assert packed.learned == sum(batch.learned for batch in alone)


def test_packed_sequences_of_different_lengths_are_padded() -> None:
    model = build("packing=on")
    sequences = sorted(model.sequences, key=lambda each: sum(len(example.ids) for example in each))
    batch = batch_of([sequences[0], sequences[-1]], "causal", model.base.padding)
    assert batch.packed and batch.padded > 0
    with torch.no_grad():
        assert torch.isfinite(model.forward(batch)).all()
