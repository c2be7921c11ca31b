"""Decides which loaded records are new articles, which are stored already, and which replace a stored article.

The result is that of `readers.resolve_ids` over all records at once.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from newsdedup.arrays import Flags, Ints, is_in, take_rows
from newsdedup.engine.intake import LoadedBatch, LoadedChunk, assign_ids, concat_chunks, spool_chunk
from newsdedup.engine.state import UpdateContext
from newsdedup.execution import split_range

# Stored articles that are read at a time.
_ARTICLES_PER_READ = 1000


@dataclass(frozen=True)
class IncomingArticles:
    """The articles that are new or get another id, in content order.

    `numbers` are those of the stored articles that they replace, -1 for new ones. `is_dropped` flags the stored
    articles that are removed or replaced.
    """

    batch: LoadedBatch
    numbers: Ints
    is_dropped: Flags

    @property
    def new_count(self) -> int:
        """The number of articles that replace no stored article."""
        return int((self.numbers < 0).sum())


def resolve_incoming(
    context: UpdateContext, chunk: LoadedChunk, is_leaving: Flags, *, keep_repeats: bool = False
) -> IncomingArticles:
    """Resolve the ids of loaded records and of the stored articles, except those removed.

    With `keep_repeats`, a record that repeats another one is an article of its own.
    """
    corpus, spool, stored, rows = context.corpus, context.spool, context.stored, context.stored.rows
    id_hashes = np.concatenate([chunk.columns.id_hashes, rows["loaded_id"][is_leaving]])
    is_renamed = (rows["article_id"] != rows["loaded_id"]) & is_in(rows["article_id"], chunk.columns.id_hashes)
    id_hashes = np.concatenate([id_hashes, rows["loaded_id"][is_renamed]])
    involved = np.flatnonzero(is_in(rows["loaded_id"], id_hashes) & ~is_leaving)
    # Stored articles come first, so that of equal records the stored one is kept.
    parts = [
        spool_chunk(spool, corpus.load_articles(stored.slots[involved[part.start : part.stop]]))
        for part in split_range(len(involved), _ARTICLES_PER_READ)
    ]
    is_other = ~is_leaving
    is_other[involved] = False
    batch = assign_ids(concat_chunks([*parts, chunk]), spool, rows["loaded_id"][is_other], keep_repeats=keep_repeats)
    record_count = len(chunk.offsets)
    batch = replace(batch, positions=batch.positions - len(involved))
    if not len(involved):
        numbers = np.full(len(batch.articles), -1)
        return IncomingArticles(replace(batch, repeated=record_count - len(numbers)), numbers, is_leaving)
    return _select_changed(context, batch, involved, is_leaving, record_count)


def _select_changed(
    context: UpdateContext, batch: LoadedBatch, involved: Ints, is_leaving: Flags, record_count: int
) -> IncomingArticles:
    """Select the articles of a batch that are new or get another id; the `involved` ones have negative positions."""
    stored, rows = context.stored, context.stored.rows
    names = context.corpus.load_names(stored.numbers[involved].tolist())
    from_corpus = batch.positions < 0
    stored_indices = np.full(len(batch.positions), -1)
    stored_indices[from_corpus] = involved[batch.positions[from_corpus]]
    surviving = set(stored_indices.tolist())
    displaced = {
        (int(rows["loaded_id"][index]), *map(int, rows["content_hash"][index])): index
        for index in involved.tolist()
        if index not in surviving
    }
    is_dropped = is_leaving.copy()
    selected, numbers = [], []
    for i, index in enumerate(stored_indices.tolist()):
        if index >= 0:
            name = names[int(stored.numbers[index])]
            new = batch.articles.assigned_ids.get(i)
            if new == (name.article_id, name.version_of) or (
                new is None and rows["loaded_id"][index] == rows["article_id"][index]
            ):
                continue
        replaced_index = index
        if index < 0 and displaced:
            id_hash, content_hash = batch.columns.id_hashes[i], batch.columns.content_hashes[i]
            replaced_index = displaced.get((int(id_hash), *map(int, content_hash)), -1)
        if replaced_index >= 0:
            is_dropped[replaced_index] = True
        selected.append(i)
        numbers.append(int(stored.numbers[replaced_index]) if replaced_index >= 0 else -1)
    rows_selected = np.array(selected, dtype=np.int64)
    selected_batch = replace(
        batch,
        articles=batch.articles.take(rows_selected),
        positions=batch.positions[rows_selected],
        columns=take_rows(batch.columns, rows_selected),
        repeated=record_count - sum(number < 0 for number in numbers),
    )
    return IncomingArticles(selected_batch, np.array(numbers, dtype=np.int64), is_dropped)
