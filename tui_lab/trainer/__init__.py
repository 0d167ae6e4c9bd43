"""The training side of the process border. Started as `python -m tui_lab.trainer RUN_DIRECTORY`."""
