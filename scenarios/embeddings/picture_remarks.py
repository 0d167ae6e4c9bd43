"""What a person should know about a picture's vectors right now, each in one sentence with its evidence."""

from collections.abc import Iterator

import numpy as np

from tui_lab.lab.optimizer import Optimizer
from tui_lab.lab.tape import Tape

from .picture_views import Viewer
from .rotation import rotation

_WORSE = 1.1
"""A loss of so many times that of drawing the mean patch everywhere is divergence."""


class PictureRemarks:
    """Speaks about the vectors where the parameters of the latest step's tape stand."""

    def __init__(self, picture: Viewer, tape: Tape, optimizer: Optimizer) -> None:
        self.picture, self.patches, self.optimizer = picture, picture.patches, optimizer
        self.encoder, self.decoder = (tape.parameters.part(name, tape.parameters.values) for name in ("E", "D"))
        self.again = self.patches.x @ self.encoder @ self.decoder
        self.loss = float(np.square(self.again - self.patches.x).sum() / 2 / len(self.patches.x))

    def sentences(self) -> Iterator[str]:
        """All that applies, the most urgent first."""
        if not self.loss <= _WORSE * self.patches.spread:
            yield self.about_divergence()
            return
        yield self.about_loss()
        yield self.about_entries()
        yield from self.about_size()

    def about_size(self) -> Iterator[str]:
        """Whether the picture is smaller than its file's."""
        width, height = self.picture.photograph.original
        shown = self.patches.pixels.shape
        if (height, width) != shown[:2]:
            yield f"The picture of {height}×{width} pixels is shown as {shown[0]}×{shown[1]}, in whole patches."

    def about_divergence(self) -> str:
        """That it draws worse than one who knows nothing."""
        return (
            f"The loss is {self.loss:.3g}, and drawing the mean patch everywhere would cost {self.patches.spread:.3g}: "
            f"the learning rate {self.optimizer.learning_rate:g} overshoots."
        )

    def about_loss(self) -> str:
        """How near the best possible it is."""
        patches, dimensions = self.patches, self.picture.dimensions
        kept, best = (
            f"{max(1 - loss / patches.spread, 0):.2%}" for loss in (self.loss, patches.least_loss(dimensions))
        )
        there = "no others could keep more (PCA)" if kept == best else f"the best could keep {best} (PCA)"
        return (
            f"{dimensions} numbers a patch, instead of {patches.x.shape[1]}, keep {kept} of how the patches differ: "
            f"{there}."
        )

    def about_entries(self) -> str:
        """That single entries mean nothing: measured by turning all vectors."""
        patch = self.patches.index(self.picture.row, self.picture.column)
        turn = rotation(self.picture.dimensions)
        here, there = self.patches.x @ self.encoder, self.patches.x @ (self.encoder @ turn)
        changed = float(np.abs(there @ (turn.T @ self.decoder) - self.again).max())
        return (
            f"Single entries mean nothing: one rotation of all vectors, and of D with them, takes the first entry of "
            f"patch {patch} from {here[patch, 0]:.3g} to {there[patch, 0]:.3g}, but changes no colour drawn again by "
            f"more than {changed:.0e}."
        )
