"""What a store becomes when articles come or go: the same stories as if all had come at once.

Only what a change reaches is done again: articles that carry a line of an outlet's frame which changed sides are
cleaned again, reports whose candidates may be others are paired again (`meeting`), and every connected component of
ties with a pair that came, went or was scored again is clustered again. All else is as it was, since every stage is a
pure function of what it looks at.

Nothing is written here: `Growth` holds what is to be.
"""

from __future__ import annotations

import hashlib
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain

import numpy as np
from numpy.typing import NDArray

from newsdedup.candidates import MAX_ARTICLES
from newsdedup.cluster import Cluster, components
from newsdedup.columns import Ragged, among, bounds_of, by_hash, distinct, stacked
from newsdedup.config import Config
from newsdedup.errors import StoreError
from newsdedup.hashing import Vocabulary
from newsdedup.models import Article, Direction, Loaded, Relation, Report, Score
from newsdedup.pipeline.cleaning import Cleaning, clean_and_fingerprint, versions_of
from newsdedup.pipeline.intake import Articles, in_order, read_in
from newsdedup.pipeline.matching import (
    Clustering,
    Matched,
    Scoring,
    clusters_of,
    score_chunk,
    side_by_side,
    verified,
    worth_scoring,
)
from newsdedup.pipeline.spool import Places, Shelf, Workplace, pack_article, unpack_report
from newsdedup.pipeline.standings import Standings
from newsdedup.pipeline.workers import Progress, Resources, spread
from newsdedup.store import outlets, postings
from newsdedup.store.desk import Desk, taken
from newsdedup.store.identity import Arrived, arrive
from newsdedup.store.known import Known, Named, chosen, fact, known, names, shared
from newsdedup.store.meeting import Paired, meetings, pack, touched
from newsdedup.store.packs import ROW, lines_of
from newsdedup.store.records import loaded_as
from newsdedup.store.records import unpack_article as stored_article
from newsdedup.store.records import unpack_report as stored_report
from newsdedup.tasks import chunks_of

Ints = NDArray[np.int64]
Flags = NDArray[np.bool_]
Hashes = NDArray[np.uint64]
Pairs = NDArray[np.int64]

# Articles that are read again at a time.
_READ = 1000
# Pairs that are scored at a time: fewer than in a run of everything, so that all workers have some.
_PAIRS = 50
# Fields of a report that its article does not decide.
_OWN = ("title", "title_inferred", "paragraphs", "removed", "dateline", "byline", "credit", "page_share")


@dataclass(frozen=True)
class Means:
    """What a change is made with."""

    config: Config
    workers: int
    resources: Resources
    workplace: Workplace
    progress: Progress


@dataclass(frozen=True)
class Decided:
    """What a person decided: pairs of article numbers, shape (n, 2), that tell one report, or do not."""

    together: Pairs
    apart: Pairs

    def changed(self, other: Decided) -> Ints:
        """Return the articles of which something else is decided."""
        found = [
            set(map(tuple, one.tolist())) ^ set(map(tuple, two.tolist()))
            for one, two in ((self.together, other.together), (self.apart, other.apart))
        ]
        return np.array(sorted({number for pairs in found for pair in pairs for number in pair}), dtype=np.int64)


@dataclass(frozen=True)
class States:
    """All articles before and after a change: those known, then those that come; columns over them.

    `numbers` are -1 for articles that are new; `rank` is the place in content order. An article that is cleaned or
    named anew stands here twice, before and after.
    """

    numbers: Ints
    slots: Ints
    rows: NDArray[np.void]
    rank: Ints
    before: Flags
    after: Flags

    @property
    def dead(self) -> Flags:
        """Tell by slot which are of no article after the change."""
        out = np.ones(int(self.slots.max(initial=-1)) + 1, dtype=bool)
        out[self.slots[self.after]] = False
        return out


