"""Pure text functions: white space, words, stems, sentences, paragraphs, numbers, dates. They know nothing of news."""

from __future__ import annotations

import hashlib
import re
import unicodedata
from calendar import monthrange
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from functools import cache, lru_cache
from itertools import chain, groupby, pairwise
from string import ascii_letters, digits
from typing import Literal

from newsdedup import thresholds
from newsdedup.sentence_ends import find_sentence_ends

compile_once = cache(re.compile)
"""Compiles a regular expression on first use: the large ones take milliseconds, and few inputs need them."""

# Scripts written without spaces between words: Thai, Lao, Myanmar, Khmer, kana, Han, and their extensions. Their
# "words" are overlapping character pairs, so no segmenter is needed. Korean has spaces, so it is not included.
_UNSPACED_SCRIPTS = "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3005-\u3007\u3040-\u30ff\u31f0-\u31ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
_APOSTROPHES = str.maketrans({"’": "'", "‘": "'", "ʼ": "'", "＇": "'", "`": "'"})
# A number with its inner separators (3.4, 62,122, 1/16) is one word; combining marks stay with their letter (Hindi, Thai).
_MARKS = "\u0300-\u036f\u0591-\u05c7\u0610-\u061a\u064b-\u065f\u0670\u0900-\u0903\u093a-\u094f\u0951-\u0957\u0962\u0963\u0980-\u0dff"
# Characters that take no room: soft hyphen, zero width space, direction marks, word joiner, byte order mark. They part no
# words. The two joiners change how letters are drawn in some scripts, and join emoji; elsewhere they do nothing.
_INVISIBLE = "\u00ad\u200b\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2060\u2066\u2067\u2068\u2069\ufeff"
_JOINERS = "\u200c\u200d"
_JOINED_SCRIPTS = (
    "\u0600-\u0dff\u1000-\u109f\u1780-\u18af\u2190-\u2bff\ufb50-\ufdff\ufe0f\ufe70-\ufefc\U0001f000-\U0001faff"
)
_UNNEEDED = rf"[{_INVISIBLE}]|(?<![{_JOINED_SCRIPTS}])[{_JOINERS}]"
_MARKED_LETTERS = rf"[^\W\d_](?:(?![{_UNSPACED_SCRIPTS}])[^\W\d_]|[{_MARKS}])*"
_WORD = rf"[{_UNSPACED_SCRIPTS}]+|\d+(?:[.,/:]\d+)*|(?:(?![{_UNSPACED_SCRIPTS}]){_MARKED_LETTERS})(?:'(?:(?![{_UNSPACED_SCRIPTS}]){_MARKED_LETTERS}))*|\d+"
# The same for text without these scripts and without combining marks.
_PLAIN_WORD = re.compile(r"\d+(?:[.,/:]\d+)*|[^\W\d_]+(?:'[^\W\d_]+)*")
_UNSPACED_OR_MARK = rf"[{_UNSPACED_SCRIPTS}{_MARKS}]"
_DOTTED_INITIALS = re.compile(r"\b(?:[^\W\d_]\.){2,}")
_UNSPACED_CHAR = rf"[{_UNSPACED_SCRIPTS}]"
# Typographic marks and ASCII ones that split words and sentences in the same way: with them most lines become ASCII.
_TYPOGRAPHIC_MARKS = {"’": "'", "‘": "'", "“": '"', "”": '"', "–": "-", "—": "-", "…": "...", "£": "$", "€": "$"}
# Translation of ASCII text: words in lower case, apostrophes kept, everything else becomes a space.
_ASCII_WORDS = re.sub("[^a-z0-9']", " ", bytes(range(128)).decode().lower().replace("`", "'")).encode() + bytes(128)
_ASCII_WORD = re.compile(r"[0-9]+(?:[.,/:][0-9]+)*|[a-z]+(?:'[a-z]+)*")
# Class of each ASCII character: letters and apostrophes, digits, separators within numbers; others stay as they are.
_ASCII_CLASS = bytes.maketrans(
    f"{ascii_letters}'`{digits}.,/:".encode(),
    b"a" * len(ascii_letters + "'`") + b"0" * len(digits) + b"." * len(".,/:"),
)
# Dotted initials without the first letter, which makes the search fast.
_ASCII_INITIALS_TAIL = re.compile(r"\.(?:[A-Za-z]\.)+")
_ASCII_OTHER_SPACES = "\t\r\x0b\x0c\x1c\x1d\x1e\x1f"  # ASCII white space other than line ends and the space
_MARK_RUN = rf"[^\x00-\u02ff\w\s]{{{thresholds.MAX_COMBINING_MARKS + 1},}}"  # combining marks are among these
_CLOSERS = "\"'“‘”’»«›」』）)]】》*"
_TERMINALS = frozenset(".!?…。！？｡।॥؟۔։።៕။")
_ABBREVIATION_END = re.compile(r"(?:^|[\s(])(?:[A-Z]\.){1,4}$|\b(?:Inc|Corp|Ltd|Co|Jr|Sr|No|St)\.$")
_ABBREVIATION_MAX_CHARS = 9  # characters that this pattern looks at
ABBREVIATIONS = ("Inc.", "Corp.", "Ltd.", "Co.", "Jr.", "Sr.", "No.", "St.")


