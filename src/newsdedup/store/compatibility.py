"""What a store was made with: cleaner, fingerprints and model must be those that it is used with."""

from __future__ import annotations

import hashlib
import sqlite3
from functools import cache
from pathlib import Path

from newsdedup import thresholds
from newsdedup.errors import StoreError
from newsdedup.hashing import SCHEME
from newsdedup.score import NAMES
from newsdedup.store.state import Means
from newsdedup.store.stored_articles import fact, set_fact

CLEANER = 1
"""Version of what cleaning makes of a page: raise it with any change of a report, or of its sentences."""
FINGERPRINTS = 1
"""Version of what is kept of a report, the word hash (`hashing.SCHEME`) aside."""

_DATA = Path(thresholds.__file__).parent / "data"
# What decides which pairs are worth scoring and how clusters form.
_SETTINGS = (
    "AGREEING", "CROWDED", "FEW_SHARED", "MIN_SHARE", "MIN_SHARED", "RECURS_ARTICLES", "RECURS_CARRIERS",
    "RECURS_SHARE", "RECURS_UNLIKE", "REPRESENTATIVES", "SAMPLE_RATE", "SHORT_REPORT", "SPOKESMEN", "TOGETHER",
    "VERIFY_BOTH", "VERIFY_KNOWN", "VERIFY_WORDING",
)  # fmt: skip


MADE_WITH = ("cleaner", "fingerprints", "settings", "model", "background", "signals")
"""What `versions` tells."""


def versions(model: str | None) -> dict[str, str]:
    """Return what a store that is made now is made with; `model` is the file of another one than ships."""
    values = repr([(name, getattr(thresholds, name)) for name in _SETTINGS])
    return {
        "cleaner": str(CLEANER),
        "fingerprints": f"{FINGERPRINTS}.{SCHEME}",
        "settings": hashlib.blake2b(values.encode(), digest_size=6).hexdigest(),
        "model": _digest(Path(model) if model is not None else _DATA / "model.json"),
        "background": _digest(_DATA / "background.npz"),
        "signals": str(len(NAMES)),
    }


@cache
def _digest(path: Path) -> str:
    return hashlib.blake2b(path.read_bytes(), digest_size=6).hexdigest()


def made_with(db: sqlite3.Connection, path: Path, means: Means, *, anew: bool = False, ask: bool = False) -> None:
    """Note what a new store is made with; raises StoreError where one was made with something else.

    With `anew` it is about to be made with what there is now; with `ask` nothing is noted.
    """
    for name, value in versions(means.config.model).items():
        known = fact(db, name)
        if known is None or anew:
            if not ask:
                set_fact(db, name, value)
        elif known != value:
            raise StoreError(
                f"the store {path} was made with another {name} ({known}, now {value}); "
                f"bring it up to date: newsdedup store rebuild --store {path}"
            )
