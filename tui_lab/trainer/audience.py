"""The audience: viewers that wait for a frame that is newer than what they have seen."""

from time import perf_counter

from tui_lab.run.messages import GetFrame
from tui_lab.trainer.frames import Facts, frame_of
from tui_lab.trainer.keeper import Keeper
from tui_lab.trainer.mailbox import Letter
from tui_lab.trainer.position import Position
from tui_lab.trainer.rhythm import Rhythm
from tui_lab.trainer.scenery import Scenery, scenery_of


class Audience:
    """Whoever waits, with what they have seen, and what they are shown."""

    def __init__(self, facts: Facts, position: Position, keeper: Keeper, rhythm: Rhythm) -> None:
        self._facts, self._position, self._keeper, self._rhythm = facts, position, keeper, rhythm
        self._waiting: list[tuple[GetFrame, Letter]] = []
        self._number = 0
        self._scenery: Scenery

    def admit(self, asked: GetFrame, letter: Letter) -> None:
        """Let somebody wait; somebody who has seen nothing yet (0) is in a hurry."""
        self._waiting.append((asked, letter))
        if asked.seen == 0:
            self._rhythm.frame_wanted()

    def show(self, busy: bool) -> None:
        """Answer all to whom the present moment is news; while the trainer is `busy` training, not so often that making
        frames would slow it down."""
        began, version = perf_counter(), self._facts.version
        if (busy and not self._rhythm.frame_due(began)) or all(asked.seen == version for asked, _ in self._waiting):
            return
        if not busy or self._rhythm.scenery_due(began):
            self._number += 1
            self._scenery = scenery_of(self._position, self._number, hurried=self._facts.status == "running")
            if busy:
                self._rhythm.scenery_done(began)
            began = perf_counter()
        frame = frame_of(self._facts, self._position, self._keeper.recorded, self._scenery)
        bare = frame.without_scenery()
        news = [waits for waits in self._waiting if waits[0].seen != version]
        self._waiting = [waits for waits in self._waiting if waits[0].seen == version]
        for asked, letter in news:
            letter.answer(bare if asked.scenery == frame.scenery else frame)
        self._rhythm.frame_done(began)
