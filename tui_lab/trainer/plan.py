"""What a run would need, told by its scenario in a process of its own: `python -m tui_lab.trainer.plan`.

On stdin it takes a `Question` as JSON. On stdout it gives the plan's views as JSON, or, with the exit code 2, the
sentence that says what is wrong with the settings; whatever libraries print goes to stderr.
"""

import os
import sys
from typing import Any, BinaryIO

import msgspec
import numpy as np

from tui_lab.lab.errors import BadInput
from tui_lab.lab.views import View
from tui_lab.run.catalogue import scenario
from tui_lab.run.launch import BAD_INPUT
from tui_lab.run.manifest import source_of
from tui_lab.run.plan import Question
from tui_lab.trainer.loading import scenario_class


def plan(question: Question) -> list[View]:
    """The scenario's plan. Raises BadInput for settings that cannot be used, and where it has none."""
    settings = {**question.settings, "data": source_of(question.data)}
    return scenario_class(scenario(question.scenario)).plan(settings)


def main(out: BinaryIO) -> int:
    """Answers the question on stdin; the exit code says how."""
    question = msgspec.json.decode(sys.stdin.buffer.read(), type=Question)
    try:
        answer, code = msgspec.json.encode(plan(question), enc_hook=_numbers), 0
    except BadInput as error:
        answer, code = str(error).encode(), BAD_INPUT
    out.write(answer)
    out.close()
    return code


def _numbers(value: Any) -> Any:
    if isinstance(value, np.ndarray | np.generic):
        return value.tolist()
    raise NotImplementedError(f"{type(value).__name__} cannot be told")


def _stdout_apart() -> BinaryIO:
    """The stdout there was; from now on all that is printed goes to stderr."""
    out = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    return out


if __name__ == "__main__":
    sys.exit(main(_stdout_apart()))
