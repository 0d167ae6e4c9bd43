"""A function of two numbers as a shaded block in three dimensions, seen from a side that can be chosen."""

from dataclasses import dataclass

import numpy as np

from tui_lab.canvas.arrays import Array, BoolArray, ColourArray
from tui_lab.canvas.braille import Dots
from tui_lab.canvas.camera import TALLEST, Camera
from tui_lab.canvas.cells import BOLD, DEFAULT, Cells
from tui_lab.canvas.contour import HERE, MOST_LEVELS, OPTIMUM, WAY
from tui_lab.canvas.frame import heading
from tui_lab.canvas.height import Heights, interpolated, level_lines
from tui_lab.canvas.palette import Palette
from tui_lab.canvas.pixels import flattened, half_blocks
from tui_lab.canvas.ramp import channels, colours, ramp
from tui_lab.canvas.text import text_width
from tui_lab.canvas.trail import trail

DEPTHS = 160
"""How many points of the surface are looked at along each plane of sight."""
AMBIENT, LINE = 0.6, 0.8
"""How bright a slope away from the light is, and a line of equal height beside its surroundings."""
WALL = 0x3A465C
NEAR = 0.1
"""What lies less than this behind the surface is on it."""
_LIGHT: Array = np.array([-0.5, -0.3, 0.81])
"""Where the light comes from: from the left, from the viewer, from above."""


@dataclass(frozen=True, slots=True, eq=False)
class _Scene:
    """What the camera sees: for each pixel, of shape (rows, columns), how far away it hits the block; NaN where it
    misses, -inf on the block's walls."""

    camera: Camera
    surface: Heights
    hits: Array

    def columns(self, x: Array) -> Array:
        return self.surface.columns(_spread(x, self.surface.x))

    def rows(self, y: Array) -> Array:
        return self.surface.rows(_spread(y, self.surface.y))


def relief(
    x: Array,
    y: Array,
    z: Array,
    width: int,
    height: int,
    palette: Palette,
    *,
    azimuth: float,
    elevation: float,
    path: tuple[Array, Array],
    point: Array,
    optimum: Array | None = None,
    x_label: str = "",
    y_label: str = "",
    z_label: str = "z",
    title: str = "",
) -> Cells:
    """z[j, i] at (x[i], y[j]) from `azimuth` and `elevation` in degrees (0: x to the right, y away), with the path so
    far, the point and the optimum on it. Heights that hide each other are drawn as a root, and the title says so."""
    surface = Heights.of(x, y, z)
    tall, root = _rooted(surface)
    title = f"{title} · height is {root}{z_label}" if root else title
    cells = Cells.blank(width, height)
    top, below = int(height > 3), int(height > 8)
    rows = cells.height - top - below
    if top:
        keys = [("●", "here", HERE), ("⠒", "path", WAY)]
        keys += [("✚", "optimum", OPTIMUM)] if optimum is not None and len(optimum) else []
        heading(cells, title, keys, palette)
    if width < 2 or rows < 1:
        return cells
    camera = Camera.fitting(width, 2 * rows, np.radians(azimuth), np.radians(np.clip(elevation, 5, 90)))
    scene = _Scene(camera, tall, _hits(tall, camera, width, 2 * rows))
    pixels = _lit(scene, surface.evened(), palette)
    area = cells.part(top, 0, width, rows)
    area.paste(half_blocks(pixels), 0, 0)
    _draw_path(area, scene, path)
    for place, glyph, colour in ((optimum, "✚+", OPTIMUM), (point, "●○", HERE)):
        if place is not None and len(place) == 2:
            _draw_mark(area, scene, place, glyph, colour)
    flattened(area, pixels)
    if below:
        _name_edges(cells.part(top, 0, width, rows + below), scene, x_label, y_label, palette)
    return cells


def _spread(base: Array, values: Array) -> Array:
    """Places -1..1 on the base as the numbers along its edge."""
    return np.asarray(values[0] + (base + 1) / 2 * (values[-1] - values[0]))


def _based(numbers: Array, values: Array) -> Array:
    """Numbers as places on the base; NaN outside of it."""
    numbers = np.asarray(numbers, float)
    with np.errstate(invalid="ignore"):
        inside = (numbers >= values[0]) & (numbers <= values[-1])
    span = float(values[-1] - values[0]) or 1.0
    return np.where(inside, 2 * (numbers - values[0]) / span - 1, np.nan)