@dataclass(frozen=True)
class Growth:
    """A store after a change.

    `came` are hashes of the ids of all records that came. `articles` and `reports` are those that come, the last of
    `states`, in the same order, `lines` the keys of their lines, `same` the numbers of those whose report is what it
    was. `scored` are the pairs scored anew, by slots, `templates` whether each is one template, `dropped` those that
    are worth it no more. `reached` are the places in `states` of all articles whose stories were made anew, in content
    order, and `matched` these stories.
    """

    known: Known
    came: Hashes
    states: States
    arrived: Arrived
    articles: Articles
    reports: Sequence[Report]
    lines: Ragged
    same: frozenset[int]
    postings: Hashes
    repeated: outlets.Repeated
    scored: Standings
    templates: Flags
    dropped: Pairs
    reached: Ints
    matched: Matched


def grow(
    db: sqlite3.Connection,
    items: Iterable[Loaded],
    out: Ints,
    decided: tuple[Decided, Decided],
    means: Means,
    *,
    anew: bool = False,
) -> Growth:
    """Return what the store becomes when `items` come and the articles `out` (numbers) go.

    `decided` is what a person decided before the change and after it; with `anew` all that is known is cleaned and
    matched again. Raises as `pipeline.run` does, and StoreError.
    """
    return _Change(db, decided, means, anew=anew).made(items, out)


def reclustered(db: sqlite3.Connection, decided: Decided, means: Means, sample: int) -> tuple[int, list[str]]:
    """Cluster some components of ties again, so many at most, evenly over all.

    Returns how many, and the ids of the stories that are not what comes out.
    """
    return _Change(db, (decided, decided), means, anew=False).clustered_again(sample)


