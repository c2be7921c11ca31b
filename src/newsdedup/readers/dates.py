"""Dates as given to ISO 8601, in the precision and zone given; what is ambiguous or unreadable is None."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta, timezone, tzinfo
from email.utils import parsedate_tz
from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from dateutil.parser import parser

# A page from before 1000 or after 2999 is a misread number, not a date of publication.
_YEARS = range(1000, 3000)
# Dates are short; dateutil's time grows with the length, and a longer field is a sentence.
_MAX_CHARS = 100

_ZONE = r"Z|[+-][0-9]{2}(?::?[0-9]{2})?"
_ISO = re.compile(
    r"(?P<year>[0-9]{4})(?:-(?P<month>[0-9]{2})(?:-(?P<day>[0-9]{2})"
    r"(?:[T ](?P<hour>[0-9]{2})(?::(?P<minute>[0-9]{2})(?::(?P<second>[0-9]{2})(?:[.,](?P<fraction>[0-9]{1,9}))?)?)?"
    rf" ?(?P<zone>{_ZONE})?)?)?)?",
    re.IGNORECASE,
)
_ISO_BASIC = re.compile(rf"([0-9]{{4}})([0-9]{{2}})([0-9]{{2}})(?:T?([0-9]{{2}})([0-9]{{2}})([0-9]{{2}})?({_ZONE})?)?")
_ISO_WEEK = re.compile(r"([0-9]{4})-?W([0-9]{2})-?([1-7])")
_ISO_ORDINAL = re.compile(r"([0-9]{4})-([0-9]{3})")
_RFC_2822 = re.compile(
    r"(?:(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)\s*,\s*)?[0-9]{1,2}\s+"
    r"(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)\s+(?:[0-9]{4}|[0-9]{2})\s+"
    r"[0-9]{2}:[0-9]{2}(?P<second>:[0-9]{2})?\s+(?:[+-][0-9]{4}|UT|GMT|[ECMP][SD]T)",
    re.IGNORECASE | re.ASCII,
)
_COMMENT = re.compile(r"\s*\([^()]*\)$")
# dateutil reads "GMT+3" in the POSIX sense, as three hours *west*; whoever writes a date means east.
_UTC_BEFORE_OFFSET = re.compile(r"(?:GMT|UTC)\s?(?=[+-][0-9])")


def parse_date(raw: str) -> str | None:
    """Return `raw` as an ISO 8601 year, month, date or date-time, or None where it is ambiguous or unreadable.

    Read are ISO 8601, RFC 2822, and what python-dateutil reads the same way day-first and month-first. Nothing is
    filled in: `April 2025` is `2025-04`, a time without a zone stays without one, and a zone that is only a name (`EST`
    outside RFC 2822) leaves the date alone. UTC is written `+00:00`. A year of two digits is 1950 to 2049, as RFC 2822
    has it. Never raises.
    """
    text = _COMMENT.sub("", raw.strip())
    if not text or len(text) > _MAX_CHARS or text[0] in "-+−" or "\0" in text:
        return None  # dateutil drops the sign of a negative year, and joins what a NUL parts
    try:
        return _iso(text) if text[:4].isdigit() and _looks_iso(text) else _rfc_2822(text) or _by_dateutil(text)
    except Exception:  # noqa: BLE001, RUF100 - dateutil raises ValueError, OverflowError, TypeError, Decimal's and more
        return None


def span(published: str) -> tuple[datetime, datetime] | None:
    """Return the first instant that `published` (as `parse_date` gives it) covers, and the first one after it, in UTC.

    A time without a zone counts as UTC. None where it is no such date.
    """
    match = _ISO.fullmatch(published)
    if match is None:
        return None
    try:
        year, month, day, hour, minute, second = (int(match[k] or low) for k, low in _LOWEST)
        start = datetime(year, month, day, hour, minute, second, tzinfo=_offset(match["zone"]) or UTC)
        if match["fraction"]:
            start += timedelta(microseconds=int(match["fraction"][:6].ljust(6, "0")))
            return start.astimezone(UTC), (start + timedelta(microseconds=1)).astimezone(UTC)
        if match["hour"]:
            unit = timedelta(seconds=1) if match["second"] else timedelta(minutes=1) if match["minute"] else _HOUR
            return start.astimezone(UTC), (start + unit).astimezone(UTC)
        if match["day"]:
            return start, start + timedelta(days=1)
        after = start.replace(year=year + 1) if not match["month"] else (start + timedelta(days=31)).replace(day=1)
    except (ValueError, OverflowError):
        return None
    return start, after


_LOWEST = (("year", 1), ("month", 1), ("day", 1), ("hour", 0), ("minute", 0), ("second", 0))
_HOUR = timedelta(hours=1)


def _looks_iso(text: str) -> bool:
    """Tell whether `text` has a shape of ISO 8601, or is digits alone: then dateutil is not asked."""
    shapes = (_ISO, _ISO_BASIC, _ISO_WEEK, _ISO_ORDINAL)
    return text.isdigit() or any(shape.fullmatch(text) for shape in shapes)


def _iso(text: str) -> str | None:
    if match := _ISO_BASIC.fullmatch(text):
        day, clock = "-".join(match.groups()[:3]), ":".join(part for part in match.groups()[3:6] if part)
        text = f"{day}T{clock}{match[7] or ''}" if clock else day
    elif match := _ISO_WEEK.fullmatch(text):
        text = date.fromisocalendar(*map(int, match.groups())).isoformat()
    elif match := _ISO_ORDINAL.fullmatch(text):
        found = date(int(match[1]), 1, 1) + timedelta(days=int(match[2]) - 1)
        text = found.isoformat() if found.year == int(match[1]) and match[2] != "000" else ""
    match = _ISO.fullmatch(text)
    if match is None:
        return None
    numbers = {key: int(match[key] or low) for key, low in _LOWEST}
    datetime(**numbers, tzinfo=UTC)  # raises ValueError where there is no such day or time
    if numbers["year"] not in _YEARS:
        return None
    out = "-".join(match[key] for key in ("year", "month", "day") if match[key])
    if match["hour"]:
        out += "T" + ":".join(match[key] for key in ("hour", "minute", "second") if match[key])
        out += f".{match['fraction']}" if match["fraction"] else ""
        out += _written(_offset(match["zone"]))
    return out


def _rfc_2822(text: str) -> str | None:
    match = _RFC_2822.fullmatch(text)
    parts = parsedate_tz(text) if match else None
    if match is None or parts is None:
        return None
    moment = datetime(*parts[:6], tzinfo=timezone(timedelta(seconds=parts[9] or 0)))
    if moment.year not in _YEARS:
        return None
    return moment.isoformat(timespec="seconds" if match["second"] else "minutes")


@cache
def _parser() -> parser:
    """Return dateutil's parser with its own words, but a century that does not depend on today's date.

    Made when it is first asked: most dates are ISO 8601 or RFC 2822.
    """
    from dateutil.parser import parser, parserinfo  # noqa: PLC0415

    class Info(parserinfo):
        def convertyear(self, year: int, century_specified: bool = False) -> int:
            if year < 100 and not century_specified:
                return year + (2000 if year < 50 else 1900)
            return year

    return parser(Info())


# They differ in every field, in the day by more than a week (a bare weekday moves on by up to six days): what a parsed
# date takes from its default shows as a difference.
_DEFAULT_A = datetime(2000, 1, 1, 0, 0, 0, 0)  # noqa: DTZ001 - a zone is what must not be invented
_DEFAULT_B = datetime(2001, 2, 15, 1, 1, 1, 1)  # noqa: DTZ001
_UNKNOWN = timezone(timedelta(0), "unknown")


def _zone(name: str | None, seconds: int | None) -> tzinfo | None:
    """Give dateutil the zone of a name and an offset; left alone it knows the names of the machine's own zone."""
    if seconds is not None and name in {None, "UTC", "GMT", "Z", "z"}:
        return timezone(timedelta(seconds=seconds))
    return None if name is None else _UNKNOWN