def _rooted(surface: Heights) -> tuple[Heights, str]:
    """Heights in units of the block, and the sign of the root that keeps half of them off the ground."""
    low, high = np.nanmin(surface.z, initial=np.inf), np.nanmax(surface.z, initial=-np.inf)
    parts = (surface.z - low) / (high - low) if high > low else np.zeros(surface.z.shape)
    # A function overflows where it is high: its unknown places are drawn at the top.
    parts = np.where(np.isnan(parts), 1.0, parts)
    middle = float(np.median(parts))
    roots = {1: "", 2: "√", 3: "∛", 4: "∜"}
    root = next((root for root in roots if middle ** (1 / root) > 0.2), 4) if high > low else 1
    return Heights(surface.x, surface.y, TALLEST * parts ** (1 / root)), roots[root]


def _hits(tall: Heights, camera: Camera, width: int, height: int) -> Array:
    """How far away each pixel's line of sight meets the block: along a plane of sight from front to back, the first
    point that stands higher on the picture than all before it."""
    enter, leave = camera.crossing(np.arange(width, dtype=float))
    hit = leave > enter
    away = enter[:, None] + np.linspace(0, 1, DEPTHS) * np.maximum(leave - enter, 0)[:, None]
    right = np.broadcast_to(((np.arange(width) - camera.column) / camera.wide)[:, None], away.shape)
    x, y = camera.base(right, away)
    up = interpolated(tall.z, tall.columns(_spread(x, tall.x)), tall.rows(_spread(y, tall.y)))
    rows = camera.rows(away, up)
    reached = np.minimum.accumulate(rows, axis=1)
    # For each pixel row, how many points of the plane of sight stay below it.
    cut = np.clip(np.ceil(reached) - 1, -1, height - 1).astype(np.intp) + 1
    counts = np.bincount((cut + np.arange(width)[:, None] * (height + 1)).ravel(), minlength=width * (height + 1))
    below = np.cumsum(counts.reshape(width, height + 1)[:, :0:-1], axis=1)[:, ::-1]
    pixel = np.arange(height)
    after = np.clip(below, 1, DEPTHS - 1)
    plane = np.arange(width)[:, None]
    first, second = rows[plane, after - 1], rows[plane, after]
    with np.errstate(invalid="ignore", divide="ignore"):
        part = np.clip(np.nan_to_num((first - pixel) / (first - second)), 0, 1)
    hits = away[plane, after - 1] + part * (away[plane, after] - away[plane, after - 1])
    hits[below >= DEPTHS] = np.nan
    wall = (pixel > rows[:, :1]) & (pixel <= camera.rows(enter, 0.0)[:, None])
    hits[(pixel > rows[:, :1]) & ~wall] = np.nan
    hits[wall] = -np.inf
    hits[~hit] = np.nan
    return np.asarray(hits.T)


