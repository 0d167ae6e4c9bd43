"""From an example to token ids: what is read, what is answered, and what had to be cut."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from jinja2 import TemplateError

from tui_lab.lab.errors import BadInput

from .base import Base
from .examples import Example, Examples
from .method import Method

_LONGEST = 1024


@dataclass(frozen=True, slots=True)
class Tokenised:
    """One example in tokens. trained[i] says whether token i is part of an answer, which the model learns to write."""

    ids: list[int]
    trained: list[bool]
    text: str
    label: int = -1
    """The index of its class, -1 where examples have none."""
    cut: int = 0
    """Tokens that it had beyond the maximum length."""

    @property
    def learned(self) -> int:
        """Tokens that are learned; of a text with only a class to learn, that one. A first token has nothing before it
        that could tell it."""
        return sum(self.trained[1:]) if any(self.trained) or self.label < 0 else 1

    @property
    def answer_start(self) -> int:
        """Where the last answer begins."""
        start = len(self.ids)
        while start > 0 and self.trained[start - 1]:
            start -= 1
        return start


class Tokeniser:
    """Makes tokens of examples as one model wants them: a template around texts with labels, the model's own chat
    template around messages, and its end-of-text token after each answer, so that it learns to stop."""

    def __init__(self, base: Base, method: Method, examples: Examples) -> None:
        self.base, self.template = base, method.reading(examples.question)
        self.tokenizer: Any = base.tokenizer
        self.max_length = _max_length(base, method)
        self.end: list[int] = [] if self.tokenizer.eos_token_id is None else [self.tokenizer.eos_token_id]
        self.answers = [self._plain(f" {word}") + self.end for word in examples.classes]
        """What the model is to write for each class."""

    def __call__(self, examples: Iterable[Example]) -> list[Tokenised]:
        """All examples in tokens, none longer than the maximum length. Raises BadInput for messages without a chat
        template."""
        return [self._tokenised(example) for example in examples]

    def prompt(self, text: str) -> list[int]:
        """What the model reads of a text before it answers, cut like an example."""
        return self.read(self.template.replace("{text}", text))[-self.max_length + 1 :]

    def read(self, text: str) -> list[int]:
        """A text with the tokens that the model wants before it, and none after it."""
        ids: list[int] = self.tokenizer(text).input_ids
        return ids[:-1] if ids and ids[-1:] == self.end else ids

    def _tokenised(self, example: Example) -> Tokenised:
        if self.base.kind == "encoder":
            return self._classified(example)
        if example.messages:
            self._demand_chat()
            return self._talk(example)
        if example.label >= 0:
            prompt, answer = self.read(self.template.replace("{text}", example.prompt)), self.answers[example.label]
        else:
            prompt, answer = self.read(example.prompt), self._plain(example.completion) + self.end
        return self._cut(prompt, [False] * len(prompt), answer, example)

    def _classified(self, example: Example) -> Tokenised:
        """For an encoder: the text between its special tokens. What is trained is the class, not a token."""
        whole: list[int] = self.tokenizer(example.prompt).input_ids
        ids: list[int] = self.tokenizer(example.prompt, truncation=True, max_length=self.max_length).input_ids
        return Tokenised(ids, [False] * len(ids), example.prompt, example.label, len(whole) - len(ids))

    def _talk(self, example: Example) -> Tokenised:
        """A conversation: everything that the assistant says is trained."""
        ids, trained, done = list[int](), list[bool](), ""
        for count, message in enumerate(example.messages):
            answers = message["role"] == "assistant"
            if answers:
                done = self._add(ids, trained, done, self._rendered(example.messages[:count], True), False)
            done = self._add(ids, trained, done, self._rendered(example.messages[: count + 1], False), answers)
        start = len(ids)
        while start > 0 and trained[start - 1]:
            start -= 1
        return self._cut(ids[:start], trained[:start], ids[start:], example)

    def _demand_chat(self) -> None:
        if not self.tokenizer.chat_template:
            raise BadInput(
                f"The tokenizer of {self.base.source} has no chat template, so it cannot read messages: "
                "give prompt and completion instead."
            )

    def _add(self, ids: list[int], trained: list[bool], done: str, rendered: str, answers: bool) -> str:
        if not rendered.startswith(done):
            raise BadInput(
                f"The chat template of {self.base.source} rewrites what was said before as a conversation goes on: "
                "give prompt and completion instead of messages."
            )
        new = self._plain(rendered.removeprefix(done))
        ids += new
        trained += [answers] * len(new)
        return rendered

    def _rendered(self, messages: Sequence[dict[str, str]], prompt: bool) -> str:
        if not messages:
            return ""
        try:
            text: str = self.tokenizer.apply_chat_template(list(messages), tokenize=False, add_generation_prompt=prompt)
        except TemplateError as error:
            roles = ", ".join(message["role"] for message in messages)
            raise BadInput(
                f"The chat template of {self.base.source} refuses messages by {roles}: {str(error).rstrip('.')}."
            ) from None
        return text

    def _cut(self, prompt: list[int], trained: list[bool], answer: list[int], example: Example) -> Tokenised:
        """Too long an example loses the beginning of what is read: the question at its end and the answer stay. Only an
        answer that leaves the question less than a quarter loses its end."""
        room = max(self.max_length - len(answer), min(len(prompt), self.max_length // 4))
        first = prompt[:1] if prompt[:1] == [self.tokenizer.bos_token_id] else []
        cut = max(len(prompt) - room, 0)
        read = first + prompt[len(first) + cut :]
        ids = (read + answer)[: self.max_length]
        mask = (trained[: len(first)] + trained[len(first) + cut :] + [True] * len(answer))[: self.max_length]
        return Tokenised(ids, mask, example.text, example.label, len(prompt) + len(answer) - len(ids))

    def _plain(self, text: str) -> list[int]:
        ids: list[int] = self.tokenizer(text, add_special_tokens=False).input_ids
        return ids


def _max_length(base: Base, method: Method) -> int:
    """Raises BadInput for more than the model has positions."""
    most = base.positions
    if method.max_length == "auto":
        return min(most or _LONGEST, _LONGEST)
    if most is not None and method.max_length > most:
        raise BadInput(
            f"max_length is {method.max_length}, but {base.source} has {most} positions: give {most} or fewer."
        )
    return method.max_length
