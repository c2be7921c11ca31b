"""Roles and shapes of single lines: labels, notices, captions, credits, bylines, datelines.

A line is the text of a paragraph, folded to one line. The wording is data (`newsdedup.clean.lexicon`). This module
defines where in a line it must be, and the shapes that need no wording. Most patterns are tried only on lines short
enough to be a label or a notice, so running text that mentions a newsletter is kept.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from typing import NamedTuple

from newsdedup import thresholds
from newsdedup.clean.lexicon import Phrase, load_lexicon
from newsdedup.clean.line_hints import LETTERS, Follow, LineHints
from newsdedup.clean.phrases import join_by_first_letter
from newsdedup.models import Dateline, EditKind, Role
from newsdedup.text import compile_once, replace_typographic_marks

# -- the lexicon, section by section ----------------------------------------------------------------------------------


class Frame(NamedTuple):
    """Where in a line the phrases of a section are.

    `before` and `after` are the regular expressions around them; `PHRASES` in `after` stands for the phrases again. An
    empty `before` means anywhere, at a word boundary. One that begins with `^` means at the start, and it cannot match
    a letter. `starts_word` says that no letter can be right before the phrases.
    """

    before: str
    after: str
    follow: Follow
    flags: re.RegexFlag = re.IGNORECASE
    starts_word: bool = True

    @property
    def at_start(self) -> bool:
        """Whether the phrases are at the start of the line."""
        return self.before.startswith("^")


_EXACT_CASE = re.NOFLAG
_LINE_START = r"^\W*"
_BUTTON_GAP = r"[\s|·•/,:：–—-]*+"
# A date or a time in any language, as it follows a label: numbers with up to four words before each, then perhaps the
# name of a time zone or the word for `hours` or `year`. A number alone is none: there is a year with a day, or a time.
_DATE_WORDS = r"(?:[^\s\d]{1,14}+\s++){0,4}+"
_NUMBER_REST = r"[\d.,:/年月日号號時时分秒년월일시~()-]{0,24}+(?:h\d{0,2}|st|nd|rd|th|[ap]m)?[.,]*+"
_NUMBER = rf"{_DATE_WORDS}[(\[]?\d{_NUMBER_REST}"
_DATES = (
    r"(?![^\W\d_])\s*+[:：]?+\s*+(?:"
    rf"(?:{_NUMBER}\s++){{0,3}}{_DATE_WORDS}\d{{1,4}}[:./h年년-]\s?\d{_NUMBER_REST}|"  # 20.03.2025, 18:42
    rf"(?:{_NUMBER}\s++){{1,2}}{_DATE_WORDS}\d{{4}}{_NUMBER_REST}|"  # 20 March 2025
    rf"{_DATE_WORDS}\d{{4}}\.?\s++{_NUMBER}"  # 2025 March 20
    rf")(?:\s++{_NUMBER}){{0,5}}+"
    r"\s*+(?:(?:uhr|hours|hrs?|h|horas|ore|น|г|р|[ap]\.? ?m\.?|[(]?(?:gmt|utc|cest|cet|mesz|mez|bst|ist|[ecmp][sd]?t|"
    r"eat|wat|cat|sast|pkt|jst|kst|hkt|wib|wita|wit|мск)\b(?:[+-]\d{1,2})?)[.)\]]?\s*+){0,3}+"
)
FRAMES = {
    "agency": Frame(r"^[\W_]*", r"(?:[\s/&,]+(?:and )?PHRASES)*[\W_]*$", Follow.MARK, _EXACT_CASE),
    "credit": Frame(_LINE_START, "$", Follow.END),
    "promo label": Frame(_LINE_START, r"\s*[:|：>»–—-]\s*\S", Follow.MARK),
    "promo in capitals": Frame("^", "[: ]", Follow.MARK, _EXACT_CASE),
    "label": Frame(_LINE_START, r"(?:\s*\(\d+\))?\s*[:：.。!|›»>…]*$", Follow.END),
    "share button": Frame(
        rf"{_LINE_START}(?:", rf"{_BUTTON_GAP}(?:\d{{1,3}} ?min\b\.?{_BUTTON_GAP})?)++$", Follow.BOUNDARY
    ),
    "date label": Frame(_LINE_START, rf"{_DATES}(?:[\s,;|·•/–—-]*PHRASES{_DATES})?(?<!\d\.)$", Follow.MARK),
    "short label opening": Frame(_LINE_START, "", Follow.ANYTHING),
    "short label": Frame(_LINE_START, "$", Follow.END),
    "furniture": Frame(_LINE_START, r"[\s.…:!>›»|*-]*$", Follow.END),
    "update label": Frame(
        "^", r"(?:\s*:)? (?:\d+ (?:h(?:ours?|rs?)?|min(?:ute)?s?|sec(?:ond)?s?|days?) ?)+ago\W*$", Follow.MARK
    ),
    "furniture opening": Frame("^", "", Follow.BOUNDARY),
    "furniture line": Frame("^", "$", Follow.END),
    "furniture anywhere": Frame("", "", Follow.BOUNDARY),
    "link": Frame(r"^(?:\W*+", r"\S++\s*+)++$", Follow.ANYTHING),
    "notice": Frame("", "", Follow.BOUNDARY),
    "offer opening": Frame(r"^[^\w\"“'‘«„(]{0,6}", "", Follow.BOUNDARY),
    "notice opening": Frame("^", "", Follow.BOUNDARY),
    "notice line": Frame("^", "$", Follow.END),
    "file photo": Frame("^", r"\s*(?:[-–—:]| \()", Follow.MARK, _EXACT_CASE),
    "caption label": Frame("^(?i:", r")(?: credit)?\s*[:：(]", Follow.MARK, _EXACT_CASE),
    "caption in brackets": Frame(r"^[\[(]", "", Follow.BOUNDARY, _EXACT_CASE),
    "photo credit word": Frame(
        r"\b(?i:",
        r")\s*+(?:credits?\s*+)?+(?:by|:|courtesy(?: of)?|via)\s*[^.]{2,60}\.?$",
        Follow.ANYTHING,
        _EXACT_CASE,
    ),
    "photo credit": Frame("", r"\.?$", Follow.END, _EXACT_CASE),
    "photo agency": Frame("", r"[A-Z][\w .'-]{2,40}$", Follow.ANYTHING, _EXACT_CASE),
    "photo in brackets": Frame(r"[\[(]", r"(?:[/:][^\])]{0,40})?[\])]$", Follow.MARK, _EXACT_CASE),
    "short caption label": Frame("^", r"\s*[:：=＝]", Follow.MARK),
    "short caption in brackets": Frame("[(（]", r"\s*[:：=＝]", Follow.MARK),
    "short caption credit": Frame(r"\s", r"\s*:\s*[^.]{2,40}$", Follow.MARK),
    "short caption word": Frame(r"[/\[(]?", r"\s*[=:]\s*\S{1,20}[\])]?$", Follow.MARK, starts_word=False),
    "comments heading": Frame(r"^\W*(?:\d+ )?", r"\W*$", Follow.END),
}
# Sections whose phrases go into other patterns.
_OTHER_SECTIONS = (
    "reported speech", "photo agency in brackets", "byline", "not a place", "outlet word", "site word", "article",
)  # fmt: skip
# Sections that are looked for at the edges of a report only (`edit_marks`, `page_speech`, lists of metadata).
_EDIT_FRAMES = {
    "mark": Frame(r"^\W{0,6}+", r"(?:\s?\d{1,2})?\s?[-–—:：|)\]】/]+\s*(?:[-–—]\s+)?", Follow.MARK),
    "note": Frame(r"^[^\w(]{0,6}+", "", Follow.ANYTHING),
}
_EDIT_SECTIONS = {f"{kind.value} {place}": frame for kind in EditKind for place, frame in _EDIT_FRAMES.items()}
# Sections that are looked for in titles only (`titles`).
_TITLE_FRAMES = {
    "section": Frame(
        r"^\W{0,4}+",
        r"(?:\s?[\s/&,+]\s?(?:(?:and|und|y|e|et|en|og|och|i|и)\s)?PHRASES){0,3}\W{0,4}+$",
        Follow.END,
    ),
    "source": Frame("^", "", Follow.BOUNDARY),
    "verb of saying": Frame("", "", Follow.BOUNDARY),
    "conjunction": Frame("^", "", Follow.BOUNDARY),
}
_EDGE_FRAMES = {
    **_EDIT_SECTIONS,
    **_TITLE_FRAMES,
    "page speech": Frame(r"(?:^\W{0,6}+|[.!?:。！？…]\W{1,6}+)", "", Follow.ANYTHING),
    "page speech inside": Frame("", "", Follow.ANYTHING),
    "summary label": Frame(r"^\W{0,6}+", r"\s?[:：]?", Follow.BOUNDARY),
    "metadata label": Frame(r"^\W{0,6}+", r"\s?[:：]\s?$", Follow.END),
}
_LEXICON = load_lexicon([*FRAMES, *_OTHER_SECTIONS, *_EDGE_FRAMES])


def _any_phrase(section: str, *, starts_word: bool = False, ends_word: bool = False) -> str:
    """Return the regular expression of the phrases of a section, as a group."""
    phrases = _LEXICON[section]
    return f"(?:{'|'.join(p.to_pattern(starts_word=starts_word, ends_word=ends_word) for p in phrases)})"


def frame_phrases(frame: Frame, phrases: Sequence[Phrase]) -> re.Pattern[str]:
    """Return the pattern of phrases in their frame."""
    ends_word = frame.follow is Follow.BOUNDARY
    if frame.before and frame.flags & re.IGNORECASE:
        group = join_by_first_letter([phrase.nodes for phrase in phrases], ends_word=ends_word)
    else:
        group = "|".join(phrase.to_pattern(starts_word=not frame.before, ends_word=ends_word) for phrase in phrases)
    return re.compile(f"{frame.before}(?:{group}){frame.after.replace('PHRASES', f'(?:{group})')}", frame.flags)


@cache
def section_pattern(section: str) -> re.Pattern[str]:
    """Return the pattern of a section, compiled on first use; one at the start of a line matches from there."""
    return frame_phrases((FRAMES | _EDGE_FRAMES)[section], _LEXICON[section])


# -- shapes that need no wording, or little ---------------------------------------------------------------------------

_AGENCY = _any_phrase("agency")
NETWORKS = ("facebook", "whatsapp", "twitter", "linkedin", "telegram")
"""Names of social networks, one of which is among the buttons of most bars."""
_BUTTON = _any_phrase("share button") + _BUTTON_GAP
_SHAPE_PATTERNS = {
    # A slash is a separator only between spaces, and the space before a separator belongs to it.
    "menu": (
        r"^[^.!?]{1,160}(?:\s[|›»•·/]\s(?:[^.!?|›»•·/\s]|\s(?![|›»•·/]\s)|/(?!\s)|(?<!\s)/){1,40}+)"
        rf"{{{thresholds.MENU_MIN_SEPARATORS},}}+$"
    ),
    "crumbs": r"^[^.!?。？！>›»]{1,30}(?:\s[>›»]\s[^.!?。？！>›»]{1,30}){1,5}$",
    # A bar of buttons whose names run together: `FacebookXEmailPrint`.
    "glued buttons": (
        rf"^(?i:(?:(?:{_BUTTON}){{1,1}}+){{0,20}}?(?:{'|'.join(NETWORKS)}){_BUTTON_GAP}(?:{_BUTTON}){{1,}}+$)"
    ),
    # The last line of an embedded post names its author: `— Name (@handle) August 25, 2025`.
    "post signature": r"^[—–-]+\s?[^()]{1,80}\(@\w{1,30}\)(?:\s+[^\W\d_]+\.? \d{1,2},? \d{4})?$",
    # A name and an agency, or anything and an agency, in brackets at the end of a caption (/AFP, via AP).
    "bracketed credit": (
        r"(?:[\[(][A-Z][\w.'’-]+(?: [A-Z][\w.'’-]*){1,3}\s*/\s*[A-Z][\w.'’& -]{1,40}[\])]|"
        rf"[\[(][^\])(]{{2,50}}(?:/| via ){_any_phrase('photo agency in brackets')}[^\])(]{{0,40}}[\])])$"
    ),
}
# Markup that was printed as text: percent-encoded words or tags.
_PERCENT_ENCODED = re.compile(r"%[0-9A-F]{2}")
_FIRST_TAG = re.compile(
    r"^\s*<(?:!doctype|html|head|body|div|p|span|script|style|iframe|table|ul|a|img)\b[^>]*>", re.IGNORECASE
)
_TAG_START = re.compile(r"</?\w")
# Reported speech is never a notice, on any topic.
_REPORTED_SPEECH = rf"^[\"“'‘]|\b{_any_phrase('reported speech')}\b"
_TRAILING_CREDIT = rf"(?<=[.!?”\"’])\s*(?:[—–-]{{1,2}}\s*)?[\[(]?({_AGENCY}(?:\s*[/,&]\s*{_AGENCY})*)[\])]?\.?$"
_AGENCY_END = re.compile(rf"{_AGENCY}[\])]?\.?$")
_BYLINE = re.compile(
    rf"^{_any_phrase('byline')}"
    r"(?:\s*[:：]\s*|\s+|(?=[A-Z]))(?P<names>[^\W\d_a-zа-я][\w.'’-]*+(?:[\s,/&|]++(?:and|und|y|et|e|en|og|och|и|in|for|at|of|de|del|da|van|von|bin|al|the|The|[^\W\d_a-zа-я][\w.'’@-]*+)){0,14})\W*+$"
)
_BYLINE_DESK = re.compile(
    r"^(?P<names>[A-Z][\w.'’-]+(?: [A-Z][\w.'’-]+){1,3}), (?:[A-Z][\w.'’&-]*(?: |$)){0,4}(?:Desk|Reporter|Correspondent|Staff Writers?|Editor|Bureau|News|Writer|Associated Press|Reuters|AFP)\W*$"
)
_BIO = (
    r"^(?:(?:Dr|Prof|Mr|Ms|Mrs)\.? )?[A-Z][\w.'’-]+(?: [A-Z][\w.'’-]*){1,3} (?:is|was|has been|covers?|reports?|writes?|joined)\b.{0,160}\b(?:reporter|correspondent|"
    r"editor(?:-at-large)?|journalist|writer|columnist|author|producer|contributor|fellow|covers?|covering|bureau chief|reports? (?:on|for|from))\b"
)
_LIST_ITEM = re.compile(r"^(?:[•●▪■◦‣*·–—-]\s*|\(?\d{1,3}[.)]\s+|[a-z][.)]\s+)")
_DATE_WORD = re.compile(
    r"^(?:published|updated|posted|last|modified|first|on|at|am|pm|a|p|m|ist|gmt|utc|est|edt|pst|pdt|et|cet|bst|"
    r"(?:mon|tues?|wed(?:nes)?|thu(?:rs)?|fri|sat(?:ur)?|sun)(?:day)?|jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|"
    r"aug(?:ust)?|sept?(?:ember)?|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?|\d{1,4}(?:st|nd|rd|th|am|pm)?|hours?|minutes?|mins?|days?|ago|read)$",
    re.IGNORECASE,
)

_DIGIT = re.compile(r"\d")
_NO_CAPITALS = bytes(code for code in range(128) if not chr(code).isupper())
_LONGER_WORD = re.compile(rf"[^\W\d_]{{{thresholds.TITLE_CASE_WORD_LETTERS},}}")
_FIRST_TOKEN = re.compile(r"[^\W_]+")
_BETWEEN_TOKENS = re.compile(r"[\W_]+")


_GALLERY = re.compile(
    r"\b(?:Photos?|Pictures?|Images?|Slides?|Caption)\b.{0,80}?\b\d+ of \d+\b|\b\d+ of \d+\b.{0,20}?\b(?:Photos?|Pictures?|Images?|Slides?)\b|\bhide caption\b",
    re.IGNORECASE,
)
_GALLERY_COUNTER = re.compile(r"\d of \d|hide caption", re.IGNORECASE)
# An entry of a list of videos: a headline directly followed by its length and date.
_VIDEO_ENTRY = re.compile(
    r"\S\d{1,2}:\d{2}\s*(?:\|\s*[A-Z][a-z]+ \d{1,2}, \d{4}|\d+ (?:minutes?|hours?|days?|weeks?|months?|years?) ago)$"
)
_WATCHED = re.compile(r"\b(?:JUST|MUST) WATCHED?\b")
_PLAYER = re.compile(r"\b(?:Replay|Videos?)\b")


def is_gallery(line: str) -> bool:
    """Return whether the line is a whole picture gallery: numbered captions, at any length."""
    return _may_be_gallery(line) and len(_GALLERY.findall(line)) >= thresholds.GALLERY_MIN_CAPTIONS


def _may_be_gallery(line: str) -> bool:
    """Return whether the line contains enough of the counters that every caption of a gallery has."""
    if line.isascii() and not _DIGIT.search(line) and "aption" not in line and "APTION" not in line:
        return False
    return ("of" in line or "aption" in line) and len(_GALLERY_COUNTER.findall(line)) >= thresholds.GALLERY_MIN_CAPTIONS


def is_list_item(line: str) -> bool:
    """Return whether the line is marked as an item of a list."""
    return _LIST_ITEM.match(line) is not None


# The date of another page, without a space before its headline: "August 25, 2025Mayor resigns".
_GLUED_DATE = re.compile(r"^[^\W\d_]{3,12}\.? \d{1,2},? (?:19|20)\d\d(?=[^\W\d_])")


def has_glued_date(line: str) -> bool:
    """Return whether the line is a headline with the date of its page before it, without a space."""
    return _GLUED_DATE.match(line) is not None


# The text of an embedded post ends with short links to it.
_POST_LINK = re.compile(r"(?:\s++(?:pic\.twitter\.com/|https?://t\.co/)\w{1,20}){1,4}\s*+$")


def find_post_link(line: str) -> str | None:
    """Return the short links at the end of a post that the page embeds, or None."""
    if "pic.twitter" not in line and "/t.co/" not in line:
        return None
    match = _POST_LINK.search(line, max(0, len(line.rstrip()) - thresholds.POST_LINKS_CHARS))
    return match[0] if match else None


# The page speaks to its reader: pronouns, and the first words of an offer.
_READER = re.compile(
    r"\b(?:you|your|our|us|me|we|here|click|please|jetzt|hier|sie|uns|unsere[nmrs]?|ihre?|ici|vous|nous|votre|notre|"
    r"aquí|ahora|tu|su|nuestr[oa]s?|qui|ora|tuo|nostr[oa]|aqui|agora|você|noss[oa]|ons|onze|je|här|oss|tutaj|teraz|nasz\w*|"
    r"здесь|сейчас|наш\w*|нас|ваш\w*|вы)\b|©|https?:|@|^\W*(?:sign|subscribe|register|download|follow|join|click|read|"
    r"watch|listen|get|become|support|donate|share|send|log|create|enable|accept|updated|published|posted|correction|"
    r"clarification|copyright|advertis\w+|newsletter|abonn\w+|suscr\w+|iscriv\w+|assin\w+|подпи\w+)\b",
    re.IGNORECASE,
)
_CAPTION_MARK = re.compile(r"[/|©(（\[:：]|\b(?:photo|image|picture|foto|bild|imagen|фото)\b", re.IGNORECASE)


def is_report_sentence(line: str, role: Role) -> bool:
    """Return whether a full sentence inside a report, which looks like `role` by its words, is one of the report.

    A sentence that speaks of an offer after its first word, and not to the reader, says what others offer. A sentence
    about a picture agency without any mark of a caption is none.
    """
    if role is Role.CAPTION:
        return _CAPTION_MARK.search(line) is None
    notice = section_pattern("notice").search(line)
    return notice is not None and notice.start() > 0 and _READER.search(line) is None


def is_metadata_label(line: str) -> bool:
    """Return whether the line is only the label of a list of what the page is filed under: `Topics:`."""
    is_short = len(line) <= thresholds.METADATA_LABEL_CHARS and line.rstrip()[-1:] in {":", "："}
    return is_short and section_pattern("metadata label").match(line) is not None


def find_summary_label(line: str) -> int:
    """Return the length of the label of a list of main points that the line begins with, 0 without one."""
    match = section_pattern("summary label").match(line)
    return match.end() if match else 0


def is_table_row(line: str) -> bool:
    """Return whether the line is a row of results or prices or a list of names: it has many numbers or commas, or a `|`."""
    if "|" in line or line.count(",") + line.count(";") >= thresholds.NAME_LIST_MIN_COMMAS:
        return True
    if line.isascii() and not _DIGIT.search(line):
        return False
    tokens = line.split()
    numeric = sum(any(char.isdigit() for char in token) for token in tokens)
    return numeric >= thresholds.TABLE_ROW_MIN_NUMBERS or numeric > thresholds.TABLE_ROW_MIN_NUMBER_SHARE * len(tokens)


def is_title_case(line: str) -> bool:
    """Return whether most of the longer words are capitalised, as in English-language headlines."""
    min_share = thresholds.TITLE_CASE_MIN_SHARE
    if (
        line.isascii()
        and len(line.encode().translate(None, _NO_CAPITALS)) < thresholds.TITLE_CASE_MIN_WORDS * min_share
    ):
        return False
    longer = _LONGER_WORD.findall(line)
    capitalised = sum(word[0].isupper() for word in longer)
    return len(longer) >= thresholds.TITLE_CASE_MIN_WORDS and capitalised >= min_share * len(longer)


def is_comments_heading(line: str) -> bool:
    """Return whether the line is the heading of the readers' comments."""
    return section_pattern("comments heading").match(line) is not None


