"""What the app's tests share: runs as they may lie on disk, reading the screen, and waiting for a state."""

import asyncio
import html
import re
import time
from collections import defaultdict
from collections.abc import Callable

from tui_lab.run.catalogue import scenario
from tui_lab.run.directory import RunDirectory
from tui_lab.run.launch import create
from tui_lab.run.messages import Frame, Report, Status
from tui_lab.run.settings import settings_of
from tui_lab.ui.app import LabApp
from tui_lab.ui.lab import LabScreen

PATIENCE = 20.0
_CELL = 12.2
"""The width of a cell in a screenshot."""
_TEXT = re.compile(r'<text class="[^"]*" x="([\d.]+)" y="([\d.]+)"[^>]*>(.*?)</text>')


async def wait_until(condition: Callable[[], object], what: str) -> None:
    """Let the app work until the condition holds."""
    end = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < end, f"waited in vain for {what}"
        await asyncio.sleep(0.01)


def resting(status: Status = "finished", step: int = 7, reason: str = "", head: int | None = None) -> RunDirectory:
    """A run on disk that no trainer has ever touched, as its report says it is."""
    card = scenario("linear-regression")
    run = create(card, settings_of(card, []))
    report = Report(
        run=run.run,
        scenario=card.name,
        status=status,
        step=step,
        epoch=step,
        metrics={"loss": 2.5},
        state_hash=None,
        reason=reason,
        head=step if head is None else head,
        last_step=300,
    )
    run.write("report.json", report)
    return run


def lab_of(app: LabApp) -> LabScreen:
    """The lab's screen, wherever it is in the stack."""
    return next(screen for screen in reversed(app.screen_stack) if isinstance(screen, LabScreen))


def frame_of(app: LabApp) -> Frame:
    """What the lab shows."""
    frame = lab_of(app).frame
    assert frame is not None
    return frame


async def until_frame(app: LabApp, condition: Callable[[Frame], object], what: str) -> Frame:
    """Wait until the lab shows such a frame."""

    def there() -> object:
        labs = [screen for screen in app.screen_stack if isinstance(screen, LabScreen)]
        return labs and labs[-1].frame is not None and condition(labs[-1].frame)

    await wait_until(there, what)
    return frame_of(app)


async def until_step(app: LabApp, step: int) -> Frame:
    """Wait until the lab shows this step at rest."""
    return await until_frame(app, lambda frame: frame.step == step and frame.status != "running", f"step {step}")


def screen_text(app: LabApp) -> str:
    """What the terminal shows, row by row."""
    rows: defaultdict[float, str] = defaultdict(str)
    for x, y, text in _TEXT.findall(app.export_screenshot()):
        rows[float(y)] = rows[float(y)].ljust(round(float(x) / _CELL)) + html.unescape(text).replace("\xa0", " ")
    return "\n".join(rows[y] for y in sorted(rows))


def nameless(text: str, run: RunDirectory) -> str:
    """What a terminal shows, with a fixed word for the one that the run's name begins with. That word is drawn by
    lot and may be part of a word of the lesson, so only its first place as a whole word, in the header, is taken."""
    return re.sub(rf"\b{run.run.partition('-')[0]}\b", "word", text, count=1)


async def until_text(app: LabApp, text: str) -> None:
    """Wait until the terminal shows the text."""
    await wait_until(lambda: text in screen_text(app), f"'{text}' in\n{screen_text(app)}")
