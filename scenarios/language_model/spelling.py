"""Tokens as they are written on the screen."""

from collections.abc import Sequence

from .tokens import END, PAD, UNKNOWN, Tokens

_SIGNS = {END: "∎", PAD: "▯", UNKNOWN: "�"}
"""What stands for tokens that are no text: the end of a piece, filler, and what there is no token for."""


def names(tokens: Tokens, ids: Sequence[int]) -> list[str]:
    """The text of each token."""
    return [_SIGNS.get(piece, piece) for piece in tokens.pieces(ids)]


def spelled(tokens: Tokens, text: str) -> tuple[list[str], list[bool]]:
    """The pieces that a text is cut into, and which of them the model has no token for: these are shown as what they
    are, not as the unknown token that the model sees instead."""
    unknown = set(tokens.unknown(text))
    if unknown:  # only characters can be unknown, and then every character is a piece
        return list(text), [character in unknown for character in text]
    pieces = names(tokens, tokens.encode(text))
    return pieces, [False] * len(pieces)
