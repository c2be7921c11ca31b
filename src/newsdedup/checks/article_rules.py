"""The rules that one record breaks by itself: ND0xx, what cannot be read or is not well made, and ND2xx, its page."""

from __future__ import annotations

import gzip
import hashlib
import os
import re
import zlib
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, date, datetime, timedelta
from itertools import islice

from newsdedup.checks.findings import finding
from newsdedup.checks.locations import place
from newsdedup.config import CheckSettings
from newsdedup.errors import ConfigError
from newsdedup.models import WAIVER, Article, Refusal, Rejected, Removed, Report, Role
from newsdedup.models.checks import Finding, Location
from newsdedup.readers import is_delimiter_like
from newsdedup.readers.delimited import HEADER
from newsdedup.render.wording import number
from newsdedup.text import fold, words

_REFUSED = {
    Refusal.UNREADABLE: "ND001",
    Refusal.ENCODING: "ND002",
    Refusal.EMPTY: "ND003",
    Refusal.BROKEN: "ND006",
}
# What a page carries beside its report. Its title, dateline, byline and credit belong to the report.
_FRAME = (Role.CAPTION, Role.PROMO, Role.RELATED_HEADLINES, Role.REPEATED, Role.OTHER_ARTICLE, Role.BOILERPLATE)
# UTF-8 that was once read as Windows-1252 or Mac Roman: two or three signs for a quotation mark, a dash, an accent.
_TWICE_ENCODED = re.compile(r"â€[™œ“”˜¦\x9d]|[ÃÂ][\x80-\xbf]|‚Ä[ìîòôúù¶]")
_LOST = "\ufffd"
# One such place may be quoted; an article that was decoded wrongly has them at every turn.
_TWICE_ENCODED_LEAST = 3
_DAY = timedelta(days=1)


def refused(rejected: Rejected) -> Finding:
    """Return the finding about a record that cannot be used."""
    line = rejected.line or 1
    location = Location(path=rejected.path, record=rejected.record, article_id=None, line=line, end_line=line)
    return finding(_REFUSED[rejected.kind], rejected.reason, location, _content_of(rejected))


def _content_of(rejected: Rejected) -> str:
    """Return a hash of what is on the record's line, or of the whole file; of the path where that cannot be read."""
    path, digest = rejected.path, hashlib.blake2b(rejected.reason.encode("utf-8", "surrogatepass"), digest_size=16)
    try:
        if not os.path.isfile(path):  # noqa: PTH113 - a pipe, whoever opens that again may wait for ever; or nothing
            raise FileNotFoundError(path)
        with gzip.open(path) if path.casefold().endswith(".gz") else open(path, "rb") as stream:  # noqa: PTH123
            pieces = iter(lambda: stream.read(1 << 20), b"") if rejected.line is None else _line(stream, rejected.line)
            for piece in pieces:
                digest.update(piece)
    except (OSError, EOFError, zlib.error):
        digest.update(f"{path}#{rejected.record}".encode("utf-8", "surrogatepass"))
    return digest.hexdigest()


def _line(stream: Iterable[bytes], number: int) -> Iterator[bytes]:
    return islice(stream, number - 1, number)


def told_alone(report: Report, settings: CheckSettings, today: date, *, split: bool) -> Iterator[Finding]:
    """Yield what is wrong with an article for itself; `split` tells that lines like delimiters part text files."""
    article = report.article
    yield from _encoding(article)
    yield from _length(report, settings.min_words)
    yield from _dates(article, today)
    yield from _fields(article)
    if split:
        yield from _delimiters(article)
    yield from _boilerplate(report, settings.max_boilerplate)


def _encoding(article: Article) -> Iterator[Finding]:
    lost, twice = article.text.count(_LOST), len(_TWICE_ENCODED.findall(article.text))
    if lost:
        at = article.text.index(_LOST)
        message = f"{number(lost, 'character')} lost in decoding (now U+FFFD); save the original as UTF-8"
        yield finding("ND002", message, _at(article, at), article.content_hash)
    elif twice >= _TWICE_ENCODED_LEAST and (match := _TWICE_ENCODED.search(article.text)):
        message = (
            f"UTF-8 that was read as another encoding, in {twice:,} places ('{match[0]}'); decode the original anew"
        )
        yield finding("ND002", message, _at(article, match.start()), article.content_hash)


def _at(article: Article, offset: int) -> Location:
    """Return the line on which a place in the text stands."""
    first = article.lines.text
    return place(article, line=None if first is None else first + article.text.count("\n", 0, offset))


