"""Cuts off a title what is no headline: the names of the outlet, of sections and of agencies; infers missing titles.

A page hangs its own names on the title (`Storm closes port | News | The Harbour Times`). What stands before or behind
a separator is cut if it is the outlet, an agency or a section; behind one, also if it is built as the name of an outlet
and the report does not mention it. A headline has separators too: a speaker or a place before a colon, a source or a
second half behind a dash. So doubt leaves the title as it is, and at least a clause always stays.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import cached_property
from typing import NamedTuple

from newsdedup import text, thresholds
from newsdedup.clean import patterns
from newsdedup.clean.paragraphs import Paragraph
from newsdedup.clean.patterns import section_pattern
from newsdedup.models import Article, Removed, Role

# -- parts of a title -------------------------------------------------------------------------------------------------

_BAR = r"\s{0,3}[|｜¦‖]\s{0,3}|\s(?:::|[•·])\s|(?<=[\u3040-\u9fff])_{1,2}(?=[\u3040-\u9fff])"
_DASH = r"\s[-–—]{1,2}\s|(?<=[\u3040-\u9fff])-{1,2}(?=[\u3040-\u9fff])"
_SEPARATOR = re.compile(rf"(?P<bar>{_BAR})|(?P<dash>{_DASH})|(?P<wide_colon>\s?：\s?)|(?P<colon>\s?:\s)")
_SQUARE, _ROUND = r"[\[【［]([^\[\]【】［］]{1,40})[\]】］]", r"[(（]([^()（）]{1,40})[)）]"
_NO_NAME = re.compile(r"^\W?\d|[?!？！…:.\"”»]$")
_UNSPACED = re.compile(r"[\u3040-\u9fff\uac00-\ud7af]")
_HOST_END = re.compile(r"[/?#:]")
_BRACKETS_BEFORE = re.compile(rf"\s?(?:{_SQUARE}|{_ROUND})\s{{0,3}}[:-]?\s{{0,3}}")
_BRACKETS_BEHIND = re.compile(rf"\s{{0,3}}(?:{_SQUARE}|{_ROUND})\s?$")


class _Part(NamedTuple):
    """What stands before or behind a separator, and the rest of the title; `separator` is its kind.

    `name`: the part as far as its first separator. `after_cut`: the part that stood further out behind such a separator
    has been cut.
    """

    text: str
    rest: str
    separator: str
    is_behind: bool
    name: str = ""
    after_cut: bool = False


def cut_page_names(title: str, article: Article, paragraphs: Sequence[Paragraph]) -> tuple[str, list[Removed]]:
    """Return the title without the names of outlet, sections and agencies around it, and these names as they stood.

    `paragraphs` are those of the page, before any was cut. A title of nothing else is returned as it is.
    """
    removed: list[Removed] = []
    if len(title) > thresholds.TITLE_MAX_CHARS:
        return title, removed
    page = _Page(article, paragraphs)
    rest, last_separator = title, ""
    for _ in range(thresholds.TITLE_MAX_PARTS):
        parts = (part._replace(after_cut=part.separator == last_separator) for part in _iter_parts(rest))
        cut = next(((part, role) for part in parts if (role := _find_role(part, page))), None)
        if cut is None:
            break
        part, role = cut
        removed.append(Removed(kind=role, text=part.text))
        rest = part.rest
        last_separator = part.separator if part.is_behind else last_separator
    return (title, []) if removed and _is_name_alone(rest, page) else (rest, removed)


def _iter_parts(title: str) -> Iterator[_Part]:
    """Yield what could be cut off: in brackets, behind the last separator, before the first; colons come last."""
    limit = thresholds.TITLE_PART_MAX_CHARS
    if match := _BRACKETS_BEHIND.search(title, max(0, len(title) - limit)):
        yield _Part(match[1] or match[2], title[: match.start()], _name_brackets(match), is_behind=True)
    if match := _BRACKETS_BEFORE.match(title):
        yield _Part(match[1] or match[2], title[match.end() :], _name_brackets(match), is_behind=False)
    behind = [*_SEPARATOR.finditer(title, max(0, len(title) - limit))]
    before = [*_SEPARATOR.finditer(title[:limit])]
    for is_colon in (False, True):
        for separators, is_behind in ((behind, True), (before, False)):
            matches = [match for match in separators if (match.lastgroup == "colon") is is_colon]
            for match in matches[::-1] if is_behind else matches[:1]:
                head, tail = title[: match.start()].rstrip(), title[match.end() :].lstrip()
                part, rest = (tail, head) if is_behind else (head, tail)
                following = next((other for other in matches if other.start() >= match.end()), None)
                name = title[match.end() : following.start()].strip() if is_behind and following else ""
                yield _Part(part, rest, str(match.lastgroup), is_behind, name)


def _name_brackets(match: re.Match[str]) -> str:
    return "square" if match[1] else "round"


class _Page:
    """What a title is compared with: the names of the outlet, and the running text of the page."""

    def __init__(self, article: Article, paragraphs: Sequence[Paragraph]) -> None:
        self._article = article
        self._paragraphs = paragraphs

    @cached_property
    def source_names(self) -> frozenset[str]:
        """The keys of the outlet's name (see `_name_keys`)."""
        return _drop_general_words(_name_keys(self._article.source or ""))

    @cached_property
    def names(self) -> frozenset[str]:
        """The same, and the keys of the names in the domain."""
        source, url = self._article.source or "", self._article.url or ""
        hosts = [_HOST_END.split(url.split("//", 1)[1], maxsplit=1)[0]] if "//" in url else []
        if "." in source and " " not in source:
            hosts.append(source)
        return self.source_names | _drop_general_words({key for host in hosts for key in _domain_keys(host)})

    @cached_property
    def lines(self) -> Sequence[str]:
        """The paragraphs of running text, without dateline and trailing credit."""
        lines = [paragraph.text for paragraph in self._paragraphs if paragraph.is_prose]
        if lines and (dateline := patterns.parse_dateline(lines[0])):
            lines[0] = lines[0][len(dateline.prefix) :]
        if lines and (credit := patterns.split_trailing_credit(lines[-1])):
            lines[-1] = credit[0]
        return lines

    @cached_property
    def words(self) -> frozenset[str]:
        """The words of the running text."""
        return frozenset(word for line in self.lines for word in text.split_words(line))

    @cached_property
    def agencies(self) -> frozenset[str]:
        """The words of the agencies in the dateline, in the trailing credit and in lines of their own."""
        lines = [paragraph.text for paragraph in self._paragraphs]
        prose = [paragraph.text for paragraph in self._paragraphs if paragraph.is_prose]
        dateline = patterns.parse_dateline(prose[0]) if prose else None
        credit = patterns.split_trailing_credit(prose[-1]) if prose else None
        alone = [line for line in (*lines[:3], *lines[-3:]) if section_pattern("agency").match(line)]
        names = [(dateline and dateline.dateline.agency) or "", credit[1] if credit else "", *alone]
        return frozenset(word for name in names for word in text.split_words(name))

    def mentions(self, name: str) -> bool:
        """Return whether the running text has a word of the name, in any ending; words of outlets must be the same."""
        words = text.split_words(name)
        words = [word for word in words if _is_long(word) or _UNSPACED.match(word)] or words
        stumps = tuple(
            word[: max(thresholds.TITLE_SHORT_WORD_CHARS + 1, len(word) - thresholds.TITLE_ENDING_CHARS)]
            for word in filter(_is_long, words)
            if word not in patterns.OUTLET_WORDS
        )
        return any(word in words or word.startswith(stumps) for word in self.words)

    def prints(self, name: str, *, ignore_case: bool) -> bool:
        """Return whether the running text has a name as it is written, or all words of it."""
        if ignore_case:
            return self.words.issuperset(text.split_words(name))
        return any(name in line for line in self.lines)


