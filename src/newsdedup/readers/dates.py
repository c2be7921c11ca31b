"""Converts dates to ISO 8601, keeping their precision and zone. Ambiguous and unreadable dates become None."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, time, timedelta, timezone, tzinfo
from email.utils import parsedate_tz
from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from dateutil.parser import parser

# A year before 1000 or after 2999 is a misread number, not a date of publication.
_YEARS = range(1000, 3000)
# Dates are short. A longer field is a sentence, and dateutil's time grows with the length.
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
# dateutil reads "GMT+3" in the POSIX sense, as three hours *west*; in a date it means east.
_UTC_BEFORE_OFFSET = re.compile(r"(?:GMT|UTC)\s?(?=[+-][0-9])")


def parse_date(raw: str) -> str | None:
    """Return `raw` as an ISO 8601 year, month, date or date-time, or None if it is ambiguous or unreadable.

    Accepts ISO 8601, RFC 2822, and any date that python-dateutil reads the same way day-first and month-first. Nothing
    is filled in: `April 2025` is `2025-04`, and a time without a zone stays without one. If the zone is only a name
    (`EST` outside RFC 2822), only the date is returned. UTC is written `+00:00`. A year of two digits is in 1950 to
    2049, as in RFC 2822. Never raises.
    """
    text = _remove_comment(raw.strip())
    if not text or len(text) > _MAX_CHARS or text[0] in "-+−" or "\0" in text:
        return None  # dateutil drops the sign of a negative year, and joins the text on both sides of a NUL
    try:
        if text[:4].isdigit() and _looks_iso(text):
            return _parse_iso(text)
        return _parse_rfc_2822(text) or _parse_with_dateutil(text)
    except Exception:  # noqa: BLE001, RUF100 - dateutil raises ValueError, OverflowError, TypeError, Decimal's and more
        return None


def _remove_comment(text: str) -> str:
    """Return a date without the remark in brackets at its end: the zone's name in RFC 2822."""
    before, bracket, comment = text.rpartition("(")
    return before.rstrip() if bracket and comment.find(")") == len(comment) - 1 else text


def date_interval(published: str) -> tuple[datetime, datetime] | None:
    """Return the first instant that `published` (a result of `parse_date`) covers, and the first one after it, in UTC.

    A time without a zone counts as UTC. None if `published` is not such a date.
    """
    match = _ISO.fullmatch(published)
    if match is None:
        return None
    try:
        start = _to_datetime(match)
        if match["fraction"]:
            start += timedelta(microseconds=int(match["fraction"][:6].ljust(6, "0")))
            end = start + timedelta(microseconds=1)
        elif match["hour"]:
            unit = timedelta(seconds=1) if match["second"] else timedelta(minutes=1) if match["minute"] else _ONE_HOUR
            end = start + unit
        elif match["day"]:
            end = start + timedelta(days=1)
        else:
            end = (start + timedelta(days=31)).replace(day=1) if match["month"] else start.replace(year=start.year + 1)
        return start.astimezone(UTC), end.astimezone(UTC)
    except (ValueError, OverflowError):
        return None


_LOWEST_VALUES = {"year": 1, "month": 1, "day": 1, "hour": 0, "minute": 0, "second": 0}
_ONE_HOUR = timedelta(hours=1)


def _to_datetime(match: re.Match[str]) -> datetime:
    """Return the first instant of a match of `_ISO`, without fraction. Raises ValueError if there is none."""
    numbers = {key: int(match[key] or lowest) for key, lowest in _LOWEST_VALUES.items()}
    return datetime(**numbers, tzinfo=_parse_offset(match["zone"]) or UTC)


def _looks_iso(text: str) -> bool:
    """Return whether `text` has an ISO 8601 form or is all digits; such text is never passed to dateutil."""
    shapes = (_ISO, _ISO_BASIC, _ISO_WEEK, _ISO_ORDINAL)
    return text.isdigit() or any(shape.fullmatch(text) for shape in shapes)


