"""Scores canonical articles against statements labelled in their variants.

Each unit of each variant, a sentence or line, is labelled with its kind (report, title, boilerplate, credit ...) and
with the statements that it makes. Every sentence of a canonical article comes from a unit, so the labels say how much
of the text is boilerplate, which sentences say nothing new, and which statements of the variants the text lacks.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from pydantic import BaseModel, ConfigDict, ValidationError

from newsdedup.errors import LabelsError
from newsdedup.evaluation.labels import StoryRow, read_rows
from newsdedup.models.evaluation import StatementFigures

# Kinds of units that are part of the report.
_REPORT_KINDS = frozenset({"report", "title"})
# A sentence that no unit equals or contains was taken from the most similar unit, from this ratio on.
_MIN_RATIO = 0.75
_MIN_SHARED_WORDS = 0.5
# ... or from the units inside it, if they make up this share of it; shorter texts than this are in everything.
_MIN_INSIDE_SHARE = 0.6
_MIN_CONTAINED_CHARS = 13


class Unit(BaseModel):
    """A labelled sentence or line of a variant; `says` are the ids of its statements, which count within a story."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    text: str
    kind: str
    says: tuple[int | str, ...] = ()


class LabelledArticle(BaseModel):
    """A variant with the labels of its units."""

    model_config = ConfigDict(frozen=True, extra="ignore", coerce_numbers_to_str=True)

    id: str
    units: tuple[Unit, ...]


class LabelledStory(BaseModel):
    """Articles of which an editor says that they carry the same report or not, and which the best base is."""

    model_config = ConfigDict(frozen=True, extra="ignore", coerce_numbers_to_str=True)

    story: str
    same_report: bool
    best_base: str | None = None
    articles: tuple[LabelledArticle, ...]


def read_statements(path: str) -> tuple[LabelledStory, ...]:
    """Read a JSON Lines file of labelled stories; `-` is stdin. Raises LabelsError, which names the line."""
    return tuple(_parse_labelled_story(location, row) for location, row in read_rows(path))


def score_statements(labelled: Iterable[LabelledStory], stories: Iterable[StoryRow]) -> StatementFigures:
    """Return how fit to print the canonical articles are.

    Of each labelled story that is one report, the output story with the most of its articles is scored, if it has two
    or more of them, against the labels of those. Raises LabelsError if there is none.
    """
    story_of = {variant.article_id: story for story in stories for variant in story.variants}
    counts = _Counts()
    for labelled_story in labelled:
        if labelled_story.same_report:
            _count_story(labelled_story, story_of, counts)
    if not counts.stories:
        raise LabelsError("no labelled story was merged from two or more of its articles; give the files they are in")
    return StatementFigures(
        stories=counts.stories,
        complete_stories=counts.complete_stories,
        sentences=counts.text.sentences,
        unmatched=counts.unmatched,
        boilerplate=counts.text.boilerplate_words / counts.text.words,
        repeated=counts.text.repeated / max(counts.text.informative, 1),
        repeated_in_best=counts.best.repeated / max(counts.best.informative, 1),
        statements=counts.statements,
        lost=counts.lost / max(counts.statements, 1),
        listed=counts.listed,
        base_right=counts.base_right,
    )


@dataclass
class _TextCounts:
    """Counts over sentences in order; `informative` sentences make a statement, `repeated` ones none that is new."""

    words: int = 0
    boilerplate_words: int = 0
    sentences: int = 0
    informative: int = 0
    repeated: int = 0
    statements: set[int | str] = field(default_factory=set)

    def add(self, text: str, units: Collection[Unit]) -> None:
        """Count one sentence, taken from these units."""
        words = len(_normalise(text).split())
        self.words += words
        self.sentences += 1
        if units and not any(unit.kind in _REPORT_KINDS for unit in units):
            self.boilerplate_words += words
        if says := {statement for unit in units for statement in unit.says}:
            self.informative += 1
            self.repeated += says <= self.statements
            self.statements |= says

    def merge(self, other: _TextCounts) -> None:
        """Add the counts of another text; its statements are of another story."""
        for name in ("words", "boilerplate_words", "sentences", "informative", "repeated"):
            setattr(self, name, getattr(self, name) + getattr(other, name))


@dataclass
class _Counts:
    text: _TextCounts = field(default_factory=_TextCounts)
    best: _TextCounts = field(default_factory=_TextCounts)
    stories: int = 0
    complete_stories: int = 0
    unmatched: int = 0
    statements: int = 0
    lost: int = 0
    listed: int = 0
    base_right: int = 0