def _drop_general_words(keys: set[str]) -> frozenset[str]:
    return frozenset(key for key in keys if len(key) > 1) - patterns.OUTLET_WORDS - patterns.SITE_WORDS


def _find_role(part: _Part, page: _Page) -> Role | None:
    """Return what a part is if it is to be cut: BOILERPLATE or, for an agency, CREDIT; None if it may be headline."""
    if not part.text or len(text.split_words(part.rest)) < thresholds.TITLE_MIN_WORDS:
        return None
    if part.separator == "dash" and not part.is_behind and part.rest[0].islower():
        return None  # the sentence goes on
    if part.name:  # the outlet, and what it says of itself
        return None if part.separator == "colon" or page.names.isdisjoint(_name_keys(part.name)) else Role.BOILERPLATE
    if _is_agency(part, page):
        return Role.CREDIT
    if _is_outlet(part, page) or _is_section(part, page) or _is_built_as_name(part, page):
        return Role.BOILERPLATE
    return None


def _is_agency(part: _Part, page: _Page) -> bool:
    """Return whether the part is an agency's name.

    Before a colon and behind a dash it may be a speaker of the same name, whom the report then mentions.
    """
    if not section_pattern("agency").match(part.text):
        return False
    if part.separator in {"square", "round", "bar"} or (part.separator == "dash" and not part.is_behind):
        return True
    return page.agencies.issuperset(text.split_words(part.text)) or (bool(page.words) and not page.mentions(part.text))


