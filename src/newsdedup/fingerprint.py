"""Stage 3 of 8: fingerprint. Reports -> columns: hashes of text, word runs and stems, what the cheap stages compare.

Every report of a run gets these, in batches over joined text (see `hashing`); a `Profile` only gets who must be
compared sentence by sentence.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain

import numpy as np
from numpy.typing import NDArray

from newsdedup.arrays import Ints, Ragged, bounds_of, stacked
from newsdedup.features import Profile, SentenceMaker, profile, shingle
from newsdedup.hashing import Hashes, Stems, Tokens, Vocabulary, tokenise
from newsdedup.idf import Background
from newsdedup.models import Report
from newsdedup.thresholds import (
    FINGERPRINT_CHARS,
    RELATED_LEAD,
    RELATED_NAME_RARITY,
    SAME_TEXT_TITLE,
    SAME_TEXT_WORDS,
    SAMPLE_RATE,
    SHORT_REPORT,
)


@dataclass(frozen=True, slots=True)
class Fingerprints:
    """Columns over reports: what tells one text from another, what pairs reports, and what links stories.

    `words` (int32) counts the words of the body, 0 where there is none. `text_key` (uint64, two a report) is equal for
    reports of one text. `shingles` (uint64) are the kept ones of the unique sorted hashes of word 3-grams, of which
    there were `shingle_counts` (int32). `stems` (uint32) are the unique stems of the body, sorted: the low 32 bits of
    `hash_word`, by which `Background` finds their rarity.

    For `related`, stems likewise: those of the `title` (none where it was inferred), of title and first RELATED_LEAD
    sentences (`lead`, with how many of these parts hold each in `lead_counts`, uint8, of the same bounds) and of the
    `first` sentence. `lead_names` (uint64) are the names of two and of three words in the lead's sentences that are
    rare enough, as hashes, unique and sorted. `names` are the stems of single names in the body, of most of them.
    """

    words: NDArray[np.int32]
    text_key: NDArray[np.uint64]
    shingles: Ragged
    shingle_counts: NDArray[np.int32]
    stems: Ragged
    title: Ragged
    lead: Ragged
    lead_counts: Ragged
    first: Ragged
    lead_names: Ragged
    names: Ragged

    def __len__(self) -> int:
        return len(self.words)


def fingerprint(
    reports: Sequence[Report], background: Background, vocabulary: Vocabulary | None = None
) -> Fingerprints:
    """Return the columns of the reports, in order.

    They depend on each report alone, not on the batch nor on the `vocabulary`, which only saves time: keep one for all
    calls in a process.
    """
    vocabulary = vocabulary or Vocabulary()
    return joined([_columns(batch, background, vocabulary) for batch in _batches(reports)])


def joined(parts: Sequence[Fingerprints]) -> Fingerprints:
    """Return the columns of all parts, one part after the other."""
    return Fingerprints(
        words=np.concatenate([np.empty(0, dtype=np.int32), *(part.words for part in parts)]),
        text_key=np.concatenate([np.empty((0, 2), dtype=np.uint64), *(part.text_key for part in parts)]),
        shingles=stacked((part.shingles for part in parts), np.uint64),
        shingle_counts=np.concatenate([np.empty(0, dtype=np.int32), *(part.shingle_counts for part in parts)]),
        stems=stacked((part.stems for part in parts), np.uint32),
        title=stacked((part.title for part in parts), np.uint32),
        lead=stacked((part.lead for part in parts), np.uint32),
        lead_counts=stacked((part.lead_counts for part in parts), np.uint8),
        first=stacked((part.first for part in parts), np.uint32),
        lead_names=stacked((part.lead_names for part in parts), np.uint64),
        names=stacked((part.names for part in parts), np.uint32),
    )


def profiles(reports: Iterable[Report], background: Background) -> list[Profile]:
    """Return the profile of every report, in order; one maker serves the batch."""
    maker = SentenceMaker(background)
    return [profile(report, maker) for report in reports]


def _batches(reports: Sequence[Report]) -> Iterator[Sequence[Report]]:
    """Part reports so that the arrays over a part's text stay in the cache."""
    start, size = 0, 0
    for i, report in enumerate(reports):
        size += len(report.article.text)
        if size >= FINGERPRINT_CHARS:
            yield reports[start : i + 1]
            start, size = i + 1, 0
    if start < len(reports):
        yield reports[start:]


