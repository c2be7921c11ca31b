"""What is held against each other, read from files: labels and stories. A row that cannot be used names its line."""

from __future__ import annotations

import json
import sys
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, get_args

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from newsdedup.errors import LabelsError
from newsdedup.models import Direction, Relation

Kind = Literal["story", "cluster", "event"]
"""What a full cluster may be called, which is also the field that holds it."""
KINDS: tuple[Kind, ...] = get_args(Kind)
_NAMED = 5
"""Names an error message lists at most."""
_WANTED = "give what 'newsdedup ingest --format jsonl' wrote"


@dataclass(frozen=True, slots=True)
class LabelledPair:
    """Two articles that are duplicates or not; `relation` may be `x|y`, where either is right."""

    a: str
    b: str
    duplicate: bool
    relation: str | None
    set: str | None


@dataclass(frozen=True, slots=True)
class Labels:
    """Labelled pairs, and for each kind of full cluster the label of every article.

    `required` are the articles that must stand in a story. Labels of `--clusters` may speak of more than was run.
    """

    pairs: tuple[LabelledPair, ...]
    clusters: Mapping[Kind, Mapping[str, str]]
    required: frozenset[str]


class VariantRow(BaseModel):
    """What is needed of a variant; anything else that a stories file holds is passed over."""

    model_config = ConfigDict(frozen=True, extra="ignore", from_attributes=True, coerce_numbers_to_str=True)

    article_id: str
    title: str | None = None
    relation: Relation | None = None
    direction: Direction = Direction.UNKNOWN
    probability: float | None = Field(default=None, ge=0, le=1)


class StoryRow(BaseModel):
    """What is needed of a story, made from a line of a stories file or from a `Story`."""

    model_config = ConfigDict(frozen=True, extra="ignore", from_attributes=True)

    story_id: str | None = None
    title: str | None = None
    variants: tuple[VariantRow, ...]


def read_labels(path: str, clusters: str | None = None, sets: Collection[str] | None = None) -> Labels:
    """Read a file of labelled pairs, full clusters or both, and perhaps one more of full clusters; `-` is stdin.

    `sets` keeps the rows of these sets, and full clusters without a set. Raises LabelsError for a row that cannot be
    used, for labels that contradict each other, for a set that no row has, and where nothing is labelled.
    """
    book = _Book()
    for place, row in _rows(path):
        book.take(place, row)
    own = {article for found in book.clusters.values() for article in found}
    if clusters is not None:
        for place, row in _rows(clusters):
            book.cluster(place, row)
    pairs = tuple(book.pairs)
    found = {kind: {article: name for article, (name, _) in book.clusters[kind].items()} for kind in KINDS}
    if sets is not None:
        known = {pair.set for pair in pairs} | set(book.sets.values())
        if unknown := sorted(set(sets) - known):
            names = ", ".join(sorted(filter(None, known))) or "none"
            raise LabelsError(f"--sets: no row of {path} is of set {some(unknown)}; the sets there are: {names}")
        pairs = tuple(pair for pair in pairs if pair.set in sets)
        out = {article for article, name in book.sets.items() if name is not None and name not in sets}
        found = {kind: {a: name for a, name in labels.items() if a not in out} for kind, labels in found.items()}
        own -= out
    required = own.union(*((pair.a, pair.b) for pair in pairs))
    if not pairs and not any(found.values()):
        raise LabelsError(f"{path}: nothing is labelled in it; give JSON Lines rows with a, b and duplicate")
    return Labels(pairs, {kind: labels for kind, labels in found.items() if labels}, frozenset(required))


def read_stories(path: str) -> tuple[StoryRow, ...]:
    """Read the stories that `ingest --format json` or `jsonl` wrote; `-` is stdin. Raises LabelsError."""
    text = _text(path)
    try:
        whole = json.loads(text)
    except (ValueError, RecursionError) as error:
        if not _begins_with_a_row(text):  # a broken document, whose first line says nothing
            line = getattr(error, "lineno", 1)
            raise LabelsError(f"{path}:{line}: broken JSON: {getattr(error, 'msg', error)}; {_WANTED}") from None
        return tuple(_story(place, row) for place, row in _lines(path, text))
    if isinstance(whole, dict) and isinstance(whole.get("stories"), list):
        return tuple(_story(f"{path}: story {n}", row) for n, row in enumerate(whole["stories"], 1))
    return (_story(f"{path}:1", whole),)


def some(names: Iterable[str]) -> str:
    """Return the first few names as a message lists them."""
    listed = list(names)
    more = f" and {len(listed) - _NAMED:,} more" if len(listed) > _NAMED else ""
    return ", ".join(f"'{name}'" for name in listed[:_NAMED]) + more


