"""Tokens as the pieces of text that they stand for."""

from collections.abc import Iterable
from typing import Any


class Spelling:
    """Spells a tokenizer's tokens as they are in the middle of a text: with the space before, where one belongs."""

    def __init__(self, tokenizer: Any) -> None:
        self._tokenizer = tokenizer
        self._pieces: dict[int, str] = {}
        self._before: list[int] = tokenizer("a", add_special_tokens=False).input_ids[-1:]
        self._start = self._decoded(self._before)

    def pieces(self, ids: Iterable[int]) -> list[str]:
        """One for each token."""
        return [self._piece(token) for token in ids]

    def _piece(self, token: int) -> str:
        if token not in self._pieces:
            text = self._decoded([*self._before, token])
            self._pieces[token] = text.removeprefix(self._start) if text.startswith(self._start) else text
        return self._pieces[token]

    def _decoded(self, ids: list[int]) -> str:
        text: str = self._tokenizer.decode(ids, skip_special_tokens=False, clean_up_tokenization_spaces=False)
        return text