def strip_list_marker(line: str) -> str:
    """Return the line without its list marker, if it has one."""
    return _LIST_ITEM.sub("", line)


def is_date(line: str) -> bool:
    """Return whether the line contains only the time of publication or update, or the reading time."""
    first = _FIRST_TOKEN.search(line)
    if first is None or not _DATE_WORD.match(first[0]) or not any(char.isdigit() for char in line):
        return False
    tokens = [token for token in _BETWEEN_TOKENS.split(line) if token]
    return len(tokens) <= thresholds.MAX_DATE_WORDS and all(map(_DATE_WORD.match, tokens))


def is_bio(line: str) -> bool:
    """Return whether the line introduces the writer of the report."""
    is_short = len(line) <= thresholds.MAX_LABEL_CHARS
    return is_short and compile_once(_BIO).match(line) is not None and len(line.split()) <= thresholds.MAX_BIO_WORDS


# -- which patterns may match -----------------------------------------------------------------------------------------

# Each pattern has a bit in the result of `find_hints`: sections of the lexicon, then shapes.
_SHAPES = ("gallery", "video entry", "player", "markup", *_SHAPE_PATTERNS)
HINTS = {name: 1 << i for i, name in enumerate((*FRAMES, *_SHAPES))}
"""The bit of each pattern, by its section or the name of its shape."""
ALL_HINTS = (1 << len(HINTS)) - 1
_GALLERY_HINT, _VIDEO_HINT, _PLAYER_HINT, _MARKUP_HINT, *_ = (HINTS[name] for name in _SHAPES)
_UNLIMITED_HINTS = _GALLERY_HINT | _VIDEO_HINT | _PLAYER_HINT | _MARKUP_HINT
COMMENTS_HINT = HINTS["comments heading"]
_LETTER = re.compile("[A-Za-z]")


