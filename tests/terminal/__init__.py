"""The whole product in a real pseudo-terminal."""
