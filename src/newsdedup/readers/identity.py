"""Which records are one article, which are versions of one, and which only share an id by accident."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Container, Iterable, Sequence
from dataclasses import dataclass, replace

from newsdedup.models import Article, Loaded, Rejected, Skipped
from newsdedup.readers.dates import span

# Hex digits of the content hash that tell articles of one id apart: by chance two of 1,000 clash once in 30 runs, and
# then both grow.
ID_DIGITS = 6


@dataclass(frozen=True, slots=True)
class Identified:
    """What was loaded, every article once and under an id of its own.

    `articles` by (content_hash, article_id, path, record), `rejected` by (path, record, reason), `warnings` by text.
    The records that went in are `articles + repeated + rejected`; `skipped` files are no records.
    """

    articles: tuple[Article, ...]
    repeated: int
    rejected: tuple[Rejected, ...]
    skipped: int
    warnings: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Renamed:
    """An article that cannot keep its id; `version_of` where it is an earlier version of the one that does."""

    article: Article
    version_of: str | None


def identify(items: Iterable[Loaded], taken: Container[str] = frozenset()) -> Identified:
    """Give every article an id of its own; the order of `items` changes nothing.

    Of records with one id and one content the first by (path, record) stays, the others count as `repeated`. Records
    with one id and other content are versions of one article where they have one origin (their source; without one,
    their path): the latest keeps the id, the others get `id~` and six hex digits of their content hash. Of several
    origins the one that holds the smallest content hash keeps the id; each other is warned of. `taken` holds the ids of
    articles that are not among `items`.
    """
    by_id: dict[str, list[Article]] = defaultdict(list)
    rejected: list[Rejected] = []
    skipped = 0
    records = 0
    for item in items:
        if isinstance(item, Article):
            by_id[item.article_id].append(item)
            records += 1
        elif isinstance(item, Rejected):
            rejected.append(item)
        elif isinstance(item, Skipped):
            skipped += 1
    kept: list[Article] = []
    renamed: list[_Renamed] = []
    crowds: list[list[list[Article]]] = []
    for group in by_id.values():
        if len(group) == 1:
            kept.append(group[0])
            continue
        origins = _origins(_distinct(group))
        holder = _latest(origins[0])
        kept.append(holder)
        renamed += [_Renamed(article, holder.article_id) for article in origins[0] if article is not holder]
        renamed += [_Renamed(article, None) for origin in origins[1:] for article in origin]
        if len(origins) > 1:
            crowds.append(origins)
    named = _rename(renamed, set(by_id), taken)
    articles = sorted([*kept, *named], key=lambda a: (a.content_hash, a.article_id, a.path, a.record))
    return Identified(
        articles=tuple(articles),
        repeated=records - len(articles),
        rejected=tuple(sorted(rejected, key=lambda r: (r.path, r.record, r.reason))),
        skipped=skipped,
        warnings=tuple(sorted(warning for origins in crowds for warning in _warnings(origins))),
    )


def _distinct(group: Iterable[Article]) -> list[Article]:
    """Return one article per content: the first by path and record (the rest of the key only makes it total)."""
    first: dict[str, Article] = {}
    for article in sorted(group, key=lambda a: (a.path, a.record, repr(a))):
        first.setdefault(article.content_hash, article)
    return sorted(first.values(), key=lambda a: a.content_hash)


def _origins(articles: Sequence[Article]) -> list[list[Article]]:
    """Part articles of one id, sorted by content hash, by where they come from; the smallest hash comes first.

    They come from one place if they name one source. One that names none comes from its file: from the source that the
    file's others name, if that is a single one.
    """
    named: dict[str, set[str]] = defaultdict(set)
    for article in articles:
        if source := _source(article):
            named[article.path].add(source)
    parts: dict[tuple[str, str], list[Article]] = {}
    for article in articles:
        source = _source(article) or (next(iter(named[article.path])) if len(named[article.path]) == 1 else "")
        parts.setdefault(("source", source) if source else ("path", article.path), []).append(article)
    return list(parts.values())


def _source(article: Article) -> str:
    return (article.source or "").strip().casefold()


def _latest(versions: Sequence[Article]) -> Article:
    """Return the version that none is later than; of several (dates unknown, equal or overlapping) the highest hash."""
    spans = [span(version.published) if version.published else None for version in versions]
    starts = [found[0] for found in spans if found is not None]
    if starts:
        newest = max(starts)
        standing = [v for v, found in zip(versions, spans, strict=True) if found is None or found[1] > newest]
    else:
        standing = list(versions)
    return max(standing, key=lambda version: version.content_hash)


def _rename(renamed: Iterable[_Renamed], own: set[str], taken: Container[str]) -> list[Article]:
    """Give each article `id~` and as many hex digits of its content hash as no other id begins to share."""
    waiting = sorted(renamed, key=lambda r: (r.article.article_id, r.article.content_hash))
    digits = [ID_DIGITS] * len(waiting)
    while True:
        used = set(own)
        clashes = []
        names = [_name(r.article, n) for r, n in zip(waiting, digits, strict=True)]
        for i, name in enumerate(names):
            if name in used or name in taken:
                clashes.append(i)
            used.add(name)
        if not clashes:
            break
        for i in clashes:
            digits[i] += 1
    return [
        replace(r.article, article_id=name, version_of=r.version_of) for r, name in zip(waiting, names, strict=True)
    ]


def _name(article: Article, digits: int) -> str:
    # A hash that is used up begins again, so that a free name is always found.
    repeats = -(-digits // len(article.content_hash))
    return f"{article.article_id}~{(article.content_hash * repeats)[:digits]}"


def _warnings(origins: Sequence[Sequence[Article]]) -> list[str]:
    holder = origins[0][0]
    return [
        f"id {holder.article_id!r} names different articles in {_place(origins[0])} and {_place(origin)}: "
        f"the latter gets ~ and digits of its content hash; give each source ids of its own"
        for origin in origins[1:]
    ]


def _place(origin: Sequence[Article]) -> str:
    path = min(article.path for article in origin)
    source = origin[0].source
    return f"{path} (source {source})" if source else path
