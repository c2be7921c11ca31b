"""The facts of a sentence as values: quantities with their units, dates and weekdays, in the languages of the lexicon.

`1.5 million`, `1,500,000` and `1,5 Mio.` are one value; so are `7 p.m.` and `19:00`, `5-1/2` and `5.50`. Numbers are
compared within the precision that they are given in.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from functools import lru_cache
from itertools import pairwise
from math import isclose
from typing import NamedTuple

from newsdedup import fact_words as words
from newsdedup.text import normalise_unicode, stem
from newsdedup.thresholds import (
    FACT_CONTEXT_WORDS,
    MIN_LARGE_NUMBER,
    MORE_THAN_MAX_SHARE,
    ROUNDED_MAX_SHARE,
    ROUNDING_MAX_SHARE,
    YEAR_RANGE,
)

_LETTER = r"(?:[^\W\d_]|[\u0300-\u036f\u0610-\u061a\u064b-\u0652\u0670\u0900-\u0903\u093a-\u094f])"
_HAN = "\u3040-\u30ff\u3400-\u9fff"
_TOKEN = re.compile(rf"\d+(?:[.,]\d+)*|[{_HAN}]|(?:(?![{_HAN}]){_LETTER})+(?:['’](?:(?![{_HAN}]){_LETTER})+)*|[^\s\w]")
_ASCII_TOKEN = re.compile(r"\d+(?:[.,]\d+)*|[A-Za-z]+(?:'[A-Za-z]+)*|[^\s\w]")
_SPACED_GROUPS = re.compile(r"(?<![\d.,])\d{1,3}(?:[ '’]\d{3})+(?![\d.,]?\d)")
# A dateline that ran into the text: "August 23, 2025The mayor".
_GLUED_DATELINE = re.compile(r"^\W{0,3}(?:[^\W\d_]{3,10} \d{1,2}|\d{1,2}\.? [^\W\d_]{3,10}),? \d{4}(?=[^\W\d_])")
_MAX_DAY = 31
_FRACTION = "/"
_MILLION_OR_METRES = "m"
_DENOMINATORS = frozenset({2, 3, 4, 5, 8, 10, 16, 32, 64})


class Quantity(NamedTuple):
    """A number of a sentence.

    `step`: the unit of its last digit, its precision. `unit`: a currency, `%`, `#` (ordinal), `time` (minutes of the
    day), `/` (a fraction), `m` (1.4m: millions or metres), or empty. `bound`: `about`, `over` (more than) or empty.
    `remainder`: it counts the `others`, besides some, or what is left of a `list` of names; empty if neither. `noun`:
    what it counts. `context`: the stems of the words near it.
    """

    value: float
    step: float
    unit: str
    bound: str
    remainder: str
    noun: str
    context: frozenset[str]


class Date(NamedTuple):
    """A date as far as it is given, with the stems of the words near it."""

    year: int | None
    month: int | None
    day: int | None
    context: frozenset[str]


class Values(NamedTuple):
    """The quantities, dates and weekdays (0 is Monday) of a sentence."""

    quantities: tuple[Quantity, ...]
    dates: tuple[Date, ...]
    weekdays: frozenset[int]


class _Token(NamedTuple):
    text: str  # case-folded
    raw: str
    is_glued: bool  # no white space before it


class _Number(NamedTuple):
    value: float
    step: float
    end: int  # the token after it


def parse_values(text: str) -> Values:
    """Return the quantities, dates and weekdays of a sentence."""
    plain = normalise_unicode("NFKC", _GLUED_DATELINE.sub("", text))
    plain = _SPACED_GROUPS.sub(lambda groups: re.sub(r"\D", "", groups[0]), plain)
    tokens = [
        _Token(match[0].casefold(), match[0], match.start() > 0 and not plain[match.start() - 1].isspace())
        for match in (_ASCII_TOKEN if plain.isascii() else _TOKEN).finditer(plain)
    ]
    return _Parser(tokens).parse(plain)


def quantities_agree(a: Quantity, b: Quantity) -> bool:
    """Return whether two numbers may be one value: equal, or one of them rounded."""
    a, b = _align_units(a, b), _align_units(b, a)
    if a.unit != b.unit and a.unit and b.unit and not _is_plain_dollar(a.unit, b.unit):
        return False
    if isclose(a.value, b.value, rel_tol=1e-9):
        return True
    difference, larger = abs(a.value - b.value), max(abs(a.value), abs(b.value))
    if a.unit in ("time", "#") or b.unit in ("time", "#"):
        return False
    if a.step != b.step and difference <= min(max(a.step, b.step) / 2, ROUNDED_MAX_SHARE * larger):
        return True
    return _is_rounding_of(a, b) or _is_rounding_of(b, a)


def quantities_clash(a: Quantity, b: Quantity) -> bool:
    """Return whether two numbers that do not agree are about one thing: one unit, and words near both."""
    a, b = _align_units(a, b), _align_units(b, a)
    if a.remainder != b.remainder or a.remainder == "list" or a.context.isdisjoint(b.context):
        return False
    if a.unit != b.unit and not _is_plain_dollar(a.unit, b.unit):
        return _are_currencies(a, b) and isclose(a.value, b.value, rel_tol=1e-9)
    measure_a, measure_b = words.MEASURES.get(a.noun), words.MEASURES.get(b.noun)
    return bool(a.unit) or measure_a == measure_b


def dates_agree(a: Date, b: Date) -> bool:
    """Return whether two dates may be one: no part that both give differs, and one part is shared."""
    parts = [(x, y) for x, y in zip(a[:3], b[:3], strict=True) if x is not None and y is not None]
    return bool(parts) and all(x == y for x, y in parts)


def dates_clash(a: Date, b: Date) -> bool:
    """Return whether two dates that do not agree are of one kind: of a month, or years with words near both."""
    if a.month is None or b.month is None:
        return a.month is b.month and not a.context.isdisjoint(b.context)
    return True


def _is_rounding_of(rounded: Quantity, exact: Quantity) -> bool:
    if not rounded.bound or not rounded.value:
        return False
    unit = rounded.step
    while rounded.value % (unit * 10) == 0:
        unit *= 10
    above = exact.value - rounded.value
    if rounded.bound == "over":
        return 0 <= above <= min(unit, MORE_THAN_MAX_SHARE * rounded.value)
    return abs(above) < min(unit / 2, ROUNDING_MAX_SHARE * rounded.value)


def _align_units(quantity: Quantity, other: Quantity) -> Quantity:
    """Return a quantity in the unit of another: a third is 33 %, and 1.4m is 1.4 million beside large numbers."""
    if quantity.unit == _FRACTION and other.unit == "%":
        return quantity._replace(value=quantity.value * 100, step=1.0, unit="%")
    if quantity.unit == _FRACTION and isclose(quantity.value, other.value, rel_tol=1e-9):
        return quantity._replace(unit=other.unit)
    if quantity.unit != _MILLION_OR_METRES:
        return quantity
    if other.unit == _MILLION_OR_METRES or other.value >= MIN_LARGE_NUMBER:
        return quantity._replace(value=quantity.value * 1e6, step=quantity.step * 1e6, unit="")
    return quantity._replace(unit="", noun="m")


def _is_plain_dollar(a: str, b: str) -> bool:
    """Return whether one unit is a dollar of any country, and the other a dollar."""
    return (a == "$" and b.endswith("$")) or (b == "$" and a.endswith("$"))


def _are_currencies(a: Quantity, b: Quantity) -> bool:
    return bool(a.unit and b.unit) and not {a.unit, b.unit} & {"%", "#", "time", _FRACTION}


class _Parser:
    """Parses the tokens of one sentence: dates first, since their numbers are no quantities."""

    def __init__(self, tokens: Sequence[_Token]) -> None:
        self.tokens = tokens
        self.is_english = any(token.text in words.ENGLISH_SIGNS for token in tokens)
        self.used: set[int] = set()

    def parse(self, plain: str) -> Values:
        dates = tuple(self._parse_dates())
        return Values(tuple(self._parse_quantities()), dates, frozenset(self._parse_weekdays(plain)))

    def _text(self, index: int) -> str:
        return self.tokens[index].text if 0 <= index < len(self.tokens) else ""

    def _integer(self, index: int, low: int, high: int) -> int | None:
        """Return the integer at a token if it is within the bounds, None otherwise."""
        text = self._text(index)
        return int(text) if text.isdecimal() and len(text) <= len(str(high)) and low <= int(text) <= high else None

    # Dates

    def _parse_weekdays(self, plain: str) -> Iterable[int]:
        for index, token in enumerate(self.tokens):
            word = token.text
            if self._text(index + 1) == "-" and self._text(index + 2) == "feira":
                word += "-feira"
            day = words.WEEKDAYS.get(word.removesuffix("'s").removesuffix("’s"))
            if day is not None and (not self.is_english or token.raw[0].isupper()):
                yield day
        for match in words.HAN_WEEKDAY.finditer(plain):
            yield words.HAN_WEEKDAYS[match[1] or match[2] or match[3]]

    def _parse_dates(self) -> Iterable[Date]:
        for index, token in enumerate(self.tokens):
            if index in self.used:
                continue
            date = None
            if token.text in words.MONTHS:
                date = self._parse_month(index)
            elif token.text in ("月", "월", "tháng"):
                date = self._parse_counted_month(index)
            elif token.raw[0].isdigit():
                date = self._parse_numeric_date(index) or self._parse_year(index)
            if date:
                yield date

    def _parse_month(self, index: int) -> Date | None:
        """Return the date of a month's name with the day and the year beside it."""
        before = index - 1
        while self._text(before) in (".", "de", "of", "th", "st", "nd", "rd") and before > index - 4:
            before -= 1
        after = index + 1 + (self._text(index + 1) == ".")
        day = self._integer(before, 1, _MAX_DAY)
        if day is not None:
            self.used.add(before)
        elif (day := self._integer(after, 1, _MAX_DAY)) is not None and self._text(after + 1) not in (":", "%"):
            self.used.add(after)
            after += 1 + (self._text(after + 1) in ("st", "nd", "rd", "th"))
        else:
            day = None
        while self._text(after) in (",", "de", "of", "do") and after < index + 5:
            after += 1
        year = self._integer(after, *YEAR_RANGE)
        if year is not None:
            self.used.add(after)
        if day is None and year is None and not self._is_bare_month(index):
            return None
        self.used.add(index)
        return Date(year, words.MONTHS[self._text(index)], day, self._near(index, index + 1))

    def _is_bare_month(self, index: int) -> bool:
        token = self.tokens[index]
        if token.raw[0].isupper() and token.text in words.CAPITALISED_MONTHS:
            return index > 0 or token.text != "may"
        return not self.is_english and self._text(index - 1) in words.DATE_PREPOSITIONS and len(token.text) > 2

    def _parse_counted_month(self, index: int) -> Date | None:
        """Return the date of a numbered month: 5月12日, ngày 12 tháng 5."""
        if self._text(index) == "tháng":
            month, day, used = self._integer(index + 1, 1, 12), self._integer(index - 1, 1, _MAX_DAY), (-1, 1)
        else:
            month, day, used = self._integer(index - 1, 1, 12), self._integer(index + 1, 1, _MAX_DAY), (-1, 1)
        if month is None:
            return None
        self.used.update(index + offset for offset in used)
        return Date(None, month, day, self._near(index - 1, index + 2))

    def _parse_numeric_date(self, index: int) -> Date | None:
        """Return the date 2025-08-22 or 22.08.2025 at a token."""
        text = self._text(index)
        if match := re.fullmatch(r"(\d{1,2})\.(\d{1,2})\.(\d{4})", text):
            day, month, year = int(match[1]), int(match[2]), int(match[3])
            used = [index]
        elif self._text(index + 1) == self._text(index + 3) == "-":
            numbers = (self._integer(index, *YEAR_RANGE), self._integer(index + 2, 1, 12))
            last = self._integer(index + 4, 1, _MAX_DAY)
            if numbers[0] is None or numbers[1] is None or last is None:
                return None
            year, month, day = numbers[0], numbers[1], last
            used = [index, index + 2, index + 4]
        else:
            return None
        self.used.update(used)
        return Date(year, month, day, self._near(index, used[-1] + 1))

    def _parse_year(self, index: int) -> Date | None:
        year = self._integer(index, *YEAR_RANGE)
        following = self._text(index + 1)
        if year is None or len(self._text(index)) < 4:
            return None
        is_marked = following in ("年", "년") or (following == "s" and self.tokens[index + 1].is_glued)
        if not is_marked:
            if self._text(index - 1) not in words.YEAR_PREPOSITIONS or find_magnitude(following):
                return None
            if find_currency(following) or words.PERCENT.fullmatch(following):
                return None
        self.used.add(index)
        return Date(year, None, None, self._near(index, index + 1))

    # Quantities

    def _parse_quantities(self) -> Iterable[Quantity]:
        index = 0
        while index < len(self.tokens):
            is_candidate = index not in self.used and _may_begin_number(self.tokens[index].text)
            number = self._parse_number(index) if is_candidate else None
            if number is None or number.end <= index:
                index += 1
                continue
            quantity, end = self._build_quantity(index, number)
            yield quantity
            index = end

    def _build_quantity(self, start: int, number: _Number) -> tuple[Quantity, int]:
        if (time := self._parse_time(start, number)) is not None:
            minutes, end = time
            return Quantity(minutes, 1, "time", "", "", "", self._near(start, end)), end
        before, unit = self._parse_unit_before(start)
        value, step, end = number
        is_glued = end < len(self.tokens) and self.tokens[end].is_glued
        if unit and is_glued and (factor := {"k": 1e3, "m": 1e6, "b": 1e9}.get(self._text(end))):
            value, step, end = value * factor, step * factor, end + 1
        if not unit:
            is_fraction = 0 < value < 1 and "." not in self._text(start) and "," not in self._text(start)
            unit, end = self._parse_unit_after(end)
            if not unit and is_glued and self._text(end) == "m":
                unit, end = _MILLION_OR_METRES, end + 1
            unit = unit or (_FRACTION if is_fraction else "")
        noun = self._find_noun(end)
        bound, remainder = self._parse_bound(before), self._parse_remainder(before, end)
        return Quantity(value, step, unit, bound, remainder, noun, self._near(before, end)), end

    def _parse_number(self, start: int) -> _Number | None:
        """Return the number that begins at a token, in digits or words, with its magnitude."""
        text = self._text(start)
        number: _Number | None
        if text[0].isdigit():
            number = self._parse_digits(start)
        elif text in words.HAN_DIGITS or text in words.HAN_UNITS:
            return self._parse_han(start)
        else:
            number = self._parse_words(start)
        if number is None:
            return None
        value, step, end = number
        while (at := end + (self._text(end) == "-")) < len(self.tokens) and (factor := find_magnitude(self._text(at))):
            value, step, end = value * factor, step * factor, at + 1
            if self._text(end) == "." and at + 1 < len(self.tokens) and self._text(at) in ("mio", "mrd", "тыс"):
                end += 1
        return _Number(value, step, end)

    def _parse_digits(self, start: int) -> _Number:
        value, step = _parse_literal(self._text(start))
        end = start + 1
        offset = 1 if self._text(end) == "-" else 0
        if self._text(end) == "/":
            denominator = self._integer(end + 1, 2, 64)
            if denominator in _DENOMINATORS and value < denominator:
                return _Number(value / denominator, 0.01, end + 2)
        numerator, denominator = self._integer(end + offset, 1, 63), self._integer(end + offset + 2, 2, 64)
        is_fraction = self._text(end + offset + 1) == "/" and denominator in _DENOMINATORS
        if is_fraction and numerator and denominator and numerator < denominator:
            return _Number(value + numerator / denominator, 0.01, end + offset + 3)
        return _Number(value, step, end)

    def _parse_words(self, start: int) -> _Number | None:
        """Return the number in words that begins at a token: twenty-one, vingt et un, half a million, two thirds."""
        first = self._text(start)
        following = start + 1 + (self._text(start + 1) == "-")
        if self.is_english and (number := self._parse_english_part(start, following)):
            return number
        if not self.is_english and first in words.OTHER_ORDINALS and self._text(following) not in ("feira", "/"):
            return _Number(words.OTHER_ORDINALS[first], 1, start + 1)
        value = self._word_value(start)
        if value is None:
            if first not in words.ONES and first != "a":
                return None
            if find_magnitude(self._text(following)):
                return _Number(1, 1, start + 1)
            if self._text(following) != "hundred":
                return None
            value = 1
        return self._compose_words(start, value)

    def _parse_english_part(self, start: int, following: int) -> _Number | None:
        """Return an English ordinal, or a half or a quarter of something."""
        first = self._text(start)
        if first in words.ORDINALS and self._text(start - 1) not in ("a", "one", "two"):
            return _Number(words.ORDINALS[first], 1, start + 1)
        is_share = first in ("half", "quarter") and self._text(start - 1) not in words.PERIOD_WORDS
        if is_share and self._text(following) in ("of", "a"):
            end = following + (self._text(following) == "a" and find_magnitude(self._text(following + 1)) > 0)
            return _Number(1 / words.FRACTIONS[first], 0.01, end)
        return None

    def _compose_words(self, start: int, value: int) -> _Number | None:
        """Return the number that begins with a word of this value and goes on in the words after it."""
        total, last, end = value, value, start + 1
        while (at := self._skip_connector(end)) is not None:
            added = self._added_value(at, total, last)
            if added is None:
                break
            total, last = added
            end = at + 1
        if (
            not self.is_english
            and end == start + 1
            and self._text(start) in words.DEPENDENT
            and not find_magnitude(self._text(end))
        ):
            return None
        if self.is_english and (parts := words.FRACTIONS.get(self._text(end + (self._text(end) == "-")))):
            return _Number(total / parts, 0.01, end + 1 + (self._text(end) == "-"))
        return _Number(total, 1, end)

    def _word_value(self, index: int) -> int | None:
        word = self._text(index)
        if self.is_english:
            return words.ENGLISH_NUMBERS.get(word)
        value = _parse_number_word(word)
        return words.PLAIN_ENGLISH_NUMBERS.get(word) if value is None else value

    def _skip_connector(self, index: int) -> int | None:
        """Return the index of a word that may continue a number, after a hyphen or a word for `and`."""
        text = self._text(index)
        if not text:
            return None
        return index + 1 if text == "-" or text in words.CONNECTORS else index

    def _added_value(self, index: int, total: int, last: int) -> tuple[int, int] | None:
        """Return the number that the next word makes of `total`, whose last part is `last`; None if it is another."""
        word = self._text(index)
        value = 1 if word in words.ONES else self._word_value(index)
        if value is None:
            return None
        if value == 100 and last < 10:
            return total * 100, 100
        if word in ("vingt", "vingts", "mươi") and last < 10:
            return total * (20 if last == 4 and word != "mươi" else 10), 80
        if value < 10 and (last % 10 == 0 and (last >= 20 or not self.is_english)):
            return total + value, value
        if value < 100 and last >= 100:
            return total + value, value
        if 10 <= value < 20 and last in (60, 80):
            return total + value, value
        return None

    def _parse_han(self, start: int) -> _Number | None:
        end = start
        while self._text(end) in words.HAN_DIGITS or self._text(end) in words.HAN_UNITS:
            end += 1
        run = [self._text(index) for index in range(start, end)]
        if not run or (len(run) == 1 and self._text(end) not in words.HAN_COUNTERS) or run[0] in words.HAN_UNITS:
            return None if not run or run[0] not in "十百" else _Number(_han_value(run), 1, end)
        return _Number(_han_value(run), 1, end)

    def _parse_unit_before(self, start: int) -> tuple[int, str]:
        """Return the first token of the unit before a number, and the unit."""
        sign = self._text(start - 1)
        if sign in ("%", "yüzde"):
            is_before = self._text(start - 2)[:1].isdigit() is False and (sign != "%" or self.tokens[start].is_glued)
            return (start - 1, "%") if is_before else (start, "")
        if sign == "之" and self._text(start - 2) == "分":
            return start - 3, "%"
        if sign in words.CURRENCY_SIGNS:
            prefix = self._text(start - 2)
            if sign == "$" and prefix in words.DOLLARS and self.tokens[start - 1].is_glued:
                return start - 2, words.DOLLARS[prefix]
            return start - 1, words.CURRENCY_SIGNS[sign]
        unit = find_currency(sign) if len(sign) == 3 else ""
        return (start - 1, unit) if unit and self.tokens[start - 1].raw.isupper() else (start, "")

    def _parse_unit_after(self, end: int) -> tuple[str, int]:
        """Return the unit after a number, and the token after it."""
        at = end + (self._text(end) == "-")
        text, following = self._text(at), self._text(at + 1)
        if words.PERCENT.fullmatch(text):
            return "%", at + 1
        if f"{text} {following}" in words.PERCENT_PAIRS:
            return "%", at + 2
        if text in ("de", "d'", "di", "of", "us", "u"):  # millones de euros; US dollars
            at += 1
        elif text[:2] in ("d'", "d’"):
            return find_currency(text[2:]), at + 1
        if text in ("st", "nd", "rd", "th") and self.tokens[at].is_glued:
            return "#", at + 1
        unit = words.CURRENCY_SIGNS.get(self._text(at)) or find_currency(self._text(at))
        if unit:
            return unit, at + 1
        ordinals = words.ORDINALS if self.is_english else words.OTHER_ORDINALS
        return ("#", end) if self._text(end - 1) in ordinals else ("", end)

    def _parse_bound(self, start: int) -> str:
        word = self._text(start - 1)
        if word in words.THAN and self._text(start - 2) in words.MORE:
            return "over"
        if word == "of" and self._text(start - 2) == "excess":
            return "over"
        return "about" if word in words.ABOUT or (word == "de" and self._text(start - 2) in words.ABOUT) else ""

    def _parse_remainder(self, start: int, end: int) -> str:
        if self._text(end) not in words.OTHER_WORDS and self._text(start - 1) not in words.OTHER_WORDS - words.MORE:
            return ""
        before = [self.tokens[index] for index in self._reach(start - 1, -1, 2 + 2 * bool(self._parse_bound(start)))]
        is_list = any(a.text in words.CONNECTORS and b.raw[0].isupper() for a, b in pairwise(before))
        return "list" if is_list else "others"

    def _parse_time(self, start: int, number: _Number) -> tuple[int, int] | None:
        """Return the time of day that begins at a token, in minutes, and the token after it; None if it is none."""
        match = re.fullmatch(r"(\d{1,2})(?:[.](\d\d))?", self._text(start))
        end = start + 1
        hour = int(match[1]) if match else int(number.value) if number.value in range(1, 13) else -1
        minute = int(match[2]) if match and match[2] else 0
        is_time = False
        if (
            self._text(end) in (":", "h")
            and self.tokens[end].is_glued
            and re.fullmatch(r"[0-5]\d", self._text(end + 1))
        ):
            minute, end, is_time = int(self._text(end + 1)), end + 2, True
        half, end_of_half = self._parse_half_of_day(end if match else number.end)
        if half:
            hour, end, is_time = hour % 12 + (12 if half == "p" else 0), end_of_half, True
        elif self._text(end) in ("uhr", "uur", "h", "時", "点", "點", "시"):
            is_time, end = True, end + 1
            if self._text(start - 1) in ("午", "後", "后") and hour < 12 and self._text(start - 1) != "午":
                hour += 12
        return (hour * 60 + minute, end) if is_time and 0 <= hour < 24 and minute < 60 else None

    def _parse_half_of_day(self, index: int) -> tuple[str, int]:
        """Return `a` or `p` for a.m. or p.m. at a token, and the token after it."""
        text = self._text(index)
        if text in ("am", "pm"):
            return text[0], index + 1
        if text in ("a", "p") and self._text(index + 1) == "." and self._text(index + 2) == "m":
            return text, index + 3
        return "", index

    # Words near a fact

    def _words(self, indices: Iterable[int]) -> Iterable[str]:
        """Return the words at the tokens that say something, with Han characters as pairs."""
        for index in indices:
            text = self._text(index)
            if "\u3040" <= text[:1] <= "\u9fff":
                yield text + self._text(index + 1)
            elif len(text) > 2 and text[0].isalpha() and text not in words.FUNCTION_WORDS:
                yield text

    def _find_noun(self, index: int) -> str:
        """Return the first word from a token on that says something, before any punctuation mark but a hyphen."""
        for at in range(index, min(index + FACT_CONTEXT_WORDS, len(self.tokens))):
            if not (self.tokens[at].raw[0].isalnum() or self._text(at) == "-"):
                break
            if found_words := list(self._words([at])):
                return found_words[0]
        return ""

    def _near(self, start: int, end: int) -> frozenset[str]:
        """Return the stems of the words just before token `start` and from token `end` on."""
        reach = FACT_CONTEXT_WORDS
        indices = [*self._reach(start - 1, -1, reach), *self._reach(end, 1, reach)]
        return frozenset(map(stem, self._words(indices)))

    def _reach(self, index: int, direction: int, count: int) -> Iterable[int]:
        """Return the next `count` tokens that are words or numbers."""
        while count and 0 <= index < len(self.tokens):
            if self.tokens[index].raw[0].isalnum():
                yield index
                count -= 1
            index += direction