def normalise_whitespace(text: str) -> str:
    """Return `text` in NFC with each run of white space replaced by one space, and stripped."""
    if text.isascii() and not any(space in text for space in _ASCII_OTHER_SPACES):
        return _collapse_spaces(text.replace("\n", " "))
    return " ".join(normalise_unicode("NFC", remove_invisible_characters(text)).split())


def normalise_unicode(form: Literal["NFC", "NFKC", "NFD", "NFKD"], text: str) -> str:
    """Return `text` in a normal form; in a longer run of marks each MAX_COMBINING_MARKS of them by themselves.

    Marks on one letter are sorted, in a time that grows with the square of their number.
    """
    if text.isascii():
        return text
    cuts = [
        position
        for run in compile_once(_MARK_RUN).finditer(text)
        for position in range(run.start() + thresholds.MAX_COMBINING_MARKS, run.end(), thresholds.MAX_COMBINING_MARKS)
    ]
    if not cuts:
        return unicodedata.normalize(form, text)
    return "".join(unicodedata.normalize(form, text[start:end]) for start, end in pairwise([0, *cuts, len(text)]))


def remove_invisible_characters(text: str) -> str:
    """Return `text` without the characters that take no room; joiners stay where the script or an emoji needs them."""
    if text.isascii() or not any(mark in text for mark in _INVISIBLE + _JOINERS):
        return text
    return compile_once(_UNNEEDED).sub("", text)


def _ignore_invisible_characters(text: str) -> str:
    """Return `text` without any character that takes no room, for comparison."""
    for mark in _INVISIBLE + _JOINERS:
        text = text.replace(mark, "")
    return text


def _collapse_spaces(text: str) -> str:
    """Return `text`, which has no white space but spaces, with each run replaced by one space, and stripped."""
    while "  " in text:
        text = text.replace("  ", " ")
    return text.strip(" ")


def replace_typographic_marks(text: str) -> str:
    """Return `text` with typographic quotes, dashes and ellipses as ASCII; most functions here treat both alike."""
    if not text.isascii():
        for mark, plain in _TYPOGRAPHIC_MARKS.items():
            text = text.replace(mark, plain)
    return text


def content_hash(title: str | None, text: str) -> str:
    """Return the BLAKE2b hash of title and text, as loaded, before cleaning: 128 bits as 32 hex digits.

    White space is normalised first, and characters that take no room are left out.
    """
    identity = f"{normalise_whitespace(title or '')}\x00{normalise_whitespace(text)}"
    if not identity.isascii():
        identity = _ignore_invisible_characters(identity)
    return hashlib.blake2b(identity.encode("utf-8", "surrogatepass"), digest_size=16).hexdigest()


