"""Linear regression's data: the bundled sets against published figures, and files of one's own."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.scenarios.regression import BUNDLED, CARD, build, cell, pictures, train
from tui_lab.lab.errors import BadInput


@pytest.mark.parametrize(
    ("dataset", "slope", "intercept", "mean_x", "points"),
    [
        ("stopping-distance", 3.9324, -17.5791, 15.4, 50),
        *[(f"anscombe-{i}", 0.500, 3.00, 9.0, 11) for i in range(1, 5)],
    ],
)
@pytest.mark.parametrize("standardise", ["on", "off"])
def test_the_bundled_data_have_the_published_lines(
    dataset: str, slope: float, intercept: float, mean_x: float, points: int, standardise: str
) -> None:
    model = build(f"dataset={dataset}", f"standardise={standardise}")
    table = pictures(model)[3]
    digits = 5e-5 if points == 50 else 5e-3
    assert cell(table, "slope", 2) == pytest.approx(slope, abs=digits)
    assert cell(table, "intercept", 2) == pytest.approx(intercept, abs=digits)
    assert (model.points.x.mean(), len(model.points.x)) == (pytest.approx(mean_x), points)


def test_anscombes_sets_agree_in_what_he_printed() -> None:
    for i in range(1, 5):
        points = build(f"dataset=anscombe-{i}").points
        assert points.y.mean() == pytest.approx(7.5, abs=0.01)
        assert np.sum((points.x - 9) ** 2) == pytest.approx(110.0)
        residual = points.y - (3 + 0.5 * points.x)
        assert np.sum(residual**2) == pytest.approx(13.75, abs=0.03)
        assert np.corrcoef(points.x, points.y)[0, 1] ** 2 == pytest.approx(0.667, abs=0.0015)


def points_file(folder: Path, x: Any, y: Any) -> Path:
    path = folder / "own.csv"
    path.write_text("left,right\n" + "".join(f"{a!r},{b!r}\n" for a, b in zip(x, y, strict=True)))
    return path


def test_a_file_of_ones_own(tmp_path: Path) -> None:
    path = points_file(tmp_path, [1.0, 2.0, 3.0], [2.0, 4.0, 6.0])
    model = build(data=path)
    train(model, 300)
    scatter, _, _, table = pictures(model)
    assert (scatter.x_label, scatter.y_label) == ("left", "right")
    assert [cell(table, "slope", 1), cell(table, "intercept", 1)] == pytest.approx([2, 0], abs=1e-9)
    swapped = build("x=right", "y=left", data=path)
    assert swapped.points.x.tolist() == [2, 4, 6]


@pytest.mark.parametrize(
    ("x", "y", "words"),
    [
        ([1.0], [2.0], "one row"),
        ([3.0, 3.0], [1.0, 2.0], "the same value, 3, in every row"),
        ([0.0, 1e-320], [1.0, 2.0], "whose square is 0"),
        ([1.0, 1e200], [1.0, 2.0], "Column 'left' holds 1e\\+200"),
        ([1.0, 2.0], [1.0, -1e200], "Column 'right' holds -1e\\+200"),
    ],
)
def test_points_that_settle_no_line_are_refused(tmp_path: Path, x: list[float], y: list[float], words: str) -> None:
    with pytest.raises(BadInput, match=words):
        build(data=points_file(tmp_path, x, y))


def test_a_batch_larger_than_the_data_is_refused() -> None:
    with pytest.raises(BadInput, match="batch_size is 51, but there are only 50 points: give 50 or fewer, or all"):
        build("batch_size=51")
    with pytest.raises(BadInput, match="there is only 1 point"):
        build("dataset=single-point", "batch_size=2")


@pytest.mark.parametrize("x", [[1e9, 1e9 + 1], [1e-150, 2e-150, 5e-150], [-1e100, 1e100, 2e100], [0.0, 1e-12, 1e12]])
@pytest.mark.parametrize("y", [[0.0, 0.0, 0.0], [1e150, -1e150, 0.0], [1e-300, 2e-300, 1e-310], [1.0, 2.0, 3.0]])
@pytest.mark.parametrize("standardise", ["on", "off"])
def test_extreme_data_raise_nothing(tmp_path: Path, x: list[float], y: list[float], standardise: str) -> None:
    model = build(f"standardise={standardise}", data=points_file(tmp_path, x, y[: len(x)]))
    with np.errstate(all="ignore"):
        train(model, 3)
    with np.errstate(all="raise"):
        model.views(), model.notes(), model.check_gradients()


def test_a_million_points(tmp_path: Path) -> None:
    x = np.arange(1_000_000, dtype=np.float64)
    path = tmp_path / "many.csv"
    path.write_text("x,y\n" + "\n".join(f"{value:.0f},{3 * value + 1:.0f}" for value in x))
    model = build("learning_rate=0.4", data=path)
    train(model, 20)
    scatter, _, _, table = pictures(model)
    assert len(scatter.x) == len(scatter.fitted) == 2000 and "2000 of 1000000 points" in scatter.title
    assert (scatter.x[0], scatter.x[-1]) == (0, 999_999)
    assert cell(table, "slope", 1) == pytest.approx(3) and cell(table, "slope", 2) == pytest.approx(3)


def test_the_card_names_every_bundled_file() -> None:
    files = {path.stem for path in (Path(CARD.folder) / "data").glob("*.csv")}
    assert files == set(BUNDLED)
    sources = (Path(CARD.folder) / "data" / "SOURCES.md").read_text(encoding="utf-8")
    assert all(word in sources for word in ("Ezekiel", "Anscombe", "single-point"))
