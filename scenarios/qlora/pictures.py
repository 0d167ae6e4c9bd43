"""The pictures of a fine-tune: what it learns from, what has become of its answers, what it costs, what the adapters
are, and what 4 bits have lost."""

from collections.abc import Iterator
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from tui_lab.lab.scenario import Array
from tui_lab.lab.views import Bars, Matrix, Table, View

from .adapted import AdaptedLayer
from .adapter_views import adapter_table, gradient_map, gradient_places, singular_values, sizes_of
from .failures.ratios import change_ratios
from .ledger_tables import ledger_table, moments_table, reference_table, why_table
from .merge_view import MergeView
from .nf4 import LayerError, bits_per_weight, code_counts, four_bit_parts, layer_errors
from .originals import Originals, chosen
from .quantisation_views import code_bars, error_table
from .samples import Answers
from .spectrum import Spectrum, spectra
from .speed import Speed
from .spelling import Spelling
from .text_views import answers_view, batch_view, classes_view
from .tokenise import Tokenised

if TYPE_CHECKING:
    from .scenario import QLoRA

_MEASURED = 64_000_000
"""Weights that are measured at most before only the first and the last block are."""


class Pictures:
    """Draws a fine-tune where it stands. Nothing here is needed by training, and nothing disturbs it."""

    def __init__(self, scenario: "QLoRA") -> None:
        self.scenario = scenario
        self.spelling = Spelling(scenario.base.tokenizer)
        self.speed = Speed(scenario)
        self._own: tuple[object, Tokenised, Answers, Answers] | None = None
        self.merge = MergeView(scenario, self.ratios)
        self._spectra: tuple[bytes, list[Spectrum]] = b"", []

    def views(self) -> Iterator[View]:
        """All pictures, the most used first."""
        yield batch_view(self.scenario, self.spelling)
        yield from self.before_and_after()
        yield from self.confusion()
        yield from self.memory()
        yield from self.adapters()
        yield from self.quantisation()
        if self.scenario.micro_batches and self.scenario.metrics:
            yield self.speed.table()

    def before_and_after(self) -> Iterator[View]:
        """The fixed prompts and, before them, one's own."""
        scenario = self.scenario
        words, off, on = scenario.class_words, scenario.plain_answers, scenario.answers
        prompts, when = scenario.sampler.prompts, f"after {on.step} steps"
        own = self.own_answers()
        if off.likely.shape[1]:
            if own is not None:
                yield classes_view("your own text: what it is taken for", [own[0]], own[1], own[2], words)
            yield classes_view(f"held-out texts, without adapters and with, {when}", prompts, on, off, words)
        if scenario.base.kind == "causal":
            if own is not None:
                yield answers_view("your own text: what it writes", [own[0]], own[1], own[2], [], self.spelling)
            yield answers_view(f"what it writes, {when}", prompts, on, off, words, self.spelling)

    def own_answers(self) -> tuple[Tokenised, Answers, Answers] | None:
        """The text that somebody typed, and the answers with the adapters and without. Asked again when the text is
        another, and when the adapters have moved: while training goes on, only as often as for the fixed prompts."""
        scenario, text = self.scenario, str(self.scenario.looks["prompt"])
        if not text.strip():
            return None
        moved = scenario.answers.step if scenario.hurried else (scenario.done, self.ratios().tobytes())
        if self._own is None or self._own[0] != (text, moved):
            prompt = scenario.sampler.read(text)
            on, off = (scenario.sampler([prompt], adapted) for adapted in (True, False))
            self._own = (text, moved), prompt, on, off
        return self._own[1:]

    def confusion(self) -> Iterator[View]:
        """Which held-out examples are taken for what."""
        found, words = self.scenario.evaluation, self.scenario.class_words
        if found.confusion.size:
            before = self.scenario.before
            title = f"held out, after {found.step} steps: {found.accuracy:.1%} right, {before.accuracy:.1%} at first"
            yield Matrix(title, "is", "taken for", words, words, found.confusion.copy())

    def memory(self) -> Iterator[View]:
        """What all of it takes, predicted and measured."""
        books = self.scenario.bookkeeping
        found = books.found()
        yield ledger_table("memory ledger", books.ledger, found)
        yield moments_table(books.ledger, found)
        yield reference_table(books.ledger)
        yield why_table(books.ledger)

    def adapters(self) -> Iterator[View]:
        """Sizes, singular values and gradients of all adapters."""
        scenario = self.scenario
        layers, steps = scenario.layers, scenario.done
        if not layers:
            return
        found, norms = self.spectra(), scenario.probe.latest(steps)
        latest = norms[:, :, -1] if steps else np.full((2, len(layers)), np.nan)
        yield adapter_table(layers, sizes_of(layers, scenario.trainables, self.ratios()), latest, found)
        yield singular_values(layers, found, min(int(scenario.looks["layer"]), len(layers)) - 1)
        if steps:
            yield gradient_map(layers, norms, steps)
            yield gradient_places(layers, latest, steps)
            yield self.merge.table()

    def quantisation(self) -> Iterator[View]:
        """The code book and the errors, where weights are quantised."""
        if self.scenario.method.bits == 4:
            yield self.code_bars
        if self.errors:
            yield self.error_table

    def ratios(self) -> Array:
        """‖ΔW‖/‖W‖ of each layer, as they stand."""
        return change_ratios(self.scenario.layers, self.scenario.health.frozen_norms)

    def spectra(self) -> list[Spectrum]:
        """Of all layers, found anew when an adapter has moved."""
        moved = self.ratios().tobytes()
        if self._spectra[0] != moved:
            self._spectra = moved, spectra(self.scenario.layers)
        return self._spectra[1]

    @cached_property
    def looked_at(self) -> tuple[list[AdaptedLayer], str]:
        """The layers whose weights are measured, and what to say about it."""
        layers = chosen(self.scenario.layers, _MEASURED)
        return layers, "" if len(layers) == len(self.scenario.layers) else ", first and last block"

    @cached_property
    def code_bars(self) -> Bars:
        """Which codes are used: nothing changes it."""
        layers, said = self.looked_at
        counts = sum((code_counts(four_bit_parts(layer.base)["4-bit codes"]) for layer in layers), np.zeros(16))
        return code_bars(self.scenario.method.quantisation, counts, bits_per_weight(layers), said)

    @cached_property
    def errors(self) -> list[LayerError]:
        """How far off the frozen weights are: nothing changes it."""
        return layer_errors(self.looked_at[0], Originals(self.scenario.base.source), self.scenario.method.quantisation)

    @cached_property
    def error_table(self) -> Table:
        """The same as a picture."""
        return error_table(self.errors, self.looked_at[1])
