"""A scenario that halts its run, and one that lacks a package."""

import importlib
import sys
from collections.abc import Iterator
from types import ModuleType

import pytest

from tests.trainer.test_driver import Bench, bench
from tui_lab.lab.errors import BadInput, Halt
from tui_lab.lab.scenario import Moment
from tui_lab.run.catalogue import scenario
from tui_lab.run.messages import GetReport, Refused, Report, Step
from tui_lab.trainer.loading import scenario_class

__all__ = ["bench"]


def test_a_halt_is_a_state_with_its_sentence_and_the_run_can_go_on(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    walk = bench.scenario.step
    halted = list[int]()

    def step() -> Iterator[Moment]:
        moments = walk()
        yield next(moments)
        if bench.facts.status == "running" and bench.driver._position.step == 3 and not halted:
            halted.append(3)
            raise Halt("There is no room left: make it smaller.")
        yield from moments

    monkeypatch.setattr(bench.scenario, "step", step)
    refused, report, _, again = bench.drive(Step(5), GetReport(), Step(2), GetReport())
    assert refused == Refused("There is no room left: make it smaller.")
    assert isinstance(report, Report)
    assert (report.status, report.step, report.reason) == ("failed", 3, "There is no room left: make it smaller.")
    assert isinstance(again, Report)
    assert (again.status, again.step) == ("paused", 5)


@pytest.mark.parametrize("missing", ["bitsandbytes", "nowhere"])
def test_a_package_that_is_missing_is_named_with_how_to_install_it(
    missing: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def lacking(name: str) -> ModuleType:
        raise ModuleNotFoundError(f"No module named '{missing}'", name=missing)

    monkeypatch.setattr(importlib, "import_module", lacking)
    card = scenario("qlora")
    if missing in card.requires:
        with pytest.raises(BadInput) as refused:
            scenario_class(card)
        install = f"{sys.executable} -m pip install bitsandbytes"
        assert str(refused.value) == f"QLoRA needs bitsandbytes, which is not installed here: {install}"
    else:
        with pytest.raises(ModuleNotFoundError):
            scenario_class(card)
