"""The rules about a single record: ND0xx, unreadable or malformed records, and ND2xx, the page around the report."""

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

from newsdedup.checks.findings import make_finding
from newsdedup.checks.locations import locate_article
from newsdedup.config import CheckSettings
from newsdedup.errors import ConfigError
from newsdedup.models import WAIVER, Article, Refusal, Rejected, Removed, Report, Role
from newsdedup.models.checks import Finding, Location
from newsdedup.readers import is_delimiter_like
from newsdedup.readers.formats.text import HEADER_FIELDS
from newsdedup.render.wording import format_count
from newsdedup.text import normalise_whitespace, split_words

_REJECTION_CODES = {
    Refusal.UNREADABLE: "ND001",
    Refusal.ENCODING: "ND002",
    Refusal.EMPTY: "ND003",
    Refusal.BROKEN: "ND006",
}
# What a page contains besides its report. Its title, dateline, byline and credit belong to the report.
_BOILERPLATE_ROLES = (
    Role.CAPTION,
    Role.PROMO,
    Role.RELATED_HEADLINES,
    Role.REPEATED,
    Role.OTHER_ARTICLE,
    Role.BOILERPLATE,
)
# UTF-8 that was decoded as Windows-1252 or Mac Roman: two or three characters for a quotation mark, a dash, an accent.
_MOJIBAKE = re.compile(r"â€[™œ“”˜¦\x9d]|[ÃÂ][\x80-\xbf]|‚Ä[ìîòôúù¶]")
_REPLACEMENT_CHARACTER = "\ufffd"
# A single one may be a quotation; an article that was decoded wrongly has many.
_MIN_MOJIBAKE = 3
_DAY = timedelta(days=1)


def check_rejected(rejected: Rejected) -> Finding:
    """Return the finding about a record that cannot be used."""
    line = rejected.line or 1
    location = Location(path=rejected.path, record=rejected.record, article_id=None, line=line, end_line=line)
    return make_finding(_REJECTION_CODES[rejected.kind], rejected.reason, location, _hash_record(rejected))


def _hash_record(rejected: Rejected) -> str:
    """Return a hash of the record's line, or of the whole file, or of the path if that cannot be read.

    The kind of the rejection is part of it, but not its wording, so that a reworded message leaves baselines valid.
    """
    path, digest = rejected.path, hashlib.blake2b(rejected.kind.value.encode(), digest_size=16)
    try:
        if not os.path.isfile(path):  # noqa: PTH113 - opening a pipe a second time may block for ever
            raise FileNotFoundError(path)
        with gzip.open(path) if path.casefold().endswith(".gz") else open(path, "rb") as stream:  # noqa: PTH123
            chunks = (
                iter(lambda: stream.read(1 << 20), b"") if rejected.line is None else _read_line(stream, rejected.line)
            )
            for chunk in chunks:
                digest.update(chunk)
    except (OSError, EOFError, zlib.error):
        digest.update(f"{path}#{rejected.record}".encode("utf-8", "surrogatepass"))
    return digest.hexdigest()


def _read_line(stream: Iterable[bytes], line_number: int) -> Iterator[bytes]:
    return islice(stream, line_number - 1, line_number)


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
    lost_count, mojibake_count = article.text.count(_REPLACEMENT_CHARACTER), len(_MOJIBAKE.findall(article.text))
    if lost_count:
        offset = article.text.index(_REPLACEMENT_CHARACTER)
        message = f"{format_count(lost_count, 'character')} lost in decoding (now U+FFFD); save the original as UTF-8"
        yield make_finding("ND002", message, _locate_offset(article, offset), article.content_hash)
    elif mojibake_count >= _MIN_MOJIBAKE and (match := _MOJIBAKE.search(article.text)):
        message = (
            f"UTF-8 text was decoded as another encoding in {mojibake_count:,} places ('{match[0]}'); "
            "decode the original again"
        )
        yield make_finding("ND002", message, _locate_offset(article, match.start()), article.content_hash)


def _locate_offset(article: Article, offset: int) -> Location:
    """Return the location of the line at a character offset of the text."""
    first_line = article.lines.text
    return locate_article(
        article, line=None if first_line is None else first_line + article.text.count("\n", 0, offset)
    )


def _check_length(report: Report, min_words: int) -> Iterator[Finding]:
    article = report.article
    if not report.paragraphs:
        removed_summary = _describe_removed(report.removed)
        message = (
            f"no report is left after cleaning: the page is {removed_summary}"
            if removed_summary
            else "the page has no sentences"
        )
        yield make_finding("ND004", message, _locate_offset(article, 0), article.content_hash)
        return
    word_count = sum(len(split_words(sentence)) for sentence in report.sentences)
    if word_count < min_words:
        message = f"the report has {format_count(word_count, 'word')}, fewer than {min_words} (min_words)"
        yield make_finding("ND005", message, locate_article(article, report.sentences), article.content_hash)


