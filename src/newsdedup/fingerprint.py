"""Stage 3 of 8: fingerprint. Reports -> columns of hashes (text, word 3-grams, stems) that the cheap stages compare.

Every report of a run is fingerprinted, in batches over joined text (see `hashing`). `ReportFeatures` are built only for
reports that must be compared sentence by sentence.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain

import numpy as np
from numpy.typing import NDArray

from newsdedup.arrays import (
    Flags,
    Floats,
    Hashes,
    Ints,
    Ragged,
    bounds_from_sizes,
    concat_ranges,
    concat_rows,
    find_run_starts,
    row_numbers,
    run_starts_and_sizes,
)
from newsdedup.features import ReportFeatures, SentencePreparer, build_features, hash_ngrams, is_in_sorted
from newsdedup.hashing import Stems, Tokens, Vocabulary, tokenise
from newsdedup.idf import IdfTable
from newsdedup.models import Report
from newsdedup.thresholds import (
    FINGERPRINT_BATCH_CHARS,
    MIN_SAMPLED_SHINGLES,
    RELATED_LEAD_SENTENCES,
    RELATED_NAME_MIN_IDF,
    SAME_TEXT_MIN_TITLE_COVERAGE,
    SAME_TEXT_MIN_WORDS,
    SHINGLE_SAMPLE_RATE,
)


@dataclass(frozen=True, slots=True)
class Fingerprints:
    """Columns over reports, one row per report: keys of identical texts, shingles, and stems.

    `word_counts` (int32): words of the body, 0 without a body. `text_keys` (uint64, shape (n, 2)): equal for reports of
    one text. `shingles` (uint64): the sampled hashes of word 3-grams, unique and sorted; `shingle_counts` (int32): how
    many there were before sampling. `stems` (uint32): the unique stems of the body, sorted, as the low 32 bits of
    `hash_word`, the key of `IdfTable.lookup`.

    The other columns are for `related`; stems are of the same form. `title_stems`: of the title, none if it was
    inferred. `lead_stems`: of the title and the first RELATED_LEAD_SENTENCES sentences, with the number of these parts
    that contain each in `lead_counts` (uint8, same bounds). `first_sentence`: of the first sentence. `lead_names`
    (uint64): hashes of the rare names of two and three words in the lead, unique and sorted. `name_stems`: of most
    capitalised tokens in the body.
    """

    word_counts: NDArray[np.int32]
    text_keys: Hashes
    shingles: Ragged
    shingle_counts: NDArray[np.int32]
    stems: Ragged
    title_stems: Ragged
    lead_stems: Ragged
    lead_counts: Ragged
    first_sentence: Ragged
    lead_names: Ragged
    name_stems: Ragged

    def __len__(self) -> int:
        return len(self.word_counts)


def fingerprint(reports: Sequence[Report], idf_table: IdfTable, vocabulary: Vocabulary | None = None) -> Fingerprints:
    """Return the columns of the reports, in order.

    A row depends on its report alone, neither on the batch nor on the `vocabulary`, which only saves time: keep one for
    all calls in a process.
    """
    vocabulary = vocabulary or Vocabulary()
    return concat_fingerprints([_fingerprint_batch(batch, idf_table, vocabulary) for batch in _iter_batches(reports)])


def concat_fingerprints(parts: Sequence[Fingerprints]) -> Fingerprints:
    """Concatenate the rows of all parts."""
    return Fingerprints(
        word_counts=np.concatenate([np.empty(0, dtype=np.int32), *(part.word_counts for part in parts)]),
        text_keys=np.concatenate([np.empty((0, 2), dtype=np.uint64), *(part.text_keys for part in parts)]),
        shingles=concat_rows((part.shingles for part in parts), np.uint64),
        shingle_counts=np.concatenate([np.empty(0, dtype=np.int32), *(part.shingle_counts for part in parts)]),
        stems=concat_rows((part.stems for part in parts), np.uint32),
        title_stems=concat_rows((part.title_stems for part in parts), np.uint32),
        lead_stems=concat_rows((part.lead_stems for part in parts), np.uint32),
        lead_counts=concat_rows((part.lead_counts for part in parts), np.uint8),
        first_sentence=concat_rows((part.first_sentence for part in parts), np.uint32),
        lead_names=concat_rows((part.lead_names for part in parts), np.uint64),
        name_stems=concat_rows((part.name_stems for part in parts), np.uint32),
    )


def build_features_batch(reports: Iterable[Report], idf_table: IdfTable) -> list[ReportFeatures]:
    """Return the features of every report, in order; one `SentencePreparer` serves the batch."""
    preparer = SentencePreparer(idf_table)
    return [build_features(report, preparer) for report in reports]


def _iter_batches(reports: Sequence[Report]) -> Iterator[Sequence[Report]]:
    """Split reports into batches whose arrays fit into the CPU cache."""
    start, size = 0, 0
    for i, report in enumerate(reports):
        size += len(report.article.text)
        if size >= FINGERPRINT_BATCH_CHARS:
            yield reports[start : i + 1]
            start, size = i + 1, 0
    if start < len(reports):
        yield reports[start:]


def _fingerprint_batch(reports: Sequence[Report], idf_table: IdfTable, vocabulary: Vocabulary) -> Fingerprints:
    """Return the columns of one batch."""
    sentences = [report.sentences for report in reports]
    titles = [report.title or "" for report in reports]
    tokens = tokenise([*chain.from_iterable(sentences), *titles])
    stems = vocabulary.stem_hashes(tokens)
    sentence_bounds = bounds_from_sizes([len(texts) for texts in sentences])
    body_bounds = tokens.bounds[sentence_bounds]  # word bounds of each body; the titles follow all bodies
    title_bounds = tokens.bounds[int(sentence_bounds[-1]) :]
    sizes = np.diff(body_bounds)
    shingles, shingle_counts = sample_shingles(hash_shingles(tokens.hashes[: body_bounds[-1]], body_bounds))
    report_rows = np.repeat(np.arange(len(reports)), sizes)
    body_stems = _unique_per_row(report_rows, stems[: body_bounds[-1]], len(reports))
    name_positions = np.flatnonzero(tokens.is_name[: body_bounds[-1]])
    title_sizes = np.where([report.title_inferred for report in reports], 0, np.diff(title_bounds))
    title_stems = _unique_of_ranges(stems, title_bounds[:-1], title_sizes)
    lead_stems, lead_counts = _count_lead_stems(tokens, stems, sentence_bounds, title_stems)
    first_ends = tokens.bounds[np.minimum(sentence_bounds[:-1] + 1, sentence_bounds[1:])]
    is_body_enough = (sizes >= SAME_TEXT_MIN_WORDS) & (
        _compute_title_coverage(title_stems, body_stems, idf_table) >= SAME_TEXT_MIN_TITLE_COVERAGE
    )
    return Fingerprints(
        word_counts=sizes.astype(np.int32),
        text_keys=_hash_texts(reports, sentences, tokens.hashes, (body_bounds, title_bounds), is_body_enough),
        shingles=shingles,
        shingle_counts=shingle_counts,
        stems=body_stems,
        title_stems=title_stems,
        lead_stems=lead_stems,
        lead_counts=lead_counts,
        first_sentence=_unique_of_ranges(stems, body_bounds[:-1], first_ends - body_bounds[:-1]),
        lead_names=_hash_names([texts[:RELATED_LEAD_SENTENCES] for texts in sentences], idf_table, vocabulary),
        name_stems=_unique_per_row(report_rows[name_positions], stems[name_positions], len(reports)),
    )


def _unique_per_row(rows: Ints, values: Stems, count: int) -> Ragged:
    """Return the unique values of each row, sorted; `rows[k]` is the row of `values[k]`."""
    packed = _pack(rows, values)
    packed.sort()
    packed = packed[find_run_starts(packed)]
    return Ragged(packed.astype(np.uint32), _find_row_bounds(packed, count))


def _pack(rows: Ints, values: Stems) -> Hashes:
    """Return numbers with the row in the upper 32 bits and the value below it."""
    return rows.astype(np.uint64) << np.uint64(32) | values


def _unique_of_ranges(values: Stems, starts: Ints, sizes: Ints) -> Ragged:
    """Return the unique values of each range, sorted: row i is made of the `sizes[i]` values from `starts[i]` on."""
    rows = np.repeat(np.arange(len(sizes)), sizes)
    return _unique_per_row(rows, values[concat_ranges(starts, sizes)], len(sizes))


def _find_row_bounds(packed: Hashes, count: int) -> Ints:
    """Return the row bounds of sorted numbers from `_pack`."""
    return np.searchsorted(packed, np.arange(count + 1, dtype=np.uint64) << np.uint64(32)).astype(np.int64)


def hash_shingles(hashes: Hashes, bounds: Ints) -> Ragged:
    """Return the unique, sorted word 3-gram hashes (uint64) of each report.

    `hashes` are word hashes from `tokenise`; report i has those from `bounds[i]` to `bounds[i + 1]`.
    """
    sizes = np.maximum(np.diff(bounds) - 2, 0)
    shingles, shingle_bounds = hash_ngrams(hashes, 3)[concat_ranges(bounds[:-1], sizes)], bounds_from_sizes(sizes)
    for start, end in zip(shingle_bounds[:-1].tolist(), shingle_bounds[1:].tolist(), strict=True):
        shingles[start:end].sort()
    is_first = find_run_starts(shingles)
    is_first[shingle_bounds[:-1][sizes > 0]] = True
    return Ragged(shingles[is_first], bounds_from_sizes(is_first.astype(np.int64))[shingle_bounds])


def sample_shingles(shingles: Ragged) -> tuple[Ragged, NDArray[np.int32]]:
    """Sample unique, sorted shingles; return the sampled ones and how many there were before (int32).

    The sample holds the hashes below one bound for all reports, and at least the MIN_SAMPLED_SHINGLES smallest of each
    report: all of a short one.
    """
    sizes = shingles.sizes
    ranks = np.arange(len(shingles.values)) - np.repeat(shingles.bounds[:-1], sizes)
    is_kept = (shingles.values < np.uint64((1 << 64) // SHINGLE_SAMPLE_RATE)) | (ranks < MIN_SAMPLED_SHINGLES)
    bounds = bounds_from_sizes(is_kept.astype(np.int64))[shingles.bounds]
    return Ragged(shingles.values[is_kept], bounds), sizes.astype(np.int32)


def _count_lead_stems(
    tokens: Tokens, stems: Stems, sentence_bounds: Ints, title_stems: Ragged
) -> tuple[Ragged, Ragged]:
    """Return the unique stems of title and first sentences, and how many of these parts contain each (uint8)."""
    count = len(title_stems)
    sentence_counts = np.minimum(np.diff(sentence_bounds), RELATED_LEAD_SENTENCES)
    sentence_indices = concat_ranges(sentence_bounds[:-1], sentence_counts)
    sizes = np.diff(tokens.bounds)[sentence_indices]
    report_rows = np.repeat(np.arange(count), sentence_counts)
    sentence_stems = _unique_of_ranges(stems, tokens.bounds[sentence_indices], sizes)
    rows = np.concatenate((row_numbers(title_stems.bounds), np.repeat(report_rows, sentence_stems.sizes)))
    packed = _pack(rows, np.concatenate((title_stems.values, sentence_stems.values)))
    packed.sort()
    starts, counts = run_starts_and_sizes(packed)
    bounds = _find_row_bounds(packed[starts], count)
    return Ragged(packed[starts].astype(np.uint32), bounds), Ragged(counts.astype(np.uint8), bounds)


def _compute_title_coverage(title_stems: Ragged, body_stems: Ragged, idf_table: IdfTable) -> Floats:
    """Return the share of the title's IDF mass that each body contains, 0 to 1; 1 without a title."""
    rows = row_numbers(title_stems.bounds)
    weights = idf_table.lookup(title_stems.values.astype(np.uint64))
    packed_body = _pack(row_numbers(body_stems.bounds), body_stems.values)
    is_covered = is_in_sorted(_pack(rows, title_stems.values), packed_body)
    total = np.bincount(rows, weights=weights, minlength=len(title_stems))
    covered = np.bincount(rows, weights=weights * is_covered, minlength=len(title_stems))
    return np.where(total > 0, covered / np.maximum(total, 1e-9), 1.0)