def _index_lexicon() -> LineHints:
    index = LineHints()
    for section, frame in FRAMES.items():
        for phrase in _LEXICON[section]:
            index.add(
                HINTS[section], phrase, at_start=frame.at_start, follow=frame.follow, starts_word=frame.starts_word
            )
    index.finish()
    return index


INDEX = _index_lexicon()
"""What the phrases of the lexicon require of a line."""


def find_hints(line: str) -> int:
    """Return as bits which patterns may match a line, see HINTS; a pattern without its bit does not match.

    All bits are set for a line with characters outside Latin-1, other than quotes and dashes, and for one without
    letters.
    """
    plain = replace_typographic_marks(line)
    try:
        encoded = plain.encode("latin-1")
    except UnicodeEncodeError:
        return ALL_HINTS
    if line.count(" ") >= thresholds.MAX_LABEL_WORDS:
        return _find_unlimited_shapes(plain) if _LETTER.search(plain) else ALL_HINTS
    words = encoded.translate(LETTERS).decode().split()
    return INDEX.find(plain, words) | _find_unlimited_shapes(plain) | _find_shapes(plain) if words else ALL_HINTS


def _find_unlimited_shapes(plain: str) -> int:
    """Return the bits of the shapes that a line of any length may have."""
    bits = 0
    if "of" in plain or "aption" in plain:
        bits |= _GALLERY_HINT if _may_be_gallery(plain) else 0
    if "|" in plain or plain.endswith(" ago"):
        bits |= _VIDEO_HINT
    if "WATCH" in plain:
        bits |= _PLAYER_HINT
    if plain[0] == "<" or plain.count("%") >= thresholds.MARKUP_MIN_ENCODED:
        bits |= _MARKUP_HINT
    return bits


