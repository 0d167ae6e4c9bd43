"""Asking for the place in the run to go to."""

import re

from tui_lab.lab.errors import BadInput
from tui_lab.run.messages import Frame
from tui_lab.ui.question import Question

_STEP = re.compile(r"(?P<sign>[+-]?)\s*(?P<count>[0-9][0-9_,]*)")
_EPOCH = re.compile(r"e(?:poch)?\s*(?P<count>[0-9]*)", re.IGNORECASE)
_HINTS = (
    "120       step 120",
    "+10, -10  so many steps on, or back",
    "e5        the end of epoch 5",
    "e         the next end of an epoch",
)


class GoToStep(Question[int | None]):
    """Answers with a step from 0 to the run's last, or None. Forward means to train until there."""

    def __init__(self, frame: Frame) -> None:
        here = f"now {frame.step:,}, in epoch {frame.step // frame.steps_per_epoch + 1:,}"
        super().__init__(f"Go to ({here}; the run ends at {frame.last_step:,})", *_HINTS)
        self._frame = frame

    def read(self, text: str) -> int:
        """The step that `text` names. Raises BadInput with the nearest one that there is."""
        step = _STEP.fullmatch(text)
        if step is not None:
            return self._step(text, step["sign"], int(re.sub("[_,]", "", step["count"])))
        epoch = _EPOCH.fullmatch(text)
        if epoch is not None:
            return self._end_of(text, epoch["count"])
        raise BadInput(f"'{text}' is no step of this run: type 120, +10, e5 or e.")

    def _step(self, text: str, sign: str, count: int) -> int:
        here = self._frame.step
        step = {"": count, "+": here + count, "-": here - count}[sign]
        nearest = min(max(step, 0), self._frame.last_step)
        if step != nearest:
            raise BadInput(f"'{text}' is no step of this run: the nearest is {nearest}.")
        return step

    def _end_of(self, text: str, count: str) -> int:
        """The end of an epoch by its number, or of the one that the next step belongs to."""
        length = self._frame.steps_per_epoch
        epoch = int(count) if count else self._frame.step // length + 1
        if epoch * length <= self._frame.last_step:
            return epoch * length
        last = self._frame.last_step // length
        nearest = f"the nearest is e{last}" if last else f"its only epoch ends with the run, at {self._frame.last_step}"
        raise BadInput(f"'{text}' ends at step {epoch * length}, after the end of this run: {nearest}.")
