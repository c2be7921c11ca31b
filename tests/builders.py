"""Short ways to make the values that tests need. Plain functions; append to it, change nothing that stands here."""

from __future__ import annotations

import json
import time
from collections.abc import Sequence
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Any

from newsdedup.align import compute_coverages
from newsdedup.clean import clean
from newsdedup.features import ReportFeatures, SentencePreparer, Sentences, build_sentences
from newsdedup.fingerprint import build_features_batch
from newsdedup.idf import IdfTable, load_idf_table
from newsdedup.models import Article, Report
from newsdedup.related import LeadIndex, find_similar_pairs
from newsdedup.sentence_match import SentenceMatch, match_sentence
from newsdedup.text import content_hash

DATA = Path(__file__).parent / "data"
SEEDS = Path(__file__).parents[1] / "seeds"


@cache
def background() -> IdfTable:
    """Return the word statistics that ship with the package."""
    return load_idf_table()


def records(name: str) -> list[dict[str, Any]]:
    """Return the records of a JSON Lines file under tests/data."""
    return [json.loads(line) for line in (DATA / name).read_text(encoding="utf-8").splitlines()]


def article(article_id: str, text: str, *, title: str | None = None, **fields: Any) -> Article:
    """Return an article of `text`; `fields` are those of Article (source, published, url, ...)."""
    values: dict[str, Any] = {
        "article_id": article_id,
        "path": article_id,
        "record": 1,
        "text": text,
        "title": title,
        "content_hash": content_hash(title, text),
    }
    return Article(**(values | fields))


def profiled(*articles: Article) -> list[ReportFeatures]:
    """Clean and fingerprint articles, as the pipeline does."""
    return build_features_batch([clean(each, idf_table=background()) for each in articles], background())


def told(
    article_id: str, *paragraphs: Sequence[str], page_share: float = 1.0, title: str | None = None, **fields: Any
) -> ReportFeatures:
    """Return the profile of a report that has just these paragraphs of sentences; nothing is cleaned or split."""
    text = "\n\n".join(" ".join(paragraph) for paragraph in paragraphs)
    report = Report(
        article=article(article_id, text, title=title, **fields),
        title=title,
        title_inferred=title is None,
        paragraphs=tuple(tuple(paragraph) for paragraph in paragraphs),
        page_share=page_share,
    )
    return build_features_batch([report], background())[0]


def sentences(*texts: str) -> Sentences:
    """Make sentences ready for aligning."""
    return build_sentences(texts, SentencePreparer(background()).prepare(texts))


def verdict(known: str, sentence: str) -> SentenceMatch:
    """Judge `sentence` against `known` by their coverage of each other, as the merge does for a pair."""
    one, other = sentences(known), sentences(sentence)
    back, cover = compute_coverages(one, other)
    return match_sentence(
        known,
        sentence,
        coverage=float(cover.single[0]),
        reverse_coverage=float(back.single[0]),
        extra_mass=float(other.idf_mass[0] * (1 - cover.single[0])),
    )


def alike_pairs(index: LeadIndex) -> list[tuple[int, int]]:
    """Return the pairs of reports whose leads are alike, as rows of the index."""
    found = find_similar_pairs(index)
    return [(i, int(j)) for i, (low, high) in enumerate(pairwise(found.bounds)) for j in found.larger[low:high]]


def slowness() -> float:
    """Return how many times slower this machine is just now than the one that limits of time were set on; 1 at least.

    A limit is there to find work that grows with the square, not to find a slow machine or one that others use too.
    """
    start = time.process_time()
    assert len({hash(word) for word in " ".join(map(str, range(200_000))).split()}) > 1
    return max(1.0, (time.process_time() - start) / 0.065)