def split_words(text: str) -> list[str]:
    """Return the normalised words of `text` in order: NFKC, case-folded, straight apostrophes, no punctuation.

    Dotted initials are one word (`U.S.` is `us`). A run of a script without spaces is split into overlapping character
    pairs; a single character is a word by itself. Characters that take no room are ignored.
    """
    plain = replace_typographic_marks(text)
    if plain.isascii():
        return _split_ascii_words(plain)
    text = _ignore_invisible_characters(text)
    plain = _remove_initials_dots(normalise_unicode("NFKC", text))
    folded = plain.translate(_APOSTROPHES).casefold()
    if not compile_once(_UNSPACED_OR_MARK).search(folded):
        return _PLAIN_WORD.findall(folded)
    tokens: list[str] = compile_once(_WORD).findall(folded)
    if not compile_once(_UNSPACED_CHAR).search(plain):
        return tokens
    is_unspaced = compile_once(_UNSPACED_CHAR).match
    return list(chain.from_iterable(_split_pairs(word) if is_unspaced(word) else (word,) for word in tokens))


def _split_pairs(word: str) -> Sequence[str]:
    """Return the overlapping pairs of characters of a run of a script without spaces, or its single character."""
    return [a + b for a, b in pairwise(word)] or [word]


def _split_ascii_words(text: str) -> list[str]:
    """Return the result of `split_words` for ASCII text."""
    if "." in text:
        text = _ASCII_INITIALS_TAIL.sub(_strip_initials_dots, text)
    encoded = text.encode()
    classes = encoded.translate(_ASCII_CLASS)
    if b"0" in classes and (b"0.0" in classes or b"0a" in classes or b"a0" in classes):
        return _ASCII_WORD.findall(text.lower().replace("`", "'"))
    spaced = encoded.translate(_ASCII_WORDS).decode()
    if "'" in spaced:  # an apostrophe belongs to a word only between two letters
        spaced = f" {spaced} ".replace("''", "  ").replace(" '", " ").replace("' ", " ")
    return spaced.split()


def _strip_initials_dots(match: re.Match[str]) -> str:
    """Return a match of `_ASCII_INITIALS_TAIL` without the dots that belong to initials."""
    before = match.string[max(0, match.start() - 2) : match.start()]
    if before[-1:].isalpha() and not (before[:-1].isalnum() or before[:-1] == "_"):
        return match[0].replace(".", "")
    return match[0] if len(match[0]) < 5 else "." + match[0].replace(".", "")


def _remove_initials_dots(text: str) -> str:
    if text.count(".") < 2:
        return text
    return _DOTTED_INITIALS.sub(lambda initials: initials[0].replace(".", ""), text)


def split_sentences(text: str, language: str | None = None) -> list[str]:
    """Split one paragraph into sentences; only the white space between them is lost."""
    ends = find_sentence_ends(text, language)
    if not ends:
        stripped = text.strip()
        return [stripped] if stripped else []
    return [text[start:end].strip() for start, end in pairwise([0, *ends, len(text)])]


def ends_sentence(line: str) -> bool:
    """Return whether `line` ends as a sentence does: with a terminal mark, before any closing quotes and brackets.

    A full stop that belongs to an abbreviation (`with the U.S.`) does not count.
    """
    stripped = line
    if stripped[-1:] not in _TERMINALS:
        stripped = line.rstrip().rstrip(_CLOSERS).rstrip()
        if stripped[-1:] not in _TERMINALS:
            return False
    if stripped[-1] != "." or not ("A" <= stripped[-2:-1] <= "Z" or stripped.endswith(ABBREVIATIONS)):
        return True
    return not _ABBREVIATION_END.search(stripped, max(0, len(stripped) - _ABBREVIATION_MAX_CHARS))


def normalise_text(pieces: Iterable[str]) -> str:
    """Return all words of `pieces` joined by single spaces: equal for texts that differ only in case and punctuation."""
    return " ".join(word for piece in pieces for word in split_words(piece))


def min_normalised_length(text: str) -> int:
    """Return a lower bound for the length of `normalise_text([text])`: the number of ASCII letters and digits."""
    return len(text.encode("ascii", "ignore").translate(None, _ASCII_NON_ALNUM))


_ASCII_NON_ALNUM = bytes(code for code in range(128) if not chr(code).isalnum())


