"""What the parts of the app tell each other. Workers and the feed only post these; one handler owns each state."""

from typing import TYPE_CHECKING

from textual.message import Message

if TYPE_CHECKING:
    from tui_lab.lab.scenario import Array, OperationLine
    from tui_lab.run.directory import RunDirectory
    from tui_lab.run.history import Columns
    from tui_lab.run.messages import Frame, Report


class OpenRun(Message):
    """Show this run in the lab."""

    def __init__(self, run: "RunDirectory") -> None:
        super().__init__()
        self.run = run


class NextRun(Message):
    """A run was started from the one that the lab shows, and takes its place."""

    def __init__(self, run: "RunDirectory") -> None:
        super().__init__()
        self.run = run


class LeaveRun(Message):
    """Close the lab; the run is not touched."""


class FrameArrived(Message):
    """The trainer handed over its newest frame. A newer one replaces one that waits to be painted."""

    def __init__(self, frame: "Frame") -> None:
        super().__init__()
        self.frame = frame

    def can_replace(self, message: Message) -> bool:
        return isinstance(message, FrameArrived)


class TrainerLost(Message):
    """No trainer answers. `report` is what the run directory says, None if that is damaged; `sentence` explains."""

    def __init__(self, report: "Report | None", sentence: str) -> None:
        super().__init__()
        self.report = report
        self.sentence = sentence


class Refusal(Message):
    """Something that a person asked for cannot be; `sentence` says why."""

    def __init__(self, sentence: str) -> None:
        super().__init__()
        self.sentence = sentence


class HistoryRead(Message):
    """What the charts show: `columns` by metric, up to step `head`, and the two metrics of a descent's path."""

    def __init__(self, columns: "dict[str, Columns]", paths: "dict[str, Array]", head: int) -> None:
        super().__init__()
        self.columns = columns
        self.paths = paths
        self.head = head

    def can_replace(self, message: Message) -> bool:
        return isinstance(message, HistoryRead)


class EntriesRead(Message):
    """The equations that a close-up asked for, in their order; or why there are none, one `sentence`."""

    def __init__(self, lines: "list[OperationLine]", sentence: str = "") -> None:
        super().__init__()
        self.lines = lines
        self.sentence = sentence

    def can_replace(self, message: Message) -> bool:
        return isinstance(message, EntriesRead)
