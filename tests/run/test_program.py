"""How the lab's own programs are run."""

import pytest

from tui_lab.run.program import environment


def test_threads_that_wait_spin_briefly_unless_the_user_says_otherwise(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("OMP_WAIT_POLICY", "GOMP_SPINCOUNT"):
        monkeypatch.delenv(name, raising=False)
    assert int(environment()["GOMP_SPINCOUNT"]) > 0
    monkeypatch.setenv("OMP_WAIT_POLICY", "ACTIVE")
    assert (environment()["OMP_WAIT_POLICY"], environment().get("GOMP_SPINCOUNT")) == ("ACTIVE", None)
    monkeypatch.setenv("GOMP_SPINCOUNT", "5")
    assert environment()["GOMP_SPINCOUNT"] == "5"
