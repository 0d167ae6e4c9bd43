"""A function of two numbers as a shaded block in three dimensions, seen from a side that can be chosen."""

import numpy as np

from tui_lab.canvas.arrays import Array, ColourArray
from tui_lab.canvas.braille import Dots
from tui_lab.canvas.camera import Camera
from tui_lab.canvas.cells import BOLD, DEFAULT, Cells
from tui_lab.canvas.contour import HERE, MOST_LEVELS, OPTIMUM, WAY
from tui_lab.canvas.frame import heading
from tui_lab.canvas.height import Heights, interpolated, level_lines
from tui_lab.canvas.palette import Palette
from tui_lab.canvas.pixels import flattened, half_blocks
from tui_lab.canvas.ramp import channels, colours, ramp
from tui_lab.canvas.scene import Scene, on_base
from tui_lab.canvas.text import text_width
from tui_lab.canvas.trail import moved, trail

AMBIENT, BRIGHTEST, LINE = 0.6, 1.12, 0.8
"""How bright are a slope away from the light, one towards it, and a line of equal height beside its surroundings."""
FINEST = 512
"""Steps of a path within so small a part of the base are one."""
WALL = 0x3A465C
_LIGHT: Array = np.array([-0.5, -0.3, 0.81])
"""Where the light comes from: from the left, from the viewer, from above."""


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
    tall, root = surface.rooted()
    title = " · ".join(part for part in (title, root and f"height is {root}{z_label}") if part)
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
    scene = Scene.of(tall, camera, width, 2 * rows)
    pixels = _lit(scene, surface.evened().z, palette)
    area = cells.part(top, 0, width, rows)
    area.paste(half_blocks(pixels), 0, 0)
    _draw_path(area, scene, on_base(path[0], surface.x), on_base(path[1], surface.y))
    for place, glyph, colour in ((optimum, "✚+", OPTIMUM), (point, "●○", HERE)):
        if place is not None and len(place) == 2:
            base = on_base(place[:1], surface.x), on_base(place[1:], surface.y)
            _draw_mark(area, scene, base, glyph, colour)
    flattened(area, pixels)
    if below:
        _name_edges(cells.part(top, 0, width, rows + below), scene, x_label, y_label, palette)
    return cells


def _lit(scene: Scene, even: Array, palette: Palette) -> ColourArray:
    """The colour of each pixel: that of its height, as bright as its slope is lit."""
    camera, top = scene.camera, scene.top
    ground = np.isfinite(scene.hits)
    x, y = camera.base(np.broadcast_to(scene.right(), scene.hits.shape), np.where(ground, scene.hits, 0))
    place = top.columns(x), top.rows(y)
    fractions = interpolated(even, *place)
    light = np.concatenate(camera.base(_LIGHT[:1], _LIGHT[1:2]))
    steep = [interpolated(slope, *place) for slope in _slopes(top)]
    lambert = (_LIGHT[2] - steep[0] * light[0] - steep[1] * light[1]) / np.sqrt(1 + steep[0] ** 2 + steep[1] ** 2)
    brightness = AMBIENT + (BRIGHTEST - AMBIENT) * np.clip(lambert, 0, 1)
    levels = min(MOST_LEVELS, len(fractions) // 7)
    if levels > 3:
        brightness[level_lines(np.where(ground, fractions, 0), levels) & ground] *= LINE
    painted = colours(ramp(fractions) * np.round(brightness * 32)[..., None] / 32)
    painted = np.where(np.isnan(fractions), palette.bad, painted)
    return np.where(ground, painted, np.where(np.isneginf(scene.hits), _walls(scene), DEFAULT))


def _slopes(top: Heights) -> list[Array]:
    """How steep the block is along x and along y, at the points of the grid."""
    return [
        np.gradient(top.z, place, axis=axis) if len(place) > 1 else np.zeros(top.z.shape)
        for place, axis in ((top.x, 1), (top.y, 0))
    ]


def _walls(scene: Scene) -> ColourArray:
    """The colour of the wall that each pixel column shows, of shape (columns,)."""
    camera = scene.camera
    enter, _ = camera.crossing(np.arange(scene.hits.shape[1], dtype=float))
    x, y = camera.base(scene.right(), enter)
    along_x = np.abs(y) > np.abs(x)
    right, away = camera.seen(np.where(along_x, 0, np.sign(x)), np.where(along_x, np.sign(y), 0))
    lambert = np.clip(right * _LIGHT[0] + away * _LIGHT[1], 0, 1)
    return colours(channels(WALL) * (0.6 + 0.8 * lambert)[:, None])


def _draw_path(area: Cells, scene: Scene, x: Array, y: Array) -> None:
    kept = moved(np.rint(x * FINEST), np.rint(y * FINEST))
    columns, rows, away = scene.projected(_finer(x[kept]), _finer(y[kept]))
    shown = scene.visible(columns, rows, away)
    dots = Dots(area.width, area.height)
    trail(dots, np.where(shown, 2 * columns + 0.5, np.nan), np.where(shown, 2 * rows + 0.5, np.nan), WAY)
    dots.draw(area, 0, 0, BOLD)


def _finer(values: Array) -> Array:
    """Points between those of a short path, so that its lines lie on the surface."""
    parts = max(1, min(24, 4000 // max(len(values), 1)))
    if len(values) < 2 or parts == 1:
        return values
    return np.interp(np.arange((len(values) - 1) * parts + 1) / parts, np.arange(len(values)), values)


def _draw_mark(area: Cells, scene: Scene, base: tuple[Array, Array], glyphs: str, colour: int) -> None:
    """The first glyph where the place is in sight, the second where the block hides it."""
    columns, rows, away = scene.projected(*base)
    if np.isfinite(columns[0]) and np.isfinite(rows[0]):
        hidden = not scene.visible(columns, rows, away)[0]
        column, row = round(float(columns[0])), int((rows[0] + 0.5) // 2)
        if column < area.width:
            area.write(row, column, glyphs[hidden], colour, BOLD)


def _name_edges(area: Cells, scene: Scene, x_label: str, y_label: str, palette: Palette) -> None:
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