def _is_outlet(part: _Part, page: _Page) -> bool:
    """Return whether the part is the outlet, begins or ends with a long name of it, or is a short or long form of it.

    A single word at a colon may be a speaker or a place, which the report then mentions; before one the domain alone
    says too little.
    """
    words = part.text.split()
    keys = _name_keys(part.text)
    is_name = not page.names.isdisjoint(keys)
    if part.separator == "colon" and len(text.split_words(part.text)) == 1:
        is_name = is_name and (part.is_behind or not page.source_names.isdisjoint(keys))
        return is_name and not page.mentions(part.text)
    is_before_dash = part.separator == "dash" and not part.is_behind  # it may be the first half of the headline
    if is_name or part.separator == "colon" or is_before_dash or not _is_capitalised(words):
        return is_name
    if not page.names.isdisjoint(_short_forms(words)):
        return True
    edges = {key for i in range(1, len(words)) for edge in (words[:i], words[i:]) for key in _name_keys(" ".join(edge))}
    min_chars = thresholds.TITLE_LONG_NAME_CHARS
    if any(edge in page.names for edge in edges if len(edge) >= min_chars):
        return True
    is_beginning = any(name.startswith(key) for key in keys if len(key) >= min_chars for name in page.names)
    return is_beginning and not page.mentions(part.text)  # the report has the place that the domain begins with


def _is_section(part: _Part, page: _Page) -> bool:
    """Return whether the part is the name of a section.

    Before a colon it would be the topic of the headline, in round brackets a remark on it. Behind a dash it may be the
    point of the headline; then it is written as a common word, or the report has it.
    """
    if part.separator in {"colon", "wide_colon", "round"} or not section_pattern("section").match(part.text):
        return False
    if part.separator != "dash" or part.after_cut:
        return True
    is_sentence_case = any(word[0].islower() for word in part.rest.split() if _is_long(word))
    return not part.text[0].islower() and not page.prints(part.text, ignore_case=not is_sentence_case)


