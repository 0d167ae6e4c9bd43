"""The file `history.sqlite`: opening, its tables, its journal."""

import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tui_lab.lab.errors import BadInput
from tui_lab.run.file_system import on_network

_APPLICATION = 0x74756C62
_VERSION = 1
_TABLES = f"""
BEGIN;
CREATE TABLE metric (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, last INTEGER NOT NULL);
CREATE TABLE chunk (
    metric INTEGER NOT NULL REFERENCES metric, level INTEGER NOT NULL, number INTEGER NOT NULL,
    steps BLOB, data BLOB NOT NULL, PRIMARY KEY (metric, level, number)
);
CREATE TABLE head (step INTEGER NOT NULL);
CREATE TABLE change (id INTEGER PRIMARY KEY, step INTEGER NOT NULL, name TEXT NOT NULL, value TEXT NOT NULL);
INSERT INTO head VALUES (0);
PRAGMA application_id = {_APPLICATION};
PRAGMA user_version = {_VERSION};
COMMIT;
"""


def open_writer(path: Path) -> sqlite3.Connection:
    """A connection that may write; makes the file if there is none. Raises BadInput if `path` holds something else,
    sqlite3.OperationalError or OSError if it cannot be made.

    The journal is a write-ahead log, which lets viewers read during a write; but that needs shared memory, which a
    network file system has not, so there it is a rollback journal.
    """
    if not path.exists():
        _create(path)
    connection = _checked(_connect(path, "mode=rw"), path)
    connection.execute(f"PRAGMA journal_mode = {'DELETE' if on_network(path) else 'WAL'}")
    connection.execute("PRAGMA synchronous = NORMAL")
    return connection


def open_reader(path: Path) -> sqlite3.Connection:
    """A connection that only reads. Raises BadInput if `path` is missing or holds something else."""
    if not path.is_file():
        raise BadInput(f"There is no history at {path}.")
    try:
        # Not mode=ro: after a crash a reader has to undo what a dead writer left half done.
        connection = _checked(_connect(path, "mode=rw"), path)
    except BadInput:
        # Reading beside a write-ahead log takes a file in a folder that may be closed to us. Where there is no log
        # nobody is writing, and the file can be read as it stands.
        if os.access(path.parent, os.W_OK) or _log(path):
            raise
        connection = _checked(_connect(path, "mode=ro&immutable=1"), path)
    connection.execute("PRAGMA query_only = ON")
    return connection


@contextmanager
def transaction(connection: sqlite3.Connection) -> Iterator[None]:
    """All that is written inside, or, on any error, none of it."""
    connection.execute("BEGIN IMMEDIATE")
    try:
        yield
        connection.execute("COMMIT")
    finally:
        if connection.in_transaction:
            connection.execute("ROLLBACK")


def _connect(path: Path, options: str) -> sqlite3.Connection:
    return sqlite3.connect(f"{path.absolute().as_uri()}?{options}", uri=True, isolation_level=None)


def _create(path: Path) -> None:
    # Made under another name and moved, so that a reader, or a crash, never meets half a file.
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    draft.unlink(missing_ok=True)
    try:
        connection = sqlite3.connect(draft)
        try:
            connection.executescript(_TABLES)
        finally:
            connection.close()
        draft.replace(path)
    finally:
        draft.unlink(missing_ok=True)


def _checked(connection: sqlite3.Connection, path: Path) -> sqlite3.Connection:
    try:
        (application,) = connection.execute("PRAGMA application_id").fetchone()
        (version,) = connection.execute("PRAGMA user_version").fetchone()
    except sqlite3.DatabaseError as error:
        connection.close()
        if isinstance(error, sqlite3.OperationalError):
            raise BadInput(f"The history {path} cannot be read: {error}.") from error
        raise BadInput(f"{path} is not the history of a run.") from error
    if (application, version) == (_APPLICATION, _VERSION):
        return connection
    connection.close()
    if application == _APPLICATION:
        raise BadInput(f"{path} was written by another version of tui-lab, in format {version}; this reads {_VERSION}.")
    raise BadInput(f"{path} is not the history of a run.")


def _log(path: Path) -> bool:
    log = path.with_name(path.name + "-wal")
    return log.exists() and log.stat().st_size > 0
