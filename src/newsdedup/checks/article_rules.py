"""The rules about a single record: ND0xx, unreadable or malformed records, and ND2xx, the page around the report."""

from __future__ import annotations

import hashlib
import os
import re
import zlib
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, date, datetime, timedelta
from itertools import islice

from newsdedup.checks.findings import make_finding, shorten
from newsdedup.checks.locations import locate_article
from newsdedup.config import CheckSettings
from newsdedup.errors import ConfigError
from newsdedup.models import WAIVER, Article, Refusal, Rejected, Removed, Report, Role
from newsdedup.models.checks import Finding, Location
from newsdedup.readers import open_unpacked
from newsdedup.readers.formats.text import HEADER_FIELDS, is_delimiter_like
from newsdedup.render.wording import format_count
from newsdedup.text import split_words

_CODE_OF = {Refusal.UNREADABLE: "ND001", Refusal.ENCODING: "ND002", Refusal.EMPTY: "ND003", Refusal.BROKEN: "ND006"}
# A page contains its report, with title, dateline, byline and credit. What has another role is boilerplate.
_REPORT_ROLES = {Role.BODY, Role.TITLE, Role.DATELINE, Role.BYLINE, Role.CREDIT}
# UTF-8 that was decoded as Windows-1252 or Mac Roman: two or three characters for a quotation mark, a dash, an accent.
_MOJIBAKE = re.compile(r"â€[™œ“”˜¦\x9d]|[ÃÂ][\x80-\xbf]|‚Ä[ìîòôúù¶]")
_REPLACEMENT_CHARACTER = "\ufffd"
# A single one may be a quotation; an article that was decoded wrongly has many.
_MIN_MOJIBAKE = 3
_DAY = timedelta(days=1)
# The beginning of what was removed from a page, in a message.
_MAX_CHARS = 40


def check_rejected(rejected: Rejected) -> Finding:
    """Return the finding about a record that cannot be used."""
    line = rejected.line or 1
    location = Location(path=rejected.path, record=rejected.record, article_id=None, line=line, end_line=line)
    return make_finding(_CODE_OF[rejected.kind], rejected.reason, location, content_hash=_hash_record(rejected))


def _hash_record(rejected: Rejected) -> str:
    """Return a hash of the record's line, or of the whole file, or of the path if that cannot be read.

    The kind of the rejection is part of it, but not its wording, so that a reworded message leaves baselines valid.
    """
    path, line, digest = rejected.path, rejected.line, hashlib.blake2b(rejected.kind.value.encode(), digest_size=16)
    try:
        if not os.path.isfile(path):  # noqa: PTH113 - opening a pipe a second time may block for ever
            raise FileNotFoundError(path)
        with open_unpacked(path) as stream:
            chunks = iter(lambda: stream.read(1 << 20), b"") if line is None else islice(stream, line - 1, line)
            for chunk in chunks:
                digest.update(chunk)
    except (OSError, EOFError, zlib.error):
        digest.update(f"{path}#{rejected.record}".encode("utf-8", "surrogatepass"))
    return digest.hexdigest()


def check_article(
    report: Report, settings: CheckSettings, today: date, *, detects_delimiters: bool
) -> Iterator[Finding]:
    """Yield the findings about a single article.

    `detects_delimiters` is true if text files are split at lines that look like delimiters, not at a configured one.
    """
    article = report.article
    yield from _check_encoding(article)
    yield from _check_length(report, settings.min_words)
    yield from _check_dates(article, today)
    yield from _check_fields(article)
    if detects_delimiters:
        yield from _check_delimiters(article)
    yield from _check_boilerplate(report, settings.max_boilerplate)


def _check_encoding(article: Article) -> Iterator[Finding]:
    text = article.text
    if lost_count := text.count(_REPLACEMENT_CHARACTER):
        message = f"{format_count(lost_count, 'character')} lost in decoding (now U+FFFD); save the original as UTF-8"
        yield make_finding("ND002", message, _locate_offset(article, text.index(_REPLACEMENT_CHARACTER)))
    elif len(matches := list(_MOJIBAKE.finditer(text))) >= _MIN_MOJIBAKE:
        message = (
            f"UTF-8 text was decoded as another encoding in {len(matches):,} places ('{matches[0][0]}'); "
            "decode the original again"
        )
        yield make_finding("ND002", message, _locate_offset(article, matches[0].start()))


def _locate_offset(article: Article, offset: int) -> Location:
    """Return the location of the line at a character offset of the text."""
    first = article.lines.text
    return locate_article(article, line=None if first is None else first + article.text.count("\n", 0, offset))


