"""The pictures of a picture: its colours, its vectors, and itself drawn again from them."""

from collections.abc import Iterator
from typing import Protocol

import numpy as np

from tui_lab.lab.scenario import Array
from tui_lab.lab.tape import Tape
from tui_lab.lab.views import Heat, Image, Pictures, Table, View

from .patches import Patches
from .photograph import Photograph

_GAP = 2
"""Pixels between the picture drawn again and the picture."""
_MOST_PATTERNS = 32


class Viewer(Protocol):
    """The picture, as its pictures see it; the pixel at (row, column) is chosen."""

    photograph: Photograph
    patches: Patches
    dimensions: int
    row: int
    column: int


class PictureViews:
    """Draws the vectors where the parameters of a tape stand."""

    def __init__(self, picture: Viewer, tape: Tape) -> None:
        self.picture, self.patches = picture, picture.patches
        self.encoder, self.decoder = (tape.parameters.part(name, tape.parameters.values) for name in ("E", "D"))
        self.vectors: Array = self.patches.x @ self.encoder
        self.again: Array = self.vectors @ self.decoder

    def views(self) -> Iterator[View]:
        """All pictures, the most telling first."""
        yield self.colours()
        yield self.drawn_again()
        yield self.numbers()
        yield self.heat()
        yield self.patterns()
        yield self.kept()

    def colours(self) -> Image:
        """The picture as a network gets it."""
        height, width = self.patches.pixels.shape[:2]
        return Image(
            title=f"{self.picture.photograph.title}: {height}×{width} pixels, {3 * height * width} numbers",
            caption=f"pixel at row {self.picture.row}, column {self.picture.column}",
            pixels=self.patches.pixels,
            row=self.picture.row,
            column=self.picture.column,
        )

    def drawn_again(self) -> Image:
        """What the vectors of the patches keep of the picture, and beside it the picture itself."""
        here, again = self.patches.pixels, self.patches.joined(self.again)
        gap = np.zeros((len(here), _GAP, 3), np.uint8)
        return Image(
            title=f"left drawn again from {self.picture.dimensions} of {self.patches.x.shape[1]} numbers a patch",
            caption="as drawn again",
            pixels=np.concatenate([again, gap, here], axis=1),
            row=self.picture.row,
            column=self.picture.column,
        )

    def numbers(self) -> Table:
        """From the chosen pixel to the vector of its patch."""
        picture, patches = self.picture, self.patches
        row, column, width = picture.row, picture.column, patches.pixels.shape[1]
        red, green, blue = (float(value) for value in patches.pixels[row, column])
        patch = patches.index(row, column)
        place = 3 * (row * width + column)
        rows: list[list[str | float]] = [
            ["its red, green, blue, 0 to 255", red, green, blue],
            ["as a network gets them, 0 to 1", red / 255, green / 255, blue / 255],
            ["their places in the picture's vector", float(place), float(place + 1), float(place + 2)],
            [
                "its patch, and the patch's place",
                float(patch),
                f"row {row // patches.side}",
                f"column {column // patches.side}",
            ],
        ]
        vector = self.vectors[patch].tolist()
        for start in range(0, len(vector), 3):
            entries: list[str | float] = [*vector[start : start + 3]]
            rows.append(
                [
                    f"entries {start} to {start + len(entries) - 1} of the patch's vector v",
                    *entries,
                    *[""] * (3 - len(entries)),
                ]
            )
        return Table(f"pixel at row {row}, column {column}", ["", "", "", ""], rows)

    def heat(self) -> Heat:
        """The vectors of all patches."""
        high = float(np.abs(self.vectors).max()) or 1.0
        return Heat(
            title=f"v: a vector of {self.picture.dimensions} numbers for each of {len(self.vectors)} patches",
            row_label="patch",
            column_label="entry",
            rows=[str(number) for number in range(len(self.vectors))],
            columns=[str(column) for column in range(self.picture.dimensions)],
            values=self.vectors,
            low=-high,
            high=high,
        )

    def patterns(self) -> Pictures:
        """What each entry of a vector adds to a patch: the rows of D, their colours averaged."""
        side = self.patches.side
        images = self.decoder[:_MOST_PATTERNS].reshape(-1, side, side, 3).mean(axis=3)
        high = float(np.abs(images).max()) or 1.0
        captions = [f"D[{number}]" for number in range(len(images))]
        return Pictures("what each entry of v adds to a patch, in brightness", captions, images, -high, high)

    def kept(self) -> Table:
        """How much the vectors keep, and how much any could: principal components."""
        patches, picture = self.patches, self.picture
        loss = float(np.square(self.again - patches.x).sum() / 2 / len(patches.x))
        least = patches.least_loss(picture.dimensions)
        rows: list[list[str | float]] = [
            ["the mean patch, for all", 0.0, patches.spread, 0.0],
            ["as learned so far", float(picture.dimensions), loss, 1 - loss / patches.spread],
            ["the best there is (PCA)", float(picture.dimensions), least, 1 - least / patches.spread],
            ["everything", float(patches.x.shape[1]), 0.0, 1.0],
        ]
        return Table("what is kept of a patch", ["", "numbers", "loss", "kept"], rows)
