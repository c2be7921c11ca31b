"""Which variants of a story are superseded: earlier versions of a text that another variant is a later version of.

Only facts of versioning count. A later date alone says nothing, since outlets print a report days after others, mostly
shorter. Facts are: a higher version number or a later date under one id; a later date under one URL of one outlet; and
a mark of an edit (UPDATE 2, CORRECTED, a correction, a withdrawal) by the same outlet, or by the same agency from the
same place. A text that is nearly contained in the earlier one and much shorter is a cut of it and never supersedes it,
unless a version number says so.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence

from newsdedup.features import ReportFeatures, is_in_sorted
from newsdedup.models import Article, EditKind, Report
from newsdedup.text import is_iso_date, is_later
from newsdedup.thresholds import CUT_MIN_COVERAGE, VERSION_MIN_SIZE

# Fields of a record, without case and separators, that count or date its versions.
_NUMBER_FIELDS = ("version", "versionnumber", "revision")
_STATUS_FIELDS = ("pubstatus", "publicationstatus", "status")
_WITHDRAWN_STATUS = frozenset(
    "canceled cancelled stat:canceled stat:cancelled killed withdrawn retracted withheld stat:withheld".split()
)
_DATE_FIELDS = ("versioncreated", "modified", "datemodified", "lastmodified", "updated", "updatedat")


def find_superseded(members: Sequence[ReportFeatures]) -> set[int]:
    """Return the indices of the members that another member is a later version of."""
    superseded: set[int] = set()
    for indices in _group_by(members, _document_keys):
        superseded |= _find_older(members, indices, _is_later_version)
    for indices in _group_by(members, _issuer_keys):
        if any(members[i].report.edit for i in indices):
            superseded |= _find_older(members, indices, _is_later_edit)
    return superseded


def find_withdrawal(report: Report) -> str | None:
    """Return the notice that a report is withdrawn: its mark, or its first sentence if its status says so; or None."""
    if report.edit and report.edit.kind is EditKind.WITHDRAWAL:
        return report.edit.text
    status = _find_extra(report.article, _STATUS_FIELDS)
    if not isinstance(status, str) or status.casefold() not in _WITHDRAWN_STATUS:
        return None
    return next(iter(report.sentences), status)


def _document_keys(report: Report) -> Iterable[tuple[str, str]]:
    """Return what a report may be a version under: its id, and its URL at its outlet."""
    article = report.article
    yield "id", article.version_of or article.article_id
    if article.url:
        yield article.outlet or "", article.url


def _issuer_keys(report: Report) -> Iterable[tuple[str, str]]:
    """Return who may edit a report: its outlet, and its agency at the place of the dateline."""
    dateline = report.dateline
    if outlet := report.article.outlet:
        yield "outlet", outlet
    if dateline and dateline.agency and dateline.place:
        yield dateline.agency.casefold(), dateline.place.casefold()


def _group_by(
    members: Sequence[ReportFeatures], get_keys: Callable[[Report], Iterable[tuple[str, str]]]
) -> list[list[int]]:
    """Return the groups of two and more members that share a key."""
    groups: defaultdict[tuple[str, str], list[int]] = defaultdict(list)
    for index, member in enumerate(members):
        for key in get_keys(member.report):
            groups[key].append(index)
    return [indices for indices in groups.values() if len(indices) > 1]


def _find_older(
    members: Sequence[ReportFeatures],
    indices: Sequence[int],
    is_newer: Callable[[ReportFeatures, ReportFeatures], bool],
) -> set[int]:
    """Return which of the members are older than the newest of them."""
    newest = members[indices[0]]
    for index in indices[1:]:
        if is_newer(members[index], newest):
            newest = members[index]
    return {index for index in indices if is_newer(newest, members[index])}


def _is_later_version(later: ReportFeatures, earlier: ReportFeatures) -> bool:
    """Return whether the first of two versions of one document is the later one."""
    if later is earlier:
        return False
    a, b = later.report.article, earlier.report.article
    number_a, number_b = _version_number(a), _version_number(b)
    if number_a is not None and number_b is not None and number_a != number_b:
        return number_a > number_b
    if find_withdrawal(later.report) is not None:
        return find_withdrawal(earlier.report) is None
    return is_later(_version_date(a), _version_date(b)) is True and not _is_cut(later, earlier)


def _is_later_edit(later: ReportFeatures, earlier: ReportFeatures) -> bool:
    """Return whether the first of two reports of one issuer is marked as an edit of the other."""
    rank = _edit_rank(later.report)
    if rank <= _edit_rank(earlier.report):
        return False
    return is_later(_version_date(earlier.report.article), _version_date(later.report.article)) is not True


def _edit_rank(report: Report) -> tuple[int, int, int]:
    edit = report.edit
    if edit is None or edit.kind is EditKind.REPEAT:
        return (0, edit.number if edit else 0, 0)
    return (int(edit.kind is EditKind.WITHDRAWAL), edit.number, 1 + (edit.kind is EditKind.CORRECTION))


def _version_number(article: Article) -> float | None:
    value = _find_extra(article, _NUMBER_FIELDS)
    try:
        return float(str(value)) if value is not None and not isinstance(value, bool) else None
    except ValueError:
        return None


def _version_date(article: Article) -> str | None:
    value = _find_extra(article, _DATE_FIELDS)
    return value if isinstance(value, str) and is_iso_date(value) else article.published


def _find_extra(article: Article, names: Sequence[str]) -> object:
    """Return the first of the named fields that the record has besides the known ones, or None."""
    if not article.extra:
        return None
    values = {re.sub(r"[\W_]", "", name).casefold(): value for name, value in article.extra.items()}
    return next((values[name] for name in names if name in values), None)


def _is_cut(later: ReportFeatures, earlier: ReportFeatures) -> bool:
    """Return whether the later report is much shorter and nearly contained in the earlier one."""
    mass, earlier_mass = later.sentences.total_idf_mass, earlier.sentences.total_idf_mass
    if mass >= VERSION_MIN_SIZE * earlier_mass:
        return False
    table = later.sentences.stem_table
    is_shared = is_in_sorted(table.stems, earlier.sentences.stem_table.stems)
    return float(table.idf[is_shared].sum()) >= CUT_MIN_COVERAGE * float(table.idf.sum())
