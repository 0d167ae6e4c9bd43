"""Making runs and starting trainers: nothing half-made stays, and however many start one, one lives."""

import errno
import os
import signal
import subprocess
import sys
import threading
from pathlib import Path

import psutil
import pytest

from tests.conftest import TEST_SCENARIOS
from tui_lab.lab.errors import BadInput
from tui_lab.run import directory
from tui_lab.run.catalogue import scenario
from tui_lab.run.client import Client, TrainerGone
from tui_lab.run.directory import RunDirectory, Trainer, home, runs
from tui_lab.run.ending import kill, stop
from tui_lab.run.launch import TrainerFailed, command_of_node, create, launch, wake
from tui_lab.run.manifest import FileReference
from tui_lab.run.messages import Done, Step
from tui_lab.run.settings import settings_of

LINE = scenario("linear-regression")


def test_a_new_run_says_what_makes_it_this_run(tmp_path: Path) -> None:
    (tmp_path / "data.csv").write_text("1,2\n")
    run = create(LINE, settings_of(LINE, []), seed=7, data=tmp_path / "data.csv")
    manifest = run.manifest()
    assert manifest.run == run.run == run.path.name
    assert (manifest.scenario, manifest.seed, manifest.settings["steps"]) == ("linear-regression", 7, 300)
    assert isinstance(manifest.data, FileReference) and manifest.data.path == str(tmp_path / "data.csv")
    assert "numpy" in manifest.versions
    assert run.path.stat().st_mode & 0o777 == 0o700


def test_a_data_set_s_id_is_kept_and_reaches_the_scenario() -> None:
    scribe = scenario("scribe")
    run = launch(scribe, settings_of(scribe, []), data="aesop/fables")
    assert run.manifest().data == "aesop/fables"
    stop(run)
    wake(run)
    with pytest.raises(BadInput, match="There is no data set 'nobody/nothing' on the hub"):
        launch(scribe, settings_of(scribe, []), data="nobody/nothing")


def test_two_runs_have_two_ids() -> None:
    settings = settings_of(LINE, [])
    assert len({create(LINE, settings).run for _ in range(20)}) == 20


def test_a_full_disk_leaves_no_half_made_run(monkeypatch: pytest.MonkeyPatch) -> None:
    def full(path: Path, content: bytes) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(path))

    monkeypatch.setattr(directory, "write_whole", full)
    with pytest.raises(OSError, match="No space left"):
        create(LINE, settings_of(LINE, []))
    assert list((home() / "runs").iterdir()) == []


def test_a_file_that_is_not_there_leaves_no_run(tmp_path: Path) -> None:
    for files in ({"data": tmp_path / "none.csv"}, {"init": tmp_path / "none.json"}):
        with pytest.raises(BadInput, match="There is no --"):
            create(LINE, settings_of(LINE, []), **files)  # type: ignore[arg-type]
    assert list(runs()) == []


def test_data_for_a_scenario_that_makes_its_own_is_refused(home: Path, tmp_path: Path) -> None:
    bowl = scenario("bowl")
    (tmp_path / "data.csv").touch()
    with pytest.raises(BadInput, match="bowl makes its own data and takes no --data"):
        create(bowl, settings_of(bowl, []), data=tmp_path / "data.csv")


def test_what_cannot_be_trained_leaves_no_run(home: Path) -> None:
    bowl = scenario("bowl")
    with pytest.raises(BadInput, match="noise cannot be 1"):
        launch(bowl, settings_of(bowl, ["noise=1"]))
    assert list((home / "runs").iterdir()) == []


def test_a_run_that_cannot_be_woken_stays(home: Path) -> None:
    bowl = scenario("bowl")
    run = create(bowl, settings_of(bowl, ["noise=1"]))
    with pytest.raises(BadInput, match="noise cannot be 1"):
        wake(run)
    assert (run.report().status, run.trainer()) == ("failed", None)


def test_a_damaged_run_is_told_and_no_trainer_is_started(home: Path) -> None:
    run = create(scenario("bowl"), settings_of(scenario("bowl"), []))
    (run.path / "report.json").unlink()
    with pytest.raises(BadInput, match="is damaged"):
        wake(run)
    assert not run.log.exists()