class _Book:
    """Labels as they are read: each with the place that gave it, to name both where two contradict each other."""

    def __init__(self) -> None:
        self.pairs: list[LabelledPair] = []
        self.clusters: dict[Kind, dict[str, tuple[str, str]]] = {kind: {} for kind in KINDS}
        self.sets: dict[str, str | None] = {}
        self._verdicts: dict[tuple[str, str], tuple[tuple[bool, str | None, str | None], str]] = {}

    def take(self, place: str, row: object) -> None:
        """Take a row of either kind."""
        if isinstance(row, dict) and "id" in row and "duplicate" not in row:
            self.cluster(place, row)
        else:
            self.pair(place, row)

    def pair(self, place: str, row: object) -> None:
        """Take a labelled pair."""
        fields = _object(place, row, "a, b and duplicate, or id and one of story, cluster, event")
        a, b = _name(place, fields, "a"), _name(place, fields, "b")
        duplicate = fields.get("duplicate")
        if not isinstance(duplicate, bool):
            raise _broken(place, "duplicate must be true or false")
        if a == b:
            raise _broken(place, f"a and b are one article, '{a}'")
        key = (min(a, b), max(a, b))
        relation, name = _optional(place, fields, "relation"), _optional(place, fields, "set")
        verdict = (duplicate, relation, name)
        if key in self._verdicts:
            before, where = self._verdicts[key]
            if before != verdict:
                raise _broken(place, f"'{a}' and '{b}' were labelled otherwise at {where}")
            return  # said twice, counted once
        self._verdicts[key] = (verdict, place)
        self.pairs.append(LabelledPair(a, b, duplicate, relation, name))

    def cluster(self, place: str, row: object) -> None:
        """Take the label of one article."""
        fields = _object(place, row, "id and one of story, cluster, event")
        article = _name(place, fields, "id")
        kinds = [kind for kind in KINDS if fields.get(kind) is not None]
        if not kinds:
            raise _broken(place, "a row with an id needs one of story, cluster, event")
        for kind in kinds:
            name = _name(place, fields, kind)
            before, where = self.clusters[kind].setdefault(article, (name, place))
            if before != name:
                raise _broken(place, f"'{article}' was put into another {kind} at {where}")
        self.sets[article] = _optional(place, fields, "set") or self.sets.get(article)


def _broken(place: str, problem: str) -> LabelsError:
    return LabelsError(f"{place}: {problem}; mend or remove the row")


def _object(place: str, row: object, wanted: str) -> dict[str, object]:
    if not isinstance(row, dict):
        raise _broken(place, f"the row is no object with {wanted}")
    return row


def _name(place: str, fields: Mapping[str, object], key: str) -> str:
    value = fields.get(key)
    if value is None or value == "":
        raise _broken(place, f"{key} is missing")
    if isinstance(value, bool) or not isinstance(value, str | int):
        raise _broken(place, f"{key} must be a string or a whole number")
    return str(value)


def _optional(place: str, fields: Mapping[str, object], key: str) -> str | None:
    value = fields.get(key)
    return None if value is None or value == "" else _name(place, fields, key)


def _story(place: str, row: object) -> StoryRow:
    try:
        return StoryRow.model_validate(row)
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(map(str, first["loc"])) or "the row"
        raise LabelsError(f"{place}: no story, for {where}: {first['msg']}; {_WANTED}") from None


def _begins_with_a_row(text: str) -> bool:
    try:
        json.loads(text.lstrip().split("\n", 1)[0])
    except (ValueError, RecursionError):
        return False
    return True


def _rows(path: str) -> Iterator[tuple[str, object]]:
    return _lines(path, _text(path))


def _lines(path: str, text: str) -> Iterator[tuple[str, object]]:
    for number, line in enumerate(text.split("\n"), 1):
        if line.strip():
            place = f"{path}:{number}"
            try:
                row = json.loads(line)
            except (ValueError, RecursionError) as error:
                raise _broken(place, f"broken JSON: {getattr(error, 'msg', error)}") from None
            yield place, row


def _text(path: str) -> str:
    try:
        data = sys.stdin.buffer.read() if path == "-" else Path(path).read_bytes()
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = error.object.count(b"\n", 0, error.start) + 1
        raise LabelsError(f"{path}:{line}: not UTF-8; save the file as UTF-8") from None
    except OSError as error:
        raise LabelsError(f"{path} cannot be read: {error.strerror or error}; check the name") from None
