"""The examples to learn from, of a file, a hub's data set or the lab's own reviews, and those that are held out."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np

from tui_lab.lab.errors import BadInput, nearest

from .rows import Row, read_hub, read_rows

REVIEWS = Path(__file__).parent / "reviews"
"""The lab's own: short film reviews to learn from, and 300 held out, written for it."""
FORMS = ("text,label", "prompt,completion", "messages")
_MOST_CLASSES = 64


@dataclass(frozen=True, slots=True)
class Example:
    """One example: a text with its class, a prompt with its completion, or the messages of a conversation."""

    prompt: str
    completion: str = ""
    label: int = -1
    """The index of its class, -1 where it has none."""
    messages: tuple[dict[str, str], ...] = ()

    @property
    def text(self) -> str:
        """All of it to read."""
        if self.messages:
            return "\n".join(f"{message['role']}: {message['content']}" for message in self.messages)
        return self.prompt + self.completion


@dataclass(frozen=True, slots=True)
class Examples:
    """What is learned from, and what is held out. `classes` are the labels' words, empty where there are none."""

    title: str
    train: list[Example]
    held_out: list[Example]
    classes: list[str] = field(default_factory=list)
    question: str = "Label:"
    """What is asked of a text with a label, on a line of its own."""


def read_examples(data: Path | str | None, held_out: int) -> Examples:
    """The lab's reviews, or those of a file or a data set on the hub, of which `held_out` percent are held out unless
    the data set has a part for that. Raises BadInput for what cannot be used, with the line it stands in."""
    if data is None:
        parts = [list(read_rows(REVIEWS / name)) for name in ("train.jsonl", "held_out.jsonl")]
        # Nothing is asked: the shipped model has read what people say of a film, and on the next line how it was.
        return replace(_parted("film reviews", FORMS[0], parts[0], parts[1]), question="")
    if isinstance(data, str):
        train, test = read_hub(data)
        title = data
    else:
        train, test, title = list(read_rows(data)), [], data.name
    if len(train) < 2:
        raise BadInput(
            f"{title} has {len(train)} examples: there must be one to learn from and one to hold out at least."
        )
    form = _form(train[0])
    return _parted(title, form, train, test) if test else _parted(title, form, *_split(train, held_out))


def _split(rows: list[Row], percent: int) -> tuple[list[Row], list[Row]]:
    """The same rows are held out in every run, whatever its seed."""
    order = np.random.default_rng(0).permutation(len(rows))
    count = max(1, len(rows) * percent // 100)
    held = set(order[:count].tolist())
    return [row for i, row in enumerate(rows) if i not in held], [rows[i] for i in sorted(held)]


def _parted(title: str, form: str, train: list[Row], held_out: list[Row]) -> Examples:
    classes = _classes(title, train + held_out) if form == "text,label" else []
    place = {word: i for i, word in enumerate(classes)}
    parts = [[_example(row, form, place) for row in rows] for rows in (train, held_out)]
    return Examples(title, parts[0], parts[1], classes)


def _form(row: Row) -> str:
    """Which of the forms the first row has. Raises BadInput with the nearest names if it has none."""
    names = list(row.values)
    for form in FORMS:
        if all(name in names for name in form.split(",")):
            return form
    wanted = [name for form in FORMS for name in form.split(",")]
    hints = {name: hint for name in names if (hint := nearest(name, wanted)).startswith("did")}
    said = "".join(f" '{name}': {hint}" for name, hint in hints.items() if name not in wanted)
    raise BadInput(
        f"{row.where} has {', '.join(names) or 'nothing'}; examples have text and label, prompt and completion, or "
        f"messages.{said}"
    )


def _classes(title: str, rows: list[Row]) -> list[str]:
    """The different labels in order, numbers by size. Raises BadInput for one or too many."""
    found = {_label(row) for row in rows}
    if len(found) < 2:
        raise BadInput(f"Every example of {title} has the label '{found.pop()}': there is nothing to tell apart.")
    if len(found) > _MOST_CLASSES:
        raise BadInput(f"{title} has {len(found)} different labels: at most {_MOST_CLASSES} classes can be learned.")
    if all(word.lstrip("-").isdecimal() for word in found):
        return sorted(found, key=int)
    return sorted(found)


def _label(row: Row) -> str:
    value = row.values.get("label")
    if isinstance(value, bool) or not isinstance(value, str | int) or not str(value).strip():
        raise BadInput(f"{row.where} has the label {value!r}: a label is a word or a whole number.")
    return str(value).strip()


def _example(row: Row, form: str, place: Mapping[str, int]) -> Example:
    if form == "text,label":
        return Example(_text(row, "text"), label=place[_label(row)])
    if form == "prompt,completion":
        return Example(_text(row, "prompt", empty=True), _text(row, "completion"))
    return Example("", messages=_messages(row))


def _text(row: Row, name: str, empty: bool = False) -> str:
    value = row.values.get(name)
    if not isinstance(value, str) or not (value.strip() or empty):
        raise BadInput(f"{row.where} has {_shown(value)} for {name}: it must be a text.")
    return value


def _messages(row: Row) -> tuple[dict[str, str], ...]:
    """Raises BadInput for anything but messages with a role and a content that end with the assistant's."""
    value = row.values.get("messages")
    messages = list(value) if isinstance(value, list | tuple) else []
    for message in messages:
        if not isinstance(message, Mapping) or not all(
            isinstance(message.get(key), str) for key in ("role", "content")
        ):
            raise BadInput(f"{row.where} has {_shown(message)} among its messages: each has a role and a content.")
        if message["role"] not in ("system", "user", "assistant"):
            roles = nearest(message["role"], ["system", "user", "assistant"])
            raise BadInput(f"{row.where} has the role '{message['role']}': {roles}")
    if not messages or messages[-1]["role"] != "assistant":
        raise BadInput(f"{row.where} has messages that do not end with the assistant's: there is no answer to learn.")
    return tuple({"role": message["role"], "content": message["content"]} for message in messages)


def _shown(value: Any) -> str:
    text = "nothing" if value is None else repr(value)
    return text if len(text) <= 60 else f"{text[:57]}..."
