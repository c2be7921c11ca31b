"""Pure text functions: fold, words, stems, sentences, paragraphs, numbers. No knowledge of news, no state."""

from __future__ import annotations

import hashlib
import re
import unicodedata
from calendar import monthrange
from collections.abc import Iterable, Sequence
from contextlib import suppress
from datetime import UTC, datetime
from functools import lru_cache
from itertools import accumulate, groupby, pairwise

import sentencex

# Scripts written without spaces between words: Thai, Lao, Myanmar, Khmer, kana, Han, and their extensions. Their
# "words" are overlapping character pairs, so that no segmenter is needed. Korean has spaces and is not among them.
_UNSPACED = "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3005-\u3007\u3040-\u30ff\u31f0-\u31ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
_APOSTROPHES = str.maketrans({"’": "'", "‘": "'", "ʼ": "'", "＇": "'", "`": "'"})
# A number with its inner separators (3.4, 62,122, 1/16) is one word; combining marks stay with their letter (Hindi, Thai).
_MARKS = "\u0300-\u036f\u0591-\u05c7\u0610-\u061a\u064b-\u065f\u0670\u0900-\u0903\u093a-\u094f\u0951-\u0957\u0962\u0963\u0980-\u0dff\u200c\u200d"
_MARKED = rf"[^\W\d_](?:(?![{_UNSPACED}])[^\W\d_]|[{_MARKS}])*"
_WORD = re.compile(
    rf"[{_UNSPACED}]+|\d+(?:[.,/:]\d+)*|(?:(?![{_UNSPACED}]){_MARKED})(?:'(?:(?![{_UNSPACED}]){_MARKED}))*|\d+"
)
# The same where neither those scripts nor marks occur.
_PLAIN_WORD = re.compile(r"\d+(?:[.,/:]\d+)*|[^\W\d_]+(?:'[^\W\d_]+)*")
_NOT_PLAIN = re.compile(rf"[{_UNSPACED}{_MARKS}]")
_DOTTED = re.compile(r"\b(?:[^\W\d_]\.){2,}")
_UNSPACED_RUN = re.compile(rf"[{_UNSPACED}]")
# The marks of well-set English, and ASCII ones that words and spaces are told by in the same way: most lines are ASCII then.
_TYPOGRAPHY = (
    ("’", "'"),
    ("‘", "'"),
    ("“", '"'),
    ("”", '"'),
    ("–", "-"),
    ("—", "-"),
    ("…", "..."),
    ("£", "$"),
    ("€", "$"),
)
# Of ASCII text: words in lower case with what may stand inside them, everything else as spaces.
_ASCII_WORDS = bytes(
    ord("'" if chr(code) == "`" else chr(code).lower()) if chr(code).isalnum() or chr(code) in "'`" else 32
    for code in range(128)
) + bytes(128)
_ASCII_WORD = re.compile(r"[0-9]+(?:[.,/:][0-9]+)*|[a-z]+(?:'[a-z]+)*")
# Of ASCII text which class each character is of: letters and apostrophes, digits, what may stand inside numbers.
_ASCII_CLASS = bytes(
    ord(
        "0"
        if chr(code).isdigit()
        else "a"
        if chr(code).isalpha() or chr(code) in "'`"
        else "."
        if chr(code) in ".,/:"
        else " "
    )
    for code in range(128)
) + bytes(128)
_DOTTED_TAIL = re.compile(r"\.(?:[A-Za-z]\.)+")  # dotted initials but for the first letter, and fast to look for
_ODD_SPACES = "\t\r\x0b\x0c\x1c\x1d\x1e\x1f"  # the white space of ASCII but for line ends and the space
_CLOSERS = "\"'“‘”’»«›」』）)]】》*"
_TERMINALS = frozenset(".!?…。！？｡।॥؟۔։።៕။")
_ABBREVIATION_END = re.compile(r"(?:^|[\s(])(?:[A-Z]\.){1,4}$|\b(?:Inc|Corp|Ltd|Co|Jr|Sr|No|St)\.$")
_ABBREVIATION_LENGTH = 9  # characters that the above looks at
ABBREVIATIONS = ("Inc.", "Corp.", "Ltd.", "Co.", "Jr.", "Sr.", "No.", "St.")


def fold(text: str) -> str:
    """Return `text` in NFC with every run of white space as one space and none at the ends."""
    if text.isascii() and not any(space in text for space in _ODD_SPACES):
        return _single_spaced(text.replace("\n", " "))
    return " ".join(unicodedata.normalize("NFC", text).split())


