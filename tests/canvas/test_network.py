"""Networks: units with their values, edges with sign and size."""

from dataclasses import dataclass, field
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.canvas.pictures import PALETTE, check, dots, where
from tui_lab.canvas.arrays import Array
from tui_lab.canvas.cells import Cells
from tui_lab.canvas.network import network
from tui_lab.canvas.ramp import channels
from tui_lab.canvas.units import columns

NONE = np.zeros((0, 0))


@dataclass
class Layer:
    name: str
    units: list[str]
    values: Array = field(default_factory=lambda: np.array([]))


def layers(*counts: int) -> list[Layer]:
    return [
        Layer(f"layer {k}", [f"u{k}.{i}" for i in range(count)], np.linspace(-1, 1, count))
        for k, count in enumerate(counts)
    ]


def drawn(
    parts: list[Layer], weights: list[Array], width: int = 80, height: int = 20, gradients: list[Array] | None = None
) -> Cells:
    biases = [np.full(len(layer.units), 0.25) for layer in parts[1:]]
    return network(parts, weights, gradients or [], biases, width, height, PALETTE, title="Net", example="example 7")


def lightness(colour: int) -> float:
    return float(channels(colour).sum())


def test_layers_stand_from_left_to_right_with_values_names_and_biases() -> None:
    parts = layers(2, 3, 1)
    lines = drawn(parts, [np.ones((2, 3)), np.ones((3, 1))]).lines()
    text = "\n".join(lines)
    heads = [lines[1].index(layer.name) for layer in parts]
    assert heads == sorted(heads) and heads[2] > 60
    assert text.count("b 0.250") == 4 and "u1.1" in text and lines[-1].startswith("example 7")
    first = next(line for line in lines if "u0.0" in line)
    assert first.index("u0.0") < first.index("-1") < 15


@pytest.mark.parametrize(("sign", "colour"), [(1, PALETTE.positive), (-1, PALETTE.negative)])
def test_an_edge_has_the_colour_of_its_sign(sign: int, colour: int) -> None:
    picture = drawn(layers(1, 1), [np.array([[0.5 * sign]])])
    other = PALETTE.negative if sign > 0 else PALETTE.positive
    assert dots(picture, colour).any() and not dots(picture, other).any()


def test_a_larger_weight_is_brighter_and_has_more_dots() -> None:
    found = []
    for size in (0.05, 0.3, 0.5, 0.7, 1.0):
        picture = drawn(layers(1, 1, 1), [np.array([[1.0]]), np.array([[-size]])])
        second = picture.part(0, 45, 24, 20)
        lit = dots(second)
        row = int(np.flatnonzero(lit.any(axis=1))[0]) // 4
        column = int(np.flatnonzero(lit.any(axis=0))[-1]) // 2
        found.append((int(lit.sum()), lightness(int(second.colours[row, column]))))
    counts, lights = zip(*found, strict=True)
    assert counts[0] < counts[1] < counts[2] == counts[3] < counts[4]
    assert list(lights) == sorted(set(lights))


def test_few_edges_have_their_numbers_and_gradients_beside_them() -> None:
    weights = np.array([[0.5, -1.25]]).T
    picture = drawn(layers(2, 1), [weights], gradients=[np.array([[0.125], [np.nan]])])
    text = "\n".join(picture.lines())
    assert "0.500 ∂ 0.125" in text and "-1.25" in text
    row = next(row for row, line in enumerate(picture.lines()) if "-1.25" in line)
    assert picture.colours[row, picture.lines()[row].index("-1.25")] == PALETTE.negative


def test_many_edges_have_no_numbers() -> None:
    text = "\n".join(drawn(layers(5, 5), [np.full((5, 5), 0.777)]).lines())
    assert "0.777" not in text