def _find_shapes(plain: str) -> int:
    """Return the bits of the other shapes."""
    bits = 0
    lowered = plain.lower()
    if any(network in lowered for network in NETWORKS):
        bits |= HINTS["glued buttons"]
    may_be_menu = "|" in plain or "/" in plain or not plain.isascii()
    if may_be_menu and sum(map(plain.count, "|»·/")) >= thresholds.MENU_MIN_SEPARATORS:
        bits |= HINTS["menu"]
    if ">" in plain or "»" in plain:
        bits |= HINTS["crumbs"]
    if plain[0] == "-" and "@" in plain:
        bits |= HINTS["post signature"]
    if plain[-1] in ")]" and ("/" in plain or " via " in plain):
        bits |= HINTS["bracketed credit"]
    return bits


# -- roles ------------------------------------------------------------------------------------------------------------


class _Rule(NamedTuple):
    """A pattern that gives a line of up to `max_words` words its role."""

    name: str
    hint: int
    role: Role
    max_words: int


def _rules(role: Role, *names: str, max_words: int = thresholds.MAX_LABEL_WORDS) -> list[_Rule]:
    return [_Rule(name, HINTS[name], role, max_words) for name in names]


_NOTICES = ("offer opening", "notice opening", "notice line", "notice")
_SHORT_CAPTIONS = ("short caption label", "short caption in brackets", "short caption credit", "short caption word")
# The first rule that matches decides.
_RULES = (
    *_rules(Role.CREDIT, "agency", "credit"),
    *_rules(Role.PROMO, "promo label"),
    *_rules(Role.PROMO, "promo in capitals", max_words=thresholds.MAX_CAPITALS_PROMO_WORDS),
    *_rules(Role.BOILERPLATE, "label", "share button", "glued buttons", "date label", "menu"),
    *_rules(Role.BOILERPLATE, "crumbs", max_words=thresholds.MAX_SHORT_LABEL_WORDS),
    *_rules(Role.BOILERPLATE, "short label opening", "short label", max_words=thresholds.MAX_SHORT_LABEL_WORDS),
    *_rules(Role.BOILERPLATE, "furniture", "update label", "furniture opening", "furniture line", "furniture anywhere"),
    *_rules(Role.BOILERPLATE, "link", "post signature"),
    *_rules(Role.BOILERPLATE, *_NOTICES, max_words=thresholds.MAX_NOTICE_WORDS),
    *_rules(Role.CAPTION, "file photo", "caption label", "caption in brackets", "photo credit word", "photo credit"),
    *_rules(Role.CAPTION, "photo agency", "photo in brackets", "bracketed credit"),
    *_rules(Role.CAPTION, *_SHORT_CAPTIONS, max_words=thresholds.MAX_SHORT_CAPTION_WORDS),
)


