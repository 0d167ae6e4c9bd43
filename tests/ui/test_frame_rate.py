"""How often a viewer asks for a frame of a run that plays."""

import pytest

from tests.ui.widgets.frames import frame
from tui_lab.ui import frame_rate
from tui_lab.ui.frame_rate import FrameRate, frame_interval

ON_EVERY_CORE = {"status": "running", "speed": None, "threads": 4}


@pytest.fixture
def computed(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """Four cores, and what the process has computed so far, in seconds: the last of the list."""
    spent = [1.0]
    monkeypatch.delenv("TUI_LAB_FPS", raising=False)
    monkeypatch.delenv("SSH_CONNECTION", raising=False)
    monkeypatch.setattr("os.cpu_count", lambda: 4)
    monkeypatch.setattr(frame_rate, "process_time", lambda: spent[-1])
    return spent


@pytest.mark.parametrize(("cost", "rest"), [(0.0, 0.1), (0.001, 0.1), (0.004, 0.2), (0.016, 0.8), (0.5, 1.0)])
def test_a_run_that_needs_every_core_is_asked_the_less_often_the_dearer_its_frames_are(
    computed: list[float], cost: float, rest: float
) -> None:
    rate = FrameRate()
    for _ in range(3):
        computed.append(computed[-1] + cost)
        assert rate.rest(frame(**ON_EVERY_CORE)) == pytest.approx(rest)


@pytest.mark.parametrize("changes", [{"speed": 10.0}, {"threads": 3}, {"threads": 1}], ids=str)
def test_a_run_that_leaves_a_core_or_takes_its_time_is_asked_at_the_interval(
    computed: list[float], changes: dict[str, object]
) -> None:
    rate = FrameRate()
    computed.append(5.0)
    assert rate.rest(frame(**{**ON_EVERY_CORE, **changes})) == 0.1


def test_frames_per_second_that_somebody_wants_are_kept_to(
    computed: list[float], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TUI_LAB_FPS", "20")
    rate = FrameRate()
    computed.append(5.0)
    assert rate.rest(frame(**ON_EVERY_CORE)) == 0.05


@pytest.mark.parametrize(
    ("text", "seconds"), [("", 0.1), ("x", 0.1), ("nan", 0.1), ("2", 0.5), ("0", 10.0), ("-3", 10.0), ("1e9", 1 / 60)]
)
def test_frames_per_second_from_the_environment(monkeypatch: pytest.MonkeyPatch, text: str, seconds: float) -> None:
    monkeypatch.setenv("TUI_LAB_FPS", text)
    assert frame_interval() == seconds