def _columns(reports: Sequence[Report], background: Background, vocabulary: Vocabulary) -> Fingerprints:
    """Return the columns of one batch."""
    sentences = [report.sentences for report in reports]
    titles = [report.title or "" for report in reports]
    tokens = tokenise([*chain.from_iterable(sentences), *titles])
    stems = vocabulary.stems(tokens)
    ends = bounds_of([len(each) for each in sentences])
    body = tokens.bounds[ends]  # the words of report i; those of its title come behind all bodies
    said = tokens.bounds[int(ends[-1]) :]
    sizes = np.diff(body)
    shingles, shingle_counts = sample(shingles_of(tokens.hashes[: body[-1]], body))
    row = np.repeat(np.arange(len(reports)), sizes)
    whole = _unique(row, stems[: body[-1]], len(reports))
    named = np.flatnonzero(tokens.named[: body[-1]])
    given = np.where([report.title_inferred for report in reports], 0, np.diff(said))
    title_at = _places(said[:-1], given)
    title = _unique(np.repeat(np.arange(len(reports)), given), stems[title_at], len(reports))
    lead, lead_counts = _lead(tokens, stems, ends, title)
    opening = np.diff(tokens.bounds[np.minimum(np.stack((ends[:-1], ends[:-1] + 1)), ends[1:])], axis=0)[0]
    first_at = _places(body[:-1], opening)
    sure = (sizes >= SAME_TEXT_WORDS) & (_told(title, whole, background) >= SAME_TEXT_TITLE)
    return Fingerprints(
        words=sizes.astype(np.int32),
        text_key=_text_keys(reports, sentences, tokens.hashes, (body, said), sure),
        shingles=shingles,
        shingle_counts=shingle_counts,
        stems=whole,
        title=title,
        lead=lead,
        lead_counts=lead_counts,
        first=_unique(np.repeat(np.arange(len(reports)), opening), stems[first_at], len(reports)),
        lead_names=_names([each[:RELATED_LEAD] for each in sentences], background, vocabulary),
        names=_unique(row[named], stems[named], len(reports)),
    )


def _places(starts: Ints, sizes: Ints) -> Ints:
    """Return the places `starts[i]`, `starts[i] + 1`, ... of each i, so many as its size, one after the other."""
    bounds = bounds_of(sizes)
    places: Ints = np.arange(int(bounds[-1])) + np.repeat(starts - bounds[:-1], sizes)
    return places


def _unique(rows: Ints, values: Stems, count: int) -> Ragged:
    """Return the unique values of each row, sorted."""
    packed = rows.astype(np.uint64) << np.uint64(32) | values
    packed.sort()
    packed = packed[_changes(packed)]
    return Ragged(packed.astype(np.uint32), _row_bounds(packed, count))


def _row_bounds(packed: Hashes, count: int) -> Ints:
    """Return where each row begins in sorted values that hold their row over 32 bits."""
    return np.searchsorted(packed, np.arange(count + 1, dtype=np.uint64) << np.uint64(32)).astype(np.int64)


def _changes(values: NDArray[np.uint64]) -> NDArray[np.bool_]:
    """Tell which values differ from the one before; the first does."""
    out = np.ones(len(values), dtype=bool)
    out[1:] = values[1:] != values[:-1]
    return out


def shingles_of(hashes: Hashes, bounds: Ints) -> Ragged:
    """Return the unique, sorted word 3-gram hashes (uint64) of each report, whose words stand between the bounds.

    `hashes` are those of words, as `tokenise` gives them; report i has those from `bounds[i]` to `bounds[i + 1]`.
    """
    sizes = np.maximum(np.diff(bounds) - 2, 0)
    found, at = shingle(hashes, 3)[_places(bounds[:-1], sizes)], bounds_of(sizes)
    for start, end in zip(at[:-1].tolist(), at[1:].tolist(), strict=True):
        found[start:end].sort()
    fresh = _changes(found)
    fresh[at[:-1][sizes > 0]] = True
    return Ragged(found[fresh], bounds_of(fresh.astype(np.int64))[at])