def _hash_texts(
    reports: Sequence[Report],
    sentences: Sequence[Sequence[str]],
    hashes: Hashes,
    bounds: tuple[Ints, Ints],
    is_body_enough: Flags,
) -> Hashes:
    """Return 128-bit keys, shape (n, 2), that are equal for reports of one text, which are matched as one.

    The key covers the words of the body, and those of the title where the body is not enough. A report without
    sentences gets a key of its own.
    """
    body_bounds, title_bounds = (array.tolist() for array in bounds)
    digests = bytearray()
    for i, report in enumerate(reports):
        if sentences[i]:
            key = hashlib.blake2b(hashes[body_bounds[i] : body_bounds[i + 1]].tobytes(), digest_size=16, person=b"text")
            if not is_body_enough[i] and title_bounds[i] < title_bounds[i + 1]:
                key.update(b"title" + hashes[title_bounds[i] : title_bounds[i + 1]].tobytes())
        else:
            identity = f"{report.article.content_hash}\x00{report.article.article_id}".encode("utf-8", "surrogatepass")
            key = hashlib.blake2b(identity, digest_size=16, person=b"empty")
        digests += key.digest()
    return np.frombuffer(digests, dtype=np.uint64).reshape(-1, 2)


_PUNCTUATION = "\"'“”‘’«»„()[].,;:!?…*"
# Two or more consecutive words, none of which starts with a lower-case ASCII letter. The lookbehind prevents a new
# attempt at each character of a long word.
_CAPITALISED_WORDS = re.compile(r"(?<!\S)[^\sa-z]\S*+(?:\s++[^\sa-z]\S*+)++")


