"""Boilerplate of outlets, incrementally maintained: which lines start or stop counting as boilerplate.

The boilerplate of an outlet depends only on its first carriers of each recurring line (`clean.outlet_boilerplate`). If
these are unchanged, so is the boilerplate. Otherwise it is computed again, and every article with a line that starts or
stops counting is cleaned again.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from itertools import chain

import numpy as np

from newsdedup.arrays import Hashes, is_in
from newsdedup.clean import RecurringLines
from newsdedup.clean.outlet_boilerplate import (
    build_recurring_lines,
    find_recurring_keys,
    min_unlike_articles,
    select_carriers,
)
from newsdedup.engine.corpus import Corpus, OutletTables
from newsdedup.engine.intake import LoadedColumns
from newsdedup.models import Article


@dataclass(frozen=True)
class BoilerplateUpdate:
    """The boilerplate of some outlets after an update.

    `changed_keys` are the keys of the lines that start or stop counting as boilerplate, `changed` the new tables and
    signatures of the outlets for which something changed.
    """

    recurring_lines: RecurringLines
    changed_keys: Hashes
    changed: OutletTables


def update_boilerplate(
    corpus: Corpus, outlets: Hashes, pages: LoadedColumns, read_article: Callable[[int], Article]
) -> BoilerplateUpdate:
    """Compute the boilerplate of `outlets` (hashes). `pages` are all their articles; `read_article` takes an index."""
    outlet_hashes, outlet_ids, counts = np.unique(pages.outlet_hashes, return_inverse=True, return_counts=True)
    article_counts = dict(zip(outlet_hashes.tolist(), counts.tolist(), strict=True))
    lines = pages.line_keys
    recurring = find_recurring_keys(lines.values, lines.sizes, outlet_ids)
    carrier_indices = select_carriers(lines.values, lines.sizes, outlet_ids, pages.has_title, recurring)
    carriers_by_outlet: dict[int, list[int]] = {int(outlet): [] for outlet in outlets}
    for index in carrier_indices.tolist():
        carriers_by_outlet[int(pages.outlet_hashes[index])].append(index)
    stored = corpus.load_outlet_tables(carriers_by_outlet)
    signatures: dict[int, bytes] = {}
    tables: dict[int, RecurringLines] = {}
    changed_keys: set[int] = set()
    for outlet, indices in carriers_by_outlet.items():
        signature = _outlet_signature(indices, pages, recurring, article_counts.get(outlet, 0))
        if signature == stored.signatures.get(outlet, b""):
            continue
        articles = [read_article(index) for index in indices]
        sizes = {str(article.outlet): article_counts[outlet] for article in articles}
        table = build_recurring_lines(articles, sizes, frozenset(recurring.tolist()))
        signatures[outlet], tables[outlet] = signature, table
        old_keys, new_keys = stored.tables.get(outlet, RecurringLines()).lookup_keys, table.lookup_keys
        changed_keys |= {(new_keys.get(line) or old_keys[line])[1] for line in old_keys.keys() ^ new_keys.keys()}
    return BoilerplateUpdate(
        _merge_tables({**stored.tables, **tables}.values()),
        np.array(sorted(changed_keys), dtype=np.uint64),
        OutletTables(signatures, tables),
    )


def _outlet_signature(indices: Sequence[int], pages: LoadedColumns, recurring: Hashes, article_count: int) -> bytes:
    """Return a digest of everything that an outlet's boilerplate depends on; empty if it has no carriers."""
    if not indices:
        return b""
    digest = hashlib.blake2b(digest_size=16)
    digest.update(min_unlike_articles(article_count).to_bytes(4, "little"))
    for index in indices:
        lines = pages.line_keys[index]
        digest.update(pages.content_hashes[index].tobytes() + b"%d" % pages.has_title[index])
        digest.update(lines[is_in(lines, recurring)].tobytes())
    return digest.digest()


def _merge_tables(tables: Collection[RecurringLines]) -> RecurringLines:
    """Return the boilerplate of all outlets as one table."""
    return RecurringLines(
        dict(chain.from_iterable(table.article_counts.items() for table in tables)),
        dict(chain.from_iterable(table.word_counts.items() for table in tables)),
        dict(chain.from_iterable(table.lookup_keys.items() for table in tables)),
    )