def split_blocks(text: str) -> list[list[str]]:
    """Return the blocks of `text`, separated by two or more blank lines, as lists of paragraphs of one line each.

    A blank line starts a new paragraph, and so does each line, unless the lines look wrapped: see `_is_hard_wrapped`.
    Entries of lists and rows of tables keep their lines in wrapped text too.
    """
    if any(mark in text for mark in _LINE_BREAKS):
        text = _LINE_BREAK.sub("\n", text)
    text = remove_invisible_characters(text)
    plain = replace_typographic_marks(text)
    only_spaces = plain.isascii() and not any(space in plain for space in _ASCII_OTHER_SPACES)
    blocks: list[list[str]] = []
    for lines in _split_at_blank_lines(text.split("\n")):
        paragraphs = _join_wrapped_lines(lines)
        folded = list(map(_collapse_spaces if only_spaces else normalise_whitespace, paragraphs))
        if nonempty := [paragraph for paragraph in folded if paragraph]:
            blocks.append(nonempty)
    return blocks


_LINE_BREAK = re.compile(r"\r\n|[\r\u2028\u0085\x0b\x0c]|\u2029")
_LINE_BREAKS = "\r\u2028\u2029\u0085\x0b\x0c"


def _split_at_blank_lines(lines: list[str]) -> list[list[str]]:
    """Split lines at two or more blank ones; single blank lines within a part become empty strings."""
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


def _join_wrapped_lines(lines: list[str]) -> list[str]:
    """Return the paragraphs of a block: its lines, those that were wrapped joined again.

    In a block with long lines, those that have neighbours are judged by themselves: some pages are wrapped in part.
    """
    if len(lines) == 1:
        return lines
    groups = [list(group) for has_text, group in groupby(lines, key=bool) if has_text]
    if compile_once(_UNSPACED_CHAR).search(lines[0]) and _is_wrapped_without_spaces(groups):
        return [_join_without_spaces(group) for group in groups]
    adjacent = [group for group in groups if len(group) > 1]
    width = max((len(line.rstrip()) for group in adjacent for line in group), default=0)
    running = [
        line for group in adjacent if not (_ends_far(group, width) or _find_entries(group)) for line in ("", *group)
    ]
    if not running or not (_is_hard_wrapped(lines) or ("" in lines and _is_hard_wrapped(running))):
        return list(chain.from_iterable(map(_join_broken_lines, groups))) if "" in lines else lines
    return [paragraph for group in groups for paragraph in _unwrap(group, width)]


def _is_hard_wrapped(lines: list[str]) -> bool:
    """Return whether most lines end in mid-sentence near the same width (WRAP_WIDTHS).

    A line counts as wrapped if the first word of the next line would not have fitted, or if the next line continues in
    lower case. In a list of headlines or of one-line paragraphs, most lines meet neither condition. One line may be
    shorter, such as the first line of a wire report. Entries of a list may all begin in lower case, so most of the lines
    must be filled.
    """
    width = max(len(line.rstrip()) for line in lines)
    if not thresholds.WRAP_WIDTHS[0] <= width <= thresholds.WRAP_WIDTHS[1]:
        return False
    line_pairs = [(a.rstrip(), b) for a, b in pairwise(lines) if a and b and not b[:1].isspace()]
    if not line_pairs:
        return False
    is_open = [not ends_sentence(a) for a, _ in line_pairs]
    continues = [is_open_line and b[:1].islower() for is_open_line, (_, b) in zip(is_open, line_pairs, strict=True)]
    is_cased = any(char.islower() for line in lines for char in line)
    if sum(continues) < thresholds.WRAP_MIN_CONTINUED_SHARE * len(line_pairs) and (
        is_cased or len(line_pairs) < thresholds.WRAP_MIN_UNCASED_PAIRS
    ):
        return False  # headlines begin with a capital, but most wrapped lines are continued in lower case
    is_filled = [_is_filled(a, b, width - thresholds.WRAP_SLACK_COLUMNS) for a, b in line_pairs]
    wrapped_count = sum(map(any, zip(continues, is_filled, strict=True)))
    min_wrapped = min(thresholds.WRAP_MIN_WRAPPED_SHARE * len(line_pairs), max(len(line_pairs) - 1, 1))
    return (
        wrapped_count >= min_wrapped
        and sum(is_filled) >= thresholds.WRAP_MIN_FILLED_SHARE * len(line_pairs)
        and sum(is_open) >= thresholds.WRAP_MIN_OPEN_SHARE * len(line_pairs)
        and (len(line_pairs) > 1 or all(continues))
    )


