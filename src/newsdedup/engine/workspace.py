"""The temporary folder of a run, for data that need not stay in memory: records that are read by offset, and columns.

Each process appends to files of its own, so nothing is locked and no text is sent between processes. A record is found
by three numbers (process, offset, length). Columns of the fingerprints are in files of their own, memory-mapped.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import tempfile
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, BinaryIO, Self, TypeVar, overload

import numpy as np

from newsdedup.arrays import Ints, Ragged, bounds_from_sizes
from newsdedup.errors import OutputError, temporary_folder_error

_T = TypeVar("_T")


Offsets = Ints
"""The positions of records, shape (n, 3): id of the writing process, offset and length in bytes."""


class Spool:
    """An append-only list of records under one name in a workspace. Any process may add records."""

    def __init__(self, folder: Path, name: str) -> None:
        self._stem = str(folder / name)
        self._writing: tuple[int, BinaryIO] | None = None
        self._reading: dict[int, BinaryIO] = {}

    def __getstate__(self) -> dict[str, Any]:
        return {"_stem": self._stem, "_writing": None, "_reading": {}}

    def add(self, records: Sequence[bytes]) -> Offsets:
        """Append records and return their positions. From then on any process can read them."""
        writer = os.getpid()
        if self._writing is None or self._writing[0] != writer:  # a forked process writes its own file
            self._writing = (writer, open(f"{self._stem}.{writer}", "ab"))  # noqa: PTH123, SIM115 - stays open
        stream = self._writing[1]
        stream.seek(0, os.SEEK_END)
        sizes = [len(record) for record in records]
        starts = stream.tell() + bounds_from_sizes(sizes)[:-1]
        with _report_disk_errors():
            stream.write(b"".join(records))
            stream.flush()
        return np.stack([np.full(len(sizes), writer), starts, np.array(sizes, dtype=np.int64)], axis=1)

    def read(self, offset: Offsets) -> bytes:
        """Return the record at a position, a row of `Offsets`."""
        writer, start, size = offset.tolist()
        stream = self._reading.get(writer)
        if stream is None:
            stream = self._reading[writer] = open(f"{self._stem}.{writer}", "rb", buffering=0)  # noqa: PTH123, SIM115
        if hasattr(os, "pread"):  # forked processes share the file position
            return os.pread(stream.fileno(), size, start)
        stream.seek(start)
        return stream.read(size)

    def close(self) -> None:
        """Close the files. Needed on systems where an open file cannot be removed."""
        for stream in [*self._reading.values(), *([self._writing[1]] if self._writing else [])]:
            with contextlib.suppress(OSError):
                stream.close()
        self._writing, self._reading = None, {}


class Workspace:
    """A temporary folder (in `TMPDIR`, or the system's default) that is removed when its block ends.

    Raises OutputError if it cannot be created.
    """

    def __init__(self) -> None:
        try:
            self.folder = Path(tempfile.mkdtemp(prefix="newsdedup-"))
        except OSError as error:
            reason = error.strerror or str(error)
            raise OutputError(
                f"cannot create a temporary folder: {reason}; set TMPDIR to a disk with free space"
            ) from None
        self._spools: list[Spool] = []
        self._column_count = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        for spool in self._spools:
            spool.close()
        shutil.rmtree(self.folder, ignore_errors=True)

    def open_spool(self, name: str) -> Spool:
        """Return a new spool in the folder, closed with the workspace."""
        spool = Spool(self.folder, name)
        self._spools.append(spool)
        return spool

    def create_column(self, name: str, dtype: type[np.generic]) -> ColumnFile:
        """Return a new, empty column in a file of the folder."""
        self._column_count += 1
        return ColumnFile(self.folder / f"{name}.{self._column_count}.column", dtype)


class LazySequence(Sequence[_T], ABC):
    """A sequence of values that are read or computed on every access."""

    @abstractmethod
    def read(self, index: int) -> _T:
        """Return the value at an index."""

    @overload
    def __getitem__(self, index: int) -> _T: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[_T]: ...
    def __getitem__(self, index: int | slice) -> _T | Sequence[_T]:
        if isinstance(index, slice):
            return [self.read(i) for i in range(len(self))[index]]
        return self.read(int(index))


class RecordList(LazySequence[_T]):
    """Records of a spool as a sequence of values, read from disk on every access."""

    def __init__(self, spool: Spool, offsets: Offsets, unpack: Callable[[bytes], _T]) -> None:
        self.offsets = offsets
        self.spool = spool
        self._unpack = unpack

    def __len__(self) -> int:
        return len(self.offsets)

    def read(self, index: int) -> _T:
        """Return the value of the record at an index."""
        return self._unpack(self.spool.read(self.offsets[index]))


class ColumnFile:
    """A ragged column written to a file row by row and memory-mapped when it is complete."""

    def __init__(self, path: Path, dtype: type[np.generic]) -> None:
        self._path = path
        self._dtype = np.dtype(dtype)
        self._sizes: list[Ints] = []

    def add(self, rows: Ragged) -> None:
        """Append rows."""
        with _report_disk_errors(), self._path.open("ab") as stream:  # closed each time: a run may end at any time
            stream.write(np.ascontiguousarray(rows.values, dtype=self._dtype).data)
        self._sizes.append(rows.sizes)

    def finish(self) -> Ragged:
        """Return all rows, memory-mapped read-only."""
        bounds = bounds_from_sizes(np.concatenate([np.empty(0, dtype=np.int64), *self._sizes]))
        if not bounds[-1]:  # an empty file cannot be mapped
            return Ragged(np.empty(0, dtype=self._dtype), bounds)
        return Ragged(np.asarray(np.memmap(self._path, dtype=self._dtype, mode="r")), bounds)


@contextlib.contextmanager
def _report_disk_errors() -> Iterator[None]:
    """Turn an error in writing the temporary folder into an OutputError."""
    try:
        yield
    except OSError as error:
        raise temporary_folder_error(error) from None
