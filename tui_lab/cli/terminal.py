"""Whether there is a terminal that the app can be opened in."""

import os
import sys

_INSTEAD = "use `tui-lab run SCENARIO --headless`, or see `tui-lab --help`."


def what_is_missing() -> str:
    """Empty if the app can be opened; otherwise a sentence that says why not, and what to do instead."""
    if not all(stream is not None and stream.isatty() for stream in (sys.stdin, sys.stdout)):
        return f"This needs a terminal: {_INSTEAD}"
    term = os.environ.get("TERM", "")
    if term in ("", "dumb"):
        return f"This needs a terminal that can place text, and TERM is '{term}': {_INSTEAD}"
    return ""
