"""What a failure says when it is found: its name, the evidence in numbers, the likely cause, and what to do."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import IntEnum


class Weight(IntEnum):
    """How serious a finding is; the most serious is told first."""

    STOP = 3
    """Going on would spoil the adapter: the run stops before the update."""
    FAILURE = 2
    """The run goes on, but what comes out will not be what was asked for."""
    REMARK = 1
    """Nothing is wrong; it is told because people take it for a failure."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One failure, found. All parts are without a full stop: `sentence` joins them."""

    weight: Weight
    name: str
    evidence: str
    cause: str
    remedy: str

    @property
    def sentence(self) -> str:
        """All of it, for `Scenario.notes`."""
        parts = [part for part in (self.evidence, self.cause, self.remedy) if part]
        return f"{self.name}: {'; '.join(parts)}."


def gravest_first(findings: Iterable[Finding]) -> list[Finding]:
    """The findings by weight; those of one weight in the order in which they came."""
    return sorted(findings, key=lambda finding: -finding.weight)
