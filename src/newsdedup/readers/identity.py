"""Decides which records are the same article, which are versions of one, and which share an id by accident."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Container, Iterable, Sequence
from dataclasses import dataclass, replace

from newsdedup.models import Article, Loaded, Rejected, Skipped
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


@dataclass(frozen=True, slots=True)
class _Renaming:
    """An article that cannot keep its id; `version_of` is that id if it is an earlier version of the one that does."""

    article: Article
    version_of: str | None


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
    article_records = 0
    for item in items:
        if isinstance(item, Article):
            by_id[item.article_id].append(item)
            article_records += 1
        elif isinstance(item, Rejected):
            rejected.append(item)
        elif isinstance(item, Skipped):
            skipped += 1
    id_holders: list[Article] = []
    renamings: list[_Renaming] = []
    id_conflicts: list[list[list[Article]]] = []
    for group in by_id.values():
        if len(group) == 1:
            id_holders.append(group[0])
            continue
        origins = _group_by_origin(_drop_repeated_content(group))
        holder = _latest_version(origins[0])
        id_holders.append(holder)
        renamings += [_Renaming(article, holder.article_id) for article in origins[0] if article is not holder]
        renamings += [_Renaming(article, None) for origin in origins[1:] for article in origin]
        if len(origins) > 1:
            id_conflicts.append(origins)
    renamed_articles = _assign_new_ids(renamings, set(by_id), reserved_ids)
    articles = sorted([*id_holders, *renamed_articles], key=lambda a: (a.content_hash, a.article_id, a.path, a.record))
    return UniqueArticles(
        articles=tuple(articles),
        repeated=article_records - len(articles),
        rejected=tuple(sorted(rejected, key=lambda rejection: (rejection.path, rejection.record, rejection.reason))),
        skipped=skipped,
        warnings=tuple(sorted(warning for origins in id_conflicts for warning in _id_warnings(origins))),
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
        source = _source_key(article) or (
            next(iter(sources_by_path[article.path])) if len(sources_by_path[article.path]) == 1 else ""
        )
        groups.setdefault(("source", source) if source else ("path", article.path), []).append(article)
    return list(groups.values())


def _source_key(article: Article) -> str:
    return (article.source or "").strip().casefold()


def _latest_version(versions: Sequence[Article]) -> Article:
    """Return the latest version; of several (dates unknown, equal or overlapping), the one with the highest hash."""
    intervals = [date_interval(version.published) if version.published else None for version in versions]
    starts = [interval[0] for interval in intervals if interval is not None]
    if starts:
        latest_start = max(starts)
        candidates = [
            v for v, interval in zip(versions, intervals, strict=True) if interval is None or interval[1] > latest_start
        ]
    else:
        candidates = list(versions)
    return max(candidates, key=lambda version: version.content_hash)


def _assign_new_ids(
    renamings: Iterable[_Renaming], existing_ids: set[str], reserved_ids: Container[str]
) -> list[Article]:
    """Give each article the id `id~` with enough hex digits of its content hash to make it unique."""
    ordered = sorted(renamings, key=lambda r: (r.article.article_id, r.article.content_hash))
    digits = [HASH_DIGITS] * len(ordered)
    while True:
        used_ids = set(existing_ids)
        clashes = []
        new_ids = [_suffixed_id(r.article, n) for r, n in zip(ordered, digits, strict=True)]
        for i, new_id in enumerate(new_ids):
            if new_id in used_ids or new_id in reserved_ids:
                clashes.append(i)
            used_ids.add(new_id)
        if not clashes:
            break
        for i in clashes:
            digits[i] += 1
    return [
        replace(r.article, article_id=new_id, version_of=r.version_of)
        for r, new_id in zip(ordered, new_ids, strict=True)
    ]


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