def sample(shingles: Ragged) -> tuple[Ragged, NDArray[np.int32]]:
    """Return the kept ones of unique, sorted shingles, and how many there were: all of a short report's, else a sample.

    The sample is of those under a bound, the same for all reports, but SHORT_REPORT at least.
    """
    sizes = shingles.sizes
    rank = np.arange(len(shingles.values)) - np.repeat(shingles.bounds[:-1], sizes)
    kept = (shingles.values < np.uint64((1 << 64) // SAMPLE_RATE)) | (rank < SHORT_REPORT)
    bounds = bounds_of(kept.astype(np.int64))[shingles.bounds]
    return Ragged(shingles.values[kept], bounds), sizes.astype(np.int32)


def _lead(tokens: Tokens, stems: Stems, ends: Ints, title: Ragged) -> tuple[Ragged, Ragged]:
    """Return the unique stems of title and first sentences, and in how many of these parts each stands."""
    count = len(title)
    sentences = np.minimum(np.diff(ends), RELATED_LEAD)
    at = _places(ends[:-1], sentences)
    sizes = np.diff(tokens.bounds)[at]
    report = np.repeat(np.arange(count), sentences)
    said = _unique(np.repeat(np.arange(len(at)), sizes), stems[_places(tokens.bounds[at], sizes)], len(at))
    rows = np.concatenate((np.repeat(np.arange(count), title.sizes), np.repeat(report, said.sizes)))
    packed = rows.astype(np.uint64) << np.uint64(32) | np.concatenate((title.values, said.values))
    packed.sort()
    first = np.flatnonzero(_changes(packed))
    counts = np.diff(np.concatenate((first, [len(packed)]))).astype(np.uint8)
    bounds = _row_bounds(packed[first], count)
    return Ragged(packed[first].astype(np.uint32), bounds), Ragged(counts, bounds)


def _told(title: Ragged, whole: Ragged, background: Background) -> NDArray[np.float64]:
    """Return which share of the title's rarity mass each report holds, 0 to 1; 1 without a title."""
    rows = np.repeat(np.arange(len(title)), title.sizes)
    weights = background.weights(title.values.astype(np.uint64))
    packed = np.repeat(np.arange(len(whole), dtype=np.uint64), whole.sizes) << np.uint64(32) | whole.values
    asked = rows.astype(np.uint64) << np.uint64(32) | title.values
    there = np.zeros(len(asked), dtype=bool)
    if len(packed):
        there = packed[np.minimum(np.searchsorted(packed, asked), len(packed) - 1)] == asked
    total = np.bincount(rows, weights=weights, minlength=len(title))
    held = np.bincount(rows, weights=weights * there, minlength=len(title))
    return np.where(total > 0, held / np.maximum(total, 1e-9), 1.0)


def _text_keys(
    reports: Sequence[Report],
    sentences: Sequence[Sequence[str]],
    hashes: Hashes,
    bounds: tuple[Ints, Ints],
    sure: NDArray[np.bool_],
) -> NDArray[np.uint64]:
    """Return 128 bits that are equal for reports of one text: of the words, and where they do not do, of the title's.

    Reports of one text are one thing to match; those without a sentence stand alone.
    """
    body, said = (each.tolist() for each in bounds)
    out = bytearray()
    for i, report in enumerate(reports):
        if sentences[i]:
            key = hashlib.blake2b(hashes[body[i] : body[i + 1]].tobytes(), digest_size=16, person=b"text")
            if not sure[i] and said[i] < said[i + 1]:
                key.update(b"title" + hashes[said[i] : said[i + 1]].tobytes())
        else:
            own = f"{report.article.content_hash}\x00{report.article.article_id}".encode("utf-8", "surrogatepass")
            key = hashlib.blake2b(own, digest_size=16, person=b"empty")
        out += key.digest()
    return np.frombuffer(out, dtype=np.uint64).reshape(-1, 2)


_MARKS = "\"'“”‘’«»„()[].,;:!?…*"
# Words in a row of which none begins with a small letter of ASCII. Looks behind, since else a text of one word would
# be gone through from each of its characters.
_NO_SMALL = re.compile(r"(?<!\S)[^\sa-z]\S*+(?:\s++[^\sa-z]\S*+)++")


def _names(leads: Sequence[Sequence[str]], background: Background, vocabulary: Vocabulary) -> Ragged:
    """Return the hashes of the names of two and of three words in each lead that are rare enough, unique and sorted.

    A name is of words in a row that begin with a capital and go on in small letters, but for a sentence's first.
    """
    runs: list[list[str]] = []
    owner: list[int] = []
    for i, lead in enumerate(leads):
        found = [run for sentence in lead for run in _capitals(sentence)]
        runs += found
        owner += [i] * len(found)
    parts = list(chain.from_iterable(runs))
    tokens = tokenise(parts)
    stems = vocabulary.stems(tokens)
    last = tokens.bounds[1:] - 1
    named = np.diff(tokens.bounds) > 0
    stem = np.zeros(len(parts), dtype=np.uint64)
    stem[named] = stems[last[named]]
    weight = background.weights(stem)
    run = np.repeat(np.arange(len(runs)), [len(each) for each in runs])
    report = np.array(owner, dtype=np.int64)[run]
    rows, values = [], []
    for n in (2, 3):
        count = max(len(parts) - n + 1, 0)
        mass = sum((weight[i : i + count] for i in range(n)), np.zeros(count))
        rare = (run[:count] == run[n - 1 :]) & (mass >= RELATED_NAME_RARITY)
        rows.append(report[:count][rare])
        values.append(shingle(stem, n)[rare])
    row, value = np.concatenate(rows), np.concatenate(values)
    order = np.lexsort((value, row))
    row, value = row[order], value[order]
    fresh = np.ones(len(row), dtype=bool)
    fresh[1:] = (row[1:] != row[:-1]) | (value[1:] != value[:-1])
    return Ragged(value[fresh], bounds_of(np.bincount(row[fresh], minlength=len(leads))))


def _capitals(sentence: str) -> list[list[str]]:
    """Return the runs of two words or more that begin with a capital and go on in small letters."""
    found: list[list[str]] = []
    opening = len(sentence) - len(sentence.lstrip())
    for row in _NO_SMALL.finditer(sentence):
        tokens = row[0].split()
        run: list[str] = []
        for token in tokens if row.start() > opening else tokens[1:]:
            word = token.strip(_MARKS)
            if not word[:1].isupper() or word[1:].isupper():
                found.append(run)
                run = []
                continue
            if token[0] != word[0]:
                found.append(run)
                run = []
            run.append(word)
            if token[-1] != word[-1]:
                found.append(run)
                run = []
        found.append(run)
    return [run for run in found if len(run) > 1]