def _single_spaced(text: str) -> str:
    """Return `text`, whose white space is the space alone, with one for each run and none at the ends."""
    while "  " in text:
        text = text.replace("  ", " ")
    return text.strip(" ")


def with_plain_marks(text: str) -> str:
    """Return `text` with typographic quotes, dashes and ellipses as ASCII: to most functions here the same text."""
    if not text.isascii():
        for mark, plain in _TYPOGRAPHY:
            text = text.replace(mark, plain)
    return text


def content_hash(title: str | None, text: str) -> str:
    """Return 32 hex digits (128 bits, BLAKE2b) over the folded title and text, as loaded, before cleaning."""
    joined = f"{fold(title or '')}\x00{fold(text)}"
    return hashlib.blake2b(joined.encode("utf-8", "surrogatepass"), digest_size=16).hexdigest()


def words(text: str) -> list[str]:
    """Return the normalised words of `text` in order: NFKC, case-folded, straight apostrophes, no punctuation.

    Dotted initials are one word (`U.S.` is `us`). Runs of a script without spaces give overlapping character pairs (a lone character gives itself).
    """
    plain = with_plain_marks(text)
    if plain.isascii():
        return _ascii_words(plain)
    plain = _without_initials_dots(unicodedata.normalize("NFKC", text))
    folded = plain.translate(_APOSTROPHES).casefold()
    if not _NOT_PLAIN.search(folded):
        return _PLAIN_WORD.findall(folded)
    found: list[str] = _WORD.findall(folded)
    if not _UNSPACED_RUN.search(plain):
        return found
    out: list[str] = []
    for word in found:
        if _UNSPACED_RUN.match(word) and len(word) > 1:
            out.extend(word[i : i + 2] for i in range(len(word) - 1))
        else:
            out.append(word)
    return out


def _ascii_words(text: str) -> list[str]:
    """Return what `words` does of ASCII text."""
    if "." in text:
        text = _DOTTED_TAIL.sub(_undotted, text)
    code = text.encode()
    classes = code.translate(_ASCII_CLASS)
    if b"0" in classes and (b"0.0" in classes or b"0a" in classes or b"a0" in classes):
        return _ASCII_WORD.findall(text.lower().replace("`", "'"))
    bare = code.translate(_ASCII_WORDS).decode()
    if "'" in bare:  # part of a word between two letters alone
        bare = f" {bare} ".replace("''", "  ").replace(" '", " ").replace("' ", " ")
    return bare.split()


def _undotted(tail: re.Match[str]) -> str:
    """Return a match of `_DOTTED_TAIL` without the dots that are those of initials."""
    before = tail.string[max(0, tail.start() - 2) : tail.start()]
    if before[-1:].isalpha() and not (before[:-1].isalnum() or before[:-1] == "_"):
        return tail[0].replace(".", "")
    return tail[0] if len(tail[0]) < 5 else "." + tail[0].replace(".", "")


def _without_initials_dots(text: str) -> str:
    if text.count(".") < 2:
        return text
    return _DOTTED.sub(lambda initials: initials[0].replace(".", ""), text)


def sentences(text: str, language: str | None = None) -> list[str]:
    """Split one paragraph into sentences with sentencex; no text is lost but the white space between them."""
    code = _code(language)
    if "\n" not in text:
        with suppress(UnicodeEncodeError):
            return _bare(sentencex.segment(code, text))
    # Half a surrogate pair cannot be handed to the splitter; what stands in for it is as long, so the places hold.
    whole = text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    ends = list(accumulate(map(len, sentencex.segment(code, whole))))
    return _bare(text[start:end] for start, end in pairwise([0, *ends]))


def sentences_of_each(paragraphs: Sequence[str], language: str | None = None) -> list[list[str]]:
    """Return the sentences of each paragraph, as `sentences` does, in one call to the splitter.

    It takes two line ends for the end of a paragraph, which it gives back as a piece of its own.
    """
    joined = _PARAGRAPH_END.join(paragraphs)
    if joined.count("\n") != 2 * (len(paragraphs) - 1):
        return [sentences(paragraph, language) for paragraph in paragraphs]
    with suppress(UnicodeEncodeError):
        pieces = sentencex.segment(_code(language), joined)
        ends = [i for i, piece in enumerate(pieces) if piece == _PARAGRAPH_END]
        if len(ends) == len(paragraphs) - 1:
            return [_bare(pieces[start + 1 : end]) for start, end in pairwise([-1, *ends, len(pieces)])]
    if len(paragraphs) < 2:
        return [sentences(paragraph, language) for paragraph in paragraphs]
    half = len(paragraphs) // 2  # of a text of more than 16 kB it does not give all the ends back
    return sentences_of_each(paragraphs[:half], language) + sentences_of_each(paragraphs[half:], language)


