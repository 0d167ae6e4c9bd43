"""How often a viewer asks for a frame of a run that plays."""

import math
import os
from time import process_time

from tui_lab.run.messages import Frame

_FRAMES_PER_SECOND = 10.0
_FRAMES_PER_SECOND_FAR_AWAY = 4.0
"""Over SSH, where bytes are the cost."""
_SHARE = 50
"""Where training needs every core, the viewer rests so many times as long as it has computed, ..."""
_LONGEST_REST = 1.0
"""... but never rests longer than so many seconds."""


class FrameRate:
    """Keeps to the frame interval, and out of the way of a run that trains on every core as fast as it can."""

    def __init__(self) -> None:
        self._interval, self._told = frame_interval(), "TUI_LAB_FPS" in os.environ
        self._cores = os.cpu_count() or 1
        self._computed = process_time()

    def rest(self, frame: Frame) -> float:
        """Seconds to wait, once `frame` is there, before the next one is asked for."""
        before, self._computed = self._computed, process_time()
        crowded = frame.speed is None and frame.threads >= self._cores
        if self._told or not crowded:
            return self._interval
        return max(self._interval, min(_SHARE * (self._computed - before), _LONGEST_REST))


def frame_interval() -> float:
    """Seconds between frames while a run plays; `TUI_LAB_FPS` lowers or raises the 10 frames a second, 4 over SSH."""
    usual = _FRAMES_PER_SECOND_FAR_AWAY if "SSH_CONNECTION" in os.environ else _FRAMES_PER_SECOND
    try:
        wanted = float(os.environ.get("TUI_LAB_FPS", usual))
    except ValueError:
        wanted = usual
    if math.isnan(wanted):
        wanted = usual
    return 1 / min(max(wanted, 0.1), 60.0)
