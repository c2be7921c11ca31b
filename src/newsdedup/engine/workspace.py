"""Where a run keeps what need not stay in memory: a temporary folder of files that are written once and read by place.

Every process appends to files of its own, so that nothing is locked and no text crosses a process border; a place in
them is three numbers (whose file, offset, length). Arrays of the fingerprints lie beside them and are memory-mapped.
"""

from __future__ import annotations

import contextlib
import os
import pickle
import shutil
import tempfile
from collections import OrderedDict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, fields
from operator import attrgetter
from pathlib import Path
from typing import Any, BinaryIO, Generic, Self, TypeVar, overload

import numpy as np
from numpy.typing import NDArray

from newsdedup.arrays import Ragged, bounds_of
from newsdedup.errors import OutputError, unwritable
from newsdedup.features import Profile, SentenceMaker, profile
from newsdedup.idf import Background
from newsdedup.models import Article, Dateline, Lines, Removed, Report

# Profiles that a process remembers, of the articles whose pairs it scores: some 50 kB each.
PROFILES_KEPT = 1000

_T = TypeVar("_T")
Ints = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Offsets:
    """Where records lie: shape (n, 3), int64: the process that wrote each, its offset and its length in bytes."""

    rows: Ints

    def __len__(self) -> int:
        return len(self.rows)

    @classmethod
    def concat(cls, parts: Sequence[Offsets]) -> Offsets:
        """Return the places of all parts, one part after the other."""
        return cls(np.concatenate([np.empty((0, 3), dtype=np.int64), *(part.rows for part in parts)]))


class Spool:
    """Records under one name in a workspace. Any process may add some; what is added stays."""

    def __init__(self, folder: Path, name: str) -> None:
        self._stem = str(folder / name)
        self._writing: tuple[int, BinaryIO] | None = None
        self._reading: dict[int, BinaryIO] = {}

    def __getstate__(self) -> dict[str, Any]:
        return {"_stem": self._stem, "_writing": None, "_reading": {}}

    def add(self, records: Sequence[bytes]) -> Offsets:
        """Append records; return where they lie. They can be read from then on, by any process."""
        writer = os.getpid()
        if self._writing is None or self._writing[0] != writer:  # a fork goes on in a file of its own
            self._writing = (writer, open(f"{self._stem}.{writer}", "ab"))  # noqa: PTH123, SIM115 - stays open
        stream = self._writing[1]
        stream.seek(0, os.SEEK_END)
        sizes = [len(record) for record in records]
        starts = stream.tell() + bounds_of(sizes)[:-1]
        with _written():
            stream.write(b"".join(records))
            stream.flush()
        return Offsets(np.stack([np.full(len(sizes), writer), starts, np.array(sizes, dtype=np.int64)], axis=1))

    def read(self, place: Ints) -> bytes:
        """Return the record at a place."""
        writer, offset, size = place.tolist()
        stream = self._reading.get(writer)
        if stream is None:
            stream = self._reading[writer] = open(f"{self._stem}.{writer}", "rb", buffering=0)  # noqa: PTH123, SIM115
        if hasattr(os, "pread"):  # forks share how far a file was read
            return os.pread(stream.fileno(), size, offset)
        stream.seek(offset)
        return stream.read(size)

    def close(self) -> None:
        """Close the files; needed where a file that is open cannot be removed."""
        for stream in [*self._reading.values(), *([self._writing[1]] if self._writing else [])]:
            with contextlib.suppress(OSError):
                stream.close()
        self._writing, self._reading = None, {}


class Workspace:
    """A temporary folder (in `TMPDIR`, or where the system has such) that is gone when its block ends.

    Raises OutputError where none can be made.
    """

    def __init__(self) -> None:
        try:
            self.folder = Path(tempfile.mkdtemp(prefix="newsdedup-"))
        except OSError as error:
            reason = error.strerror or str(error)
            raise OutputError(f"no temporary folder can be made: {reason}; name a disk with room in TMPDIR") from None
        self._spools: list[Spool] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        for spool in self._spools:
            spool.close()
        shutil.rmtree(self.folder, ignore_errors=True)

    def spool(self, name: str) -> Spool:
        """Return a new spool in the folder."""
        made = Spool(self.folder, name)
        self._spools.append(made)
        return made


