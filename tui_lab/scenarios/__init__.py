"""The scenarios as one package, from wherever they come.

`__path__` gains the checkout's `scenarios/` and the user's own scenario folders, so that a scenario is an
ordinary module, such as `tui_lab.scenarios.linear_regression.scenario`, from a wheel, a checkout or a user alike.
`TUI_LAB_SCENARIOS` names more folders, separated as in PATH; the first folder that has a scenario wins.
"""

import os
from pathlib import Path

_CHECKOUT = Path(__file__).parents[2]
_FOLDERS = [Path(folder).expanduser() for folder in os.environ.get("TUI_LAB_SCENARIOS", "").split(os.pathsep) if folder]
if (_CHECKOUT / "pyproject.toml").is_file():
    _FOLDERS.append(_CHECKOUT / "scenarios")

__path__.extend(str(folder) for folder in _FOLDERS if folder.is_dir())
