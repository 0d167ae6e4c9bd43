"""The neuron's examples: truth tables, files of one's own, and what is refused; its pictures and its remarks."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.scenarios.one_neuron import ACTIVATIONS, build, train
from tui_lab.lab.errors import BadInput
from tui_lab.lab.views import Curve, Network, Region, Table, View


def own(folder: Path, text: str) -> Path:
    path = folder / "own.csv"
    path.write_text(text, encoding="utf-8")
    return path


def view(model: Any, kind: type[View]) -> Any:
    return next(each for each in model.views() if isinstance(each, kind))


# Truth tables


@pytest.mark.parametrize(
    ("gate", "labels"), [("and", [0, 0, 0, 1]), ("or", [0, 1, 1, 1]), ("nand", [1, 1, 1, 0]), ("xor", [0, 1, 1, 0])]
)
def test_truth_tables(gate: str, labels: list[int]) -> None:
    model = build(f"dataset={gate}")
    assert model.x.tolist() == [[0, 0], [0, 1], [1, 0], [1, 1]] and model.y.tolist() == labels


@pytest.mark.parametrize("inputs", range(1, 9))
def test_truth_tables_of_many_inputs(inputs: int) -> None:
    ones = build(f"inputs={inputs}").x.sum(axis=1)
    assert len(ones) == 2**inputs and len({tuple(row) for row in build(f"inputs={inputs}").x}) == 2**inputs
    assert build("dataset=and", f"inputs={inputs}").y.tolist() == (ones == inputs).tolist()
    assert build("dataset=or", f"inputs={inputs}").y.tolist() == (ones > 0).tolist()
    assert build("dataset=nand", f"inputs={inputs}").y.tolist() == (ones < inputs).tolist()
    if inputs > 1:
        assert build("dataset=xor", f"inputs={inputs}").y.tolist() == (ones % 2).tolist()
    names = [parameter.name for parameter in build(f"inputs={inputs}").parameters()]
    assert names == ["w", "b"] and build(f"inputs={inputs}").parameters()[0].value.shape == (inputs,)


def test_what_no_table_has() -> None:
    with pytest.raises(BadInput, match="inputs is 1, but XOR compares inputs"):
        build("dataset=xor", "inputs=1")
    with pytest.raises(BadInput, match="batch_size is 5, but there are only 4 examples: give 4 or fewer, or all"):
        build("batch_size=5")
    with pytest.raises(BadInput, match="inputs cannot be '9'"):
        build("inputs=9")


# Files


def test_a_file_with_two_words(tmp_path: Path) -> None:
    path = own(tmp_path, "height,weight,kind\n20,3,cat\n60,30,dog\n25,4,cat\n50,20,dog\n")
    model = build("activation=sigmoid", "standardise=on", data=path)
    assert model.examples.classes == ("cat", "dog") and model.y.tolist() == [0, 1, 0, 1]
    assert model.x.mean(axis=0) == pytest.approx([0, 0], abs=1e-15) and model.x.std(axis=0) == pytest.approx([1, 1])
    assert train(model, 200)[-1]["accuracy"] == 1
    table = view(model, Table)
    assert table.columns[1:4] == ["height", "weight", "y"] and table.rows[1][3] == "1 (dog)"
    assert view(model, Region).x_label == "height"
    assert build("y=kind", "x=weight", data=path).x.tolist() == [[3], [30], [4], [20]]


def test_labels_that_are_numbers_keep_their_order(tmp_path: Path) -> None:
    model = build(data=own(tmp_path, "a,y\n1,10\n2,9\n3,10.0\n"))
    assert model.examples.classes == ("9", "10") and model.y.tolist() == [1, 0, 1]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("a,y\n1,0\n2,0\n", "Column 'y' of own.csv has the same label, 0, in every row: one neuron tells two apart"),
        ("a,y\n1,0\n2,1\n3,2\n", "has 3 labels, 0, 1, 2: one neuron tells two apart"),
        ("a,b,y\n1,7,0\n2,7,1\n", "Column 'b' of own.csv has the same value, 7, in every row"),
        ("a,y\nnan,0\n2,1\n", "Column 'a' of own.csv is nan on line 2"),
        ("a,y\ninf,0\n2,1\n", "Column 'a' of own.csv is inf on line 2"),
        ("a,y\n1e200,0\n2,1\n", "holds 1e+200, too large to be squared"),
        ("a,b,c,d,e,f,g,h,i,y\n1,2,3,4,5,6,7,8,9,0\n", "9 columns of numbers besides 'y', and a neuron here takes 8"),
        ("a,y\n1,0\n", "the same value, 1, in every row"),
    ],
)
def test_files_that_teach_nothing_are_refused(tmp_path: Path, text: str, words: str) -> None:
    with pytest.raises(BadInput) as caught:
        build(data=own(tmp_path, text))
    assert words in str(caught.value)


def test_a_file_whose_classes_no_line_separates(tmp_path: Path) -> None:
    model = build(data=own(tmp_path, "a,y\n1,0\n2,1\n3,0\n"))
    train(model, 200)
    assert any("the rule will find one, but if none does, it never rests" in note for note in model.notes())


@pytest.mark.parametrize("activation", ACTIVATIONS)
@pytest.mark.parametrize("values", [(1e-300, 2e-300), (1e90, -1e90), (1e9, 1e9 + 1)])
def test_extreme_inputs_raise_nothing(tmp_path: Path, activation: str, values: tuple[float, float]) -> None:
    text = f"a,b,y\n{values[0]!r},0,0\n{values[1]!r},1,1\n"
    for words in (("standardise=on",), ()):
        try:
            model = build(f"activation={activation}", *words, data=own(tmp_path, text))
        except BadInput as error:
            assert "in every row" in str(error)
            continue
        with np.errstate(all="ignore"):
            train(model, 5)
        with np.errstate(all="raise"):
            model.views(), model.notes(), model.operations(), model.check_gradients()


def test_a_hundred_thousand_rows(tmp_path: Path) -> None:
    draw = np.random.default_rng(0).normal(size=(100_000, 2))
    lines = (f"{a:.3f},{b:.3f},{int(a + b > 0)}" for a, b in draw)
    model = build("activation=sigmoid", "batch_size=100", data=own(tmp_path, "a,b,y\n" + "\n".join(lines)))
    assert train(model, 100)[-1]["accuracy"] > 0.9
    table, region = view(model, Table), view(model, Region)
    assert len(table.rows) == 256 and "the first 256 of 100000" in table.title
    assert len(region.points_x) == len(region.labels) == len(region.held_out) == 2000


# Pictures


@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_the_pictures_agree_with_each_other(activation: str) -> None:
    model = build(f"activation={activation}", "dataset=or", seed=2)
    for _ in range(6):
        train(model, 1)
        network, region, curve, table = model.views()
        assert isinstance(network, Network) and isinstance(region, Region)
        assert isinstance(curve, Curve) and isinstance(table, Table)
        (row,) = (place for place, cells in enumerate(table.rows) if cells[0] == "→")
        assert row == model.rows[0] and network.layers[0].values.tolist() == model.x[row].tolist()
        assert table.rows[row][4:6] == curve.point.tolist()
        assert network.layers[1].values.tolist() == [curve.point[1]]
        assert network.weights[0].ravel().tolist() == model.weights.values[:2].tolist()
        assert network.gradients[0].ravel().tolist() == model.weights.gradient[:2].tolist()
        right = sum(cells[-1] == "right" for cells in table.rows)
        assert right / 4 == model.metrics["accuracy"] and f"{right} of 4 right" in table.title
        assert curve.steps == (activation == "threshold")
        for x, y in ((0, 0), (60, 3), (31, 31)):
            z = model.weights.values @ [region.x[x], region.y[y], 1]
            said = model.ask(np.array([[region.x[x], region.y[y]]])).at(model.weights.values)
            assert region.z[y, x] == pytest.approx(said.y[0], rel=1e-12, abs=1e-12)
            assert said.z[0] == pytest.approx(z, rel=1e-12, abs=1e-12)


@pytest.mark.parametrize("inputs", [1, 3, 8])
def test_without_a_plane_there_is_no_region(inputs: int) -> None:
    model = build(f"inputs={inputs}")
    assert [each.kind for each in model.views()] == ["network", "table", "curve"]
    assert len(view(model, Table).rows) == 2**inputs


def test_the_curve_makes_room_and_going_back_takes_it_away() -> None:
    model = build("activation=relu")
    state = model.state()
    assert view(model, Curve).x[-1] == 6
    model.assign("b", (), 100.0)
    curve = view(model, Curve)
    assert curve.x[0] <= curve.point[0] <= curve.x[-1] == 192
    model.restore(state)
    assert view(model, Curve).x[-1] == 6


# Remarks


def test_a_dead_relu_is_named() -> None:
    model = build("activation=relu")
    model.assign("b", (), -50.0)
    assert model.notes()[0].startswith("The ReLU is dead: z ≤ 0 at all 4 examples (at most -4")
    before = model.weights.values.copy()
    train(model, 8)
    assert (model.weights.values == before).all()


@pytest.mark.parametrize("activation", ["sigmoid", "tanh"])
def test_saturation_is_named(activation: str) -> None:
    model = build(f"activation={activation}")
    model.assign("b", (), 20.0)
    assert model.notes()[0].startswith(f"Saturated: the slope of {activation} is at most ")
    model.assign("b", (), 0.0)
    assert not any("Saturated" in note for note in model.notes())


def test_the_rule_is_called_a_rule() -> None:
    note = build("dataset=xor").notes()[0]
    assert "its slope is 0" in note and "w ← w + η·(y − ŷ)·x" in note and "not a derivative" in note
    assert not any("rule" in note for note in build("dataset=xor", "activation=sigmoid").notes())


def test_corners_are_named() -> None:
    assert any("z is exactly 0 at 4 of 4" in note for note in build("initialisation=zero").notes())


def test_huge_parameters_raise_nothing() -> None:
    for activation in ACTIVATIONS:
        model = build(f"activation={activation}")
        for value in (1e308, -1e308, np.inf, np.nan):
            model.assign("w", (0,), value)
            model.assign("b", (), -value)
            with np.errstate(all="raise"):
                model.views(), model.notes(), model.operations(), model.check_gradients()
            with np.errstate(all="ignore"):
                train(model, 2)