def _parse_iso(text: str) -> str | None:
    if match := _ISO_BASIC.fullmatch(text):
        day, clock = "-".join(match.groups()[:3]), ":".join(part for part in match.groups()[3:6] if part)
        text = f"{day}T{clock}{match[7] or ''}" if clock else day
    elif match := _ISO_WEEK.fullmatch(text):
        text = date.fromisocalendar(*map(int, match.groups())).isoformat()
    elif match := _ISO_ORDINAL.fullmatch(text):
        ordinal_day = date(int(match[1]), 1, 1) + timedelta(days=int(match[2]) - 1)
        text = ordinal_day.isoformat() if ordinal_day.year == int(match[1]) and match[2] != "000" else ""
    match = _ISO.fullmatch(text)
    if match is None or (start := _to_datetime(match)).year not in _YEARS:
        return None
    result = "-".join(match[key] for key in ("year", "month", "day") if match[key])
    if match["hour"]:
        result += "T" + ":".join(match[key] for key in ("hour", "minute", "second") if match[key])
        result += f".{match['fraction']}" if match["fraction"] else ""
        result += _format_offset(start.tzinfo) if match["zone"] else ""
    return result


def _parse_rfc_2822(text: str) -> str | None:
    match = _RFC_2822.fullmatch(text)
    fields = parsedate_tz(text) if match else None
    if match is None or fields is None:
        return None
    moment = datetime(*fields[:6], tzinfo=timezone(timedelta(seconds=fields[9] or 0)))
    if moment.year not in _YEARS:
        return None
    return moment.isoformat(timespec="seconds" if match["second"] else "minutes")


@cache
def _dateutil_parser() -> parser:
    """Return a dateutil parser whose century does not depend on today's date.

    It is created on first use: most dates are ISO 8601 or RFC 2822.
    """
    from dateutil.parser import parser, parserinfo  # noqa: PLC0415

    class FixedCentury(parserinfo):
        def convertyear(self, year: int, century_specified: bool = False) -> int:
            if year < 100 and not century_specified:
                return year + (2000 if year < 50 else 1900)
            return year

    return parser(FixedCentury())


# The defaults differ in every field, in the day by more than a week (a bare weekday moves the date by up to six days).
# A field that a parsed date takes from its default therefore shows as a difference.
_DEFAULT_A = datetime(2000, 1, 1, 0, 0, 0, 0)  # noqa: DTZ001 - no zone may be invented
_DEFAULT_B = datetime(2001, 2, 15, 1, 1, 1, 1)  # noqa: DTZ001
_UNKNOWN_ZONE = timezone(timedelta(0), "unknown")


def _resolve_zone(name: str | None, seconds: int | None) -> tzinfo | None:
    """Return the zone of a name and an offset for dateutil, which by itself knows the names of the machine's zone."""
    if seconds is not None and name in {None, "UTC", "GMT", "Z", "z"}:
        return timezone(timedelta(seconds=seconds))
    return None if name is None else _UNKNOWN_ZONE


def _parse_with_dateutil(text: str) -> str | None:
    text = _UTC_BEFORE_OFFSET.sub("", text)
    parsed = _dateutil_parser().parse(text, default=_DEFAULT_A, tzinfos=_resolve_zone)
    day_first = _dateutil_parser().parse(text, default=_DEFAULT_B, tzinfos=_resolve_zone, dayfirst=True)
    if (parsed.year, parsed.month) != (day_first.year, day_first.month) or parsed.year not in _YEARS:
        return None
    if str(parsed.year) not in text:  # two digits: 13/04/18 may also start with the year
        year_first = _dateutil_parser().parse(text, default=_DEFAULT_A, tzinfos=_resolve_zone, yearfirst=True)
        if parsed.date() != year_first.date():
            return None
    if parsed.day != day_first.day:
        return f"{parsed.year}-{parsed.month:02}"
    if parsed.hour != day_first.hour or parsed.tzinfo is _UNKNOWN_ZONE:
        return parsed.date().isoformat()
    if parsed.minute != day_first.minute:
        unit = "hours"
    elif parsed.second != day_first.second:
        unit = "minutes"
    else:
        unit = "microseconds" if parsed.microsecond else "seconds"
    clock = parsed.replace(tzinfo=None).isoformat(timespec=unit)
    return (clock.rstrip("0") if unit == "microseconds" else clock) + _format_offset(parsed.tzinfo)


def _parse_offset(zone: str | None) -> timezone | None:
    if zone is None:
        return None
    if zone in {"Z", "z"}:
        return UTC
    hours, minutes = int(zone[1:3]), int(zone[3:].lstrip(":") or 0)
    if minutes > 59:
        raise ValueError(zone)
    offset = timedelta(hours=hours, minutes=minutes)
    return timezone(-offset if zone[0] == "-" else offset)


def _format_offset(zone: tzinfo | None) -> str:
    """Return an offset as `+02:00`, nothing for no zone."""
    return time(tzinfo=zone).isoformat(timespec="hours").removeprefix("00")