@cache
def _matcher(name: str) -> Callable[[str], object]:
    """Return the function that finds the shape or the wording of this name in a line."""
    pattern = compile_once(_SHAPE_PATTERNS[name]) if name in _SHAPE_PATTERNS else section_pattern(name)
    return pattern.match if pattern.pattern.startswith("^") else pattern.search


def match_role(line: str, hints: int | None = None) -> Role | None:
    """Return the role of `line` by its wording or shape, or None.

    `hints` is the result of `find_hints` for the line, if already computed.
    """
    hint_bits = find_hints(line) if hints is None else hints
    if not hint_bits:
        return None
    if hint_bits & _UNLIMITED_HINTS and (role := _match_unlimited(line, hint_bits)) is not None:
        return role
    word_count = len(line.split())
    if word_count > thresholds.MAX_LABEL_WORDS or len(line) > thresholds.MAX_LABEL_CHARS:
        return None
    for rule in _RULES:
        if (
            hint_bits & rule.hint
            and word_count <= rule.max_words
            and _matcher(rule.name)(line)
            and not (rule.name in _NOTICES and compile_once(_REPORTED_SPEECH).search(line))
        ):
            return rule.role
    return Role.BOILERPLATE if _is_bar_of_labels(line) else None


def _is_bar_of_labels(line: str) -> bool:
    """Return whether bullets part a line into labels of the page: `Published 3 May 2025, 10:12 • 3 min read`."""
    parts = [part.strip() for part in line.split("•")] if "•" in line else []
    return 1 < len(parts) <= thresholds.MAX_SHORT_LABEL_WORDS and all(
        part and match_role(part) is Role.BOILERPLATE for part in parts
    )