@lru_cache(maxsize=1 << 15)
def is_value_word(word: str) -> bool:
    """Return whether a normalised word may be part of a number, a date, a time or a currency."""
    return (
        word[0].isdigit()
        or word in _VALUE_WORDS
        or any(char in words.HAN_DIGITS or char in words.HAN_UNITS or char in words.HAN_WEEKDAYS for char in word)
        or _parse_number_word(word) is not None
        or find_magnitude(word) > 0
        or bool(find_currency(word))
        or words.WEEKDAYS.get(word.removesuffix("'s")) is not None
    )


_VALUE_WORDS = frozenset(
    {
        "am",
        "pm",
        "half",
        "quarter",
        *words.MONTHS,
        *words.ENGLISH_NUMBERS,
        *words.ORDINALS,
        *words.OTHER_ORDINALS,
        *words.ONES,
    }
) | {part for day in words.WEEKDAYS for part in day.split("-") if part != "feira"}


@lru_cache(maxsize=1 << 13)
def _may_begin_number(word: str) -> bool:
    return word == "a" or is_value_word(word)


@lru_cache(maxsize=1 << 12)
def find_magnitude(word: str) -> int:
    """Return the factor that a word for a magnitude stands for, 0 for other words."""
    return next((factor for factor, pattern in words.MAGNITUDES if pattern.fullmatch(word)), 0)