def test_one_neuron_shows_every_weight_on_its_edge() -> None:
    weights = np.arange(1, 9) / 8 + 0.001
    parts = [Layer("inputs", [f"x{i}" for i in range(8)], np.ones(8)), Layer("sum", ["Σ"], np.array([4.5]))]
    parts += [Layer("output", ["ŷ"], np.array([0.99]))]
    picture = drawn(parts, [weights[:, None], NONE])
    text = "\n".join(picture.lines())
    assert all(f"{weight:.3f}"[:4] in text for weight in weights)
    assert "Σ" in text and "ŷ" in text and "4.50" in text and "0.990" in text
    middle = dots(picture, PALETTE.muted)[:, 100:130]
    assert middle.any(axis=0).all(), "an activation is joined by a plain line"


def test_units_without_room_are_counted() -> None:
    text = "\n".join(drawn(layers(64, 2), [np.ones((64, 2))]).lines())
    assert "u0.15" in text and "u0.40" not in text
    assert "… 48 more" in text


def test_layers_without_room_are_counted() -> None:
    counts = [2] * 30
    picture = drawn(layers(*counts), [np.ones((2, 2))] * 29, 30, 12)
    assert "more layers" in picture.lines()[1]
    assert len(where(picture, "●")) < 60


def test_a_unit_has_the_colour_of_its_value_and_text_that_can_be_read() -> None:
    parts = [Layer("a", ["p", "q", "r"], np.array([1.0, -1.0, np.nan])), Layer("b", ["z"], np.array([0.0]))]
    picture = drawn(parts, [np.ones((3, 1))])
    lines = picture.lines()
    places = [(row, line.index(name) + 4) for name in "pqr" for row, line in enumerate(lines) if line.startswith(name)]
    grounds = [int(picture.backgrounds[place]) for place in places]
    assert grounds[0] == PALETTE.positive and grounds[1] == PALETTE.negative
    assert lightness(grounds[2]) < 200 and "·" in lines[places[2][0]]
    for row, column in places:
        ink = int(picture.colours[row, column + 2])
        assert abs(lightness(ink) - lightness(int(picture.backgrounds[row, column]))) > 250


def test_a_weight_that_is_not_finite_is_bad() -> None:
    picture = drawn(layers(1, 1), [np.array([[np.nan]])])
    assert dots(picture, PALETTE.bad).any() and "·" in "\n".join(picture.lines())


def test_names_from_outside_cannot_move_the_cursor() -> None:
    parts = [Layer("学\x1b[2J", ["\x07\x9b", "学学学学学学学学"]), Layer("", ["\u202e"])]
    check(drawn(parts, [np.ones((2, 1))]), 80, 20)
    check(drawn(parts, [np.ones((2, 1))], 31, 11), 31, 11)


def test_units_stand_evenly() -> None:
    for count in range(1, 12):
        (column,) = columns([count], 0, 60, 2, 23)
        assert set(np.diff(column.rows)) <= {column.pitch}
        assert column.rows[0] >= 2 and column.rows[-1] < 25
        assert column.tall < max(column.pitch, 2)


@settings(max_examples=120, deadline=None)
@given(
    st.integers(0, 100),
    st.integers(0, 30),
    st.lists(st.integers(0, 40), max_size=7),
    st.integers(0, 2**32 - 1),
)
def test_any_network_at_any_size(width: int, height: int, counts: list[int], seed: int) -> None:
    generator = np.random.default_rng(seed)
    odd = np.array([np.nan, np.inf, -np.inf, 0.0, 1e300, -5e-324, 1.0])

    def numbers(*shape: int) -> Array:
        return np.where(generator.random(shape) < 0.3, generator.choice(odd, shape), generator.normal(size=shape))

    parts = layers(*counts)
    for layer in parts:
        layer.values = numbers(len(layer.units))
    weights = [numbers(n, m) for n, m in pairwise(counts)]
    biases = [numbers(m) for m in counts[1:]]
    check(network(parts, weights, weights, biases, width, height, PALETTE, title="t", example="e"), width, height)