def _count_story(labelled: LabelledStory, story_of: Mapping[str, StoryRow], counts: _Counts) -> None:
    """Add the counts of the output story that has the most articles of a labelled story."""
    members: dict[int, list[LabelledArticle]] = {}
    for article in labelled.articles:
        if article.id in story_of:
            members.setdefault(id(story_of[article.id]), []).append(article)
    articles = max(members.values(), key=len, default=[])
    if len(articles) < 2:
        return
    story, finder = story_of[articles[0].id], _UnitFinder(articles)
    counted = _TextCounts()
    for paragraph in story.paragraphs:
        for sentence in paragraph.sentences:
            units = finder.find(sentence.text)
            counts.unmatched += not units
            counted.add(sentence.text, units)
    lost = {s for a in articles for unit in a.units if unit.kind == "report" for s in unit.says}
    counts.statements += len(lost)
    lost -= counted.statements
    listed = {s for row in (*story.superseded, *story.additions) for unit in finder.find(row.text) for s in unit.says}
    counts.text.merge(counted)
    counts.best.merge(_count_best_variant(labelled, articles))
    counts.stories += 1
    counts.complete_stories += len(articles) == len(labelled.articles)
    counts.lost += len(lost)
    counts.listed += len(lost & listed)
    base = next(variant.article_id for variant in story.variants if variant.relation == "base")
    counts.base_right += _is_right_base(base, labelled.best_base, articles)


def _count_best_variant(labelled: LabelledStory, articles: Sequence[LabelledArticle]) -> _TextCounts:
    """Return the counts of the report of the best variant alone, which also repeats itself."""
    best = next((article for article in articles if article.id == labelled.best_base), articles[0])
    counts = _TextCounts()
    for unit in best.units:
        if unit.kind == "report":
            counts.add(unit.text, [unit])
    return counts


def _is_right_base(base: str, best: str | None, articles: Sequence[LabelledArticle]) -> bool:
    """Return whether the base is the best variant, or has the words of its report."""
    texts = {a.id: _normalise(" ".join(u.text for u in a.units if u.kind == "report")) for a in articles}
    if best is None or best not in texts or base == best:
        return True
    return base in texts and texts[base] == texts[best]


class _UnitFinder:
    """Finds the labelled units that a sentence of a canonical article was taken from."""

    def __init__(self, articles: Iterable[LabelledArticle]) -> None:
        units = [(_normalise(unit.text), unit) for article in articles for unit in article.units]
        self._units = [(text, unit) for text, unit in units if text]
        self._unit_of = dict(reversed(self._units))

    def find(self, sentence: str) -> list[Unit]:
        """Return the unit that equals the sentence, else those inside it, the shortest around it, or one like it."""
        text = _normalise(sentence)
        if not text or text in self._unit_of:
            return [self._unit_of[text]] if text else []
        inside = [unit for other, unit in self._units if len(other) >= _MIN_CONTAINED_CHARS and other in text]
        chars = sum(len(_normalise(unit.text)) for unit in {id(unit): unit for unit in inside}.values())
        if chars >= _MIN_INSIDE_SHARE * len(text):
            return inside
        around = [unit for other, unit in self._units if len(text) >= _MIN_CONTAINED_CHARS and text in other]
        if around:
            return [min(around, key=lambda unit: len(unit.text))]
        similar = self._find_similar(text)
        return [similar] if similar else inside

    def _find_similar(self, text: str) -> Unit | None:
        words, best_ratio, best_unit = set(text.split()), _MIN_RATIO, None
        for other, unit in self._units:
            other_words = set(other.split())
            if len(words & other_words) >= _MIN_SHARED_WORDS * min(len(words), len(other_words)):
                ratio = difflib.SequenceMatcher(None, text, other, autojunk=False).ratio()
                if ratio > best_ratio:
                    best_ratio, best_unit = ratio, unit
        return best_unit


def _normalise(text: str) -> str:
    return " ".join(re.findall(r"\w+", text.casefold().replace("’", "").replace("'", "")))


def _parse_labelled_story(location: str, row: object) -> LabelledStory:
    try:
        return LabelledStory.model_validate(row)
    except ValidationError as error:
        first = error.errors()[0]
        name = ".".join(map(str, first["loc"])) or "the row"
        raise LabelsError(f"{location}: not a labelled story: {name}: {first['msg']}; fix or remove the row") from None
