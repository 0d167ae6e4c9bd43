"""The viewer's end of the socket: answers, refusals, and every way in which the other end can go away."""

import asyncio
import socket
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tui_lab.lab.errors import BadInput
from tui_lab.run.client import AsyncClient, Client, TrainerGone
from tui_lab.run.directory import RunDirectory
from tui_lab.run.messages import Done, Pause, Refused, Step, decode_request, encode

Serve = Callable[[Callable[[socket.socket], None]], RunDirectory]


@pytest.fixture
def serve(tmp_path: Path) -> Iterator[Serve]:
    """Starts a trainer's end of the socket that does with its first connection what it is given."""
    run = RunDirectory(tmp_path)
    threads = []

    def start(talk: Callable[[socket.socket], None]) -> RunDirectory:
        listener = socket.socket(socket.AF_UNIX)
        listener.bind(str(run.socket))
        listener.listen()

        def converse() -> None:
            with listener, listener.accept()[0] as connection:
                talk(connection)

        threads.append(threading.Thread(target=converse))
        threads[0].start()
        return run

    yield start
    for thread in threads:
        thread.join(timeout=10)
        assert not thread.is_alive()


def answer(connection: socket.socket, *replies: bytes) -> None:
    """Reads one request before each reply."""
    for reply in replies:
        size = int.from_bytes(connection.recv(4), "big")
        decode_request(connection.recv(size))
        connection.sendall(reply)


def until_closed(connection: socket.socket) -> None:
    while connection.recv(4096):
        continue


def test_each_question_gets_its_answer(serve: Serve) -> None:
    run = serve(lambda connection: answer(connection, encode(Done(1)), encode(Done(2))))
    with Client(run) as client:
        assert [client.ask(Step()), client.ask(Pause())] == [Done(1), Done(2)]


def test_a_refusal_is_bad_input_and_the_conversation_goes_on(serve: Serve) -> None:
    run = serve(lambda connection: answer(connection, encode(Refused("No.")), encode(Done(2))))
    with Client(run) as client:
        with pytest.raises(BadInput, match=r"^No\.$"):
            client.ask(Step())
        assert client.ask(Pause()) == Done(2)


def test_without_a_socket_there_is_no_trainer(tmp_path: Path) -> None:
    with pytest.raises(TrainerGone, match="has no trainer"):
        Client(RunDirectory(tmp_path))


def test_a_socket_left_behind_is_no_trainer(tmp_path: Path) -> None:
    with socket.socket(socket.AF_UNIX) as left:
        left.bind(str(tmp_path / "control.sock"))
    with pytest.raises(TrainerGone, match="has no trainer"):
        Client(RunDirectory(tmp_path))


@pytest.mark.parametrize("reply", [b"", b"\0\0", encode(Done(1))[:-1]])
def test_a_trainer_that_dies_in_its_answer_is_gone(serve: Serve, reply: bytes) -> None:
    run = serve(lambda connection: answer(connection, reply))
    with Client(run) as client, pytest.raises(TrainerGone, match="The trainer is gone"):
        client.ask(Pause())


def test_a_trainer_that_is_gone_stays_gone(serve: Serve) -> None:
    run = serve(lambda connection: answer(connection, b""))
    with Client(run) as client:
        for _ in range(3):
            with pytest.raises(TrainerGone):
                client.ask(Pause())


def test_an_answer_in_another_version_s_words_is_told(serve: Serve) -> None:
    run = serve(lambda connection: answer(connection, b"\0\0\0\1\xc1"))
    with Client(run) as client, pytest.raises(TrainerGone, match="another version of tui-lab"):
        client.ask(Pause())


def test_a_late_answer_is_never_taken_for_the_next_one(serve: Serve) -> None:
    run = serve(until_closed)
    with Client(run) as client:
        with pytest.raises(TimeoutError):
            client.ask(Pause(), timeout=0.01)
        with pytest.raises(TrainerGone):
            client.ask(Pause())


async def test_in_an_event_loop_each_question_gets_its_answer(serve: Serve) -> None:
    run = serve(lambda connection: answer(connection, encode(Done(1)), encode(Refused("No.")), encode(Done(2))))
    client = await AsyncClient.connect(run)
    first, second, third = await asyncio.gather(
        client.ask(Step()), client.ask(Pause()), client.ask(Pause()), return_exceptions=True
    )
    await client.close()
    assert (first, third) == (Done(1), Done(2)) and isinstance(second, BadInput)


async def test_in_an_event_loop_no_trainer_is_told(tmp_path: Path) -> None:
    with pytest.raises(TrainerGone):
        await AsyncClient.connect(RunDirectory(tmp_path))


@pytest.mark.parametrize("reply", [b"", b"\0\0", b"\0\0\0\1\xc1"])
async def test_in_an_event_loop_a_broken_answer_is_told(serve: Serve, reply: bytes) -> None:
    client = await AsyncClient.connect(serve(lambda connection: answer(connection, reply)))
    with pytest.raises(TrainerGone):
        await client.ask(Pause())
    await client.close()


async def test_in_an_event_loop_a_cancelled_question_s_answer_is_never_taken_for_the_next_one(serve: Serve) -> None:
    client = await AsyncClient.connect(serve(until_closed))
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(client.ask(Pause()), 0.01)
    with pytest.raises(TrainerGone):
        await client.ask(Pause())
    await client.close()