def _lit(scene: _Scene, even: Heights, palette: Palette) -> ColourArray:
    """The colour of each pixel: that of its height, as bright as its slope is lit."""
    camera, tall = scene.camera, scene.surface
    columns = np.broadcast_to(np.arange(scene.hits.shape[1]), scene.hits.shape)
    right = (columns - camera.column) / camera.wide
    ground = np.isfinite(scene.hits)
    x, y = camera.base(np.asarray(right, float), np.where(ground, scene.hits, 0))
    place = scene.columns(x), scene.rows(y)
    fractions = interpolated(even.z, *place)
    light = np.array([*camera.base(_LIGHT[:1], _LIGHT[1:2])]).ravel()
    steep = [interpolated(slope, *place) for slope in _slopes(tall)]
    lambert = (_LIGHT[2] - steep[0] * light[0] - steep[1] * light[1]) / np.sqrt(1 + steep[0] ** 2 + steep[1] ** 2)
    brightness = AMBIENT + (1.12 - AMBIENT) * np.clip(lambert, 0, 1)
    levels = min(MOST_LEVELS, len(fractions) // 7)
    if levels > 3:
        brightness[level_lines(np.where(ground, fractions, 0), levels) & ground] *= LINE
    painted = colours(ramp(fractions) * np.round(brightness * 32)[..., None] / 32)
    painted = np.where(np.isnan(fractions), palette.bad, painted)
    return np.where(ground, painted, np.where(np.isneginf(scene.hits), _walls(scene), DEFAULT))


def _slopes(tall: Heights) -> tuple[Array, Array]:
    """How steep the block is along x and along y, at the points of the grid."""
    places = [
        np.linspace(-1, 1, len(values)) if values[-1] == values[0] else _based(values, values)
        for values in (tall.x, tall.y)
    ]
    slopes = [
        np.gradient(tall.z, place, axis=axis) if len(place) > 1 else np.zeros(tall.z.shape)
        for place, axis in zip(places, (1, 0), strict=True)
    ]
    return slopes[0], slopes[1]


def _walls(scene: _Scene) -> ColourArray:
    """The colour of the wall that each pixel column shows, of shape (columns,)."""
    camera = scene.camera
    columns = np.arange(scene.hits.shape[1], dtype=float)
    enter, _ = camera.crossing(columns)
    x, y = camera.base((columns - camera.column) / camera.wide, enter)
    along_x = np.abs(y) > np.abs(x)
    normal_right, normal_away = camera.seen(np.where(along_x, 0, np.sign(x)), np.where(along_x, np.sign(y), 0))
    lambert = np.clip(normal_right * _LIGHT[0] + normal_away * _LIGHT[1], 0, 1)
    return colours(channels(WALL) * (0.6 + 0.8 * lambert)[:, None])


def _projected(scene: _Scene, x: Array, y: Array) -> tuple[Array, Array, Array]:
    """Pixel columns and rows of points on the surface, and how far away they are; NaN beside it."""
    tall = scene.surface
    base_x, base_y = _based(x, tall.x), _based(y, tall.y)
    right, away = scene.camera.seen(base_x, base_y)
    up = interpolated(tall.z, tall.columns(np.nan_to_num(x)), tall.rows(np.nan_to_num(y)))
    return scene.camera.columns(right), scene.camera.rows(away, up), away


def _visible(scene: _Scene, columns: Array, rows: Array, away: Array) -> BoolArray:
    height, width = scene.hits.shape
    known = np.isfinite(columns) & np.isfinite(rows)
    row = np.clip(np.rint(np.where(known, rows, 0)), 0, height - 1).astype(np.intp)
    column = np.clip(np.rint(np.where(known, columns, 0)), 0, width - 1).astype(np.intp)
    hits = scene.hits[row, column]
    return np.asarray(known & ~(away > hits + NEAR))


def _draw_path(area: Cells, scene: _Scene, path: tuple[Array, Array]) -> None:
    x, y = (_finer(np.asarray(part, float)) for part in path)
    columns, rows, away = _projected(scene, x, y)
    shown = _visible(scene, columns, rows, away)
    dots = Dots(area.width, area.height)
    columns, rows = np.where(shown, 2 * columns + 0.5, np.nan), np.where(shown, 2 * rows + 0.5, np.nan)
    trail(dots, columns, rows, WAY)
    dots.draw(area, 0, 0, BOLD)


def _finer(values: Array) -> Array:
    """Points between those of a short path, so that its lines lie on the surface."""
    parts = max(1, min(24, 4000 // max(len(values), 1)))
    if len(values) < 2 or parts == 1:
        return values
    return np.interp(np.arange((len(values) - 1) * parts + 1) / parts, np.arange(len(values)), values)


def _draw_mark(area: Cells, scene: _Scene, place: Array, glyphs: str, colour: int) -> None:
    """The first glyph where the place is in sight, the second where the block hides it."""
    columns, rows, away = _projected(scene, place[:1], place[1:])
    if np.isfinite(columns[0]) and np.isfinite(rows[0]):
        hidden = not _visible(scene, columns, rows, away)[0]
        column, row = round(float(columns[0])), int((rows[0] + 0.5) // 2)
        if column < area.width:
            area.write(row, column, glyphs[hidden], colour, BOLD)


def _name_edges(area: Cells, scene: _Scene, x_label: str, y_label: str, palette: Palette) -> None:
    """The axes' names under the two edges of the base that the viewer sees."""
    camera = scene.camera
    for label, along in ((x_label, (0.0, 1.0)), (y_label, (1.0, 0.0))):
        outward = np.array(along)
        right, away = camera.seen(outward[:1], outward[1:])
        if away[0] > 1e-6:
            right, away = -right, -away
        column, row = camera.columns(right), camera.rows(away, 0.0)
        size = text_width(label)
        start = round(float(column[0] - (size - 1) / 2 + right[0] * (size / 2 + 1)))
        area.write(int(row[0] // 2) + 1, min(max(start, 0), area.width - size), label, palette.text)