def _is_built_as_name(part: _Part, page: _Page) -> bool:
    """Return whether the part is behind a separator, short, capitalised, and of words that the report does not have.

    A bar is the page's own mark; behind a dash or a colon only a name with a word of outlets (`Times`) is one.
    """
    words = part.text.split()
    if not part.is_behind or part.separator not in {"bar", "dash", "wide_colon"} or _NO_NAME.search(part.text):
        return False
    if len(words) > thresholds.TITLE_NAME_MAX_WORDS or not _is_capitalised(words):
        return False
    if part.separator != "bar" and not _has_outlet_word(words):
        return False
    is_clause = len(text.split_words(part.rest)) >= thresholds.TITLE_MIN_CLAUSE_WORDS
    return is_clause and len(page.words) >= thresholds.TITLE_MIN_REPORT_WORDS and not page.mentions(part.text)


def _has_outlet_word(words: Sequence[str]) -> bool:
    """Return whether a name has a word of outlets beside others; in a script without spaces it ends with one."""
    if len(words) == 1:
        unspaced = tuple(word for word in patterns.OUTLET_WORDS if _UNSPACED.match(word))
        return words[0].endswith(unspaced) and words[0] not in unspaced
    return not patterns.OUTLET_WORDS.isdisjoint(word.casefold() for word in words)


def _is_capitalised(words: Sequence[str]) -> bool:
    """Return whether all words but the shortest begin with a capital, or are of a script that has none."""
    has_letters = any(char.isalpha() for word in words for char in word)
    return has_letters and not any(word[0].islower() for word in list(filter(_is_long, words)) or words)


def _is_long(word: str) -> bool:
    return len(word) > thresholds.TITLE_SHORT_WORD_CHARS


def _is_name_alone(title: str, page: _Page) -> bool:
    return not page.names.isdisjoint(_name_keys(title)) or section_pattern("section").match(title) is not None


# -- names of outlets -------------------------------------------------------------------------------------------------

# Letters that are no accented ones, as domains spell them.
_LETTERS = str.maketrans({"ł": "l", "ø": "o", "đ": "d", "ı": "i", "æ": "ae", "œ": "oe"})
_UMLAUTS = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue"})


def _fold_key(name: str) -> str:
    """Return the letters and digits of a name without case, accents and spaces."""
    return "".join(filter(str.isalnum, text.normalise_unicode("NFKD", name).casefold().translate(_LETTERS)))


def _name_keys(name: str) -> set[str]:
    """Return the keys of a name: as it is, without an article before it, and without a word of sites behind it."""
    words = [word for word in name.split() if _fold_key(word)]
    if len(words) > 1 and words[0].casefold() in patterns.ARTICLES:
        words = words[1:]
    keys = {
        _fold_key(name.removeprefix("www.")),
        _fold_key("".join(words)),
        _fold_key("".join(words).casefold().translate(_UMLAUTS)),
    }
    if len(words) > 1 and _fold_key(words[-1]) in patterns.SITE_WORDS:
        keys.add(_fold_key("".join(words[:-1])))
    return keys


def _short_forms(words: Sequence[str]) -> set[str]:
    """Return the initials of a name, and those of its first words with the others: `hct` and `hctimes`."""
    forms = set()
    for parts in (words, [word for word in words if word.casefold() not in patterns.ARTICLES]):
        initials = _fold_key("".join(word[0] for word in parts))
        forms |= {initials, *(initials[:i] + _fold_key("".join(parts[i:])) for i in range(1, len(parts)))}
    return {form for form in forms if len(form) >= thresholds.TITLE_MIN_INITIALS}


# Second-level domains that are no names.
_SECOND_LEVELS = {"ac", "co", "com", "edu", "go", "gov", "ne", "net", "or", "org"}


