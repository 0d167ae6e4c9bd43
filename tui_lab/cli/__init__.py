"""The command line. `tui-lab` alone opens the app, and pays for no command's imports: it is to be there at once."""

import sys


def main() -> None:
    """What `tui-lab` runs; it exits with 0 done, 1 training failed, 2 bad input, 130 interrupted."""
    if len(sys.argv) > 1:
        from tui_lab.cli.commands import run_command

        run_command()
        return
    from tui_lab.cli.terminal import what_is_missing

    if missing := what_is_missing():
        sys.stderr.write(missing + "\n")
        sys.exit(2)
    from tui_lab.ui.app import run_app

    run_app()
