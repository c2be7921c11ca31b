"""The file of a store: tables, opening, transactions, error messages, and helpers for SQL statements.

The header of a file is checked before SQLite opens it, so that a file of another program, a damaged file or one of a
newer version is never changed. All writes happen inside one transaction at a time (`write_transaction`).
"""

from __future__ import annotations

import json
import os
import socket
import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import closing, contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from newsdedup.errors import StoreError
from newsdedup.execution import split_range
from newsdedup.store.migrations import MIGRATIONS

APPLICATION_ID = 0x6E647374
"""`ndst`: distinguishes a store from the SQLite files of other programs."""
SCHEMA = 2
"""Version of the tables; `migrations` upgrades each older version to the next."""

_MAGIC = b"SQLite format 3\x00"
_VERSION_OFFSET, _APPLICATION_ID_OFFSET = 60, 68  # bytes, in the header of 100 bytes
_PAGE_SIZE = 16384  # bytes
_CACHE_KIB = 64 << 10  # SQLite's page cache
# Values in the list of one `IN`.
_VALUES_PER_STATEMENT = 10_000

_TABLES = """
CREATE TABLE facts (name TEXT PRIMARY KEY, value) WITHOUT ROWID;
CREATE TABLE runs (
    run INTEGER PRIMARY KEY, at TEXT NOT NULL, action TEXT NOT NULL, counts TEXT NOT NULL
);
CREATE TABLE articles (
    article INTEGER PRIMARY KEY, slot INTEGER NOT NULL, story INTEGER NOT NULL, run INTEGER NOT NULL,
    article_id TEXT NOT NULL, version_of TEXT, path TEXT NOT NULL, record INTEGER NOT NULL,
    source TEXT, published TEXT
);
CREATE INDEX articles_by_slot ON articles (slot, story);
CREATE INDEX articles_by_story ON articles (story);
CREATE INDEX articles_by_id ON articles (article_id);
CREATE TABLE texts (slot INTEGER PRIMARY KEY, record BLOB NOT NULL);
CREATE TABLE packs (first INTEGER PRIMARY KEY, count INTEGER NOT NULL, rows BLOB NOT NULL, lines BLOB NOT NULL);
CREATE TABLE outlets (outlet INTEGER PRIMARY KEY, signature BLOB NOT NULL);
CREATE TABLE boilerplate (
    outlet INTEGER NOT NULL, line BLOB NOT NULL, name TEXT NOT NULL, articles INTEGER NOT NULL, words INTEGER NOT NULL,
    coarse BLOB NOT NULL, PRIMARY KEY (outlet, line)
) WITHOUT ROWID;
CREATE TABLE postings (
    segment INTEGER NOT NULL, block INTEGER NOT NULL, low INTEGER NOT NULL, high INTEGER NOT NULL,
    count INTEGER NOT NULL, data BLOB NOT NULL, PRIMARY KEY (segment, block)
);
CREATE TABLE pairs (
    i INTEGER NOT NULL, j INTEGER NOT NULL, probability REAL NOT NULL, containment REAL NOT NULL,
    similarity REAL NOT NULL, relation TEXT NOT NULL, direction TEXT NOT NULL, template INTEGER NOT NULL,
    PRIMARY KEY (i, j)
) WITHOUT ROWID;
CREATE INDEX pairs_by_j ON pairs (j);
CREATE TABLE stories (
    story INTEGER PRIMARY KEY, story_id TEXT NOT NULL UNIQUE, run INTEGER NOT NULL, weakest REAL NOT NULL,
    bridges TEXT NOT NULL, became INTEGER
);
CREATE INDEX stories_by_heir ON stories (became) WHERE became IS NOT NULL;
CREATE TABLE history (
    event INTEGER PRIMARY KEY, story INTEGER NOT NULL, run INTEGER NOT NULL, change TEXT NOT NULL, detail TEXT NOT NULL
);
CREATE INDEX history_by_story ON history (story);
CREATE TABLE decisions (
    decision INTEGER PRIMARY KEY, run INTEGER NOT NULL, at TEXT NOT NULL, act TEXT NOT NULL, told TEXT NOT NULL,
    undone TEXT
);
"""