def _match_unlimited(line: str, hint_bits: int) -> Role | None:
    """Return the role of a line by a shape that lines of any length may have, or None."""
    if hint_bits & _GALLERY_HINT and is_gallery(line):
        return Role.CAPTION
    if hint_bits & _VIDEO_HINT and ("|" in line or line.endswith("ago")) and _VIDEO_ENTRY.search(line):
        return Role.RELATED_HEADLINES
    if hint_bits & _PLAYER_HINT and (watched := _WATCHED.search(line)) and _PLAYER.search(line, watched.end()):
        return Role.PROMO
    if hint_bits & _MARKUP_HINT and (not any(char.isalnum() for char in line) or is_markup(line)):
        return Role.BOILERPLATE
    return None


def is_markup(line: str) -> bool:
    """Return whether the line is markup that was printed as text: HTML tags or percent-encoded words."""
    if line[0] == "<":
        first = _FIRST_TAG.match(line)
        return first is not None and _TAG_START.search(line, first.end(), max(line.rfind(">"), 0)) is not None
    return "%" in line and len(_PERCENT_ENCODED.findall(line)) >= max(thresholds.MARKUP_MIN_ENCODED, line.count(" "))


def parse_byline(line: str) -> str | None:
    """Return the names in a byline, or None if the line is not a byline."""
    if len(line) > thresholds.MAX_LABEL_CHARS:
        return None
    match = _BYLINE.match(line) or _BYLINE_DESK.match(line)
    return match["names"].strip(" ,|") if match and len(line.split()) <= thresholds.MAX_BYLINE_WORDS else None