def _length(report: Report, least: int) -> Iterator[Finding]:
    article = report.article
    if not report.paragraphs:
        what = _what(report.removed)
        message = f"no report is left after cleaning: the page is {what}" if what else "the page holds no sentence"
        yield finding("ND004", message, _at(article, 0), article.content_hash)
        return
    count = sum(len(words(sentence)) for sentence in report.sentences)
    if count < least:
        message = f"the report has {number(count, 'word')}, fewer than {least} (min_words)"
        yield finding("ND005", message, place(article, report.sentences), article.content_hash)


def _dates(article: Article, today: date) -> Iterator[Finding]:
    if article.published_raw and not article.published:
        message = f"the date {article.published_raw!r} has several readings or none; write it as 2025-04-26"
        yield finding(
            "ND011", message, place(article, line=article.lines.header.get("published")), article.content_hash
        )
    # A day of grace: it may be tomorrow already where the article was published.
    elif article.published and article.published[:10] > (today + _DAY).isoformat():
        message = f"the date {article.published} is later than today, {today.isoformat()}"
        yield finding(
            "ND012", message, place(article, line=article.lines.header.get("published")), article.content_hash
        )


def _fields(article: Article) -> Iterator[Finding]:
    for name in article.extra:
        if name in article.lines.extra and name != WAIVER:
            why = "stands there twice" if name.casefold() in HEADER else "is not known"
            message = f"the header has the field {name!r}, which {why}; it is not used"
            yield finding("ND013", message, place(article, line=article.lines.extra[name]), article.content_hash)


def _delimiters(article: Article) -> Iterator[Finding]:
    if article.lines.text is None:
        return
    for place_in_text, line in enumerate(article.text.split("\n")):
        if is_delimiter_like(line):
            at = article.lines.text + place_in_text
            location = place(article, line=at)
            message = (
                f"the line {line.strip()[:20]!r} does not part two articles: no header follows, and it stands alone"
            )
            yield finding("ND014", message, location, article.content_hash)


def _boilerplate(report: Report, most: float) -> Iterator[Finding]:
    frame = [piece for piece in report.removed if piece.kind in _FRAME]
    beside = sum(len(words(piece.text)) for piece in frame)
    told = sum(len(words(sentence)) for sentence in report.sentences)
    if told and beside > most * (beside + told):
        share = round(100 * beside / (beside + told))
        location = place(report.article, [frame[0].text])
        message = f"{share} % of the page is not the report but {_what(frame)}"
        yield finding("ND201", message, location, report.article.content_hash)


def _what(removed: Sequence[Removed]) -> str:
    """Return what was taken off a page, the most words first, with how each begins."""
    counts: Counter[Role] = Counter()
    first: dict[Role, str] = {}
    lines: Counter[Role] = Counter()
    for piece in removed:
        counts[piece.kind] += len(words(piece.text))
        lines[piece.kind] += 1
        first.setdefault(piece.kind, piece.text)
    ranked = sorted(counts, key=lambda kind: (-counts[kind], kind.value))
    return ", ".join(
        f"{number(lines[kind], 'line')} of {kind.value.replace('_', ' ')} ('{_short(first[kind])}')" for kind in ranked
    )


def _short(text: str) -> str:
    folded = fold(text)
    return folded if len(folded) <= 40 else folded[:39].rstrip() + "…"


def same_ids(articles: Sequence[Article], new: Sequence[bool]) -> Iterator[Finding]:
    """Yield a finding for each new article whose id is that of a known one, or of one before it.

    `articles` in the order of path and record, with the ids they were given.
    """
    holders: dict[str, list[int]] = defaultdict(list)
    for i, article in enumerate(articles):
        holders[article.article_id].append(i)
    for article_id, held in holders.items():
        order = sorted(held, key=lambda i: (new[i], i))
        for i in (i for i in order[1:] if new[i]):
            article, first = articles[i], articles[order[0]]
            other = place(first, line=first.lines.header.get("id"))
            message = f"the id {article_id!r} is also that of {other.path}:{other.line}"
            yield finding(
                "ND007", message, place(article, line=article.lines.header.get("id")), article.content_hash, other=other
            )


def today() -> date:
    """Return today's date in UTC, or that of SOURCE_DATE_EPOCH (seconds since 1970), so that a run can be repeated."""
    epoch = os.environ.get("SOURCE_DATE_EPOCH")
    if epoch is None:
        return datetime.now(UTC).date()
    try:
        return datetime.fromtimestamp(int(epoch), UTC).date()
    except (ValueError, OverflowError, OSError):
        raise ConfigError(f"SOURCE_DATE_EPOCH is {epoch!r}; give whole seconds since 1970, or unset it") from None
