"""What a person should know about a fine-tune right now: every failure that there is a rule for, the gravest first."""

import math
from collections.abc import Iterator
from functools import cached_property
from typing import TYPE_CHECKING

from .adapter import ADAPTER
from .failures.cut_gradients import collapse, fading, no_gradient, steps_without
from .failures.finding import Finding, gravest_first
from .failures.idle_adapter import Idleness, idle
from .failures.loaded import findings_at_load
from .failures.never_stops import samples_run_on
from .failures.nothing_to_learn import batch_masked
from .failures.precision import lost_updates, unmoved
from .failures.ratios import largest_b
from .failures.surroundings import instead, look_around
from .failures.unstable import clipped, gradient_spike, is_worse, overfitting, rising_loss, staircase, too_far
from .samples import NONE

if TYPE_CHECKING:
    from .scenario import QLoRA


class Remarks:
    """Speaks about a fine-tune. Costs a step nothing: it looks when it is asked."""

    def __init__(self, scenario: "QLoRA") -> None:
        self.scenario, self.health = scenario, scenario.health

    def sentences(self) -> list[str]:
        """All that applies, for `Scenario.notes`."""
        return [finding.sentence for finding in gravest_first(self.findings())]

    def findings(self) -> Iterator[Finding]:
        """All that applies, in the order of the list of failures."""
        yield from self.about_stop()
        yield from self.at_load
        yield from self.about_batch()
        yield from self.about_samples()
        yield from self.about_effect()
        yield from self.about_gradients()
        yield from self.health.memory_findings()
        yield from self.about_rounding()
        yield from self.about_course()
        yield from self.about_state()

    @cached_property
    def at_load(self) -> list[Finding]:
        """What does not change while the run goes on."""
        return findings_at_load(self.scenario)

    def about_stop(self) -> Iterator[Finding]:
        """Why the next step could not be done, where it was tried (failure 1)."""
        broken = self.health.broken
        if broken is not None and broken[0] == self.scenario.done:
            yield broken[1]

    def about_batch(self) -> Iterator[Finding]:
        """Whether the latest step had anything to learn from (failure 2)."""
        for number, batch in enumerate(self.scenario.micro_batches, 1):
            finding = batch_masked(batch.learned, batch.input_ids.numel(), number, self.scenario.gradient_norm)
            if finding is not None:
                yield finding

    def about_samples(self) -> Iterator[Finding]:
        """Whether what the model writes comes to an end (failure 3); asked from the second time on."""
        scenario, answers = self.scenario, self.scenario.answers
        if answers.step < 2 * scenario.method.sample_every or not answers.written.size:
            return
        longest = max(each.learned for sequence in scenario.sequences for each in sequence)
        finding = samples_run_on((answers.written != NONE).sum(axis=1).tolist(), scenario.sampler.limit, longest)
        if finding is not None:
            yield finding

    def about_effect(self) -> Iterator[Finding]:
        """Whether the adapter does anything (failure 4)."""
        scenario = self.scenario
        if not scenario.layers:
            return
        active = scenario.model.active_adapter
        largest = float(largest_b(scenario.layers).max())
        finding = idle(
            Idleness(
                scenario.done,
                largest,
                self.health.effect,
                scenario.layers[0].scaling,
                active if isinstance(active, str) else ", ".join(active),
                ADAPTER,
                scenario.rate,
            )
        )
        if finding is not None:
            yield finding

    def about_gradients(self) -> Iterator[Finding]:
        """Whether gradients arrive everywhere, and rightly (failure 6)."""
        layers = self.scenario.layers
        norms = self.scenario.probe.latest(self.scenario.done)
        without = steps_without(norms, layers, largest_b(layers))
        for finding in (no_gradient(without, 2 * len(layers)), collapse(*fading(norms, layers)), self.health.sampled):
            if finding is not None:
                yield finding

    def about_rounding(self) -> Iterator[Finding]:
        """Whether updates are lost to rounding (failure 8)."""
        counted = unmoved(self.scenario.trainables.described())
        if counted is None:
            return
        dtype = str(self.scenario.layers[0].a.dtype).removeprefix("torch.")
        finding = lost_updates(*counted, dtype, self.scenario.rate)
        if finding is not None:
            yield finding

    def about_course(self) -> Iterator[Finding]:
        """Whether the run diverges, forgets or learns by heart (failure 9)."""
        scenario, trace = self.scenario, self.health.trace
        limit = math.inf if scenario.method.max_grad_norm == "off" else scenario.method.max_grad_norm
        losses, norms = trace.losses, trace.gradient_norms
        changes = [(step, scenario.layers[layer].name, ratio) for step, layer, ratio in trace.changes]
        for finding in (
            rising_loss(losses, scenario.rate),
            gradient_spike(norms, scenario.done, limit),
            clipped(norms, limit),
            too_far(changes, scenario.method.steps, is_worse(trace.evaluations)),
            overfitting(trace.evaluations),
            staircase(trace.epochs),
        ):
            if finding is not None:
                yield finding

    def about_state(self) -> Iterator[Finding]:
        """What the run was continued from, and where it computes (failure 10)."""
        if self.health.resumed is not None:
            yield self.health.resumed
        if self.scenario.done == 0:
            yield from instead(look_around(self.scenario.device), self.scenario.method, self.scenario.dtype)
