"""Text from outside, made harmless for a terminal: names, paths, sentences of errors, anything that a file can hold."""


def plain(text: str) -> str:
    """The same text on one line; control characters, also those that turn the direction of writing, become `·`."""
    return "".join(character if character.isprintable() else "·" for character in text)