_PARAGRAPH_END = "\n\n"


def _code(language: str | None) -> str:
    return (language or "en").split("-")[0].split("_")[0].lower() or "en"


def _bare(pieces: Iterable[str]) -> list[str]:
    return list(filter(None, map(str.strip, pieces)))


def ends_sentence(line: str) -> bool:
    """Tell whether `line` ends as a sentence does: a terminal mark, closing quotes and brackets aside.

    A full stop that belongs to an abbreviation (`with the U.S.`) does not count.
    """
    bare = line
    if bare[-1:] not in _TERMINALS:
        bare = line.rstrip().rstrip(_CLOSERS).rstrip()
        if bare[-1:] not in _TERMINALS:
            return False
    if bare[-1] != "." or not ("A" <= bare[-2:-1] <= "Z" or bare.endswith(ABBREVIATIONS)):
        return True
    return not _ABBREVIATION_END.search(bare, max(0, len(bare) - _ABBREVIATION_LENGTH))


def normalised(pieces: Iterable[str]) -> str:
    """Return all words of `pieces` joined by single spaces: equal for texts that differ only in case and marks."""
    return " ".join(word for piece in pieces for word in words(piece))


def least_normalised(text: str) -> int:
    """Return a length that the words of `text`, joined by spaces, have at least: letters and digits of ASCII stay."""
    return len(text.encode("ascii", "ignore").translate(None, _NOT_WORDLY))


_NOT_WORDLY = bytes(code for code in range(128) if not chr(code).isalnum())


def blocks(text: str) -> list[list[str]]:
    """Return the blocks of `text`, which two blank lines part, as lists of paragraphs folded to one line each.

    Inside a block: hard-wrapped text is unwrapped, indented or blank lines starting paragraphs; else blank lines part
    paragraphs if the block has any; else every line is one.
    """
    if any(mark in text for mark in _LINE_BREAKS):
        text = _LINE_BREAK.sub("\n", text)
    plain = with_plain_marks(text)
    tidy = plain.isascii() and not any(space in plain for space in _ODD_SPACES)
    out: list[list[str]] = []
    for lines in _parted(text.split("\n")):
        if _is_hard_wrapped(lines):
            paragraphs = _unwrap(lines)
        elif "" in lines:
            paragraphs = [" ".join(each) for filled, each in groupby(lines, key=bool) if filled]
        else:
            paragraphs = lines
        folded = list(map(_single_spaced if tidy else fold, paragraphs))
        if kept := [paragraph for paragraph in folded if paragraph]:
            out.append(kept)
    return out


_LINE_BREAK = re.compile(r"\r\n|[\r\u2028\u0085\x0b\x0c]|\u2029")
_LINE_BREAKS = "\r\u2028\u2029\u0085\x0b\x0c"


def _parted(lines: list[str]) -> list[list[str]]:
    """Part lines at two or more blank ones, which become empty; no part begins or ends with one."""
    parts: list[list[str]] = [[]]
    blanks = 0
    for line in lines:
        if not line or line.isspace():
            blanks += 1
            continue
        if blanks > 1:
            parts.append([])
        elif blanks and parts[-1]:
            parts[-1].append("")
        blanks = 0
        parts[-1].append(line)
    return [part for part in parts if part]


def _is_hard_wrapped(lines: list[str]) -> bool:
    """Tell whether most lines end near one width (40 to 100 columns) in mid-sentence.

    A line counts as wrapped when the first word of the next line would not have fitted, or goes on in lower case: a
    list of headlines or one-line paragraphs does neither for most of its lines. One line (a wire's slugged first) may
    be shorter.
    """
    if len(max(lines, key=len).rstrip()) > 100:
        return False
    width = max(len(line.rstrip()) for line in lines)
    if not 40 <= width <= 100:
        return False
    pairs = [(a.rstrip(), b) for a, b in pairwise(lines) if a and b and not b[:1].isspace()]
    if not pairs:
        return False
    going_on = [not ends_sentence(a) and b[:1].islower() for a, b in pairs]
    wrapped = sum(
        on or len(a) + 1 + len(b.split(None, 1)[0]) > width - 2 for on, (a, b) in zip(going_on, pairs, strict=True)
    )
    open_ended = sum(not ends_sentence(a) for a, b in pairs)
    enough = wrapped >= 0.7 * len(pairs) or wrapped >= len(pairs) - 1 >= 1
    cased = any(char.islower() for line in lines for char in line)
    if sum(going_on) < 0.3 * len(pairs) and (cased or len(pairs) < 4):
        return False  # headlines all begin with a capital; of wrapped lines most go on in mid-sentence
    return enough and open_ended >= 0.5 * len(pairs) and (len(pairs) > 1 or all(going_on))


