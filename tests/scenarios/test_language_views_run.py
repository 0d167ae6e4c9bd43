"""What is shown of a language model over the wire, from a trainer of its own."""

from collections.abc import Callable

from tui_lab.lab.views import Bars, Tokens
from tui_lab.run.client import Client
from tui_lab.run.directory import RunDirectory
from tui_lab.run.messages import Frame, GetFrame, GetReport, Report, SetValue, Step, picture_of

Start = Callable[..., RunDirectory]


def frame_of(client: Client) -> Frame:
    frame = client.ask(GetFrame())
    assert isinstance(frame, Frame)
    return frame


def text_of(frame: Frame) -> list[str]:
    return next(view.passages[0].pieces for view in map(picture_of, frame.views) if isinstance(view, Tokens))


def hash_of(client: Client) -> str | None:
    report = client.ask(GetReport())
    assert isinstance(report, Report)
    return report.state_hash


def test_a_text_is_typed_grown_and_taken_back_and_the_model_stays_what_it_is(start: Start) -> None:
    with Client(start("language-model", "model=bigram", "device=cpu")) as client:
        client.ask(Step(3))
        before = hash_of(client)
        client.ask(SetValue("prompt", "I \x1b[31mκ"))
        whole = text_of(frame_of(client))
        assert whole[:8] == list("I \x1b[31mκ") and len(whole) == 8 + 80
        for grown in (5, 6, 5, 0):
            client.ask(SetValue("grown", str(grown)))
            frame = frame_of(client)
            assert text_of(frame) == whole[: 8 + grown]
            bars = next(view for view in map(picture_of, frame.views) if isinstance(view, Bars))
            assert bars.names[bars.chosen] == whole[8 + grown]
        assert any("'κ' (U+03BA)" in note for note in frame.notes)
        assert hash_of(client) == before