@lru_cache(maxsize=1 << 12)
def find_currency(word: str) -> str:
    """Return the currency that a word stands for, empty for other words."""
    return next((unit for unit, pattern in words.CURRENCIES if pattern.fullmatch(word)), "")


def _parse_literal(text: str) -> tuple[float, float]:
    """Return the value of a number in digits and the unit of its last digit: 62,122 or 3,4 or 1.500.000."""
    groups = re.split(r"[.,]", text)
    marks = re.findall(r"[.,]", text)
    are_thousands = all(len(group) == 3 for group in groups[1:]) and 0 < len(groups[0]) < 4 and groups[0] != "0"
    if len(set(marks)) > 1 and marks.count(marks[-1]) == 1:
        are_thousands = False
    elif len(groups) > 2:
        are_thousands = True
    if not marks or are_thousands:
        return float("".join(groups)), 1.0
    return float("".join(groups[:-1]) + "." + groups[-1]), 10.0 ** -len(groups[-1])


def _han_value(run: Sequence[str]) -> float:
    """Return the value of Han numerals: 三十二 is 32, 一亿五千万 is 150,000,000, 二〇二五 is 2025."""
    if not any(char in words.HAN_UNITS for char in run):
        return float("".join(str(words.HAN_DIGITS[char]) for char in run))
    total = section = digit = 0
    for char in run:
        unit = words.HAN_UNITS.get(char)
        if unit is None:
            digit = words.HAN_DIGITS[char]
        elif unit < 10**4:
            section, digit = section + max(digit, 1) * unit, 0
        else:
            total, section, digit = total + max(section + digit, 1) * unit, 0, 0
    return float(total + section + digit)