def _check_length(report: Report, min_words: int) -> Iterator[Finding]:
    if not report.paragraphs:
        removed = _describe_removed(report.removed)
        message = f"no report is left after cleaning: the page is {removed}" if removed else "the page has no sentences"
        yield make_finding("ND004", message, _locate_offset(report.article, 0))
    elif (word_count := _count_words(report.sentences)) < min_words:
        message = f"the report has {format_count(word_count, 'word')}, fewer than {min_words} (min_words)"
        yield make_finding("ND005", message, locate_article(report.article, report.sentences))


def _count_words(texts: Iterable[str]) -> int:
    return sum(len(split_words(text)) for text in texts)


def _check_dates(article: Article, today: date) -> Iterator[Finding]:
    line = article.lines.header.get("published")
    if article.published_raw and not article.published:
        message = f"the date {article.published_raw!r} is ambiguous or not a date; write it like 2025-04-26"
        yield make_finding("ND011", message, locate_article(article, line=line))
    # One day of grace: it may already be tomorrow where the article was published.
    elif article.published and article.published[:10] > (today + _DAY).isoformat():
        message = f"the date {article.published} is later than today, {today.isoformat()}"
        yield make_finding("ND012", message, locate_article(article, line=line))


def _check_fields(article: Article) -> Iterator[Finding]:
    for name in article.extra:
        if name in article.lines.extra and name != WAIVER:
            problem = "appears twice" if name.casefold() in HEADER_FIELDS else "is unknown"
            message = f"the header field {name!r} {problem}; it is ignored"
            yield make_finding("ND013", message, locate_article(article, line=article.lines.extra[name]))


def _check_delimiters(article: Article) -> Iterator[Finding]:
    if article.lines.text is None:
        return
    for line_number, line in enumerate(article.text.split("\n"), article.lines.text):
        if is_delimiter_like(line):
            message = (
                f"the line {line.strip()[:20]!r} does not separate two articles: "
                "it occurs only once, and no header follows it"
            )
            yield make_finding("ND014", message, locate_article(article, line=line_number))


def _check_boilerplate(report: Report, max_share: float) -> Iterator[Finding]:
    boilerplate = [piece for piece in report.removed if piece.kind not in _REPORT_ROLES]
    boilerplate_words = _count_words(piece.text for piece in boilerplate)
    report_words = _count_words(report.sentences)
    page_words = boilerplate_words + report_words
    if report_words and boilerplate_words > max_share * page_words:
        percent = round(100 * boilerplate_words / page_words)
        message = f"{percent} % of the page is not part of the report: {_describe_removed(boilerplate)}"
        yield make_finding("ND201", message, locate_article(report.article, [boilerplate[0].text]))


def _describe_removed(removed: Iterable[Removed]) -> str:
    """Return what was removed from a page, most words first, with the beginning of each kind."""
    texts_by_role: dict[Role, list[str]] = defaultdict(list)
    for piece in removed:
        texts_by_role[piece.kind].append(piece.text)
    ranked = sorted(texts_by_role.items(), key=lambda item: (-_count_words(item[1]), item[0].value))
    return ", ".join(
        f"{format_count(len(texts), 'line')} of {role.value.replace('_', ' ')} ('{shorten(texts[0], _MAX_CHARS)}')"
        for role, texts in ranked
    )


def check_ids(articles: Sequence[Article], is_new: Sequence[bool]) -> Iterator[Finding]:
    """Yield a finding for each new article with the id of a known article, or of an earlier new one by path and record.

    `articles` have the ids that they were loaded with.
    """
    first_by_id: dict[str, int] = {}
    for i in sorted(range(len(articles)), key=lambda i: (is_new[i], articles[i].path, articles[i].record)):
        article = articles[i]
        first = first_by_id.setdefault(article.article_id, i)
        if is_new[i] and first != i:
            other = locate_article(articles[first], line=articles[first].lines.header.get("id"))
            message = f"the id {article.article_id!r} is already used by {other.path}:{other.line}"
            location = locate_article(article, line=article.lines.header.get("id"))
            yield make_finding("ND007", message, location, other=other)


def current_date() -> date:
    """Return today's date in UTC, or the date in SOURCE_DATE_EPOCH (seconds since 1970) for repeatable runs."""
    epoch = os.environ.get("SOURCE_DATE_EPOCH")
    if epoch is None:
        return datetime.now(UTC).date()
    try:
        return datetime.fromtimestamp(int(epoch), UTC).date()
    except (ValueError, OverflowError, OSError):
        raise ConfigError(f"SOURCE_DATE_EPOCH is {epoch!r}; give whole seconds since 1970, or unset it") from None
