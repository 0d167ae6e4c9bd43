"""The viewer as a program of its own: `python -m tui_lab.ui RUN_DIRECTORY`."""

import sys
from pathlib import Path

from tui_lab.run.directory import RunDirectory
from tui_lab.ui.app import run_app

if __name__ == "__main__":
    run_app(RunDirectory(Path(sys.argv[1])))
