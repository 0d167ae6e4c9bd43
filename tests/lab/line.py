"""A line through points on a tape, for tests."""

from dataclasses import dataclass, field

import numpy as np

from tui_lab.lab.descent import MomentumDescent
from tui_lab.lab.operations import mean, square
from tui_lab.lab.parameters import ParameterVector
from tui_lab.lab.scenario import Array, Moment
from tui_lab.lab.tape import Tape


@dataclass
class Pace:
    stop_at_operations: bool = False


@dataclass
class Line:
    """A line through points, with everything recorded."""

    x: Array
    y: Array
    initial: dict[str, float]
    pace: Pace = field(default_factory=Pace)

    def __post_init__(self) -> None:
        self.parameters = ParameterVector(self.initial)
        self.tape = Tape(self.parameters, self.pace)
        x, y = self.tape.input("x", self.x), self.tape.input("y", self.y)
        a, b = self.tape.parameter("a"), self.tape.parameter("b")
        with self.tape.phase("forward"):
            u = self.tape.name("u", a * x)
            prediction = self.tape.name("ŷ", u + b)
        with self.tape.phase("loss"):
            error = self.tape.name("e", prediction - y)
            loss = self.tape.name("L", mean(self.tape.name("q", square(error))))
        self.tape.differentiate(loss)
        self.descent = MomentumDescent(self.parameters, 0.05, 0.9)
        self.descent.record(self.tape)

    def step(self, flips: int = 0) -> list[Moment]:
        """One step; bit i of `flips` says whether moment i is followed by stopping at operations."""
        moments = []
        for phase in (self.tape.forward, self.tape.loss, self.tape.backward, self.tape.update):
            for moment in phase():
                moments.append(moment)
                self.pace.stop_at_operations = bool(flips >> len(moments) & 1)
        return moments

    @property
    def everything(self) -> bytes:
        vectors = (
            self.parameters.values,
            self.parameters.gradient,
            self.descent.memory["velocity"],
            self.descent.update,
        )
        return b"".join(vector.tobytes() for vector in vectors)


def line(points: int = 3) -> Line:
    draw = np.random.default_rng(1)
    return Line(draw.normal(size=points), draw.normal(size=points), {"a": 0.5, "b": -0.25})
