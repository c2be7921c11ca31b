"""Dates keep their precision and zone. Ambiguous and unreadable dates are None, and nothing raises."""

from __future__ import annotations

import os
import re
import time
from datetime import date, datetime, timedelta, timezone
from email.utils import format_datetime

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from newsdedup.readers.dates import date_interval, parse_date

READ = {
    "iso year": ("2025", "2025"),
    "iso month": ("2025-04", "2025-04"),
    "iso date": ("2025-04-26", "2025-04-26"),
    "iso basic date": ("20250426", "2025-04-26"),
    "iso week date": ("2025-W17-6", "2025-04-26"),
    "iso ordinal date": ("2025-116", "2025-04-26"),
    "iso hour": ("2025-04-26T10", "2025-04-26T10"),
    "iso minutes, no zone": ("2025-04-26T10:00", "2025-04-26T10:00"),
    "iso with a blank": ("2025-04-26 10:00:05", "2025-04-26T10:00:05"),
    "iso with zone": ("2025-04-26T10:00:00+02:00", "2025-04-26T10:00:00+02:00"),
    "iso with short zone": ("2025-04-26T10:00:00-0330", "2025-04-26T10:00:00-03:30"),
    "iso in UTC": ("2025-04-26T10:00:00Z", "2025-04-26T10:00:00+00:00"),
    "iso fraction": ("2025-04-26T10:00:00.250Z", "2025-04-26T10:00:00.250+00:00"),
    "iso basic date-time": ("20250426T100005Z", "2025-04-26T10:00:05+00:00"),
    "rfc 2822": ("Sat, 26 Apr 2025 10:00:05 +0200", "2025-04-26T10:00:05+02:00"),
    "rfc 2822, no seconds": ("26 Apr 2025 10:00 GMT", "2025-04-26T10:00+00:00"),
    "rfc 2822, zone it defines": ("Sat, 26 Apr 2025 10:00:00 EST", "2025-04-26T10:00:00-05:00"),
    "rfc 2822, two-digit year": ("Sat, 26 Apr 87 10:00:00 GMT", "1987-04-26T10:00:00+00:00"),
    "rfc 2822, comment": ("Sat, 26 Apr 2025 10:00:05 +0200 (CEST)", "2025-04-26T10:00:05+02:00"),
    "wire": ("26-FEB-1987 15:01:01.79", "1987-02-26T15:01:01.79"),
    "wire, two blanks": ("5-MAR-1987  07:33:13.33", "1987-03-05T07:33:13.33"),
    "month and year": ("April 2025", "2025-04"),
    "weekday, month and year": ("Saturday April 2025", "2025-04"),
    "written out": ("Saturday, April 26, 2025", "2025-04-26"),
    "hour only": ("April 26, 2025 at 5 pm", "2025-04-26T17"),
    "only a day can be over 12": ("25/04/2025", "2025-04-25"),
    "month first for the same reason": ("04/25/2025", "2025-04-25"),
    "day and month the same": ("04/04/2025", "2025-04-04"),
    "two-digit year, one reading": ("4/13/18", "2018-04-13"),
    "UTC by name": ("April 26 2025 10:00 UTC", "2025-04-26T10:00+00:00"),
    "GMT+2 is east": ("Sat Apr 26 2025 10:00:00 GMT+0200 (Some Time)", "2025-04-26T10:00:00+02:00"),
    "zone by name only: the date": ("April 26 2025 10:00 EST", "2025-04-26"),
    "unheard-of zone: the date": ("April 26 2025 10:00 XYZT", "2025-04-26"),
}

UNREAD = {
    "ambiguous": "03/04/2025",
    "ambiguous with time": "03/04/2025 10:00",
    "ambiguous: year first or last": "13/04/18",
    "no year": "26 April",
    "weekday": "Friday",
    "time": "10:00",
    "bare number": "12",
    "epoch seconds": "1745660000",
    "epoch milliseconds": "1745660000000",
    "no such month": "2025-13-04",
    "no such day": "2025-02-30",
    "no such hour": "2025-04-26T25:00",
    "no such zone": "2025-04-26T10:00:00+02:75",
    "no such ordinal": "2025-366",
    "negative year": "-2025-04-26",
    "year of five digits": "12025-04-26",
    "year under 1000": "0987-04-26",
    "year under 1000, written out": "26 April 0987",
    "absurd year": "9999-12-31",
    "sentence": "published when the sun had set over the hills",
    "empty": "",
    "white space": " \n",
    "other digits": "٢٠٢٥",
    "long": "2025 " * 1000,
    "overflow": "99999999999999999999",
}