def test_a_trainer_that_dies_at_once_is_told_with_its_log(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    bowl = scenario("bowl")
    run = create(bowl, settings_of(bowl, []))
    monkeypatch.setattr(sys, "executable", "/bin/false")
    with pytest.raises(TrainerFailed, match=f"exit code 1.*{run.log}"):
        wake(run)


def test_a_trainer_lives_in_a_session_of_its_own(home: Path) -> None:
    run = launch(scenario("bowl"), settings_of(scenario("bowl"), []))
    trainer = run.trainer()
    assert trainer is not None and os.getsid(trainer.pid) == trainer.pid != os.getsid(0)
    assert stop(run).status == "stopped" and run.trainer() is None
    with pytest.raises(BadInput, match="is not running: it is stopped"):
        stop(run)


def test_threads_that_wake_a_run_at_once_share_one_trainer(home: Path) -> None:
    run = create(scenario("bowl"), settings_of(scenario("bowl"), []))
    threads = [threading.Thread(target=wake, args=(run,)) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=30)
    assert not any(thread.is_alive() for thread in threads)
    assert len(settled_trainers(run)) == 1


def test_commands_that_wake_a_run_at_once_share_one_trainer(home: Path) -> None:
    run = create(scenario("bowl"), settings_of(scenario("bowl"), []))
    command = [sys.executable, "-m", "tui_lab", "set", run.run, "learning_rate=0.2"]
    together = [subprocess.Popen(command, stderr=subprocess.DEVNULL) for _ in range(2)]
    assert [process.wait(timeout=30) for process in together] == [0, 0]
    assert len(settled_trainers(run)) == 1 and run.report().settings["learning_rate"] == 0.2


def test_a_killed_run_is_lost_and_goes_on_where_its_report_stands(home: Path) -> None:
    run = launch(scenario("bowl"), settings_of(scenario("bowl"), []))
    with Client(run) as client:
        client.ask(Step(5))
    assert kill(run).status == "lost" and settled_trainers(run) == []
    with pytest.raises(BadInput, match="is not running: it is lost"):
        kill(run)
    wake(run)
    with Client(run) as client:
        assert client.ask(Step()) == Done(6)


def test_a_run_trained_on_another_machine_is_left_to_it(home: Path) -> None:
    run = create(scenario("bowl"), settings_of(scenario("bowl"), []))
    run.write("trainer.json", Trainer(1, 0.0, "elsewhere"))
    for verb in (wake, kill):
        with pytest.raises(BadInput, match="is trained on elsewhere"):
            verb(run)


def test_a_later_process_of_the_same_number_is_not_killed(home: Path) -> None:
    run = create(scenario("bowl"), settings_of(scenario("bowl"), []))
    run.write("trainer.json", Trainer(os.getpid(), 0.0, Trainer.here().host))
    with pytest.raises(BadInput, match="is not running: it is lost"):
        kill(run)


def test_an_interrupt_while_the_trainer_starts_leaves_neither_run_nor_trainer(home: Path, tmp_path: Path) -> None:
    (tmp_path / "slow" / "slow").mkdir(parents=True)
    (tmp_path / "slow" / "slow" / "scenario.toml").write_text((TEST_SCENARIOS / "bowl" / "scenario.toml").read_text())
    os.mkfifo(tmp_path / "begun")
    content = f"import time\nopen({str(tmp_path / 'begun')!r}, 'w').close()\ntime.sleep(60)\n"
    (tmp_path / "slow" / "slow" / "scenario.py").write_text(content)
    environment = {**os.environ, "TUI_LAB_SCENARIOS": str(tmp_path / "slow")}
    command = [sys.executable, "-m", "tui_lab", "run", "slow", "--headless"]
    with subprocess.Popen(command, env=environment) as process:
        (tmp_path / "begun").read_bytes()
        (trainer,) = psutil.Process(process.pid).children()
        process.send_signal(signal.SIGINT)
        assert process.wait(timeout=30) == 130
    assert not trainer.is_running()
    assert list((home / "runs").iterdir()) == []


def test_a_run_directory_deeper_than_a_socket_s_path_may_be_works(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TUI_LAB_HOME", str(home / ("long-" * 30)))
    run = launch(scenario("bowl"), settings_of(scenario("bowl"), []))
    address = run.socket.readlink()
    with Client(run) as client:
        assert client.ask(Step()) == Done(1)
    stop(run)
    assert not address.parent.exists()
    with pytest.raises(TrainerGone):
        Client(run)


def settled_trainers(run: RunDirectory) -> list[psutil.Process]:
    """The processes that train the run, once those that came too late have left."""
    found = [
        process for process in psutil.process_iter(["cmdline"]) if str(run.path) in (process.info["cmdline"] or ())
    ]
    trainer = run.trainer()
    late = [process for process in found if trainer is None or process.pid != trainer.pid]
    gone, _ = psutil.wait_procs(late, timeout=10)
    return [process for process in found if process not in gone]


def test_the_other_machines_are_told_what_to_run(monkeypatch: pytest.MonkeyPatch) -> None:
    card = scenario("shared-bowl")
    run = create(card, {**settings_of(card, ["processes=8"]), "nodes": 2})
    monkeypatch.delenv("MASTER_ADDR", raising=False)
    with pytest.raises(BadInput, match="export MASTER_ADDR"):
        command_of_node(run)
    monkeypatch.setenv("MASTER_ADDR", "node0")
    words = command_of_node(run).split()
    assert words[0] == "torchrun" and words[-2:] == ["tui_lab.trainer", str(run.path)]
    assert [
        words[words.index(f"--{name}") + 1] for name in ("nnodes", "node-rank", "master-addr", "nproc-per-node")
    ] == [
        "2",
        "N",
        "node0",
        "8",
    ]
    assert command_of_node(create(card, settings_of(card, []))) == ""
