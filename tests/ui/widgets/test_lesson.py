"""The lesson."""

import subprocess
import sys

from textual.widgets import Markdown

from tests.ui.widgets.frames import OnePane
from tui_lab.ui.widgets.lesson import Lesson

TEXT = (
    "# A lesson\n\n" + "\n\n".join(f"Paragraph {number}" for number in range(60)) + "\n\n[source](https://example.org)"
)


async def test_a_lesson_is_laid_out_and_scrolls_with_the_keyboard() -> None:
    lesson = Lesson(TEXT)
    async with OnePane(lesson).run_test(size=(80, 22)) as pilot:
        await pilot.pause()
        assert lesson.query_one(Markdown)
        lesson.focus()
        await pilot.press("pagedown")
        await pilot.pause()
        assert lesson.scroll_target_y > 0


async def test_a_hidden_lesson_costs_nothing_until_it_is_looked_at() -> None:
    lesson = Lesson(TEXT)
    lesson.display = False
    async with OnePane(lesson).run_test(size=(80, 22)) as pilot:
        assert not lesson.query(Markdown)
        lesson.display = True
        await pilot.pause()
        assert len(lesson.query(Markdown)) == 1
        lesson.display = False
        await pilot.pause()
        lesson.display = True
        await pilot.pause()
        assert len(lesson.query(Markdown)) == 1


def test_importing_the_lesson_does_not_import_markdown() -> None:
    code = "import sys, tui_lab.ui.widgets.lesson; print('markdown_it' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout == "False\n"
