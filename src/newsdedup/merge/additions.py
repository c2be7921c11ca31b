"""Which sentences of another variant may enter the canonical article, and which are only listed as `additions`.

The base stands for the report, so an addition has to earn its place: a full sentence of the report, which says what no
sentence of the text says, and which can be understood where it is put. A sentence kept out is not lost: it is listed.
A repetition or a line of the page spoils every text it stands in, while a listed sentence can still be put in by hand,
so doubt decides for listing.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Literal, NamedTuple

from newsdedup.text import ends_sentence, split_words
from newsdedup.thresholds import (
    ADDITION_MAX_COVERAGE,
    ADDITION_MAX_WINDOW_COVERAGE,
    ADDITION_MIN_MASS,
    ADDITION_MIN_WORDS,
    HEADLINE_MIN_CAPITALISED,
    REPLACEMENT_MAX_COVERAGE,
    REPLACEMENT_MIN_WORDS,
    TAIL_MIN_COVERAGE,
)

# Signs of a page, not of a report: addresses, handles, hashtags, file names, rights, separators of a navigation bar.
_PAGE_SIGN = re.compile(
    r"https?:|www\.|\w@\w|(?:^|\s)[@#]\w|©|®|\||\[\[|\{|\bpic\.twitter|\d/node/|\.(?:jpe?g|png|gif)\b"
)
# A sentence of its own in brackets is a note of the editor.
_BRACKETED = re.compile(r"^\s*[(\[（【].*[)\]）】][.!。]?\s*$", re.DOTALL)
# A byline or a date that ran into the words after it: "Agencies22 Aug".
_GLUED_DATE = re.compile(r"[^\W\d_]{3}\d{1,2} [^\W\d_]{3}|\b(?:19|20)\d\d[A-Z][a-z]")
# The page speaks to its reader, outside quotations.
_ADDRESSED = re.compile(
    r"\b(?:you|your|yours|please|click|subscribe|newsletter|our (?:site|app|readers?|newsletters?|journalism)|"
    r"this (?:story|article|report) (?:was|is|has|will|may|contains)|"
    r"bitte|abonnieren|abonnez|votre|vos|veuillez|suscríb\w+|haga clic|assine|clique|iscriviti|clicca|lees ook|"
    r"подпис\w+|читайте|нажмите|ваш\w*|vui lòng|đăng ký|abone ol\w*|tıklayın)\b|"
    r"请[您勿点关登注扫]|請[您勿點關登註掃]|點擊|点击|订阅|訂閱|ください|구독",
    re.IGNORECASE,
)
# True only of one outlet and one hour: whom it asked, and who had not answered yet.
_OF_ITS_HOUR = re.compile(
    r"\b(?:ha(?:s|ve)|had) (?:reached out to|contacted|approached|asked)\b.{0,120}\b(?:comments?|response|statement)\b|"
    r"\b(?:not|n't) immediately (?:respond|reply|return|comment|available|reachable|clear|known)|\bno immediate "
    r"(?:comment|response|reaction|word)|\b(?:declined|unavailable) (?:to|for) comment|"
    r"\b(?:zunächst|vorerst) (?:nicht|keine)\b|\bum (?:eine )?Stellungnahme gebeten|\bdans l['’]immédiat\b|"
    r"\ba contacté\b.{0,80}\bcommentaires?\b|\bno respondió de inmediato|\bse (?:ha puesto|puso) en contacto con\b|"
    r"\bnão respondeu (?:imediatamente|de imediato)|\bnon ha risposto immediatamente|"
    r"\bniet bereikbaar voor (?:commentaar|een reactie)|\bоперативно не (?:ответил|прокомментировал)|"
    r"\bпока не комментировал",
    re.IGNORECASE,
)
_QUOTATION = re.compile(r"[“„«「『\"][^”“»」』\"]{0,500}[”“»」』\"]")
# Words that open a sentence and point back to the one before it. Words that open other sentences in another language
# (Polish "on", Italian "il", Turkish "o") are left out, since the language of a report is often unknown.
_POINTERS = re.compile(
    r"^[\W_]*(?:"
    r"he|she|it|they|we|his|her|hers|its|their|him|them|this|that|these|those|such|both|neither|another|others|"
    r"the (?:latter|former|two|pair)|but|and|or|also|however|instead|therefore|meanwhile|moreover|furthermore|"
    r"additionally|nevertheless|in (?:addition|response)|as a result|for (?:example|instance)|then|afterwards|"
    r"er|sie|es|ihre?|seine?|dies|diese[rsmn]?|jene[rsmn]?|dort|dabei|dazu|damit|zudem|außerdem|auch|aber|doch|jedoch|"
    r"il (?:a|est|était|avait|y|n’|n'|s’|s')|elles?|ils|cette|ces|cela|leurs?|mais|celui-ci|celle-ci|"
    r"él|ellas?|ellos|est[aeo]s?|es[ao]|sus?|pero|además|también|eles?|elas?|isto|isso|seus?|suas?|também|"
    r"egli|lui|lei|essi|loro|quest[aeio]|ciò|anche|inoltre|ma|hij|zij|ze|zijn|haar|hun|dit|dat|deze|maar|ook|daarnaast|"
    r"han|hon|deras|hans|hennes|detta|denna|också|ona|oni|jego|jej|ich|ale|jednak|ponadto|również|"
    r"он|она|оно|они|его|её|ее|их|это|этот|эта|эти|но|однако|также|кроме того|при этом|"
    r"він|вона|воно|вони|його|її|їх|це|цей|ця|ці|але|також|onlar|bu|bunlar|şu|ancak|ayrıca|"
    r"ông ấy|bà ấy|họ|điều này|nhưng|ngoài ra"
    r")(?!\w)|^[\W_]*(?:他|她|它|这|這|此|该|該|但|同时|同時|另外|彼|これ|それ|この|その|しかし|また|"
    r"그는|그녀|이는|이에|그러나|또한|هو|هي|هم|وقال|وأضاف|كما|لكن)",
    re.IGNORECASE,
)
# The speaker of a quotation is a pronoun: "...," he said.
_PRONOUN_SPEAKER = re.compile(
    r"[”“»\"][,，]?\s*(?:(?:he|she|they|it|er|sie|han|hon|hij|ze) \w+|(?:said|added|says) (?:he|she|they)|"
    r"\w+ (?:er|sie|hij|han|hon)|a-t-(?:il|elle)\b|(?:dit|dijo|disse)-(?:il|elle|ele)\b|(?:сказал|заявил|добавил)а? "
    r"(?:он|она)|他说|她说|他說|她說)",
    re.IGNORECASE,
)


Place = Literal["lead", "inside", "tail"]


class Novelty(NamedTuple):
    """How a sentence relates to the canonical article; shares of its IDF mass, 0 to 1.

    `single` is contained in one sentence, `window` in two neighbours, `anywhere` in the whole text. `place`: before the
    first sentence of its variant that matches the text, after the last one (and without a name of the text), or inside.
    `is_replacement`: its neighbours are copies of two sentences of the text, with another one between them.
    """

    mass: float
    single: float
    window: float
    anywhere: float
    place: Place
    is_replacement: bool

    def is_new(self) -> bool:
        """Return whether the sentence makes a statement that no sentence of the text makes."""
        if self.is_replacement:
            return self.single < REPLACEMENT_MAX_COVERAGE
        is_placed = self.place == "inside" or (self.place == "tail" and self.anywhere >= TAIL_MIN_COVERAGE)
        return (
            is_placed
            and self.mass >= ADDITION_MIN_MASS
            and self.single <= ADDITION_MAX_COVERAGE
            and self.window <= ADDITION_MAX_WINDOW_COVERAGE
        )


def may_enter(text: str, novelty: Novelty, *, follows: bool) -> bool:
    """Return whether a sentence may enter the text. `follows`: what preceded it in its variant is just before it."""
    min_words = REPLACEMENT_MIN_WORDS if novelty.is_replacement else ADDITION_MIN_WORDS
    return (
        novelty.is_new()
        and is_full_sentence(text, min_words)
        and not is_page_line(text)
        and not _OF_ITS_HOUR.search(text)
        and (follows or stands_alone(text))
    )


def is_full_sentence(text: str, min_words: int) -> bool:
    """Return whether a text is a complete sentence: closed by a mark, long enough, and not set as a headline."""
    words = split_words(text)
    if len(words) < min_words or not ends_sentence(text) or text.rstrip().endswith((":", "…", "...", "：")):
        return False
    first = next((char for char in text if char.isalpha() or char.isdigit()), "")
    if first.islower():
        return False
    cased: list[str] = [
        word for word in re.findall(r"[^\W\d_]+", text) if len(word) > 3 and word.lower() != word.upper()
    ]
    capitalised = sum(word[0].isupper() for word in cased)
    return capitalised < HEADLINE_MIN_CAPITALISED * max(len(cased), 1)


def is_page_line(text: str) -> bool:
    """Return whether a text looks like a line of the page, by a stricter bar than that of cleaning."""
    if _PAGE_SIGN.search(text) or _BRACKETED.match(text) or _GLUED_DATE.search(text):
        return True
    return _ADDRESSED.search(_QUOTATION.sub(" ", text)) is not None


@lru_cache(maxsize=1 << 10)
def stands_alone(text: str) -> bool:
    """Return whether a sentence is understood without the one before it: no pronoun for its subject or its speaker."""
    if _POINTERS.match(text) or _PRONOUN_SPEAKER.search(text):
        return False
    return _QUOTATION.sub("", text).strip(" \t\r\n.,!?。！？") != ""  # a quotation alone lacks its speaker