_COMPOUND_HUNDREDS = re.compile(r"(.{0,12}?)(hundert|honderd|hundra|hundre|cento)(?:und|en|og)?(.{0,24})")
_COMPOUND_THOUSANDS = re.compile(r"(.{0,30}?)(tausend|duizend|tusen|mila)(?:und)?(.{0,40})")
_TENS = re.compile("|".join(sorted({tens[:-1] for tens in words.OTHER_TENS})))
_COMPOUND_ONES = {"ein": 1, "een": 1, "één": 1, "en": 1, "ett": 1, "uno": 1, "un": 1, "otto": 8, "tre": 3, "tré": 3,
                  "sei": 6, "due": 2, "to": 2, "fire": 4, "ni": 9}  # fmt: skip


@lru_cache(maxsize=1 << 13)
def _parse_number_word(word: str) -> int | None:
    """Return the value of a number word, also of a compound: einundzwanzig, vijfentwintig, ventuno, tjugofem."""
    value = words.OTHER_NUMBERS.get(word)
    if value is not None or len(word) < 6 or len(word) > 40:
        return value
    for pattern, factor in ((_COMPOUND_THOUSANDS, 1000), (_COMPOUND_HUNDREDS, 100)):
        if match := pattern.fullmatch(word):
            count = 1 if not match[1] else _compound_part(match[1])
            rest = 0 if not match[3] else _compound_part(match[3])
            return None if count is None or rest is None else count * factor + rest
    for tens in words.OTHER_TENS if _TENS.search(word) else ():
        if word.endswith(tens):
            head = re.sub(r"(?:und|[eë]n)$", "", word.removesuffix(tens))
            ones = _compound_part(head) if head != word.removesuffix(tens) else None
            return words.OTHER_NUMBERS[tens] + ones if ones and ones < 10 else None
        for root in (tens, tens[:-1]):
            ones = _COMPOUND_ONES.get(word.removeprefix(root)) or words.OTHER_NUMBERS.get(word.removeprefix(root))
            if word.startswith(root) and ones and ones < 10:
                return words.OTHER_NUMBERS[tens] + ones
    return None


def _compound_part(word: str) -> int | None:
    return _COMPOUND_ONES.get(word) or _parse_number_word(word)
