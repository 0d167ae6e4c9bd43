"""The README's picture: `make picture` trains linear regression, opens the lab on it and saves the screen as SVG."""

import asyncio
import re
import sys
from pathlib import Path

from tests.benchmarks.home import own_home, start
from tui_lab.run.client import Client
from tui_lab.run.messages import Step
from tui_lab.ui.app import LabApp

SIZE = (170, 44)


async def picture(path: Path) -> None:
    """Stands in the middle of step 31, at the operation that gives ∂L/∂a."""
    run = start("learning_rate=0.03", "momentum=0.8", "initial_a=-15", "initial_b=5")
    with Client(run) as client:
        client.ask(Step(30))
        client.ask(Step(11, "operation"))
    app = LabApp(run)
    async with app.run_test(size=SIZE) as pilot:
        while "30/300" not in screen_text(app):
            await pilot.pause(0.2)
        await pilot.pause(1.0)
        path.write_text(app.export_screenshot(title="tui-lab"), encoding="utf-8")


def screen_text(app: LabApp) -> str:
    """The characters of the screen."""
    return re.sub("<[^>]*>", "", app.export_screenshot(simplify=True)).replace("&#160;", " ")


if __name__ == "__main__":
    with own_home():
        asyncio.run(picture(Path(sys.argv[1])))
