"""What comes is cleaned, and so is again what carries a line that counts as an outlet's frame now, or no more."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from newsdedup.arrays import Ragged, among, distinct, stacked
from newsdedup.candidates import MAX_ARTICLES
from newsdedup.engine.cleaning import Cleaning, clean_and_fingerprint
from newsdedup.engine.intake import Articles
from newsdedup.engine.workspace import Offsets, RecordList, pack_article, unpack_report
from newsdedup.errors import StoreError
from newsdedup.hashing import Vocabulary
from newsdedup.models import Article, Report
from newsdedup.store import outlet_lines
from newsdedup.store.codec import loaded_as
from newsdedup.store.codec import unpack_article as stored_article
from newsdedup.store.codec import unpack_report as stored_report
from newsdedup.store.columns import ROW, lines_of
from newsdedup.store.identity import Arrived
from newsdedup.store.report_cache import taken
from newsdedup.store.state import Change, States
from newsdedup.store.stored_articles import Known, chosen, fact

Ints = NDArray[np.int64]

# Articles that are read again at a time.
_READ = 1000
# Fields of a report that its article does not decide.
_OWN = ("title", "title_inferred", "paragraphs", "removed", "dateline", "byline", "credit", "page_share")


@dataclass(frozen=True)
class Cleaned:
    """What a change makes of the reports.

    `articles`, `reports` and the keys of `lines` are of those that come or are another report now, the last of
    `states`, in the same order. `same` are the numbers of those whose report is what it was.
    """

    states: States
    articles: Articles
    reports: Sequence[Report]
    lines: Ragged
    same: frozenset[int]


def repeated_lines(change: Change, arrived: Arrived, rank: Ints) -> tuple[outlet_lines.Repeated, Ints]:
    """Look at the outlets of what comes and goes; return also which known articles must be cleaned again."""
    before, taken_in = change.known, arrived.taken
    whose = before.rows["outlet"]
    asked = distinct(np.concatenate([taken_in.outlets, whose if change.anew else whose[arrived.gone]]))
    asked = asked[asked > 0]
    old = np.flatnonzero(among(whose, asked) & ~arrived.gone)
    new = np.flatnonzero(taken_in.outlets > 0)
    whole = stacked([lines_of(change.db, before.slots[old]), taken_in.lines.take(new)], np.uint64)
    places = np.concatenate([old, len(before) + new])
    order = np.argsort(rank[places])
    pages = outlet_lines.Pages(
        np.concatenate([whose[old], taken_in.outlets[new]])[order],
        np.concatenate([before.rows["titled"][old], taken_in.titled[new]])[order],
        whole.take(order),
        np.concatenate([before.rows["content"].reshape(-1, 2)[old], taken_in.content[new]])[order],
    )
    places = places[order]

    def read(at: int) -> Article:
        place = int(places[at])
        if place >= len(before):
            return taken_in.articles[place - len(before)]
        ((record,),) = change.db.execute("SELECT record FROM texts WHERE slot = ?", (int(before.slots[place]),))
        return stored_article(record, "", None)

    found = outlet_lines.repeated(change.db, asked, pages, read)
    affected = places[found.affected]
    return found, np.flatnonzero(~arrived.gone) if change.anew else np.sort(affected[affected < len(before)])


def cleaned(change: Change, arrived: Arrived, rank: Ints, affected: Ints, repeated: outlet_lines.Repeated) -> Cleaned:
    """Clean what comes, and again what is affected; of this only what is another report then gets a new slot."""
    before, taken_in, means, came = change.known, arrived.taken, change.means, len(arrived.numbers)
    renamed = dict(taken_in.articles.renamed)
    places = [taken_in.articles.places]
    stored: dict[int, Report] = {}
    for start in range(0, len(affected), _READ):
        read = _read(change.db, before, affected[start : start + _READ])
        places.append(change.spool.add([pack_article(loaded_as(record)) for record, _, _ in read]))
        renamed |= {came + start + i: row[1:] for i, row in enumerate(read)}
        stored |= {start + i: stored_report(*row) for i, row in enumerate(read)}
    articles = Articles(change.spool, Offsets.concat(places), renamed)
    reports_spool = change.desk.spool
    cleaning = Cleaning(articles, repeated.table, means.resources.background, reports_spool, Vocabulary())
    cleaned = clean_and_fingerprint(cleaning, means.workspace.folder, means.workers, means.progress)
    same = {i for i, was in stored.items() if _same(was, cleaned.reports.read(came + i))}
    again = [i for i in stored if change.anew or i not in same]
    kept = np.concatenate([np.arange(came), came + np.array(again, dtype=np.int64)])
    back = affected[np.array(again, dtype=np.int64)]
    rows = np.zeros(len(kept), dtype=ROW)
    rows[came:] = before.rows[back]
    rows["content"][:came], rows["raw"][:came] = taken_in.content, taken_in.ids
    rows["outlet"][:came], rows["titled"][:came] = taken_in.outlets, taken_in.titled
    prints = taken(cleaned.prints, kept)
    rows["text"], rows["words"], rows["kept"] = prints.text_key, prints.words, prints.shingles.sizes
    rows["name"], rows["version"] = cleaned.ids[kept].T
    next_slot = int(fact(change.db, "next_slot", 0))
    slots = next_slot + np.arange(len(kept))
    if next_slot + len(kept) > MAX_ARTICLES:
        raise StoreError(
            f"the store has had {next_slot:,} reports and can number {MAX_ARTICLES:,}; "
            "go on with a new store, into which the texts of this one are ingested"
        )
    gone = arrived.gone.copy()
    gone[back] = True
    states = States(
        np.concatenate([before.numbers, arrived.numbers, before.numbers[back]]),
        np.concatenate([before.slots, slots]),
        np.concatenate([before.rows, rows]),
        np.concatenate([rank, rank[back]]),
        np.arange(len(before) + len(kept)) < len(before),
        np.concatenate([~gone, np.ones(len(kept), dtype=bool)]),
    )
    own = Offsets(Offsets.concat(places).rows[kept])
    now_called = {new: renamed[int(at)] for new, at in enumerate(kept) if int(at) in renamed}
    articles = Articles(change.spool, own, now_called)
    spots = Offsets(cleaned.reports.places.rows[kept])
    change.desk.lay(slots, spots, prints, cleaned.dates[kept], cleaned.days[kept])
    lines = stacked([taken_in.lines, lines_of(change.db, before.slots[back])], np.uint64)
    unchanged = frozenset(before.numbers[affected[sorted(same)]].tolist())
    return Cleaned(states, articles, RecordList(reports_spool, spots, unpack_report), lines, unchanged)


def _read(db: sqlite3.Connection, before: Known, places: Ints) -> list[tuple[bytes, str, str | None]]:
    statement = "SELECT slot, texts.record, article_id, version_of FROM articles JOIN texts USING (slot) WHERE slot IN"
    found = {row[0]: row[1:] for row in chosen(db, statement, before.slots[places])}
    return [found[slot] for slot in before.slots[places].tolist()]


def _same(one: Report, other: Report) -> bool:
    return all(getattr(one, name) == getattr(other, name) for name in _OWN)