def _domain_keys(host: str) -> set[str]:
    """Return the keys of a domain's name: `harbourtimes` for `www.harbourtimes.co.uk`, with the names around it too."""
    *labels, top = map(_fold_key, host.casefold().removeprefix("www.").split("."))
    if len(labels) > 1 and labels[-1] in _SECOND_LEVELS:
        labels.pop()
    if not labels:
        return set()
    name = labels[-1]
    keys = {name, name + top}
    if len(labels) > 1:
        keys |= {labels[-2] + name, name + labels[-2]}
        keys |= {label for label in labels if len(label) >= thresholds.TITLE_LONG_NAME_CHARS}
    keys |= {name.removesuffix(word) for word in patterns.SITE_WORDS}
    articles = (name.removeprefix(article) for article in patterns.ARTICLES if len(article) > 1)
    return keys | {key for key in articles if len(key) >= thresholds.TITLE_LONG_NAME_CHARS}


# -- titles from the text ---------------------------------------------------------------------------------------------

_CLAUSE_MARK = re.compile(r"[;；]\s?|\s[–—-]{1,2}\s|(?P<comma>[,،]\s)")
_QUOTES = (("“", "”"), ("«", "»"), ("„", "“"), ("(", ")"), ("「", "」"))


def infer_title(paragraphs: Sequence[Sequence[str]]) -> str | None:
    """Return the first sentence as a title, None for an empty report.

    A long one is cut where a clause ends for certain: before the words that say whose statement it is, at a semicolon
    or a dash, or before a conjunction behind its only comma. Only a sentence of more than INFERRED_TITLE_MAX_CHARS is
    cut elsewhere, and ends in `…` then.
    """
    if not paragraphs:
        return None
    title = paragraphs[0][0][: 3 * thresholds.INFERRED_TITLE_MAX_CHARS].rstrip(". ")
    for cut in (_cut_attribution, _cut_at_clause):
        title = title if len(title) <= thresholds.INFERRED_TITLE_CHARS else cut(title)
    return _shorten(title)


def _shorten(title: str) -> str:
    """Return the longest clauses within the limit, else as many words, and a mark of what is missing."""
    if len(title) <= thresholds.INFERRED_TITLE_MAX_CHARS:
        return title
    head = title[: thresholds.INFERRED_TITLE_MAX_CHARS]
    ends = [match.start() for match in _CLAUSE_MARK.finditer(head) if _is_clause(head[: match.start()])]
    return (head[: ends[-1]] if ends else head.rsplit(" ", 1)[0]).rstrip(" ,;:–—-") + "…"


def _cut_attribution(title: str) -> str:
    """Return the sentence without the statement's source behind its last comma (`, the harbour office said`)."""
    commas = [match for match in _CLAUSE_MARK.finditer(title) if match["comma"]]
    if not commas:
        return title
    head, tail = title[: commas[-1].start()], title[commas[-1].end() :]
    verbs = [match.span() for match in section_pattern("verb of saying").finditer(tail)]
    opens_with_verb = any(start == 0 for start, _ in verbs)
    is_source = (
        section_pattern("source").match(tail) is not None
        or (len(commas) == 1 and opens_with_verb)
        or (not opens_with_verb and any(end == len(tail) for _, end in verbs))
    )
    return head if is_source and _is_clause(head) else title


def _cut_at_clause(title: str) -> str:
    marks = [*_CLAUSE_MARK.finditer(title)]
    commas = [match for match in marks if match["comma"]]
    dashes = [match for match in marks if match[0][0] == " "]
    semicolons = [match for match in marks if match[0][0] in ";；"]
    ends = [match.start() for match in (*semicolons[:1], *(dashes if len(dashes) == 1 else ()))]
    if len(commas) == 1 and section_pattern("conjunction").match(title[commas[0].end() :]):
        ends.append(commas[0].start())
    heads = [title[:end] for end in sorted(ends) if _is_clause(title[:end])]
    return heads[0] if heads else title


def _is_clause(head: str) -> bool:
    """Return whether the beginning of a sentence has enough words and closes the quotations and brackets it opens."""
    if len(text.split_words(head)) < thresholds.INFERRED_TITLE_MIN_WORDS or head.count('"') % 2:
        return False
    return all(head.count(first) <= head.count(last) for first, last in _QUOTES)