def _unwrap(lines: list[str]) -> list[str]:
    paragraphs: list[list[str]] = [[]]
    for line in lines:
        if not line or line[:1].isspace():
            paragraphs.append([])
        paragraphs[-1].append(line)
    return [" ".join(paragraph) for paragraph in paragraphs]


@lru_cache(maxsize=1 << 16)
def stem(word: str) -> str:
    """Return a crude stem of a normalised word, so that `pledged` and `pledges`, `recognise` and `recognize` meet.

    English endings are cut and the rest capped at seven letters; the cap alone serves other inflected languages.
    Numbers and non-ASCII words keep their form up to the cap. Of a Korean word the first two syllables are kept: most
    nouns have two, and particles follow without a space.
    """
    if not word.isascii():
        return word[:2] if "\uac00" <= word[0] <= "\ud7a3" else word[:7]
    if word[:1].isdigit():
        return word
    bare = word.removesuffix("'s").removesuffix("'")
    if len(bare) > 3 and bare.endswith("s") and not bare.endswith("ss"):
        bare = bare[:-3] + "y" if len(bare) > 4 and bare.endswith("ies") else bare[:-1]
    if len(bare) > 5 and bare.endswith("ing"):
        bare = bare[:-3]
    elif len(bare) > 4 and bare.endswith("ed"):
        bare = bare[:-2]
    if len(bare) > 4:
        bare = bare.removesuffix("e").replace("our", "or")
    if len(bare) > 5 and bare.endswith("is"):
        bare = bare[:-1] + "z"
    return bare[:7]


_NUMBER = re.compile(r"(?<![\w.,])\d+(?:[.,]\d+)*")
_NUMBER_WORDS = {
    name: str(value)
    for value, name in enumerate(
        [
            "zero",
            "one",
            "two",
            "three",
            "four",
            "five",
            "six",
            "seven",
            "eight",
            "nine",
            "ten",
            "eleven",
            "twelve",
            "thirteen",
            "fourteen",
            "fifteen",
            "sixteen",
            "seventeen",
            "eighteen",
            "nineteen",
            "twenty",
        ]
    )
    if value > 1  # `one` is a pronoun as often as a number
}


_DIGITS = re.compile(r"\d+(?:[.,:]\d+)*|[^\W\d_]+")
_SPACED_GROUPS = re.compile(r"(?<![\d.,])(\d{1,3})((?:[ \u00a0\u202f]\d{3})+)(?![\d.,])")
_ASCII_DIGIT = re.compile(r"[0-9]")
_ASCII_DIGITS = re.compile(r"[0-9]+(?:[.,:][0-9]+)*|[a-z]+")
_GROUP_MARK = re.compile(r"[,.](?=\d{3}(?:\D|$))")
_HAN_NUMBER = re.compile(r"[一二三四五六七八九十百千万亿兆两〇零]{2,}")


def _unspaced(group: re.Match[str]) -> str:
    return group[0].replace(" ", "").replace("\u00a0", "").replace("\u202f", "")


def numbers(text: str) -> list[str]:
    """Return the numbers of `text` in order: groups joined (`62,122` and `62 122` are `62122`), small words as digits."""
    if text.isascii():
        return _ascii_numbers(text)
    plain = _SPACED_GROUPS.sub(_unspaced, text)
    out = []
    for token in _DIGITS.findall(unicodedata.normalize("NFKC", plain)):
        if token[0].isdigit():
            out.append(_GROUP_MARK.sub("", token).replace(":", "."))
        elif value := _NUMBER_WORDS.get(token.casefold()):
            out.append(value)
        else:
            out.extend(_HAN_NUMBER.findall(token))
    return out


def _ascii_numbers(text: str) -> list[str]:
    """Return what `numbers` does of ASCII text."""
    if _ASCII_DIGIT.search(text):
        text = _SPACED_GROUPS.sub(_unspaced, text)
    return [
        _GROUP_MARK.sub("", piece).replace(":", ".") if piece <= ":" else _NUMBER_WORDS[piece]
        for piece in _ASCII_DIGITS.findall(text.lower())
        if piece <= ":" or piece in _NUMBER_WORDS
    ]


