"""The commands: their order, and what becomes of an error."""

import os
import sys
from typing import Annotated

import typer

from tui_lab import __version__
from tui_lab.cli import lists, steering, training
from tui_lab.cli.words import TrainingFailed, say
from tui_lab.lab.errors import BadInput
from tui_lab.run.client import TrainerGone
from tui_lab.run.directory import home
from tui_lab.run.launch import TrainerFailed

app = typer.Typer(
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    no_args_is_help=True,
    context_settings={"help_option_names": ["-h", "--help"]},
)
for command in (
    training.run,
    lists.scenarios,
    lists.runs,
    lists.show,
    training.attach,
    steering.play,
    steering.pause,
    steering.stop,
    steering.kill,
    steering.step,
):
    app.command()(command)
app.command("set")(steering.set_value)
app.command()(lists.export)
app.command()(lists.doctor)


def run_command() -> None:
    """Do what `sys.argv` says and exit."""
    for stream in (sys.stdout, sys.stderr):
        if stream is not None:
            stream.reconfigure(errors="replace")  # type: ignore[union-attr]
    try:
        try:
            app(prog_name="tui-lab")
        except BadInput as error:
            _leave(str(error), 2)
        except (TrainerFailed, TrainingFailed, TrainerGone) as error:
            _leave(str(error), 1)
        except BrokenPipeError:
            raise
        except OSError as error:
            _leave(f"{error.strerror or error}: {error.filename or home()}.", 2)
        finally:
            if sys.stdout is not None:
                sys.stdout.flush()
    except BrokenPipeError:
        # Whoever read has read enough. Python must not find the pipe again when it flushes at its end.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(1)


def _print_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"tui-lab {__version__}")
        raise typer.Exit


@app.callback()
def options(
    _: Annotated[
        bool, typer.Option("--version", help="Print the version.", callback=_print_version, is_eager=True)
    ] = False,
) -> None:
    """A debugger for gradient descent, in your terminal. Without a command it opens the app.

    Exit codes: 0 done, 1 training failed, 2 bad input, 130 interrupted.
    """


def _leave(sentence: str, code: int) -> None:
    say(sentence)
    sys.exit(code)
