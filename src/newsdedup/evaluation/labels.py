"""Reads the two inputs of an evaluation from files: labels and stories. Errors name the line of the invalid row."""

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
"""The kinds of full clusters, which are also the names of their fields."""
KINDS: tuple[Kind, ...] = get_args(Kind)
_MAX_LISTED = 5
"""Maximum number of names in an error message."""
_STORIES_HINT = "give the output of 'newsdedup ingest --format jsonl'"


@dataclass(frozen=True, slots=True)
class LabelledPair:
    """Two articles labelled as duplicates or not; `relation` may be `x|y`, if either is right."""

    a: str
    b: str
    duplicate: bool
    relation: str | None
    set: str | None


@dataclass(frozen=True, slots=True)
class Labels:
    """Labelled pairs, and for each kind of full cluster the label of every article.

    `required` are the articles that must be in a story. Labels from `--clusters` may include articles outside the run.
    """

    pairs: tuple[LabelledPair, ...]
    clusters: Mapping[Kind, Mapping[str, str]]
    required: frozenset[str]


NO_LABELS = Labels((), {}, frozenset())
"""No pairs and no clusters: for an evaluation by statements."""


class VariantRow(BaseModel):
    """The fields of a variant that evaluation needs; others in a stories file are ignored."""

    model_config = ConfigDict(frozen=True, extra="ignore", from_attributes=True, coerce_numbers_to_str=True)

    article_id: str
    title: str | None = None
    relation: Relation | None = None
    direction: Direction = Direction.UNKNOWN
    probability: float | None = Field(default=None, ge=0, le=1)


class TextRow(BaseModel):
    """A sentence or passage of a canonical article."""

    model_config = ConfigDict(frozen=True, extra="ignore", from_attributes=True)

    text: str


class ParagraphRow(BaseModel):
    """The sentences of a paragraph of a canonical article."""

    model_config = ConfigDict(frozen=True, extra="ignore", from_attributes=True)

    sentences: tuple[TextRow, ...]


class StoryRow(BaseModel):
    """The fields of a story that evaluation needs, made from a line of a stories file or from a `Story`."""

    model_config = ConfigDict(frozen=True, extra="ignore", from_attributes=True)

    story_id: str | None = None
    title: str | None = None
    variants: tuple[VariantRow, ...]
    paragraphs: tuple[ParagraphRow, ...] = ()
    additions: tuple[TextRow, ...] = ()
    superseded: tuple[TextRow, ...] = ()


def read_labels(path: str, clusters: str | None = None, sets: Collection[str] | None = None) -> Labels:
    """Read a file of labelled pairs, full clusters or both, and optionally one of full clusters; `-` is stdin.

    `sets` selects the rows of these sets, and full clusters without a set. Raises LabelsError for invalid rows, labels
    that contradict each other, a set that no row has, and a file without labels.
    """
    collector = _LabelCollector()
    for location, row in read_rows(path):
        collector.add_row(location, row)
    for location, row in read_rows(clusters) if clusters is not None else ():
        collector.add_cluster(location, row)
    if sets is not None:
        existing_sets = {pair.set for pair in collector.pairs} | set(collector.sets.values())
        if unknown_sets := sorted(set(sets) - existing_sets):
            names = ", ".join(sorted(filter(None, existing_sets))) or "none"
            raise LabelsError(f"--sets: no row of {path} is in set {list_names(unknown_sets)}; existing sets: {names}")
    labels = collector.build_labels(sets)
    if not labels.pairs and not labels.clusters:
        raise LabelsError(f"{path}: the file has no labels; give JSON Lines rows with a, b and duplicate")
    return labels


def labels_from_rows(rows: Iterable[Mapping[str, object]]) -> Labels:
    """Return the labels in rows of the form that a file has. Raises LabelsError, which names the row by its number."""
    collector = _LabelCollector()
    for number, row in enumerate(rows, 1):
        collector.add_row(f"row {number}", dict(row) if isinstance(row, Mapping) else row)
    labels = collector.build_labels()
    if not labels.pairs and not labels.clusters:
        raise LabelsError("there are no labels; give rows with a, b and duplicate")
    return labels


def read_stories(path: str) -> tuple[StoryRow, ...]:
    """Read the stories that `ingest --format json` or `jsonl` wrote; `-` is stdin. Raises LabelsError."""
    text = _read_text(path)
    try:
        document = json.loads(text)
    except (ValueError, RecursionError) as error:
        if not _has_json_row(text):  # a broken document and not JSON Lines
            line = getattr(error, "lineno", 1)
            raise LabelsError(f"{path}:{line}: broken JSON: {getattr(error, 'msg', error)}; {_STORIES_HINT}") from None
        return tuple(_parse_story(location, row) for location, row in _parse_lines(path, text))
    if isinstance(document, dict) and isinstance(document.get("stories"), list):
        return tuple(_parse_story(f"{path}: story {n}", row) for n, row in enumerate(document["stories"], 1))
    return (_parse_story(f"{path}:1", document),)


def list_names(names: Iterable[str]) -> str:
    """Return the first few names, quoted and separated by commas, and how many more there are."""
    listed = list(names)
    more = f" and {len(listed) - _MAX_LISTED:,} more" if len(listed) > _MAX_LISTED else ""
    return ", ".join(f"'{name}'" for name in listed[:_MAX_LISTED]) + more