def _hash_names(leads: Sequence[Sequence[str]], idf_table: IdfTable, vocabulary: Vocabulary) -> Ragged:
    """Return the hashes of the rare names of two and three words in each lead, unique and sorted.

    A name is a run of capitalised words; the first word of a sentence is not part of one.
    """
    lead_runs = [[run for sentence in lead for run in _find_capitalised_runs(sentence)] for lead in leads]
    runs = list(chain.from_iterable(lead_runs))
    name_words = list(chain.from_iterable(runs))
    tokens = tokenise(name_words)
    stems = vocabulary.stem_hashes(tokens)
    last_tokens = tokens.bounds[1:] - 1
    has_token = np.diff(tokens.bounds) > 0
    word_stems = np.zeros(len(name_words), dtype=np.uint64)
    word_stems[has_token] = stems[last_tokens[has_token]]
    idf = idf_table.lookup(word_stems)
    run_of_word = np.repeat(np.arange(len(runs)), [len(words) for words in runs])
    report_of_word = np.repeat(np.arange(len(leads)), [sum(map(len, runs_of_lead)) for runs_of_lead in lead_runs])
    rows, values = [], []
    for n in (2, 3):
        count = max(len(name_words) - n + 1, 0)
        mass = sum((idf[i : i + count] for i in range(n)), np.zeros(count))
        is_rare = (run_of_word[:count] == run_of_word[n - 1 :]) & (mass >= RELATED_NAME_MIN_IDF)
        rows.append(report_of_word[:count][is_rare])
        values.append(hash_ngrams(word_stems, n)[is_rare])
    name_rows, hashes = np.concatenate(rows), np.concatenate(values)
    order = np.lexsort((hashes, name_rows))
    name_rows, hashes = name_rows[order], hashes[order]
    is_first = find_run_starts(name_rows) | find_run_starts(hashes)
    return Ragged(hashes[is_first], bounds_from_sizes(np.bincount(name_rows[is_first], minlength=len(leads))))


def _find_capitalised_runs(sentence: str) -> list[list[str]]:
    """Return the runs of two or more words that start with a capital and continue in lower case."""
    runs: list[list[str]] = []
    opening = len(sentence) - len(sentence.lstrip())
    for match in _CAPITALISED_WORDS.finditer(sentence):
        tokens = match[0].split()
        runs.append([])
        for token in tokens if match.start() > opening else tokens[1:]:
            word = token.strip(_PUNCTUATION)
            is_name = word[:1].isupper() and not word[1:].isupper()
            if not is_name or token[0] != word[0]:
                runs.append([])
            if is_name:
                runs[-1].append(word)
            if is_name and token[-1] != word[-1]:
                runs.append([])
    return [run for run in runs if len(run) > 1]
