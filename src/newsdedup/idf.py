"""IDF table: how rare each stem is in news at large. Ships with the package, is loaded once and never changes.

Document frequencies cannot be learnt from an input of two articles, so they come from a news corpus:
`benchmarks/idf.py` counts in how many of its articles each stem occurs.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from importlib import resources
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from newsdedup.arrays import Floats, Hashes
from newsdedup.errors import ModelError

VERSION = 1

_BUCKET_SHIFT = np.uint32(14)  # low bits of a key; the 18 bits above them select its bucket


def hash_word(word: str) -> int:
    """Return the 64-bit BLAKE2b hash of a word: the same on every platform and in every version (scheme 1)."""
    return int.from_bytes(hashlib.blake2b(word.encode("utf-8", "surrogatepass"), digest_size=8).digest(), "little")


@dataclass(frozen=True)
class IdfTable:
    """Normalised IDF of stems, 0 (in every article) to 1 (in none): `log((n + 1) / (df + 1)) / log(n + 1)`.

    `keys` are the low 32 bits of `hash_word(stem)`, sorted; `idf` holds their IDF in 255ths. A stem that is not in the
    table counts as if it occurred in one article, so in a language that the table does not cover all words weigh the
    same.
    """

    keys: NDArray[np.uint32]
    idf: NDArray[np.uint8]
    articles: int

    @cached_property
    def unknown_idf(self) -> float:
        """Return the IDF of a stem that is not in the table, rounded to 255ths like the others."""
        return round(255 * (1.0 - math.log(2) / math.log(self.articles + 1))) / 255 if self.articles > 1 else 1.0

    def lookup(self, hashes: Hashes) -> Floats:
        """Return the IDF of each stem hash: same shape as `hashes`, float64, 0 to 1."""
        bucket_starts, keys, idf = self._buckets
        low_bits = hashes.astype(np.uint32)
        positions = bucket_starts[low_bits >> _BUCKET_SHIFT]
        pending = np.flatnonzero(keys[positions] < low_bits)
        while len(pending):
            positions[pending] += 1
            pending = pending[keys[positions[pending]] < low_bits[pending]]
        return np.where(keys[positions] == low_bits, idf[positions], self.unknown_idf)

    @cached_property
    def _buckets(self) -> tuple[NDArray[np.int32], NDArray[np.uint32], Floats]:
        """Return where each bucket starts (one per value of the leading 18 bits), the keys and their IDF.

        Buckets are small, so `lookup` scans them key by key. A sentinel key ends the last one.
        """
        counts = np.bincount(self.keys >> _BUCKET_SHIFT, minlength=1 << 18)
        bucket_starts = (np.cumsum(counts) - counts).astype(np.int32)
        return bucket_starts, np.append(self.keys, np.uint32(0xFFFFFFFF)), np.append(self.idf / 255.0, self.unknown_idf)


def load_idf_table(path: Path | None = None) -> IdfTable:
    """Read the IDF table that ships with the package, or the one at `path`. Raises ModelError if it cannot be read."""
    try:
        file = path or resources.files("newsdedup").joinpath("data/background.npz")
        with file.open("rb") as stream, np.load(stream) as data:
            return _unpack_table(data)
    except (OSError, ValueError, KeyError) as error:
        location = path or "the package's data/background.npz"
        raise ModelError(
            f"{location} cannot be read as an IDF table: {error}; reinstall newsdedup or rebuild the file"
        ) from None


def _unpack_table(data: Mapping[str, Any]) -> IdfTable:
    version, articles = map(int, data["header"])
    if version != VERSION:
        raise ValueError(f"version {version}, not {VERSION}")
    return IdfTable(keys=data["keys"], idf=data["rarities"], articles=articles)