def utc_now() -> str:
    """Return the current time in UTC, to the second, as ISO 8601."""
    return datetime.now(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")


def is_store(path: Path) -> bool:
    """Return whether the header of a file is that of a store."""
    try:
        return _is_store_header(_read_header(path))
    except OSError:
        return False


def _read_header(path: Path) -> bytes:
    with path.open("rb") as stream:
        return stream.read(100)


def _is_store_header(head: bytes) -> bool:
    return head.startswith(_MAGIC) and _read_uint(head, _APPLICATION_ID_OFFSET) == APPLICATION_ID


def connect(path: Path, *, create: bool, wait: float) -> sqlite3.Connection:
    """Open the store at `path`. With `create`, a missing file is created. `wait` is the lock timeout in seconds.

    Raises StoreError, and does not change the file, if it is missing, belongs to another program, is damaged, has a
    newer version, or cannot be read or written.
    """
    if not _check_header(path, create=create):
        _create_store(path)
    try:
        try:
            return _open_connection(str(path), path, wait)
        except sqlite3.OperationalError as error:
            # On read-only media or a full disk the store can still be read, unless the log holds an unfinished run.
            wal = Path(f"{path}-wal")
            if create or "locked" in str(error) or (wal.exists() and wal.stat().st_size):
                raise
            return _open_connection(f"{path.resolve().as_uri()}?mode=ro&immutable=1", path, wait)
    except sqlite3.Error as error:
        raise to_user_error(error, path) from None


def _open_connection(database: str, path: Path, wait: float) -> sqlite3.Connection:
    db = sqlite3.connect(database, timeout=wait, isolation_level=None, uri=database.startswith("file:"))
    try:
        db.text_factory = lambda data: data.decode("utf-8", "surrogatepass")
        db.execute(f"PRAGMA cache_size = -{_CACHE_KIB}")
        db.execute("PRAGMA synchronous = FULL")
        db.execute("PRAGMA secure_delete = ON")
        db.execute("SELECT count(*) FROM facts").fetchone()
        if (version := db.execute("PRAGMA user_version").fetchone()[0]) < SCHEMA:
            _migrate(db, path, version, wait)
    except BaseException:
        db.close()  # otherwise the -wal and -shm files stay behind
        raise
    return db


def _check_header(path: Path, *, create: bool) -> bool:
    """Return True for a store and False for a file yet to be created; raises StoreError for anything else."""
    head = None
    try:
        head = _read_header(path)
    except FileNotFoundError:
        pass
    except OSError as error:
        raise StoreError(f"the store {path} cannot be read: {error.strerror}; choose a readable file") from None
    if head is None and not create:
        raise StoreError(f"there is no store {path}; create one with: newsdedup ingest PATHS --store {path}")
    if head is None and not path.parent.is_dir():
        raise StoreError(f"cannot create the store {path}: there is no folder {path.parent}; create it first")
    if head is None or (not head and create and path.stat().st_size == 0):  # an empty file, as `mktemp` creates it
        return False
    if not _is_store_header(head):
        raise StoreError(f"{path} is not a newsdedup store; it was not changed: give --store another file")
    version = _read_uint(head, _VERSION_OFFSET)
    if version != SCHEMA and version not in MIGRATIONS:
        raise StoreError(
            f"the store {path} has version {version}, but this newsdedup reads version {SCHEMA}; "
            "it was not changed: upgrade newsdedup"
        )
    if path.stat().st_size % _read_uint(head, 16, 2):
        raise StoreError(f"the store {path} is damaged: it ends in the middle of a page; restore it from a backup")
    return True


def _read_uint(head: bytes, offset: int, size: int = 4) -> int:
    return int.from_bytes(head[offset : offset + size], "big")


def _create_store(path: Path) -> None:
    """Create an empty store atomically: write it under a temporary name, then move it into place."""
    draft = path.with_name(f".{path.name}-{os.urandom(6).hex()}.tmp")
    try:
        with closing(sqlite3.connect(draft, isolation_level=None)) as db:
            db.execute(f"PRAGMA page_size = {_PAGE_SIZE}")
            db.executescript(
                f"BEGIN; PRAGMA application_id = {APPLICATION_ID}; PRAGMA user_version = {SCHEMA}; {_TABLES} COMMIT;"
            )
            db.execute("PRAGMA journal_mode = WAL")
        _move_into_place(draft, path)
    except (sqlite3.Error, OSError) as error:
        for suffix in ("", "-wal", "-shm"):
            with suppress(OSError):
                draft.with_name(draft.name + suffix).unlink()
        raise StoreError(f"cannot create the store {path}: {error}; choose another place") from None


def _move_into_place(draft: Path, path: Path) -> None:
    """Rename the draft to `path`, unless another process has created the store in the meantime."""
    if path.exists() and not path.stat().st_size:
        draft.replace(path)
        return
    try:
        path.hardlink_to(draft)
    except FileExistsError:
        pass
    except OSError:  # a file system without hard links
        draft.replace(path)
        return
    draft.unlink()


def _migrate(db: sqlite3.Connection, path: Path, version: int, wait: float) -> None:
    try:
        with write_transaction(db, path, wait):
            # Another process may have migrated it in the meantime.
            (version,) = db.execute("PRAGMA user_version").fetchone()
            for old_version in range(version, SCHEMA):
                MIGRATIONS[old_version](db)
            db.execute(f"PRAGMA user_version = {SCHEMA}")
    except (ArithmeticError, IndexError, ValueError) as error:
        raise damage_error(path, str(error)) from None
    except StoreError as error:
        raise StoreError(f"{error} (it has version {version} and must be upgraded, which needs write access)") from None


@contextmanager
def write_transaction(db: sqlite3.Connection, path: Path, wait: float) -> Iterator[None]:
    """Run the block in one write transaction: commit when it ends, roll back if it raises.

    Waits up to `wait` seconds for another writer, then raises a StoreError that names it. Readers are not blocked.
    """
    writer_file = Path(f"{path}-writer")
    try:
        db.execute("BEGIN IMMEDIATE")
    except sqlite3.OperationalError as error:
        if "locked" not in str(error):
            raise to_user_error(error, path) from None
        raise StoreError(
            f"the store {path} is being written by {_describe_writer(writer_file)}; "
            f"waited {wait:g} seconds: try again, or raise --wait"
        ) from None
    try:
        with suppress(OSError):
            description = f"process {os.getpid()} on {socket.gethostname()} since {utc_now()}"
            writer_file.write_text(description, encoding="utf-8")
        yield
        db.execute("COMMIT")
    except BaseException as error:
        if db.in_transaction:
            db.execute("ROLLBACK")
        if isinstance(error, sqlite3.Error):
            raise to_user_error(error, path) from None
        raise
    finally:
        with suppress(OSError):
            writer_file.unlink()


def _describe_writer(writer_file: Path) -> str:
    """Return which process is writing the store, read from the file that it creates next to the store."""
    try:
        return writer_file.read_text(encoding="utf-8")[:200]
    except (OSError, ValueError):
        return "another program"


def to_user_error(error: sqlite3.Error, path: Path) -> Exception:
    """Return an error of SQLite as a StoreError for the user, or unchanged if its cause is not a known one."""
    message = str(error)
    if "disk is full" in message or "disk I/O error" in message:
        return StoreError(f"the store {path} cannot grow: {message}; nothing was changed: free some disk space")
    if "readonly" in message or "unable to open" in message:
        return StoreError(f"the store {path} cannot be written; it was not changed: choose a writable file")
    if "malformed" in message or "not a database" in message:
        return damage_error(path, message)
    if "locked" in message:
        return StoreError(f"the store {path} is locked by another process; try again, or raise --wait")
    return error


def damage_error(path: Path, problem: str) -> StoreError:
    """Return the StoreError for a damaged store."""
    return StoreError(
        f"the store {path} is damaged ({problem}); restore it from a backup, or ingest the articles into a new store"
    )


def execute_in(db: sqlite3.Connection, statement: str, values: Iterable[int]) -> list[tuple[Any, ...]]:
    """Run a SELECT or DELETE that ends in `IN`, for any number of values. Returns its rows, in no particular order."""
    numbers = [int(value) for value in values]
    rows: list[tuple[Any, ...]] = []
    for batch in split_range(len(numbers), _VALUES_PER_STATEMENT):
        batch_json = json.dumps(numbers[batch.start : batch.stop])
        rows += db.execute(f"{statement} (SELECT value FROM json_each(?))", (batch_json,))
    return rows


def next_number(db: sqlite3.Connection, column: str, table: str) -> int:
    """Return the number after the largest one in a column, 1 for an empty table."""
    return int(db.execute(f"SELECT coalesce(max({column}), 0) + 1 FROM {table}").fetchone()[0])


def get_meta(db: sqlite3.Connection, name: str, default: Any = None) -> Any:
    """Return a setting or counter of the store from the table `facts`."""
    row = db.execute("SELECT value FROM facts WHERE name = ?", (name,)).fetchone()
    return row[0] if row else default


def set_meta(db: sqlite3.Connection, name: str, value: object) -> None:
    """Write a setting or counter of the store to the table `facts`."""
    db.execute("INSERT OR REPLACE INTO facts VALUES (?, ?)", (name, value))


TEXT_PARAMETER = "CAST(? AS TEXT)"
"""SQL placeholder for a value of `to_sqlite_text`."""


def to_sqlite_text(value: str | None) -> bytes | None:
    """Return a text as bytes for SQLite, which also allows lone surrogates."""
    return value.encode("utf-8", "surrogatepass") if value is not None else None


def to_sqlite_int(value: int) -> int:
    """Return an unsigned 64-bit hash as a signed integer, since SQLite has no unsigned ones."""
    return value - (1 << 64) if value >= 1 << 63 else value
