"""Versions of cleaner, fingerprints, thresholds and model that a store was made with; they must match those in use."""

from __future__ import annotations

import hashlib
import sqlite3
from functools import cache
from pathlib import Path

import numpy as np

from newsdedup import thresholds
from newsdedup.arrays import ragged_from_rows
from newsdedup.clean.outlet_boilerplate import coarse_line_keys
from newsdedup.engine.context import RunContext
from newsdedup.errors import StoreError
from newsdedup.hashing import HASH_SCHEME
from newsdedup.idf import hash_word
from newsdedup.score import SIGNAL_NAMES
from newsdedup.store import columns
from newsdedup.store.codec import unpack_article
from newsdedup.store.database import get_meta, set_meta
from newsdedup.text import split_words

CLEANER_VERSION = 3
"""Version of the cleaner: raise it with any change that affects a report or its sentences."""
FINGERPRINT_VERSION = 1
"""Version of the stored fingerprints, apart from the word hash (`hashing.HASH_SCHEME`)."""

_DATA = Path(thresholds.__file__).parent / "data"
# Thresholds that decide which pairs are candidates and how clusters form. The keys are frozen historical names: they
# are part of the digest that a store keeps, so they do not follow when a constant is renamed. With other keys, every
# existing store would have to be rebuilt.
_DIGESTED_THRESHOLDS = {
    "AGREEING": thresholds.MIN_AGREEING_FRACTION,
    "CROWDED": thresholds.MAX_SHINGLE_DF,
    "FEW_SHARED": thresholds.ENOUGH_SHARED_SHINGLES,
    "MIN_SHARE": thresholds.MIN_SHINGLE_CONTAINMENT,
    "MIN_SHARED": thresholds.MIN_SHARED_SHINGLES,
    "RECURS_ARTICLES": thresholds.RECURRING_LINE_MIN_ARTICLES,
    "RECURS_CARRIERS": thresholds.RECURRING_LINE_MAX_CARRIERS,
    "RECURS_SHARE": thresholds.RECURRING_LINE_MIN_SHARE,
    "RECURS_UNLIKE": thresholds.RECURRING_LINE_MAX_REQUIRED,
    "REPRESENTATIVES": thresholds.PIVOTS_PER_SHINGLE,
    "SAMPLE_RATE": thresholds.SHINGLE_SAMPLE_RATE,
    "SHORT_REPORT": thresholds.MIN_SAMPLED_SHINGLES,
    "SPOKESMEN": thresholds.CLUSTER_SAMPLE_SIZE,
    "TOGETHER": thresholds.LINKAGE_FRACTION,
    "VERIFY_BOTH": thresholds.PREFILTER_MIN_COVERAGE_PLUS_COSINE,
    "VERIFY_KNOWN": thresholds.PREFILTER_MIN_COVERAGE,
    "VERIFY_WORDING": thresholds.PREFILTER_MIN_CONTAINMENT,
}

VERSION_KEYS = ("cleaner", "fingerprints", "settings", "model", "background", "signals")
"""Keys of `current_versions`."""


def current_versions(model: str | None) -> dict[str, str]:
    """Return the versions of a store made now. `model` is the path of a model, None for the packaged one."""
    digest_input = repr(list(_DIGESTED_THRESHOLDS.items()))
    return {
        "cleaner": str(CLEANER_VERSION),
        "fingerprints": f"{FINGERPRINT_VERSION}.{HASH_SCHEME}",
        "settings": hashlib.blake2b(digest_input.encode(), digest_size=6).hexdigest(),
        "model": _file_digest(Path(model) if model is not None else _DATA / "model.json"),
        "background": _file_digest(_DATA / "background.npz"),
        "signals": str(len(SIGNAL_NAMES)),
    }


@cache
def _file_digest(path: Path) -> str:
    return hashlib.blake2b(path.read_bytes(), digest_size=6).hexdigest()


def check_versions(
    db: sqlite3.Connection, path: Path, context: RunContext, *, rebuild: bool = False, read_only: bool = False
) -> None:
    """Record the versions in a new store; raises StoreError if the versions of an existing store differ.

    With `rebuild` they are recorded in any case. With `read_only` nothing is written.
    """
    for name, value in current_versions(context.config.model).items():
        stored = get_meta(db, name)
        if stored is None or rebuild:
            if not read_only:
                set_meta(db, name, value)
        elif stored != value:
            raise StoreError(
                f"the store {path} was made with another {name} ({stored}, now {value}); "
                f"update it: newsdedup store rebuild --store {path}"
            )


def reset_derived_data(db: sqlite3.Connection) -> None:
    """Delete the shingle index and boilerplate tables, and recompute the line keys of all articles."""
    for table in ("postings", "outlets", "boilerplate"):
        db.execute(f"DELETE FROM {table}")
    for first, old_rows, lines in columns.iter_blocks(db):
        rows, keys = old_rows.copy(), [lines[i] for i in range(len(lines))]
        texts = db.execute("SELECT slot, record FROM texts WHERE slot >= ? AND slot < ?", (first, first + len(rows)))
        for slot, record in texts:
            article, index = unpack_article(record), slot - first
            rows["outlet"][index] = hash_word(article.outlet) if article.outlet else 0
            rows["has_title"][index] = bool(article.outlet and split_words(article.title or ""))
            keys[index] = coarse_line_keys(article)
        columns.write_block(db, columns.ColumnBlock(first, rows, ragged_from_rows(keys, np.uint64)))