class _LabelCollector:
    """Collects labels with their locations, so that an error can name both of two contradicting labels."""

    def __init__(self) -> None:
        self.pairs: list[LabelledPair] = []
        self.clusters: dict[Kind, dict[str, tuple[str, str]]] = {kind: {} for kind in KINDS}
        self.sets: dict[str, str | None] = {}
        self._required: set[str] = set()
        self._verdicts: dict[tuple[str, str], tuple[tuple[bool, str | None, str | None], str]] = {}

    def add_row(self, location: str, row: object) -> None:
        """Add a row of either kind."""
        if isinstance(row, dict) and "id" in row and "duplicate" not in row:
            self._required.add(self.add_cluster(location, row))
        else:
            self.add_pair(location, row)

    def add_pair(self, location: str, row: object) -> None:
        """Add a labelled pair."""
        fields = _require_object(location, row, "a, b and duplicate, or id and one of story, cluster, event")
        a, b = _require_name(location, fields, "a"), _require_name(location, fields, "b")
        duplicate = fields.get("duplicate")
        if not isinstance(duplicate, bool):
            raise _row_error(location, "duplicate must be true or false")
        if a == b:
            raise _row_error(location, f"a and b are the same article, '{a}'")
        key = (min(a, b), max(a, b))
        verdict = (duplicate, _optional_name(location, fields, "relation"), _optional_name(location, fields, "set"))
        if key not in self._verdicts:  # a repeated label counts once
            self.pairs.append(LabelledPair(a, b, *verdict))
        earlier_verdict, earlier_location = self._verdicts.setdefault(key, (verdict, location))
        if earlier_verdict != verdict:
            raise _row_error(location, f"'{a}' and '{b}' are labelled differently at {earlier_location}")

    def add_cluster(self, location: str, row: object) -> str:
        """Add the cluster label of one article. Returns its id."""
        fields = _require_object(location, row, "id and one of story, cluster, event")
        article = _require_name(location, fields, "id")
        kinds = [kind for kind in KINDS if fields.get(kind) is not None]
        if not kinds:
            raise _row_error(location, "a row with an id needs one of story, cluster, event")
        for kind in kinds:
            name = _require_name(location, fields, kind)
            earlier_name, earlier_location = self.clusters[kind].setdefault(article, (name, location))
            if earlier_name != name:
                raise _row_error(location, f"'{article}' is in another {kind} at {earlier_location}")
        self.sets[article] = _optional_name(location, fields, "set") or self.sets.get(article)
        return article

    def build_labels(self, sets: Collection[str] | None = None) -> Labels:
        """Return the labels; with `sets`, those of these sets and the clusters of articles without a set."""
        pairs = tuple(pair for pair in self.pairs if sets is None or pair.set in sets)
        kept_sets = {None, *(self.sets.values() if sets is None else sets)}
        excluded = {article for article, name in self.sets.items() if name not in kept_sets}
        clusters = {
            kind: {article: name for article, (name, _) in labels.items() if article not in excluded}
            for kind, labels in self.clusters.items()
        }
        required = (self._required - excluded).union(*((pair.a, pair.b) for pair in pairs))
        return Labels(pairs, {kind: labels for kind, labels in clusters.items() if labels}, frozenset(required))


def _row_error(location: str, problem: str) -> LabelsError:
    return LabelsError(f"{location}: {problem}; fix or remove the row")


def _require_object(location: str, row: object, expected: str) -> dict[str, object]:
    if not isinstance(row, dict):
        raise _row_error(location, f"the row is not an object with {expected}")
    return row


def _require_name(location: str, fields: Mapping[str, object], key: str) -> str:
    value = fields.get(key)
    if value is None or value == "":
        raise _row_error(location, f"{key} is missing")
    if isinstance(value, bool) or not isinstance(value, str | int):
        raise _row_error(location, f"{key} must be a string or a whole number")
    return str(value)


def _optional_name(location: str, fields: Mapping[str, object], key: str) -> str | None:
    value = fields.get(key)
    return None if value is None or value == "" else _require_name(location, fields, key)


def _parse_story(location: str, row: object) -> StoryRow:
    try:
        return StoryRow.model_validate(row)
    except ValidationError as error:
        first = error.errors()[0]
        field = ".".join(map(str, first["loc"])) or "the row"
        raise LabelsError(f"{location}: not a story: {field}: {first['msg']}; {_STORIES_HINT}") from None


def _has_json_row(text: str) -> bool:
    try:
        json.loads(text.lstrip().split("\n", 1)[0])
    except (ValueError, RecursionError):
        return False
    return True


def read_rows(path: str) -> Iterator[tuple[str, object]]:
    """Yield the location and the value of each row of a JSON Lines file; `-` is stdin. Raises LabelsError."""
    return _parse_lines(path, _read_text(path))


def _parse_lines(path: str, text: str) -> Iterator[tuple[str, object]]:
    for number, line in enumerate(text.split("\n"), 1):
        if line.strip():
            location = f"{path}:{number}"
            try:
                row = json.loads(line)
            except (ValueError, RecursionError) as error:
                raise _row_error(location, f"broken JSON: {getattr(error, 'msg', error)}") from None
            yield location, row


def _read_text(path: str) -> str:
    try:
        data = sys.stdin.buffer.read() if path == "-" else Path(path).read_bytes()
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = error.object.count(b"\n", 0, error.start) + 1
        raise LabelsError(f"{path}:{line}: not UTF-8; save the file as UTF-8") from None
    except OSError as error:
        raise LabelsError(f"{path} cannot be read: {error.strerror or error}; check the name") from None