class RecordList(Sequence[_T], Generic[_T]):
    """Records of a spool as a sequence of what they hold, read again at each asking."""

    def __init__(self, spool: Spool, places: Offsets, unpack: Callable[[bytes], _T]) -> None:
        self.places = places
        self.spool = spool
        self._unpack = unpack

    def __len__(self) -> int:
        return len(self.places)

    @overload
    def __getitem__(self, at: int) -> _T: ...
    @overload
    def __getitem__(self, at: slice) -> Sequence[_T]: ...
    def __getitem__(self, at: int | slice) -> _T | Sequence[_T]:
        if isinstance(at, slice):
            return [self.read(i) for i in range(len(self))[at]]
        return self.read(int(at))

    def read(self, at: int) -> _T:
        """Return what the record at a place holds."""
        return self._unpack(self.spool.read(self.places.rows[at]))


_ARTICLE = attrgetter(*(each.name for each in fields(Article) if each.name != "lines"))
_LINES = attrgetter(*(each.name for each in fields(Lines)))
_AFTER_ARTICLE = [each.name for each in fields(Report) if each.name not in {"article", "removed", "dateline"}]
_REPORT = attrgetter(*_AFTER_ARTICLE)


def pack_article(article: Article) -> bytes:
    """Return an article as the bytes of a record."""
    return pickle.dumps((_ARTICLE(article), _LINES(article.lines)), 5)


def unpack_article(record: bytes) -> Article:
    """Return the article that `pack_article` made a record of."""
    values, lines = pickle.loads(record)  # noqa: S301
    return Article(*(*values, Lines(*lines)))


def pack_report(report: Report) -> bytes:
    """Return a report as the bytes of a record; its article without the text as loaded, which nobody asks again."""
    article = _ARTICLE(report.article)
    removed = [(each.kind, each.text) for each in report.removed]
    dateline = report.dateline
    whence = (dateline.text, dateline.place, dateline.agency) if dateline is not None else None
    return pickle.dumps(
        ((*article[:3], "", *article[4:]), _LINES(report.article.lines), _REPORT(report), removed, whence), 5
    )


def unpack_report(record: bytes) -> Report:
    """Return the report that `pack_report` made a record of."""
    article, lines, values, removed, dateline = pickle.loads(record)  # noqa: S301
    return Report(
        article=Article(*(*article, Lines(*lines))),
        **dict(zip(_AFTER_ARTICLE, values, strict=True)),
        removed=tuple(Removed(kind=kind, text=text) for kind, text in removed),
        dateline=Dateline(*dateline) if dateline is not None else None,
    )


class Profiles(Sequence[Profile]):
    """The profiles of spooled reports, made when they are asked for; the last ones are remembered."""

    def __init__(self, reports: Sequence[Report], background: Background) -> None:
        self.reports = reports
        self._made: OrderedDict[int, Profile] = OrderedDict()
        self._maker = SentenceMaker(background)

    def __getstate__(self) -> dict[str, Any]:
        return {**self.__dict__, "_made": OrderedDict(), "_maker": SentenceMaker(self._maker.background)}

    def __len__(self) -> int:
        return len(self.reports)

    @overload
    def __getitem__(self, at: int) -> Profile: ...
    @overload
    def __getitem__(self, at: slice) -> Sequence[Profile]: ...
    def __getitem__(self, at: int | slice) -> Profile | Sequence[Profile]:
        if isinstance(at, slice):
            return [self[i] for i in range(len(self))[at]]
        at = int(at)
        found = self._made.get(at)
        if found is None:
            found = self._made[at] = profile(self.reports[at], self._maker)
            if len(self._made) > PROFILES_KEPT:
                self._made.popitem(last=False)
        else:
            self._made.move_to_end(at)
        return found


class ColumnFile:
    """One column of a workspace while it grows: rows are appended to a file, and mapped when all are there."""

    def __init__(self, folder: Path, name: str, kind: type[np.generic]) -> None:
        self._path = folder / f"{name}.column"
        self._kind = np.dtype(kind)
        self._sizes: list[Ints] = []

    def add(self, rows: Ragged) -> None:
        """Append rows."""
        with _written(), self._path.open("ab") as stream:  # not left open: a run may end at any time
            stream.write(np.ascontiguousarray(rows.values, dtype=self._kind).data)
        self._sizes.append(rows.sizes)

    def done(self) -> Ragged:
        """Return all rows, memory-mapped for reading."""
        bounds = bounds_of(np.concatenate([np.empty(0, dtype=np.int64), *self._sizes]))
        if not bounds[-1]:  # an empty file cannot be mapped
            return Ragged(np.empty(0, dtype=self._kind), bounds)
        return Ragged(np.asarray(np.memmap(self._path, dtype=self._kind, mode="r")), bounds)


@contextlib.contextmanager
def _written() -> Iterator[None]:
    """Tell the user where the temporary folder is full."""
    try:
        yield
    except OSError as error:
        raise unwritable(error) from None