def _is_filled(line: str, following: str, width: float) -> bool:
    """Return whether the first word of the following line would have ended beyond `width`."""
    return len(line.rstrip()) + 1 + len(following.split(None, 1)[0]) > width


def _unwrap(lines: list[str], width: int) -> list[str]:
    """Return the paragraphs of adjacent lines of wrapped text: an indented line or an entry of a list starts one.

    Rows of a table stay lines.
    """
    if _ends_far(lines, width):
        return lines
    entries = _find_entries(lines)
    paragraphs: list[list[str]] = [[]]
    for i, line in enumerate(lines):
        if line[:1].isspace() or i in entries:
            paragraphs.append([])
        paragraphs[-1].append(line)
    return [" ".join(paragraph) for paragraph in paragraphs]


def _ends_far(lines: list[str], width: int) -> bool:
    """Return whether the adjacent lines all end far from the width of the text: a table, verse or entries."""
    far = thresholds.WRAP_FAR_SHARE * width
    return len(lines) > 2 and not any(_is_filled(a, b, far) for a, b in pairwise(lines))


def _find_entries(lines: list[str]) -> frozenset[int]:
    """Return the indices of the lines that begin with a list marker, if several do and the first is no wrapped line."""
    entries = [i for i, line in enumerate(lines) if _LIST_MARKER.match(line)]
    if len(entries) < 2:
        return frozenset()
    before = lines[entries[0] - 1].rstrip() if entries[0] else ":"
    return frozenset(entries) if before[-1] in ":：" or ends_sentence(before) else frozenset()


# A bullet, a number or a letter, before the text of an entry.
_LIST_MARKER = re.compile(r"\s{0,8}(?:[-–—*•●▪■◦‣·○►▶✓✔→]|\(?[0-9]{1,3}[.)]|\(?[a-z]\))\s")


def _join_broken_lines(lines: list[str]) -> list[str]:
    """Return adjacent lines as paragraphs. A line that a page broke in mid-sentence is joined with the next.

    That is so if the next line opens with a closing mark, or if a line too long for an entry goes on in lower case.
    """
    paragraphs = lines[:1]
    for line, following in pairwise(lines):
        opening = following.lstrip()[:1]
        is_broken = len(line) > thresholds.WRAP_WIDTHS[1] and opening.islower() and not ends_sentence(line)
        if is_broken or opening in _CLOSING_MARKS:
            paragraphs[-1] += " " * is_broken + following
        else:
            paragraphs.append(following)
    return paragraphs


_CLOSING_MARKS = frozenset(",;:.!?)]}»”、。，；：！？）」』")


def _is_wrapped_without_spaces(groups: list[list[str]]) -> bool:
    """Return whether the lines of a script without spaces were cut at a fixed number of characters, or of columns.

    All lines but the last of each paragraph have then nearly the same length.
    """
    stripped = [[line.strip() for line in group] for group in groups]
    cut_lines = [line for group in stripped for line in group[:-1]]
    if len(cut_lines) < thresholds.WRAP_MIN_UNCASED_PAIRS:
        return False
    for measure in (len, _count_columns):
        lengths = list(map(measure, cut_lines))
        width = max(lengths)
        full = sum(length >= width - thresholds.WRAP_SLACK_COLUMNS for length in lengths)
        longest_end = max(measure(group[-1]) for group in stripped if len(group) > 1)
        if (
            width >= thresholds.WRAP_MIN_UNSPACED_WIDTH
            and longest_end <= width
            and (full >= thresholds.WRAP_MIN_FULL_SHARE * len(lengths))
        ):
            return sum(not ends_sentence(line) for line in cut_lines) >= thresholds.WRAP_MIN_OPEN_SHARE * len(cut_lines)
    return False


def _count_columns(line: str) -> int:
    """Return the width of a line, where a character of East Asian scripts takes two columns."""
    return sum(1 + (unicodedata.east_asian_width(char) in "WF") for char in line)


def _join_without_spaces(lines: list[str]) -> str:
    """Join lines of a script without spaces; between two Latin letters, a space was where the line was cut."""
    joined = lines[0].strip()
    for line in map(str.strip, lines[1:]):
        joined += " " * (joined[-1:] in ascii_letters and line[:1] in ascii_letters) + line
    return joined


