"""What a person should know about a picture's vectors right now, each in one sentence with its evidence."""

from collections.abc import Iterator

import numpy as np

from tui_lab.lab.optimizer import Optimizer
from tui_lab.lab.tape import Tape

from .picture_views import Viewer
from .rotation import rotation


class PictureRemarks:
    """Speaks about the vectors where the parameters of the latest step's tape stand."""

    def __init__(self, picture: Viewer, tape: Tape, optimizer: Optimizer) -> None:
        self.picture, self.patches, self.optimizer = picture, picture.patches, optimizer
        self.encoder, self.decoder = (tape.parameters.part(name, tape.parameters.values) for name in ("E", "D"))
        self.again = self.patches.x @ self.encoder @ self.decoder

    def sentences(self) -> Iterator[str]:
        """All that applies, the most urgent first."""
        yield from self.about_size()
        yield self.about_loss()
        yield self.about_entries()

    def about_size(self) -> Iterator[str]:
        """Whether the picture is smaller than its file's."""
        width, height = self.picture.photograph.original
        shown = self.patches.pixels.shape
        if (height, width) != shown[:2]:
            yield f"The picture of {height}×{width} pixels is shown as {shown[0]}×{shown[1]}, in whole patches."

    def about_loss(self) -> str:
        """How near the best possible it is."""
        patches, dimensions = self.patches, self.picture.dimensions
        loss = float(np.square(self.again - patches.x).sum() / 2 / len(patches.x))
        least = patches.least_loss(dimensions)
        kept, best = (f"{1 - value / patches.spread:.2%}" for value in (loss, least))
        numbers = f"{dimensions} numbers a patch, instead of {patches.x.shape[1]},"
        if loss > patches.spread:
            return f"Drawing the mean patch everywhere costs {patches.spread:.3g}, this {loss:.3g}: worse than nothing."
        there = "no others could keep more (PCA)" if kept == best else f"the best could keep {best} (PCA)"
        return f"{numbers} keep {kept} of how the patches differ: {there}."

    def about_entries(self) -> str:
        """That single entries mean nothing: measured by turning all vectors."""
        patch = self.patches.index(self.picture.row, self.picture.column)
        turn = rotation(self.picture.dimensions)
        here, there = self.patches.x @ self.encoder, self.patches.x @ (self.encoder @ turn)
        changed = float(np.abs(there @ (turn.T @ self.decoder) - self.again).max())
        return (
            f"Single entries mean nothing: turn all vectors by one rotation, and D with them, and the first entry of "
            f"patch {patch} goes from {here[patch, 0]:.2f} to {there[patch, 0]:.2f}, but no colour drawn again changes "
            f"by more than {changed:.0e}."
        )
