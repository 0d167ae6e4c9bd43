"""The lab's keys: what each does, in the words of the help screen, the palette and the hints."""

from textual.binding import Binding, BindingType

_TIME = Binding.Group("Move in time")
_TRY = Binding.Group("Try things")
_LOOK = Binding.Group("Look")
_RUN = Binding.Group("Leave, stop or kill")


def _key(
    key: str,
    action: str,
    description: str,
    sentence: str,
    group: Binding.Group,
    show: bool = False,
    display: str = "",
) -> Binding:
    """A binding that works wherever the focus is."""
    shown = display or None
    return Binding(key, action, description, show, shown, priority=True, tooltip=sentence, group=group)


LAB_KEYS: list[BindingType] = [
    _key("space", "play", "play", "play or pause", _TIME, show=True, display="space"),
    _key("right,n", "step", "step", "one step forward, as fine as the grain says", _TIME, show=True),
    _key("left,b", "back", "back", "the same step back: exactly the numbers that were there", _TIME, show=True),
    _key("down", "grain(-1)", "finer", "a finer grain: epoch, step, phase, operation", _TIME, show=True),
    _key("up", "grain(1)", "coarser", "a coarser grain: operation, phase, step, epoch", _TIME, show=True),
    _key("plus,equals_sign", "speed(1)", "faster", "play faster, up to flat out", _TIME, display="+"),
    _key("minus", "speed(-1)", "slower", "play slower, down to one a second", _TIME, display="-"),
    _key("G", "go_to", "go to", "to a step or an epoch's end: back, or by training until there", _TIME),
    _key("r", "reset", "reset", "back to step 0, with the same initial weights", _TIME),
    _key("e", "edit", "edit", "change hyperparameters, those that are not live in a new run", _TRY, show=True),
    _key("g", "check_gradients", "gradient check", "compare every gradient with a central difference", _TRY),
    _key("R", "next_seed", "new weights", "a new run with the next seed; this one is stopped and saved", _TRY),
    _key(
        "p", "parameters", "parameters", "every entry with its gradient term by term; set any of them", _LOOK, show=True
    ),
    _key("i", "entry", "entries", "any entry of any operation with all its numbers", _LOOK, show=True),
    _key("w", "write", "write", "type a prompt, and grow it token by token", _LOOK),
    _key("v", "next_view(1)", "view", "the next of the scenario's views", _LOOK, show=True),
    _key("V", "next_view(-1)", "view before", "the view before", _LOOK),
    _key("t", "relief", "contour / relief", "show the surface as contours or as relief", _LOOK),
    _key("left_square_bracket", "turn(-15)", "turn left", "turn the relief to the left", _LOOK, display="["),
    _key("right_square_bracket", "turn(15)", "turn right", "turn the relief to the right", _LOOK, display="]"),
    _key("m", "next_metric", "metric", "chart the next metric", _LOOK),
    _key("y", "log_axis", "log axis", "a logarithmic or a linear axis for the chart", _LOOK),
    _key("l", "lesson", "lesson", "show or hide the lesson", _LOOK, show=True),
    _key(
        "c",
        "code",
        "code",
        "the scenario's code, with the line that has just run marked",
        _LOOK,
        show=True,
    ),
    _key("greater_than_sign", "next_file(1)", "next file", "the next file of the code", _LOOK, display=">"),
    _key("less_than_sign", "next_file(-1)", "file before", "the file before", _LOOK, display="<"),
    _key("pagedown", "read(1)", "read on", "the next page of the lesson or the code", _LOOK),
    _key("pageup", "read(-1)", "read back", "the page before", _LOOK),
    *[
        _key(str(number), f"pane({number})", name, f"the pane {name}, in a narrow terminal", _LOOK)
        for number, name in enumerate(("View", "Loss", "Step", "Parameters", "Lesson", "Code"), start=1)
    ],
    _key("q", "leave", "leave", "leave the lab: the run goes on, and tui-lab attach comes back to it", _RUN, show=True),
    _key("Q", "stop", "stop and save", "save and end the trainer: the run can be continued later", _RUN),
    _key("K", "kill", "kill", "end the trainer at once, without saving, after asking", _RUN),
]