@lru_cache(maxsize=1 << 16)
def stem(word: str) -> str:
    """Return a truncated stem of a normalised word: equal for `pledged` and `pledges`, `recognise` and `recognize`.

    English endings are removed and the rest is cut to STEM_LETTERS; words of other inflected languages are only cut.
    Numbers are not changed, and non-ASCII words are cut to STEM_LETTERS. A Korean word is cut to its first two
    syllables: most nouns have two, and particles follow without a space.
    """
    if not word.isascii():
        return word[: thresholds.KOREAN_STEM_SYLLABLES if "\uac00" <= word[0] <= "\ud7a3" else thresholds.STEM_LETTERS]
    if word[:1].isdigit():
        return word
    root = word.removesuffix("'s").removesuffix("'")
    if len(root) > 3 and root.endswith("s") and not root.endswith("ss"):
        root = root[:-3] + "y" if len(root) > 4 and root.endswith("ies") else root[:-1]
    if len(root) > 5 and root.endswith("ing"):
        root = root[:-3]
    elif len(root) > 4 and root.endswith("ed"):
        root = root[:-2]
    if len(root) > 4:
        root = root.removesuffix("e").replace("our", "or")
    if len(root) > 5 and root.endswith("is"):
        root = root[:-1] + "z"
    return root[: thresholds.STEM_LETTERS]


# `one` is left out: it is often a pronoun.
_NUMBER_WORDS = {
    name: str(value)
    for value, name in enumerate(
        "two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen "
        "nineteen twenty".split(),
        start=2,
    )
}
_NUMBER_OR_WORD = re.compile(r"\d+(?:[.,:]\d+)*|[^\W\d_]+")
_SPACED_GROUPS = re.compile(r"(?<![\d.,])(\d{1,3})((?:[ \u00a0\u202f]\d{3})+)(?![\d.,])")
_ASCII_DIGIT = re.compile(r"[0-9]")
_ASCII_NUMBER_OR_WORD = re.compile(r"[0-9]+(?:[.,:][0-9]+)*|[a-z]+")
_THOUSANDS_MARK = re.compile(r"[,.](?=\d{3}(?:\D|$))")
_HAN_NUMBER = re.compile(r"[一二三四五六七八九十百千万亿兆两〇零]{2,}")


def _remove_spaces(match: re.Match[str]) -> str:
    return match[0].replace(" ", "").replace("\u00a0", "").replace("\u202f", "")


def extract_numbers(text: str) -> list[str]:
    """Return the numbers of `text` in order, as strings.

    Digit groups are joined (`62,122` and `62 122` are `62122`), and the words `two` to `twenty` become digits.
    """
    if text.isascii():
        return _extract_ascii_numbers(text)
    joined = _SPACED_GROUPS.sub(_remove_spaces, text)
    values = []
    for token in _NUMBER_OR_WORD.findall(normalise_unicode("NFKC", joined)):
        if token[0].isdigit():
            values.append(_THOUSANDS_MARK.sub("", token).replace(":", "."))
        elif value := _NUMBER_WORDS.get(token.casefold()):
            values.append(value)
        else:
            values.extend(_HAN_NUMBER.findall(token))
    return values


def _extract_ascii_numbers(text: str) -> list[str]:
    """Return the result of `extract_numbers` for ASCII text."""
    if _ASCII_DIGIT.search(text):
        text = _SPACED_GROUPS.sub(_remove_spaces, text)
    return [
        _THOUSANDS_MARK.sub("", piece).replace(":", ".") if piece <= ":" else _NUMBER_WORDS[piece]
        for piece in _ASCII_NUMBER_OR_WORD.findall(text.lower())
        if piece <= ":" or piece in _NUMBER_WORDS
    ]


_CALENDAR_WORDS = frozenset(
    "monday tuesday wednesday thursday friday saturday sunday january february march april may june july "
    "august september october november december".split()
)


def extract_calendar_words(text: str) -> frozenset[str]:
    """Return the capitalised English weekdays and months in `text`, case-folded."""
    return frozenset(map(str.casefold, re.findall(r"\b[A-Z][a-z]+\b", text))) & _CALENDAR_WORDS