_CALENDAR = frozenset(
    [
        "monday",
        "tuesday",
        "wednesday",
        "thursday",
        "friday",
        "saturday",
        "sunday",
        "january",
        "february",
        "march",
        "april",
        "may",
        "june",
        "july",
        "august",
        "september",
        "october",
        "november",
        "december",
    ]
)


def calendar_words(text: str) -> frozenset[str]:
    """Return the English weekdays and months that `text` names with a capital, folded."""
    return frozenset(word.casefold() for word in re.findall(r"\b[A-Z][a-z]+\b", text) if word.casefold() in _CALENDAR)


_NAME = re.compile(r"(?<![\w’'])[^\W\d_a-zа-яё][\w’'-]*")


@lru_cache(maxsize=1 << 16)
def _name_stem(word: str) -> str:
    found = words(word)
    return stem(found[0]) if found else word.casefold()


def names(text: str) -> list[str]:
    """Return the capitalised words of `text` but the first word, folded to stems: its names, for cased scripts.

    Scripts without case give nothing. Words after a sentence-like break inside the text (a quote) are left out too.
    """
    out = []
    plain = _without_initials_dots(text)
    for match in _NAME.finditer(plain):
        word = match.group()
        if not word[0].isupper():
            continue
        before = plain[max(0, match.start() - 8) : match.start()].rstrip()
        if not before or before[-1] in "“\"‘'«„「『([.!?:;—–-":
            continue
        out.append(_name_stem(word))
    return out


_ISO_DATE = re.compile(r"\d{4}(?:-\d{2}(?:-\d{2}(?:[T ]\d{2}.*)?)?)?")


def _moment(value: str | None) -> datetime | None:
    """Return the last moment that an ISO date covers, None where it is none. A zone is kept, none is invented."""
    if not value or not _ISO_DATE.fullmatch(value):
        return None
    try:
        if len(value) > 10:
            return datetime.fromisoformat(value)
        year, month, day = (int(part) for part in (*value.split("-"), "12", "0")[:3])
        last = day or monthrange(year, month)[1]
        return datetime(year, month, last, 23, 59, 59)  # noqa: DTZ001 - a date without a zone has none
    except (ValueError, OverflowError):
        return None


def is_iso_date(value: str) -> bool:
    """Tell whether `value` is a year, month, date or date-time as ISO 8601 writes it."""
    return _moment(value) is not None


def date_key(value: str | None) -> tuple[str, str]:
    """Return a key that sorts dates from early to late, by the last moment each covers; unknown ones come last.

    A time without a zone counts as UTC.
    """
    moment = _moment(value)
    if moment is None:
        return ("9999-99", value or "")
    if moment.tzinfo is not None:
        moment = moment.astimezone(UTC)
    return (moment.strftime("%Y-%m-%dT%H:%M:%S.%f").zfill(26), value or "")


def days_between(a: str | None, b: str | None) -> int | None:
    """Return the whole days between two ISO dates, None where one is unknown or not given to the day."""
    one, other = _moment(a), _moment(b)
    if one is None or other is None or len(a or "") < 10 or len(b or "") < 10:
        return None
    return abs((one.date() - other.date()).days)


def later(a: str | None, b: str | None) -> bool | None:
    """Tell whether ISO date `a` is later than `b`; None where the precision or zones given do not say.

    Dates of different precision, and date-times of which only one has a zone, are compared by what both give at most
    to the day. Not transitive over mixed zones: whoever needs an order takes `date_key`.
    """
    one, other = _moment(a), _moment(b)
    if one is None or other is None or not a or not b:
        return None
    if len(a) > 10 and len(b) > 10 and (one.tzinfo is None) == (other.tzinfo is None):
        return None if one == other else one > other
    shortest = min(len(a), len(b), 10)
    return None if a[:shortest] == b[:shortest] else a[:shortest] > b[:shortest]


UNSPACED_ENDS = "。！？…」』）"
"""What ends a sentence after which a script without spaces goes on without one."""


def joined(sentences: Iterable[str]) -> str:
    """Join sentences as they stand in a paragraph: by a space, but not where a script without spaces goes on."""
    out = ""
    for sentence in sentences:
        gap = "" if not out or (out[-1] in UNSPACED_ENDS and _UNSPACED_RUN.match(sentence)) else " "
        out += gap + sentence
    return out
