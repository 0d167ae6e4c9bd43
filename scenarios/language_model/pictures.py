"""The pictures of a language model: what it writes and may write next, what goes on inside, how far it looks back."""

from collections.abc import Iterator

from tui_lab.lab.views import View

from .attention_view import AttentionView
from .model import Network
from .next_token import bars_view, text_view
from .observer import Observer
from .sentence_view import sentence_view
from .spelling import names
from .states_view import state_views
from .subject import Subject
from .vocabulary_view import embedding_view, followers
from .writer import Sample


class Pictures:
    """Draws a model where its parameters stand."""

    def __init__(self, subject: Subject) -> None:
        self.subject, self.observer = subject, Observer(subject)

    def views(self) -> Iterator[View]:
        """All pictures, the most telling first: writing, then what is particular to the model, then what all have."""
        subject, sample = self.subject, self.observer.sample()
        yield text_view(subject.tokens, subject.looks["prompt"], sample, int(subject.looks["grown"]))
        yield bars_view(subject.tokens, sample, self.observer.rules)
        yield from self.inside(sample)
        reach = self.observer.reach()
        if reach is not None:
            yield reach.view()
        if subject.looks["sentence"]:
            yield sentence_view(subject.tokens, subject.looks["sentence"], self.observer.surprise())
        if isinstance(subject.model, Network):
            yield from embedding_view(subject.model, subject.tokens, self.observer.frequent)
        yield self.observer.standards.table(subject.model.name, subject.records[-1].bits_per_character)

    def inside(self, sample: Sample) -> Iterator[View]:
        """Attention, states and gates over the sample, or the table of what follows what."""
        subject, looks = self.subject, self.subject.looks
        if not isinstance(subject.model, Network):
            yield followers(subject.model, subject.tokens, self.observer.frequent)
            return
        ids, traces = self.observer.traces(sample)
        pieces = names(subject.tokens, ids)
        if traces.attention:
            yield from AttentionView(traces.attention, pieces, int(looks["layer"]), int(looks["head"])).views()
        yield from state_views(traces.states, pieces)
