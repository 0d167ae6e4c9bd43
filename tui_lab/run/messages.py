"""What a viewer and a trainer say to each other: one reply to every request, over the run's Unix socket.

A message on the wire is its length (4 bytes, big endian) and msgpack. Arrays travel as (dtype, shape, bytes). The same
requests serve the app, the command line and tests.
"""

from typing import Any, Literal, get_args

import msgspec
import numpy as np

from tui_lab.lab.scenario import GradientCheck, OperationLine
from tui_lab.lab.views import KINDS, View

Status = Literal["starting", "running", "paused", "finished", "stopped", "failed", "lost"]
Grain = Literal["operation", "phase", "step", "epoch"]
GRAINS: tuple[Grain, ...] = get_args(Grain)


class Request(msgspec.Struct, tag=True, frozen=True):
    """Anything a viewer may ask."""


class Play(Request, frozen=True):
    """Train. `speed` is in moves of `grain` a second, None flat out; `until` a step to stop at, None the run's end."""

    speed: float | None = None
    grain: Grain = "step"
    until: int | None = None


class Pause(Request, frozen=True):
    """Stop at the next moment."""


class Step(Request, frozen=True):
    """Move by `count` of `grain`, or back. Answered when done."""

    count: int = 1
    grain: Grain = "step"
    back: bool = False


class GoTo(Request, frozen=True):
    """Go to the boundary before which exactly `step` steps are done, forward or back."""

    step: int


class SetValue(Request, frozen=True):
    """Set a live hyperparameter, or one parameter entry (`layer1.W[0,3]`), to what `value` spells."""

    name: str
    value: str


class CheckGradients(Request, frozen=True):
    """Compare every gradient with a central difference."""


class GetEntry(Request, frozen=True):
    """Ask for one entry of what an operation computes, its equation written out."""

    operation: int
    index: list[int]


class GetScript(Request, frozen=True):
    """Ask for the model as a runnable PyTorch script."""


class SaveModel(Request, frozen=True):
    """Save the model as it stands, for other programs: whole at `path`, an absolute one, or not at all. What is there
    already is only replaced if it may be."""

    format: str
    path: str
    replace: bool = False


class GetFrame(Request, frozen=True):
    """Ask for the newest frame. The answer waits until there is one newer than version `seen`. The `scenery` of that
    number is at hand, and is not sent again."""

    seen: int = 0
    scenery: int = 0


class GetReport(Request, frozen=True):
    """Ask for what `tui-lab show` prints. A `brief` report leaves out the parameters and their hash, which take a look
    at every number of the model."""

    brief: bool = False


class Stop(Request, frozen=True):
    """Save and end the trainer. The run can be continued later."""


class ParameterRow(msgspec.Struct, frozen=True):
    """One parameter in figures: Frobenius norms, and the update's norm over the value's norm."""

    name: str
    shape: list[int]
    norm: float
    grad_norm: float
    update_ratio: float
    values: list[Any] | float | None = None
    gradient: list[Any] | float | None = None
    update: list[Any] | float | None = None


class Reply(msgspec.Struct, tag=True, frozen=True):
    """Anything a trainer may answer."""


class Done(Reply, frozen=True):
    """The request was carried out; the run now stands at `step`."""

    step: int


class Refused(Reply, frozen=True):
    """The request makes no sense; `sentence` says why and what would."""

    sentence: str


class Checked(Reply, frozen=True):
    """The gradient check's entries."""

    entries: list[GradientCheck]


class Entry(Reply, frozen=True):
    """One entry of an operation."""

    line: OperationLine


class Script(Reply, frozen=True):
    """A runnable script."""

    text: str