def _check_dates(article: Article, today: date) -> Iterator[Finding]:
    if article.published_raw and not article.published:
        message = f"the date {article.published_raw!r} is ambiguous or not a date; write it like 2025-04-26"
        yield make_finding(
            "ND011", message, locate_article(article, line=article.lines.header.get("published")), article.content_hash
        )
    # One day of grace: it may already be tomorrow where the article was published.
    elif article.published and article.published[:10] > (today + _DAY).isoformat():
        message = f"the date {article.published} is later than today, {today.isoformat()}"
        yield make_finding(
            "ND012", message, locate_article(article, line=article.lines.header.get("published")), article.content_hash
        )


def _check_fields(article: Article) -> Iterator[Finding]:
    for name in article.extra:
        if name in article.lines.extra and name != WAIVER:
            problem = "appears twice" if name.casefold() in HEADER_FIELDS else "is unknown"
            message = f"the header field {name!r} {problem}; it is ignored"
            yield make_finding(
                "ND013", message, locate_article(article, line=article.lines.extra[name]), article.content_hash
            )


def _check_delimiters(article: Article) -> Iterator[Finding]:
    if article.lines.text is None:
        return
    for line_index, line in enumerate(article.text.split("\n")):
        if is_delimiter_like(line):
            line_number = article.lines.text + line_index
            location = locate_article(article, line=line_number)
            message = (
                f"the line {line.strip()[:20]!r} does not separate two articles: "
                "it occurs only once, and no header follows it"
            )
            yield make_finding("ND014", message, location, article.content_hash)


def _check_boilerplate(report: Report, max_share: float) -> Iterator[Finding]:
    boilerplate = [piece for piece in report.removed if piece.kind in _BOILERPLATE_ROLES]
    boilerplate_words = sum(len(split_words(piece.text)) for piece in boilerplate)
    report_words = sum(len(split_words(sentence)) for sentence in report.sentences)
    if report_words and boilerplate_words > max_share * (boilerplate_words + report_words):
        percent = round(100 * boilerplate_words / (boilerplate_words + report_words))
        location = locate_article(report.article, [boilerplate[0].text])
        message = f"{percent} % of the page is not part of the report: {_describe_removed(boilerplate)}"
        yield make_finding("ND201", message, location, report.article.content_hash)


def _describe_removed(removed: Sequence[Removed]) -> str:
    """Return what was removed from a page, most words first, with the beginning of each kind."""
    word_counts: Counter[Role] = Counter()
    first_texts: dict[Role, str] = {}
    line_counts: Counter[Role] = Counter()
    for piece in removed:
        word_counts[piece.kind] += len(split_words(piece.text))
        line_counts[piece.kind] += 1
        first_texts.setdefault(piece.kind, piece.text)
    ranked = sorted(word_counts, key=lambda kind: (-word_counts[kind], kind.value))
    return ", ".join(
        f"{format_count(line_counts[kind], 'line')} of {kind.value.replace('_', ' ')} ('{_shorten(first_texts[kind])}')"
        for kind in ranked
    )


def _shorten(text: str) -> str:
    folded = normalise_whitespace(text)
    return folded if len(folded) <= 40 else folded[:39].rstrip() + "…"


def check_ids(articles: Sequence[Article], is_new: Sequence[bool]) -> Iterator[Finding]:
    """Yield a finding for each new article with the id of a known article, or of an earlier new one by path and record.

    `articles` have the ids that they were loaded with.
    """
    indices_by_id: dict[str, list[int]] = defaultdict(list)
    for i, article in enumerate(articles):
        indices_by_id[article.article_id].append(i)
    for article_id, indices in indices_by_id.items():
        order = sorted(indices, key=lambda i: (is_new[i], articles[i].path, articles[i].record))
        for i in (i for i in order[1:] if is_new[i]):
            article, first_article = articles[i], articles[order[0]]
            other_location = locate_article(first_article, line=first_article.lines.header.get("id"))
            message = f"the id {article_id!r} is already used by {other_location.path}:{other_location.line}"
            yield make_finding(
                "ND007",
                message,
                locate_article(article, line=article.lines.header.get("id")),
                article.content_hash,
                other=other_location,
            )


def current_date() -> date:
    """Return today's date in UTC, or the date in SOURCE_DATE_EPOCH (seconds since 1970) for repeatable runs."""
    epoch = os.environ.get("SOURCE_DATE_EPOCH")
    if epoch is None:
        return datetime.now(UTC).date()
    try:
        return datetime.fromtimestamp(int(epoch), UTC).date()
    except (ValueError, OverflowError, OSError):
        raise ConfigError(f"SOURCE_DATE_EPOCH is {epoch!r}; give whole seconds since 1970, or unset it") from None