class _Change:
    def __init__(self, db: sqlite3.Connection, decided: tuple[Decided, Decided], means: Means, *, anew: bool) -> None:
        self.db, self.decided, self.means, self.anew = db, decided, means, anew
        self.threshold = float(fact(db, "min_probability", means.config.min_probability))
        self.next_slot = int(fact(db, "next_slot", 0))
        self.spool = means.workplace.spool("articles")
        self.desk = Desk(db, means.workplace.spool("reports"), means.resources, means.workers)

    def made(self, items: Iterable[Loaded], out: Ints) -> Growth:
        """Go through the stages."""
        means, before = self.means, known(self.db)
        whole = read_in(items, self.spool, means.workplace, means.workers, means.progress)
        leaving = np.zeros(len(before), dtype=bool)
        leaving[before.at(out)] = True
        arrived = arrive(self.db, whole, self.spool, before, leaving)
        rank = self._places_in_order(before, arrived.taken.content, arrived.taken.articles)
        repeated, affected = self._repeated(before, arrived, rank)

        means.progress.stage("clean", len(arrived.numbers) + len(affected))
        states, articles, reports, lines, same = self._cleaned(before, arrived, rank, affected, repeated)
        means.progress.stage("candidates", None)
        first = [
            self._first(states, flags, which)
            for flags, which in zip((states.before, states.after), self.decided, strict=True)
        ]
        scored = _stored_pairs(self.db)
        own = postings.packed(self.desk.prints.shingles, states.slots[len(before) :])
        asked, worth, versions = self._worth(states, first, scored, own)
        means.progress.advance(len(worth))
        dropped = self._dropped(states, first, scored, asked, np.concatenate([worth, versions]))
        new, templates = self._scored(states, scored, worth, versions)
        means.progress.stage("cluster", None)
        valid = ~among(pack(scored.pairs), pack(dropped))
        tied = [
            scored.pairs[valid & (scored.probabilities >= self.threshold)],
            new.pairs[new.numbers[:, 0] >= self.threshold],
            self._decided_pairs(states, first[1], self.decided[1].together),
        ]
        reached = self._reached(states, first, np.concatenate(tied), np.concatenate([dropped, new.pairs]).ravel())
        matched = self._matched(states, first[1], reached, dropped, new)
        means.progress.advance(len(matched.joined))
        return Growth(
            before,
            whole.ids,
            states,
            arrived,
            articles,
            reports,
            lines,
            same,
            own,
            repeated,
            new,
            templates,
            dropped,
            reached,
            matched,
        )

    def clustered_again(self, sample: int) -> tuple[int, list[str]]:
        """See `reclustered`."""
        before = known(self.db)
        there = np.ones(len(before), dtype=bool)
        nobody = np.empty((0, 2), dtype=np.uint64)
        rank = self._places_in_order(before, nobody, ())
        states = States(before.numbers, before.slots, before.rows, rank, there, there)
        first = self._first(states, there, self.decided[1])
        scored = _stored_pairs(self.db)
        ties = scored.pairs[scored.probabilities >= self.threshold]
        ties = np.concatenate([ties, self._decided_pairs(states, first, self.decided[1].together)])
        parts = components(int(before.slots.max(initial=-1)) + 1, ties[:, 0], ties[:, 1])
        some = np.unique(np.linspace(0, max(len(parts) - 1, 0), min(sample, len(parts))).astype(np.int64))
        wanted = parts.take(some).values
        nothing = np.empty((0, 2), dtype=np.int64)
        reached = self._reached(states, (first, first), ties, wanted)
        matched = self._matched(states, first, reached, nothing, Standings.chained(()))
        wrong: set[int] = set()
        own = before.stories[reached]
        for cluster in matched.clusters():
            members = matched.groups.take(np.array(cluster.members)).values
            found = np.unique(own[members])
            if len(found) > 1 or (before.stories == found[0]).sum() != len(members):
                wrong.update(found.tolist())
        ids = chosen(self.db, "SELECT story_id FROM stories WHERE story IN", sorted(wrong))
        return len(some), sorted(row[0] for row in ids)

    # -- who comes -----------------------------------------------------------------------------------------------------

    def _places_in_order(self, before: Known, content: Hashes, articles: Sequence[Article]) -> Ints:
        """Return the place in content order of all that is known, and of further articles with this `content`."""
        whole = np.concatenate([before.rows["content"].reshape(-1, 2), content])
        tied = np.flatnonzero(shared(whole))
        found = names(self.db, before.numbers[tied[tied < len(before)]])
        called: dict[int, Named | Article] = {
            at: found[int(before.numbers[at])] if at < len(before) else articles[at - len(before)]
            for at in tied.tolist()
        }
        order = in_order(np.arange(len(whole)), whole, called)
        rank = np.empty(len(order), dtype=np.int64)
        rank[order] = np.arange(len(order))
        return rank

    def _repeated(self, before: Known, arrived: Arrived, rank: Ints) -> tuple[outlets.Repeated, Ints]:
        """Look at the outlets of what comes and goes; return also which known articles must be cleaned again."""
        taken_in, whose = arrived.taken, before.rows["outlet"]
        asked = distinct(np.concatenate([taken_in.outlets, whose if self.anew else whose[arrived.gone]]))
        asked = asked[asked > 0]
        old = np.flatnonzero(among(whose, asked) & ~arrived.gone)
        new = np.flatnonzero(taken_in.outlets > 0)
        whole = stacked([lines_of(self.db, before.slots[old]), taken_in.lines.take(new)], np.uint64)
        places = np.concatenate([old, len(before) + new])
        order = np.argsort(rank[places])
        pages = outlets.Pages(
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
            ((record,),) = self.db.execute("SELECT record FROM texts WHERE slot = ?", (int(before.slots[place]),))
            return stored_article(record, "", None)

        found = outlets.repeated(self.db, asked, pages, read)
        affected = places[found.affected]
        return found, np.flatnonzero(~arrived.gone) if self.anew else np.sort(affected[affected < len(before)])

    def _cleaned(
        self, before: Known, arrived: Arrived, rank: Ints, affected: Ints, repeated: outlets.Repeated
    ) -> tuple[States, Articles, Sequence[Report], Ragged, frozenset[int]]:
        """Clean what comes, and again what is affected; of this only what is another report then gets a new slot."""
        taken_in, means, came = arrived.taken, self.means, len(arrived.numbers)
        renamed = dict(taken_in.articles.renamed)
        places = [taken_in.articles.places]
        stored: dict[int, Report] = {}
        for start in range(0, len(affected), _READ):
            read = self._read(before, affected[start : start + _READ])
            places.append(self.spool.add([pack_article(loaded_as(record)) for record, _, _ in read]))
            renamed |= {came + start + i: row[1:] for i, row in enumerate(read)}
            stored |= {start + i: stored_report(*row) for i, row in enumerate(read)}
        articles = Articles(self.spool, Places.joined(places), renamed)
        reports_spool = self.desk.spool
        cleaning = Cleaning(articles, repeated.table, means.resources.background, reports_spool, Vocabulary())
        cleaned = clean_and_fingerprint(cleaning, means.workplace.folder, means.workers, means.progress)
        same = {i for i, was in stored.items() if _same(was, cleaned.reports.read(came + i))}
        again = [i for i in stored if self.anew or i not in same]
        kept = np.concatenate([np.arange(came), came + np.array(again, dtype=np.int64)])
        back = affected[np.array(again, dtype=np.int64)]
        rows = np.zeros(len(kept), dtype=ROW)
        rows[came:] = before.rows[back]
        rows["content"][:came], rows["raw"][:came] = taken_in.content, taken_in.ids
        rows["outlet"][:came], rows["titled"][:came] = taken_in.outlets, taken_in.titled
        prints = taken(cleaned.prints, kept)
        rows["text"], rows["words"], rows["kept"] = prints.text_key, prints.words, prints.shingles.sizes
        rows["name"], rows["version"] = cleaned.ids[kept].T
        slots = self.next_slot + np.arange(len(kept))
        if self.next_slot + len(kept) > MAX_ARTICLES:
            raise StoreError(
                f"the store has had {self.next_slot:,} reports and can number {MAX_ARTICLES:,}; "
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
        own = Places(Places.joined(places).rows[kept])
        now_called = {new: renamed[int(at)] for new, at in enumerate(kept) if int(at) in renamed}
        articles = Articles(self.spool, own, now_called)
        spots = Places(cleaned.reports.places.rows[kept])
        self.desk.lay(slots, spots, prints, cleaned.dates[kept], cleaned.days[kept])
        lines = stacked([taken_in.lines, lines_of(self.db, before.slots[back])], np.uint64)
        unchanged = frozenset(before.numbers[affected[sorted(same)]].tolist())
        return states, articles, Shelf(reports_spool, spots, unpack_report), lines, unchanged

    def _read(self, before: Known, places: Ints) -> list[tuple[bytes, str, str | None]]:
        statement = (
            "SELECT slot, texts.record, article_id, version_of FROM articles JOIN texts USING (slot) WHERE slot IN"
        )
        found = {row[0]: row[1:] for row in chosen(self.db, statement, before.slots[places])}
        return [found[slot] for slot in before.slots[places].tolist()]

    # -- pairs ---------------------------------------------------------------------------------------------------------

    def _first(self, states: States, flags: Flags, decided: Decided) -> Ints:
        """Return for each place in `states` the place of the first with its text, -1 for those not there.

        Who is parted from others by a decision is a copy of those alone that are parted from the same.
        """
        text = texts_of(states.rows, states.numbers, decided)
        there = np.flatnonzero(flags)
        there = there[np.argsort(states.rank[there])]
        order, fresh = by_hash(text[there])
        there = there[order]
        first = np.full(len(flags), -1)
        first[there] = there[np.flatnonzero(fresh)][np.cumsum(fresh) - 1] if len(there) else there
        return first

    def _paired(self, states: States, first: Sequence[Ints]) -> Paired:
        size = int(states.slots.max(initial=-1)) + 1
        before, after = np.zeros(size, dtype=bool), np.zeros(size, dtype=bool)
        for flags, own in zip((before, after), first, strict=True):
            flags[states.slots[_heads(own)]] = True
        rank = np.zeros(size, dtype=np.int64)
        rank[states.slots] = states.rank
        return Paired(before, after, rank)

    def _worth(
        self, states: States, first: Sequence[Ints], scored: _StoredPairs, own: Hashes
    ) -> tuple[Ints, Pairs, Pairs]:
        """Return the slots that are paired anew, the pairs of them that share enough 3-grams, and those of versions."""
        paired = self._paired(states, first)
        before, versions = (
            self._versions(states, flags, each)
            for flags, each in zip((states.before, states.after), first, strict=True)
        )
        if not (states.before & states.after).any():
            return *self._all_worth(states, first[1]), versions
        sizes = np.zeros(len(paired.rank), dtype=np.int32)
        sizes[states.slots] = states.rows["kept"]
        ranges = postings.parts(self.db)

        def lookup(wanted: Hashes) -> Iterator[Hashes]:
            for low, high in ranges:
                some = wanted[np.searchsorted(wanted, np.uint64(low)) : np.searchsorted(wanted, np.uint64(high))]
                new = own[np.searchsorted(own, np.uint64(low << postings.SLOT_BITS)) :]
                if high < 1 << 64 - postings.SLOT_BITS:
                    new = new[: np.searchsorted(new, np.uint64(high << postings.SLOT_BITS))]
                yield np.concatenate(
                    [postings.holding(self.db, some, low, high), new[postings.held(postings.grams(new), some)]]
                )

        stored = pack(scored.pairs)
        gaining, losing = touched(paired, self.desk.shingles, np.sort(stored), lookup)
        other = np.concatenate(
            [before[~among(pack(before), pack(versions))], versions[~among(pack(versions), pack(before))]]
        )
        gaining = np.union1d(gaining, other[paired.after[other]])
        asked = np.union1d(gaining, losing)
        found = meetings(paired, asked, self.desk.shingles(asked), sizes, lookup)
        # Of two that can only meet less often than before, a pair that is not stored was not worth it then either.
        found = found[among(found, gaining).any(axis=1) | among(pack(found), stored)]
        return asked, found, versions[among(versions, asked).any(axis=1)]

    def _all_worth(self, states: States, first: Ints) -> tuple[Ints, Pairs]:
        """Pair all that comes to a store that is empty."""
        means, offset = self.means, len(states.slots) - len(self.desk.prints)
        own = _heads(first)
        own = own[np.argsort(states.rank[own])]
        number = np.full(len(states.slots), -1)
        number[own] = np.arange(len(own))
        nothing = np.empty((0, 2), dtype=np.int64)
        found = worth_scoring(
            self.desk.prints, own - offset, nothing, means.resources.background, means.config, means.workplace.folder,
            means.workers,
        )  # fmt: skip
        return states.slots[own], states.slots[own][found]

    def _versions(self, states: States, flags: Flags, first: Ints) -> Pairs:
        """Return the pairs of versions of one article, by slots of the first with each text, in content order.

        Of those that `flags` let in.
        """
        there = np.flatnonzero(flags)
        rows = states.rows[there]
        pairs = there[versions_of(rows["name"], rows["version"])]
        pairs = pairs[(states.rows["words"][pairs] > 0).all(axis=1)]
        pairs = first[pairs]
        pairs = pairs[pairs[:, 0] != pairs[:, 1]]
        swapped = states.rank[pairs[:, 0]] > states.rank[pairs[:, 1]]
        pairs[swapped] = pairs[swapped][:, ::-1]
        found: Pairs = states.slots[np.unique(pairs, axis=0)].reshape(-1, 2)
        return found

    def _dropped(self, states: States, first: Sequence[Ints], scored: _StoredPairs, asked: Ints, worth: Pairs) -> Pairs:
        """Return the stored pairs that are worth scoring no more."""
        after = states.slots[_heads(first[1])]
        gone = ~among(scored.pairs, after).all(axis=1)
        lost = among(scored.pairs, asked).any(axis=1) & ~among(pack(scored.pairs), pack(worth))
        return scored.pairs[gone | lost]

    def _scored(self, states: States, scored: _StoredPairs, worth: Pairs, versions: Pairs) -> tuple[Standings, Flags]:
        """Score the pairs that were not scored yet; returns their standings by slots."""
        means = self.means
        stored = pack(scored.pairs)
        worth, versions = (each[~among(pack(each), stored)] for each in (worth, versions))
        self.desk.fetch(np.concatenate([worth, versions]).ravel())
        if len(scored.pairs) or len(states.slots) > len(self.desk.prints):
            places = self.desk.places(worth)
            worth = worth[verified(self.desk.prints, places, means.resources.background, means.workers)]
        pairs = np.concatenate([worth, versions[~among(pack(versions), pack(worth))]])
        means.progress.stage("score", len(pairs))
        places = self.desk.places(pairs)
        order = side_by_side(places, len(self.desk.prints))
        pairs = pairs[order]
        shared = Scoring(self.desk.resources(), places[order])
        parts, templates = [], np.zeros(len(pairs), dtype=bool)
        chunks = chunks_of(len(pairs), _PAIRS)
        for chunk, part in zip(chunks, spread(score_chunk, shared, chunks, means.workers), strict=True):
            templates[chunk.start + part.templates] = True
            parts.append(part.standings)
            means.progress.advance(len(chunk))
        return Standings.chained(parts).over(pairs), templates

    # -- stories -------------------------------------------------------------------------------------------------------

    def _decided_pairs(self, states: States, first: Ints, pairs: Pairs) -> Pairs:
        """Return pairs of articles by slots of the first with each text; without those that are gone."""
        there = np.flatnonzero(states.after)
        place = dict(zip(states.numbers[there].tolist(), there.tolist(), strict=True)) if len(pairs) else {}
        found = [[first[place[i]] for i in pair] for pair in pairs.tolist() if all(i in place for i in pair)]
        return states.slots[np.array(found, dtype=np.int64).reshape(-1, 2)].reshape(-1, 2)

    def _reached(self, states: States, first: Sequence[Ints], ties: Pairs, changed: Ints) -> Ints:
        """Return the places, in content order, of all articles in a component of ties that the change reaches.

        `changed` are slots of which a pair came, went or was scored.
        """
        size = int(states.slots.max(initial=-1)) + 1
        before, after = first
        hit = np.zeros(size, dtype=bool)
        hit[changed] = True
        moved = np.isin(states.numbers, self.decided[0].changed(self.decided[1])) & states.after
        # The copies of whoever comes, goes or was decided on.
        came = states.after & ~states.before | moved
        hit[states.slots[after[came]]] = True
        left = distinct(before[states.before & (~states.after | moved)])
        same = np.flatnonzero(states.before & states.after)
        hit[states.slots[after[same[among(before[same], left)]]]] = True
        parts = components(size, ties[:, 0], ties[:, 1])
        home = np.full(size, -1)
        home[parts.values] = np.repeat(np.arange(len(parts)), parts.sizes)
        inside = np.zeros(len(parts) + 1, dtype=bool)  # the last is that of those that are in none
        inside[home[hit]] = True
        inside[-1] = False
        wanted = hit | inside[home]
        there = np.flatnonzero(states.after)
        there = there[wanted[states.slots[after[there]]]]
        found: Ints = there[np.argsort(states.rank[there])]
        return found

    def _matched(self, states: States, first: Ints, reached: Ints, dropped: Pairs, new: Standings) -> Matched:
        """Cluster the articles that were reached."""
        slots = states.slots[reached]
        self.desk.fetch(slots)
        prints = taken(self.desk.prints, self.desk.places(slots))
        resources = self.desk.resources(slots)
        heads, group = np.unique(states.rank[first[reached]], return_inverse=True)
        order = np.argsort(group, kind="stable")
        groups = Ragged(order, bounds_of(np.bincount(group, minlength=len(heads))))
        firsts = groups.values[groups.bounds[:-1]]
        number = np.full(int(states.slots.max(initial=-1)) + 1, -1)
        number[slots[firsts]] = np.arange(len(firsts))
        stored, _ = standings_of(self.db, slots[firsts])
        whole = Standings.joined([stored.chosen(~among(pack(stored.pairs), pack(dropped))), new])
        whole = whole.chosen(np.flatnonzero((number[whole.pairs] >= 0).all(axis=1)))
        pairs = number[whole.pairs]
        order = np.lexsort((pairs[:, 1], pairs[:, 0]))
        pairs, whole = pairs[order], whole.chosen(order)
        together, apart = (
            np.sort(number[each][(number[each] >= 0).all(axis=1)], axis=1)
            for each in (
                self._decided_pairs(states, first, one) for one in (self.decided[1].together, self.decided[1].apart)
            )
        )
        shared = Clustering(resources, prints, firsts, pairs, whole.numbers[:, 0], self.threshold, together, apart)
        joined: list[Cluster] = sorted(
            clusters_of(shared, len(groups), self.means.workers), key=lambda each: each.members
        )
        dates, days = self.desk.dates(slots)
        return Matched(
            resources, prints, dates, days, groups, {}, set(), joined, whole.over(firsts[pairs]),
            int((prints.words == 0).sum()),
        )  # fmt: skip


def neighbours(db: sqlite3.Connection, growth: Growth) -> list[Article]:
    """Return the known articles that a change would reach, or whose reports it would score beside those that come."""
    states, before = growth.states, growth.known
    old = growth.reached[growth.reached < len(before)]
    near = np.flatnonzero(among(before.slots, growth.scored.pairs.ravel()))
    asked = distinct(before.stories[among(before.rows["raw"], growth.came)])
    alike = np.flatnonzero(among(before.stories, asked))
    places = distinct(np.concatenate([old, near, alike, np.flatnonzero(~states.after[: len(before)])]))
    statement = "SELECT article_id, version_of, texts.record FROM articles JOIN texts USING (slot) WHERE slot IN"
    found = chosen(db, statement, before.slots[places])
    return [stored_article(record, article_id, version_of) for article_id, version_of, record in found]


@dataclass(frozen=True)
class _StoredPairs:
    pairs: Pairs
    probabilities: NDArray[np.float64]


def _stored_pairs(db: sqlite3.Connection) -> _StoredPairs:
    found = chain.from_iterable(db.execute("SELECT i, j, probability FROM pairs"))
    rows = np.fromiter(found, dtype=np.float64).reshape(-1, 3)
    return _StoredPairs(rows[:, :2].astype(np.int64), rows[:, 2])


def texts_of(rows: NDArray[np.void], numbers: Ints, decided: Decided) -> Hashes:
    """Return two numbers an article that are equal for those of one text, if they are parted from the same others."""
    text: Hashes = rows["text"].reshape(-1, 2).copy()
    foes: dict[int, list[int]] = {}
    for one, other in decided.apart.tolist():
        foes.setdefault(one, []).append(other)
        foes.setdefault(other, []).append(one)
    for at in np.flatnonzero(np.isin(numbers, decided.apart)).tolist():
        key = hashlib.blake2b(text[at].tobytes(), digest_size=16)
        key.update(repr(sorted(foes[int(numbers[at])])).encode())
        text[at] = np.frombuffer(key.digest(), dtype="<u8")
    return text


def standings_of(db: sqlite3.Connection, slots: Ints) -> tuple[Standings, Flags]:
    """Return the stored pairs that begin with one of the slots, and which of them are one template."""
    rows = list(chosen(db, f"SELECT {', '.join(STANDING)}, template FROM pairs WHERE i IN", slots))
    found = Standings.of(
        np.array([row[:2] for row in rows], dtype=np.int64).reshape(-1, 2),
        [Score(row[2], row[3], row[4], Relation(row[5]), Direction(row[6])) for row in rows],
    )
    return found, np.array([row[7] for row in rows], dtype=bool)


STANDING = ("i", "j", "probability", "containment", "similarity", "relation", "direction")


def _heads(first: Ints) -> Ints:
    """Return the places of those that are the first with their text."""
    return np.flatnonzero(first == np.arange(len(first)))


def _same(one: Report, other: Report) -> bool:
    return all(getattr(one, name) == getattr(other, name) for name in _OWN)