def _by_dateutil(text: str) -> str | None:
    text = _UTC_BEFORE_OFFSET.sub("", text)
    a = _parser().parse(text, default=_DEFAULT_A, tzinfos=_zone)
    b = _parser().parse(text, default=_DEFAULT_B, tzinfos=_zone, dayfirst=True)
    if (a.year, a.month) != (b.year, b.month) or a.year not in _YEARS:
        return None
    if str(a.year) not in text:  # two digits: 13/04/18 may also begin with the year
        c = _parser().parse(text, default=_DEFAULT_A, tzinfos=_zone, yearfirst=True)
        if a.date() != c.date():
            return None
    if a.day != b.day:
        return f"{a.year}-{a.month:02}"
    if a.hour != b.hour or a.tzinfo is _UNKNOWN:
        return a.date().isoformat()
    if a.minute != b.minute:
        clock = f"{a.hour:02}"
    elif a.second != b.second:
        clock = f"{a.hour:02}:{a.minute:02}"
    else:
        clock = f"{a.hour:02}:{a.minute:02}:{a.second:02}" + f".{a.microsecond:06}".rstrip("0").rstrip(".")
    return f"{a.date().isoformat()}T{clock}{_written(a.tzinfo)}"


def _offset(zone: str | None) -> timezone | None:
    if zone is None:
        return None
    if zone in {"Z", "z"}:
        return UTC
    minutes = int(zone[1:3]) * 60 + int(zone[3:].lstrip(":") or 0)
    if int(zone[3:].lstrip(":") or 0) > 59:
        raise ValueError(zone)
    return timezone(timedelta(minutes=-minutes if zone[0] == "-" else minutes))


def _written(zone: tzinfo | None) -> str:
    offset = zone.utcoffset(None) if zone is not None else None
    if offset is None:
        return ""
    minutes = int(offset.total_seconds()) // 60
    return f"{'-' if minutes < 0 else '+'}{abs(minutes) // 60:02}:{abs(minutes) % 60:02}"
