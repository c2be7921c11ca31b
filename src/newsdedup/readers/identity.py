"""Decides which records are the same article, which are versions of one, and which share an id by accident."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Container, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import count

from newsdedup.models import Article, Loaded, Rejected
from newsdedup.readers.dates import date_interval

# Hex digits of the content hash that distinguish articles with one id. Two of 1,000 articles clash by chance once in 30
# runs; both then get more digits.
HASH_DIGITS = 6


@dataclass(frozen=True, slots=True)
class UniqueArticles:
    """The loaded input with every article once and under an id of its own.

    `articles` are sorted by (content_hash, article_id, path, record), `rejected` by (path, record, reason), `warnings`
    by text. The number of input records is `articles + repeated + rejected`; `skipped` files are not records.
    """

    articles: tuple[Article, ...]
    repeated: int
    rejected: tuple[Rejected, ...]
    skipped: int
    warnings: tuple[str, ...]


def resolve_ids(items: Iterable[Loaded], reserved_ids: Container[str] = frozenset()) -> UniqueArticles:
    """Give every article an id of its own. The order of `items` does not matter.

    Of the records with the same id and the same content, the first by (path, record) stays, and the others count as
    `repeated`. Records with the same id and different content are versions of one article if they have the same origin
    (their source, or without one their path): the latest keeps the id, the others get `id~` and six hex digits of their
    content hash. Of several origins, the one with the smallest content hash keeps the id, and there is a warning about
    each of the others. `reserved_ids` are the ids of articles that are not among `items`.
    """
    by_id: dict[str, list[Article]] = defaultdict(list)
    rejected: list[Rejected] = []
    skipped = 0
    for item in items:
        if isinstance(item, Article):
            by_id[item.article_id].append(item)
        elif isinstance(item, Rejected):
            rejected.append(item)
        else:
            skipped += 1
    articles: list[Article] = []
    renamed: list[Article] = []
    warnings: list[str] = []
    for article_id, group in by_id.items():
        if len(group) == 1:
            articles += group
            continue
        origins = _group_by_origin(_drop_repeated_content(group))
        holder = _latest_version(origins[0])
        articles.append(holder)
        renamed += [replace(article, version_of=article_id) for article in origins[0] if article is not holder]
        renamed += [replace(article, version_of=None) for origin in origins[1:] for article in origin]
        warnings += _id_warnings(origins)
    articles += _assign_new_ids(renamed, by_id, reserved_ids)
    return UniqueArticles(
        articles=tuple(sorted(articles, key=lambda a: (a.content_hash, a.article_id, a.path, a.record))),
        repeated=sum(map(len, by_id.values())) - len(articles),
        rejected=tuple(sorted(rejected, key=lambda rejection: (rejection.path, rejection.record, rejection.reason))),
        skipped=skipped,
        warnings=tuple(sorted(warnings)),
    )


def _drop_repeated_content(group: Iterable[Article]) -> list[Article]:
    """Return one article per content: the first by path and record (`repr` only makes the order total)."""
    first_by_content: dict[str, Article] = {}
    for article in sorted(group, key=lambda a: (a.path, a.record, repr(a))):
        first_by_content.setdefault(article.content_hash, article)
    return sorted(first_by_content.values(), key=lambda a: a.content_hash)


def _group_by_origin(articles: Sequence[Article]) -> list[list[Article]]:
    """Group the articles of one id, which are sorted by content hash, by origin; the group of the smallest is first.

    Articles with the same source have the same origin. An article without a source has the source of the other articles
    in its file, if they have a single one, and otherwise the file as its origin.
    """
    sources_by_path: dict[str, set[str]] = defaultdict(set)
    for article in articles:
        if source := _source_key(article):
            sources_by_path[article.path].add(source)
    groups: dict[tuple[str, str], list[Article]] = {}
    for article in articles:
        path, source = article.path, _source_key(article)
        if not source and len(sources_by_path[path]) == 1:
            (source,) = sources_by_path[path]
        groups.setdefault(("source", source) if source else ("path", path), []).append(article)
    return list(groups.values())


def _source_key(article: Article) -> str:
    return (article.source or "").strip().casefold()


def _latest_version(versions: Sequence[Article]) -> Article:
    """Return the latest version; of several (dates unknown, equal or overlapping), the one with the highest hash."""
    intervals = [date_interval(version.published) if version.published else None for version in versions]
    latest_start = max((interval[0] for interval in intervals if interval is not None), default=None)
    candidates = [
        version
        for version, interval in zip(versions, intervals, strict=True)
        if interval is None or latest_start is None or interval[1] > latest_start
    ]
    return max(candidates, key=lambda version: version.content_hash)


def _assign_new_ids(
    articles: Iterable[Article], existing_ids: Iterable[str], reserved_ids: Container[str]
) -> Iterator[Article]:
    """Give each article the id `id~` with enough hex digits of its content hash to make it unique."""
    used_ids = set(existing_ids)
    for article in sorted(articles, key=lambda a: (a.article_id, a.content_hash)):
        candidates = (_suffixed_id(article, digits) for digits in count(HASH_DIGITS))
        new_id = next(x for x in candidates if x not in used_ids and x not in reserved_ids)
        used_ids.add(new_id)
        yield replace(article, article_id=new_id)


def _suffixed_id(article: Article, digits: int) -> str:
    # A hash that has no more digits starts over, so that there is always a free id.
    repeats = -(-digits // len(article.content_hash))
    return f"{article.article_id}~{(article.content_hash * repeats)[:digits]}"


def _id_warnings(origins: Sequence[Sequence[Article]]) -> list[str]:
    holder = origins[0][0]
    return [
        f"id {holder.article_id!r} is used for different articles in {_describe_origin(origins[0])} "
        f"and {_describe_origin(origin)}: the latter gets a suffix from its content hash; use different ids"
        for origin in origins[1:]
    ]


def _describe_origin(origin: Sequence[Article]) -> str:
    path = min(article.path for article in origin)
    source = origin[0].source
    return f"{path} (source {source})" if source else path