_CAPITALISED_WORD = re.compile(r"(?<![\w’'])[^\W\d_a-zа-яё][\w’'-]*")


@lru_cache(maxsize=1 << 16)
def _stem_token(word: str) -> str:
    words = split_words(word)
    return stem(words[0]) if words else word.casefold()


def extract_capitalised_tokens(text: str) -> list[str]:
    """Return the stems of the capitalised words of `text`, in order: mostly names.

    Words at the start of the text, of a quote or of a sentence are left out. Scripts without case have none.
    """
    stems = []
    plain = _remove_initials_dots(text)
    for match in _CAPITALISED_WORD.finditer(plain):
        if not match[0][0].isupper():
            continue
        before = plain[max(0, match.start() - thresholds.CAPITAL_CONTEXT_CHARS) : match.start()].rstrip()
        if before and before[-1] not in "“\"‘'«„「『([.!?:;—–-":
            stems.append(_stem_token(match[0]))
    return stems


_ISO_DATE = re.compile(r"\d{4}(?:-\d{2}(?:-\d{2}(?:[T ]\d{2}.*)?)?)?")


def _parse_last_moment(value: str | None) -> datetime | None:
    """Return the last moment that an ISO date covers, with its time zone if it has one; None if not an ISO date."""
    if not value or not _ISO_DATE.fullmatch(value):
        return None
    try:
        if len(value) > 10:
            return datetime.fromisoformat(value)
        year, month, day = (int(part) for part in (*value.split("-"), "12", "0")[:3])
        last_day = day or monthrange(year, month)[1]
        return datetime(year, month, last_day, 23, 59, 59)  # noqa: DTZ001 - a date has no time zone
    except (ValueError, OverflowError):
        return None


def is_iso_date(value: str) -> bool:
    """Return whether `value` is a year, month, date or date-time in ISO 8601 format."""
    return _parse_last_moment(value) is not None


def date_sort_key(value: str | None) -> tuple[str, str]:
    """Return a key that sorts dates in ascending order, by the last moment each covers; unknown dates sort last.

    A time without a zone is treated as UTC.
    """
    moment = _parse_last_moment(value)
    if moment is None:
        return ("9999-99", value or "")
    if moment.tzinfo is not None:
        moment = moment.astimezone(UTC)
    return (moment.strftime("%Y-%m-%dT%H:%M:%S.%f").zfill(26), value or "")


def days_between(a: str | None, b: str | None) -> int | None:
    """Return the number of days between two ISO dates, or None if one is unknown or less precise than a day."""
    date_a, date_b = _parse_last_moment(a), _parse_last_moment(b)
    if date_a is None or date_b is None or len(a or "") < 10 or len(b or "") < 10:
        return None
    return abs((date_a.date() - date_b.date()).days)


def is_later(a: str | None, b: str | None) -> bool | None:
    """Return whether ISO date `a` is later than `b`; None if their precision or time zones do not decide.

    Dates of different precision, and date-times of which only one has a zone, are compared at the lower precision, at
    most to the day. Not transitive over mixed zones: use `date_sort_key` for sorting.
    """
    date_a, date_b = _parse_last_moment(a), _parse_last_moment(b)
    if date_a is None or date_b is None or not a or not b:
        return None
    if len(a) > 10 and len(b) > 10 and (date_a.tzinfo is None) == (date_b.tzinfo is None):
        return None if date_a == date_b else date_a > date_b
    precision = min(len(a), len(b), 10)
    return None if a[:precision] == b[:precision] else a[:precision] > b[:precision]


UNSPACED_SENTENCE_ENDS = "。！？…」』）"
"""Marks that end a sentence or quote and are not followed by a space in scripts without spaces."""


def join_sentences(sentences: Iterable[str]) -> str:
    """Join sentences to a paragraph: with a space, except between sentences of a script without spaces."""
    paragraph = ""
    for sentence in sentences:
        is_unspaced = paragraph[-1:] in UNSPACED_SENTENCE_ENDS and compile_once(_UNSPACED_CHAR).match(sentence)
        paragraph += sentence if not paragraph or is_unspaced else f" {sentence}"
    return paragraph