def is_signature(line: str) -> bool:
    """Return whether the line consists of a name or initials, as agencies put below a report."""
    tokens = line.strip("()[] —–-").split()
    return (
        0 < len(tokens) <= thresholds.MAX_SIGNATURE_WORDS
        and all(token[0].isupper() or token in {"of", "the", "and", "/"} for token in tokens)
        and line.isprintable()
    )


def split_trailing_credit(paragraph: str) -> tuple[str, str] | None:
    """Split an agency's name off the end of a paragraph: return (paragraph without it, name), or None."""
    match = (
        compile_once(_TRAILING_CREDIT).search(paragraph)
        if _AGENCY_END.search(paragraph[-thresholds.TRAILING_CREDIT_CHARS :])
        else None
    )
    return (paragraph[: match.start()].rstrip(), match[1]) if match else None


@dataclass(frozen=True, slots=True)
class DatelineMatch:
    """A dateline with the prefix of the paragraph that contains it, or with the number of lines that it occupies."""

    dateline: Dateline
    prefix: str = ""
    line_count: int = 0


_UPPER = r"[^\W\d_a-zа-яё]"
# The words of a place are possessive: none of their letters can be the start of what follows, but for two hyphens.
_PLACE_WORD = rf"{_UPPER}(?:[\w.'’]|-(?!-))*+"
_CAPS_PLACE = rf"(?:{_UPPER}{{2,}}+[.'’]?+|(?:{_UPPER}\.){{2,}}+)(?:[ -](?:{_UPPER}{{2,}}+|(?:{_UPPER}\.)++))*"
_MIXED_PLACE = rf"{_PLACE_WORD}(?:[ -](?:{_PLACE_WORD}|de|del|la|al|el|am|an|der|den|sur|of|upon|the|do|da|di)){{0,3}}"
_MONTH = r"(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec|Mär|Mai|Okt|Dez|ene|abr|ago|dic|avr|mai|août|déc)\w*\.?"
_DATE_PART = rf"(?:(?:\d{{1,2}}\.? (?:de )?)?{_MONTH}(?: \d{{1,2}})?(?:,? \d{{4}})?|\d{{1,2}}/\d{{1,2}}(?:/\d{{2,4}})?)"
_REGION = rf"(?:,? ?(?:\([^()]{{2,30}}\)|\[[^\[\]]{{2,30}}\])|, ?{_MIXED_PLACE})"
_DASH = r"\s*(?:[—–]|--|(?<=[\s)])-(?=\s))\s*"
_DATELINE_AGENCY = (
    rf"\s?[(\[/](?P<agency>(?:{_AGENCY})(?:[/,; ][^()\[\]]{{1,30}})?|[A-Z][A-Za-z.]{{1,12}}(?: [A-Z][a-z]+)?)[)\]/]"
)
_KNOWN_AGENCY = rf"\s?[(\[](?P<agency>{_AGENCY})[)\]]"
_DATELINE_SHAPES = (
    # WASHINGTON, Aug 22 (Agency) - ; HONG KONG: ; GAZA CITY, Palestinian Territories – ; PARIS —
    rf"^(?P<place>{_CAPS_PLACE}(?:/{_CAPS_PLACE})*{_REGION}{{0,2}}?)(?:,? {_DATE_PART})?(?:{_DATELINE_AGENCY})?(?:{_DASH}|:\s+|\.\s*(?:[—–]|--)\s*)",
    # Cairo/Jerusalem — ; Deir al-Balah (Gaza Strip) (Agency) – ; Paris, 3. März (dpa) -
    rf"^(?P<place>{_MIXED_PLACE}(?:/{_MIXED_PLACE})*{_REGION}{{0,2}}?),? {_DATE_PART}(?:{_DATELINE_AGENCY})?(?:{_DASH}|:\s+)",
    rf"^(?P<place>{_MIXED_PLACE}(?:/{_MIXED_PLACE})*{_REGION}{{0,2}}?)(?:,? {_DATE_PART})?{_DATELINE_AGENCY}(?:{_DASH}|:\s+)",
    rf"^(?P<place>{_MIXED_PLACE}(?:/{_MIXED_PLACE})*{_REGION}{{0,2}}?)(?:,? {_DATE_PART})?{_KNOWN_AGENCY}\s+(?={_UPPER})",
    rf"^(?P<place>{_MIXED_PLACE}(?:/{_MIXED_PLACE})*(?:, ?{_MIXED_PLACE})?)\s*[—–]\s+(?=[\"“'‘«]?{_UPPER})",
    r"^(?P<agency>新华社|中新社|共同社)(?P<place>[^\W\d_]{2,8}?)\d{1,2}月\d{1,2}日(?:电|電)\s*",
    r"^【(?P<place>[^\W\d_]{2,8}?)(?P<agency>共同|時事|AFP=時事)?】\s*",
)
# Every dateline contains one of these.
_DATELINE_MARK = re.compile(r"[:—–)\]】日-]")
# Single words of names of outlets, in lower case.
OUTLET_WORDS, SITE_WORDS, ARTICLES = (
    frozenset(phrase.text for phrase in _LEXICON[section]) for section in ("outlet word", "site word", "article")
)
# Labels that look like the place of a dateline.
_NOT_PLACES = frozenset(phrase.text for phrase in _LEXICON["not a place"])


