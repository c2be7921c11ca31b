"""Background word statistics: how rare a word is in news at large. Shipped with the package, loaded once, frozen.

With two articles there is nothing to learn rarity from, so the counts come from elsewhere:
`benchmarks/background.py` counts in how many articles of a news corpus each stem occurs.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from importlib import resources
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from newsdedup.errors import ModelError

VERSION = 1

_TRAILING = np.uint32(14)  # bits of a key under those by which it is looked up


def hash_word(word: str) -> int:
    """Return the 64-bit BLAKE2b hash of a word: the same on every platform and in every version (scheme 1)."""
    return int.from_bytes(hashlib.blake2b(word.encode("utf-8", "surrogatepass"), digest_size=8).digest(), "little")


@dataclass(frozen=True)
class Background:
    """Rarity of stems, 0 (in every article) to 1 (in none): `log((n + 1) / (df + 1)) / log(n + 1)`.

    `keys` are the low 32 bits of `hash_word(stem)`, sorted; `rarities` their rarity in 255ths. A stem that is not in
    the table is as rare as one that occurs in a single article; so in a language the table does not know all words
    weigh the same.
    """

    keys: NDArray[np.uint32]
    rarities: NDArray[np.uint8]
    articles: int

    @cached_property
    def unknown(self) -> float:
        """Rarity of a stem that is not in the table, in 255ths like the others."""
        return round(255 * (1.0 - math.log(2) / math.log(self.articles + 1))) / 255 if self.articles > 1 else 1.0

    def weights(self, hashes: NDArray[np.uint64]) -> NDArray[np.float64]:
        """Return the rarity of each hashed stem; shape as given, float64, 0 to 1."""
        begins, keys, rarities = self._index
        low = hashes.astype(np.uint32)
        at = begins[low >> _TRAILING]
        further = np.flatnonzero(keys[at] < low)
        while len(further):
            at[further] += 1
            further = further[keys[at[further]] < low[further]]
        return np.where(keys[at] == low, rarities[at], self.unknown)

    @cached_property
    def _index(self) -> tuple[NDArray[np.int32], NDArray[np.uint32], NDArray[np.float64]]:
        """Return where the keys of each leading 18 bits begin, which is near enough to go on key by key.

        And keys and rarities, with one that is in no table behind the last.
        """
        counts = np.bincount(self.keys >> _TRAILING, minlength=1 << 18)
        begins = (np.cumsum(counts) - counts).astype(np.int32)
        return begins, np.append(self.keys, np.uint32(0xFFFFFFFF)), np.append(self.rarities / 255.0, self.unknown)


def load_background(path: Path | None = None) -> Background:
    """Read the table that ships with the package, or the one at `path`. Raises ModelError if it cannot be used."""
    try:
        if path is None:
            with (
                resources.files("newsdedup").joinpath("data/background.npz").open("rb") as stream,
                np.load(stream) as data,
            ):
                return _unpack(data)
        with np.load(path) as data:
            return _unpack(data)
    except (OSError, ValueError, KeyError) as error:
        where = path or "the package's data/background.npz"
        raise ModelError(f"{where} cannot be read as background statistics: {error}; reinstall or rebuild it") from None


def _unpack(data: Iterable[str]) -> Background:
    version, articles = (int(value) for value in data["header"])  # type: ignore[index]
    if version != VERSION:
        raise ValueError(f"version {version}, not {VERSION}")
    return Background(keys=data["keys"], rarities=data["rarities"], articles=articles)  # type: ignore[index]
