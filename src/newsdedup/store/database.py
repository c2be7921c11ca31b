"""The file of a store: its tables, who may open it, and what is said where it cannot be used.

A file is looked at before SQLite may touch it, so that one that is not ours, is damaged or of a newer version stays as
it is. Everything else a store does happens inside one transaction at a time (`writing`).
"""

from __future__ import annotations

import os
import socket
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path

from newsdedup.errors import StoreError
from newsdedup.store.migrations import MIGRATIONS

APPLICATION_ID = 0x6E647374
"""`ndst`: tells a store from the SQLite files of other programs."""
SCHEMA = 2
"""Version of the tables; `migrating` leads from each older one to the next."""

_MAGIC = b"SQLite format 3\x00"
_VERSION_AT, _APPLICATION_AT = 60, 68  # in the first 100 bytes of a file
_PAGE = 16384
_CACHE = 64 << 10  # KiB of pages that stay in memory

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


def now() -> str:
    """Return the time in UTC to the second, ISO 8601."""
    return datetime.now(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")


def is_store(path: Path) -> bool:
    """Tell whether a file claims to be a store."""
    try:
        with path.open("rb") as stream:
            head = stream.read(100)
    except OSError:
        return False
    return head[: len(_MAGIC)] == _MAGIC and _number(head, _APPLICATION_AT) == APPLICATION_ID


def connect(path: Path, *, create: bool, wait: float) -> sqlite3.Connection:
    """Open the store at `path`; with `create` it is made where there is none. `wait` is in seconds.

    Raises StoreError, and leaves the file as it is, where there is none, or it is of another program, damaged,
    of a newer version, or must not be read or written.
    """
    there = _looked_at(path, create=create)
    if there is None:
        _made(path)
    try:
        return _opened(str(path), path, wait)
    except sqlite3.OperationalError as error:
        # On read-only media or a full disk it can be read all the same, if no run is left unfinished.
        log = Path(f"{path}-wal")
        if create or "locked" in str(error) or (log.exists() and log.stat().st_size):
            raise told(error, path) from None
    except sqlite3.Error as error:
        raise told(error, path) from None
    try:
        return _opened(f"{path.resolve().as_uri()}?mode=ro&immutable=1", path, wait)
    except sqlite3.Error as error:
        raise told(error, path) from None


def _opened(name: str, path: Path, wait: float) -> sqlite3.Connection:
    db = sqlite3.connect(name, timeout=wait, isolation_level=None, uri=name.startswith("file:"))
    try:
        db.text_factory = lambda data: data.decode("utf-8", "surrogatepass")
        db.execute(f"PRAGMA cache_size = -{_CACHE}")
        db.execute("PRAGMA synchronous = FULL")
        db.execute("PRAGMA secure_delete = ON")
        db.execute("SELECT count(*) FROM facts").fetchone()
        if (version := db.execute("PRAGMA user_version").fetchone()[0]) < SCHEMA:
            _migrate(db, path, version, wait)
    except BaseException:
        db.close()  # else what SQLite lays beside the file stays there
        raise
    return db


def _looked_at(path: Path, *, create: bool) -> bool | None:
    """Return True for a store, None where there is no file yet; what is neither is an error."""
    try:
        with path.open("rb") as stream:
            head = stream.read(100)
    except FileNotFoundError:
        if not create:
            raise StoreError(
                f"there is no store {path}; make one with: newsdedup ingest PATHS --store {path}"
            ) from None
        if not path.parent.is_dir():
            raise StoreError(
                f"cannot make the store {path}: there is no folder {path.parent}; create it first"
            ) from None
        return None
    except OSError as error:
        raise StoreError(f"the store {path} cannot be read: {error.strerror}; name a file you may read") from None
    if not head and create and path.stat().st_size == 0:  # as `mktemp` leaves it
        return None
    if head[: len(_MAGIC)] != _MAGIC or _number(head, _APPLICATION_AT) != APPLICATION_ID:
        raise StoreError(f"{path} is no store of newsdedup; it was left as it is: give --store another name")
    version = _number(head, _VERSION_AT)
    if version != SCHEMA and version not in MIGRATIONS:
        raise StoreError(
            f"the store {path} is of version {version}, and this newsdedup knows {SCHEMA}; "
            "it was left as it is: upgrade newsdedup"
        )
    if path.stat().st_size % _number(head, 16, 2):
        raise StoreError(f"the store {path} is damaged: it ends in the middle of a page; restore it from a backup")
    return True


def _number(head: bytes, at: int, size: int = 4) -> int:
    return int.from_bytes(head[at : at + size], "big")


def _made(path: Path) -> None:
    """Make an empty store, all of it or nothing: under another name until it is whole."""
    draft = path.with_name(f".{path.name}-{os.urandom(6).hex()}.tmp")
    try:
        db = sqlite3.connect(draft, isolation_level=None)
        try:
            db.execute(f"PRAGMA page_size = {_PAGE}")
            db.executescript(
                f"BEGIN; PRAGMA application_id = {APPLICATION_ID}; PRAGMA user_version = {SCHEMA}; {_TABLES} COMMIT;"
            )
            db.execute("PRAGMA journal_mode = WAL")
        finally:
            db.close()
        _put(draft, path)
    except (sqlite3.Error, OSError) as error:
        for left in ("", "-wal", "-shm"):
            with suppress(OSError):
                draft.with_name(draft.name + left).unlink()
        raise StoreError(f"cannot make the store {path}: {error}; choose another place") from None


def _put(draft: Path, path: Path) -> None:
    """Give the draft its name, unless somebody else has made the store meanwhile."""
    if path.exists() and not path.stat().st_size:
        draft.replace(path)
        return
    try:
        path.hardlink_to(draft)
    except FileExistsError:
        pass
    except OSError:  # a file system without links
        draft.replace(path)
        return
    draft.unlink()


def _migrate(db: sqlite3.Connection, path: Path, version: int, wait: float) -> None:
    try:
        with writing(db, path, wait):
            (version,) = db.execute("PRAGMA user_version").fetchone()  # another may have done it meanwhile
            for each in range(version, SCHEMA):
                MIGRATIONS[each](db)
            db.execute(f"PRAGMA user_version = {SCHEMA}")
    except (ArithmeticError, IndexError, ValueError) as error:
        raise damaged(path, str(error)) from None
    except StoreError as error:
        raise StoreError(f"{error} (a store of version {version}, which must be written once to go on)") from None


@contextmanager
def writing(db: sqlite3.Connection, path: Path, wait: float) -> Iterator[None]:
    """Hold the store for one transaction: all of the block is kept when it ends, nothing where it fails.

    Waits up to `wait` seconds for another writer; StoreError says who that is. Readers go on meanwhile.
    """
    holder = Path(f"{path}-writer")
    try:
        db.execute("BEGIN IMMEDIATE")
    except sqlite3.OperationalError as error:
        if "locked" not in str(error):
            raise told(error, path) from None
        raise StoreError(
            f"the store {path} is being written by {_who(holder)}; waited {wait:g} seconds: try again, or --wait longer"
        ) from None
    try:
        with suppress(OSError):
            holder.write_text(f"process {os.getpid()} on {socket.gethostname()} since {now()}", encoding="utf-8")
        yield
        db.execute("COMMIT")
    except sqlite3.Error as error:
        _roll_back(db)
        raise told(error, path) from None
    except BaseException:
        _roll_back(db)
        raise
    finally:
        with suppress(OSError):
            holder.unlink()


def _who(holder: Path) -> str:
    """Return who writes the store, as they left word beside it."""
    try:
        return holder.read_text(encoding="utf-8")[:200]
    except (OSError, ValueError):
        return "another program"


def _roll_back(db: sqlite3.Connection) -> None:
    if db.in_transaction:
        db.execute("ROLLBACK")


def told(error: sqlite3.Error, path: Path) -> Exception:
    """Return what to tell the user of an error of SQLite; the error itself where none of these is the cause."""
    text = str(error)
    if "disk is full" in text or "disk I/O error" in text:
        return StoreError(f"the store {path} cannot grow: {text}; it holds what it held: free some space")
    if "readonly" in text or "unable to open" in text:
        return StoreError(f"the store {path} cannot be written; it was left as it is: choose a file you may write")
    if "malformed" in text or "not a database" in text:
        return damaged(path, text)
    if "locked" in text:
        return StoreError(f"the store {path} is held by another process; try again, or --wait longer")
    return error


def damaged(path: Path, what: str) -> StoreError:
    """Return what to tell the user of a store that is not whole."""
    return StoreError(f"the store {path} is damaged ({what}); restore it from a backup, or make it anew")
