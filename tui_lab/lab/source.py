"""Where an operation stands in the code of its scenario."""

import inspect
from pathlib import Path

_LAB = str(Path(__file__).parent)


def source_line() -> str:
    """The file and the line that called into the lab, as `scenario.py:42`; empty if all callers are the lab itself."""
    frame = inspect.currentframe()
    while frame is not None and frame.f_code.co_filename.startswith(_LAB):
        frame = frame.f_back
    return "" if frame is None else f"{Path(frame.f_code.co_filename).name}:{frame.f_lineno}"
