"""An app to run in a terminal: a picture whose cells change on a key, and something that lies over it for a while.

Keys: `n` next frame · `s` the same frame again · `o` put a box over the picture · `x` move it away and go on at once.
"""

from typing import ClassVar

import numpy as np
from textual.app import App, ComposeResult
from textual.binding import BindingType
from textual.widgets import Static

from tui_lab.canvas.cells import Cells
from tui_lab.canvas.palette import Palette
from tui_lab.ui.widgets.picture import Picture

BOX_RIGHT = 30
"""The first column of the picture right of the box."""
COLOURS = (0x56B4E9, 0xE69F00, 0x009E73)


def cells(number: int, width: int, height: int) -> Cells:
    """Frame `number`: a few cells differ from the frame before, wide characters among them, one always where the box
    ends; the number itself stands at the end of the last row."""
    picture = Cells.blank(width, height)
    for row in range(height):
        picture.write(row, 0, "".join(chr(97 + (row + column) % 26) for column in range(width)), COLOURS[row % 3])
    for step in range(number + 1):
        draw = np.random.default_rng(step)
        for row, pair in draw.integers((0, 0), (height, width // 2), (12, 2)).tolist():
            picture.write(row, 2 * pair, draw.choice(["◆◇", "漢", "字", "·x"]), COLOURS[step % 3])
        for row in range(height):
            picture.write(row, BOX_RIGHT - 2, f"·{step % 10}", COLOURS[0])
    picture.write(height - 1, width - 12, f" frame {number:4d}")
    return picture


class MovingPicture(Picture):
    """Shows frame `number`."""

    DEFAULT_CSS = "MovingPicture { height: 1fr; border: round gray; }"
    number = 0

    def draw(self, width: int, height: int, palette: Palette) -> Cells:
        return cells(self.number, width, height)


class Moving(App[None]):
    """The picture, and the box in a layer over it."""

    CSS = """
    Screen { layers: below above; }
    #box { layer: above; width: 12; height: 6; offset: 19 4; background: red; display: none; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        ("n", "next"),
        ("s", "same"),
        ("o", "box"),
        ("x", "next_from_under_box"),
        ("q", "quit"),
    ]

    def compose(self) -> ComposeResult:
        yield MovingPicture()
        yield Static("over it", id="box")

    def action_next(self) -> None:
        self.query_one(MovingPicture).number += 1
        self.query_one(MovingPicture).redraw()

    def action_same(self) -> None:
        self.query_one(MovingPicture).redraw()
        self.call_after_refresh(self.bell)

    def action_box(self) -> None:
        self.query_one("#box").display = True

    def action_next_from_under_box(self) -> None:
        with self.batch_update():
            self.query_one("#box").styles.offset = (40, 14)
            self.action_next()


if __name__ == "__main__":
    Moving().run()