def parse_dateline(paragraph: str) -> DatelineMatch | None:
    """Return the dateline at the start of `paragraph`, with its prefix of at most MAX_DATELINE_CHARS, or None."""
    if not (paragraph[:1].isalnum() or paragraph[:1] == "【"):
        return None
    if not _DATELINE_MARK.search(paragraph, 0, thresholds.MAX_DATELINE_CHARS):
        return None
    for shape in _DATELINE_SHAPES:
        match = compile_once(shape).match(paragraph, 0, 2 * thresholds.MAX_DATELINE_CHARS)
        if not match or match.end() > thresholds.MAX_DATELINE_CHARS or match.end() >= len(paragraph):
            continue
        place = match["place"].strip(" ,")
        if place.casefold() in _NOT_PLACES or place.split()[0].casefold().strip(":") in _NOT_PLACES:
            return None
        dateline = Dateline(text=match[0].strip(), place=place, agency=match.groupdict().get("agency"))
        return DatelineMatch(dateline, prefix=match[0])
    return None


_PLACE_ALONE = rf"^(?:{_CAPS_PLACE}|{_MIXED_PLACE}){_REGION}{{0,2}}$"


def parse_split_dateline(lines: list[str]) -> DatelineMatch | None:
    """Return a dateline that is split over the first lines (`City`, `AGENCY`, a dash), or None."""
    if len(lines[0].split()) > thresholds.MAX_DATELINE_PLACE_WORDS or not compile_once(_PLACE_ALONE).match(lines[0]):
        return None
    second = "".join(lines[1:2])
    agency = second if section_pattern("agency").match(second) or re.fullmatch(r"[A-Z]{2,6}", second) else None
    dash_index = 2 if agency else 1
    if dash_index < len(lines) and lines[dash_index].strip() in {"—", "–", "-", "--"}:
        dateline_text = " ".join(lines[: dash_index + 1])
        return DatelineMatch(Dateline(text=dateline_text, place=lines[0], agency=agency), line_count=dash_index + 1)
    return None
