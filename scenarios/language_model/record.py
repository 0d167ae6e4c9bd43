"""What came of each model of a run: how fast it learned, how well, and what it writes."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from tui_lab.lab.scenario import Array, State


@dataclass
class Record:
    """A model's way so far. Seconds are those of training itself, without measuring and standing still; they are not
    the same when steps are done again."""

    name: str
    parameters: int
    steps: int = 0
    seconds: float = 0.0
    tokens: int = 0
    points: list[tuple[float, float, float]] = field(default_factory=list)
    """(steps, seconds, held-out bits per character) each time that was measured."""
    sample: list[int] = field(default_factory=list)
    """Ids of what it wrote when it was done."""

    def learned(self, tokens: int, seconds: float) -> None:
        """A step from so many tokens has taken so long."""
        self.steps += 1
        self.tokens += tokens
        self.seconds += seconds

    def measured(self, bits_per_character: float) -> None:
        """Where it stands."""
        self.points.append((self.steps, self.seconds, bits_per_character))

    @property
    def bits_per_character(self) -> float:
        """The latest, NaN if there is none."""
        return self.points[-1][2] if self.points else np.nan

    @property
    def steps_per_second(self) -> float:
        """NaN before the first step."""
        return self.steps / self.seconds if self.seconds else np.nan

    def curve(self) -> Array:
        """`points` as columns, (3, k)."""
        return np.array(self.points, dtype=np.float64).reshape(-1, 3).T

    def state(self, prefix: str) -> State:
        """As arrays."""
        return {
            f"{prefix}about": np.array([self.parameters, self.steps, self.seconds, self.tokens], dtype=np.float64),
            f"{prefix}points": np.array(self.points, dtype=np.float64).reshape(-1, 3),
            f"{prefix}sample": np.array(self.sample, dtype=np.int64),
        }

    @classmethod
    def restored(cls, name: str, prefix: str, state: Mapping[str, np.ndarray]) -> "Record":
        """What `state` told of the model called `name`."""
        parameters, steps, seconds, tokens = state[f"{prefix}about"].tolist()
        points = [(a, b, c) for a, b, c in state[f"{prefix}points"].tolist()]
        return cls(name, int(parameters), int(steps), seconds, int(tokens), points, state[f"{prefix}sample"].tolist())