@pytest.mark.parametrize(("raw", "expected"), READ.values(), ids=READ)
def test_a_date_is_read_in_its_own_precision_and_zone(raw: str, expected: str) -> None:
    assert parse_date(raw) == expected


@pytest.mark.parametrize("raw", UNREAD.values(), ids=UNREAD)
def test_a_date_that_is_ambiguous_or_unreadable_is_none(raw: str) -> None:
    assert parse_date(raw) is None


@pytest.mark.skipif(not hasattr(time, "tzset"), reason="the zone of a process can be set on POSIX only")
@pytest.mark.parametrize("zone", ["America/New_York", "Europe/Berlin"])
def test_the_zone_of_the_machine_changes_nothing(zone: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TZ", zone)
    time.tzset()
    try:
        assert [parse_date(raw) for raw, _ in READ.values()] == [expected for _, expected in READ.values()]
    finally:
        monkeypatch.undo()
        time.tzset()
        assert os.environ.get("TZ") != zone


SHAPE = re.compile(
    r"[12]\d{3}(-\d\d(-\d\d(T\d\d(:\d\d(:\d\d(\.\d{1,9})?)?)?([+-]\d\d:\d\d)?)?)?)?",
)
PIECES = st.sampled_from(
    [*"0123456789:/-.,+ TZ", "2025", "Apr", "April", "26", "10:00", "EST", "GMT", "Sat", "pm", "W", "²", "\ud800", "\0"]
)


@given(st.one_of(st.text(), st.lists(PIECES, max_size=12).map("".join)))
def test_any_string_gives_a_date_of_one_shape_or_none(raw: str) -> None:
    parsed = parse_date(raw)
    assert parsed is None or (
        SHAPE.fullmatch(parsed) and parse_date(parsed) == parsed and date_interval(parsed) is not None
    )


@example("1/4\x000")
@given(st.lists(PIECES, max_size=12).map("".join))
def test_a_year_is_never_invented(raw: str) -> None:
    parsed = parse_date(raw)
    assert parsed is None or parsed[2:4] in raw


@given(st.dates(date(1900, 1, 1), date(2100, 1, 1)))
def test_numbers_are_read_only_where_day_and_month_cannot_be_taken_for_each_other(day: date) -> None:
    clear = day.day > 12 or day.day == day.month
    assert parse_date(day.strftime("%d/%m/%Y")) == (day.isoformat() if clear else None)
    assert parse_date(day.strftime("%d %B %Y")) == day.isoformat()


ZONES = st.integers(-14 * 60, 14 * 60).map(lambda minutes: timezone(timedelta(minutes=minutes)))


@given(st.datetimes(datetime(1970, 1, 1), datetime(2100, 1, 1), timezones=ZONES))  # noqa: DTZ001
def test_iso_and_rfc_2822_agree_with_the_standard_library(moment: datetime) -> None:
    moment = moment.replace(microsecond=0)
    assert parse_date(moment.isoformat()) == moment.isoformat(timespec="seconds")
    assert parse_date(format_datetime(moment)) == moment.isoformat(timespec="seconds")


SPANS = {
    "year": ("2024", "2024-01-01T00:00:00+00:00", "2025-01-01T00:00:00+00:00"),
    "month": ("2024-12", "2024-12-01T00:00:00+00:00", "2025-01-01T00:00:00+00:00"),
    "date": ("2024-02-29", "2024-02-29T00:00:00+00:00", "2024-03-01T00:00:00+00:00"),
    "minute, no zone": ("2024-02-29T10:00", "2024-02-29T10:00:00+00:00", "2024-02-29T10:01:00+00:00"),
    "second, zone": ("2024-02-29T10:00:00+02:00", "2024-02-29T08:00:00+00:00", "2024-02-29T08:00:01+00:00"),
}


@pytest.mark.parametrize(("published", "start", "after"), SPANS.values(), ids=SPANS)
def test_a_date_covers_all_instants_its_precision_leaves_open(published: str, start: str, after: str) -> None:
    parsed = date_interval(published)
    assert parsed is not None
    assert [moment.isoformat() for moment in parsed] == [start, after]


def test_a_date_that_is_not_parsed_has_no_interval() -> None:
    assert date_interval("26 April 2025") is None
    assert date_interval("2025-02-30") is None