class Frame(Reply, frozen=True):
    """Everything a viewer paints of one moment, but for the charts: those it reads from the run's history."""

    version: int
    status: Status
    reason: str
    """Why the run is paused or failed, one sentence, or empty."""
    step: int
    head: int
    """The furthest step this run has ever reached: larger than `step` after going back."""
    last_step: int
    """Where the run ends: its `steps`."""
    epoch: int
    phase: str
    """The phase of the operation just done; empty before a run's first."""
    operation: int
    """Index into `operations` of the one just done, -1 before the first."""
    inside: bool
    """Whether the run stands inside a step, not at a boundary between two."""
    speed: float | None
    steps_per_second: float
    recorded: int
    """The history on disk holds every step up to this one."""
    metrics: dict[str, float]
    settings: dict[str, Any]
    operations: list[OperationLine]
    parameters: list[ParameterRow]
    views: list[Any]
    notes: list[str]
    steps_per_epoch: int = 1
    threads: int = 1
    """How many threads train together: where that is every core, whatever a viewer does holds up training."""
    scenery: int = 0
    """The number of this trainer's scenery: frames of the same number have the same operations, parameters, views and
    notes. 0 is none."""

    def without_scenery(self) -> "Frame":
        """For somebody who has that already."""
        return msgspec.structs.replace(self, operations=[], parameters=[], views=[], notes=[])

    def in_scenery_of(self, before: "Frame") -> "Frame":
        """The frame that travelled without it, in front of the scenery of one that did not."""
        return msgspec.structs.replace(
            self,
            operations=before.operations,
            parameters=before.parameters,
            views=before.views,
            notes=before.notes,
        )


class Report(Reply, frozen=True):
    """What `tui-lab show --json` prints; also kept in the run directory as `report.json`."""

    run: str
    scenario: str
    status: Status
    step: int
    epoch: int
    metrics: dict[str, float]
    state_hash: str | None
    phase: str = ""
    reason: str = ""
    head: int = 0
    last_step: int = 0
    pid: int | None = None
    settings: dict[str, Any] = {}
    formats: dict[str, str] = {}
    """What the scenario itself can save its model as, and what that is."""
    parameters: list[ParameterRow] = []


AnyRequest = (
    Play
    | Pause
    | Step
    | GoTo
    | SetValue
    | CheckGradients
    | GetEntry
    | GetScript
    | SaveModel
    | GetFrame
    | GetReport
    | Stop
)
AnyReply = Done | Refused | Checked | Entry | Script | Frame | Report


def picture_of(view: Any) -> View:
    """One of a frame's views as the dataclass of `tui_lab.lab.views` that it was."""
    picture: View = msgspec.convert(view, KINDS[view["kind"]], dec_hook=_decode)
    return picture


def _encode(value: Any) -> Any:
    if isinstance(value, np.ndarray):
        return (value.dtype.str, value.shape, np.ascontiguousarray(value).tobytes())
    if isinstance(value, np.generic):
        return value.item()
    raise NotImplementedError(f"{type(value).__name__} cannot travel")


def _decode(kind: type, value: Any) -> Any:
    if isinstance(value, list | tuple):
        dtype, shape, data = value
        return np.frombuffer(data, dtype=dtype).reshape(shape)
    raise NotImplementedError(f"{kind} cannot be read")


_encoder = msgspec.msgpack.Encoder(enc_hook=_encode)
_requests: msgspec.msgpack.Decoder[AnyRequest] = msgspec.msgpack.Decoder(AnyRequest)
_replies: msgspec.msgpack.Decoder[AnyReply] = msgspec.msgpack.Decoder(AnyReply)


def encode(message: Request | Reply) -> bytes:
    """A message as its length and its bytes."""
    body = _encoder.encode(message)
    return len(body).to_bytes(4, "big") + body


def decode_request(body: bytes) -> AnyRequest:
    """The request in `body`. Raises msgspec.MsgspecError for anything else."""
    return _requests.decode(body)


def decode_reply(body: bytes) -> AnyReply:
    """The reply in `body`. Raises msgspec.MsgspecError for anything else."""
    return _replies.decode(body)
