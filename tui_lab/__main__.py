"""`python -m tui_lab` is `tui-lab`."""

from tui_lab.cli import main

main()
