"""Which findings are reported: the rules selected, the paths that are exempt, what an article itself waives."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from fnmatch import fnmatchcase

from newsdedup.check_rules import RULES, codes_under
from newsdedup.checks.findings import finding
from newsdedup.checks.locations import place
from newsdedup.config import CheckSettings
from newsdedup.models import WAIVER, Article
from newsdedup.models.checks import Finding, Severity
from newsdedup.text import fold

# `ND103, ND105 the agency sent it twice`: codes, then the reason; `[ND103, ND105]` or `- ND103` in front matter.
# `ND-103` and `ND 103` are no codes, and do not name all rules as `ND` does.
_CODE = r"ND(?:\d+|(?!\W*\d))\b"
_CODES = re.compile(rf"[\s\[]*(?:-\s+)?((?:{_CODE}(?:[\s,;\]]|-\s)*)+)", re.IGNORECASE)


def selected(settings: CheckSettings) -> dict[str, Severity]:
    """Return the codes of the rules to report, with their severities; of two settings the more precise one holds."""
    return {
        rule.code: _closest(settings.severity, rule.code, rule.severity)
        for rule in RULES
        if _precision(settings.select, rule.code) > _precision(settings.ignore, rule.code)
    }


def _precision(prefixes: Iterable[str], code: str) -> int:
    return max((len(prefix.strip()) for prefix in prefixes if code in codes_under(prefix)), default=0)


def _closest(table: Mapping[str, Severity], code: str, default: Severity) -> Severity:
    precise = max((prefix for prefix in table if code in codes_under(prefix)), key=len, default=None)
    return default if precise is None else table[precise]


def is_exempt(found: Finding, per_path_ignores: Mapping[str, Sequence[str]]) -> bool:
    """Tell whether the settings leave this rule out for this path; patterns are asked of the whole path as well."""
    names = (found.location.path, os.path.abspath(found.location.path).replace(os.sep, "/"))  # noqa: PTH100
    return any(
        any(found.code in codes_under(prefix) for prefix in prefixes)
        and any(fnmatchcase(name, each) for name in names for each in (pattern, pattern.rstrip("/") + "/*"))
        for pattern, prefixes in per_path_ignores.items()
    )


def waived(article: Article) -> list[str]:
    """Return what an article's waivers name, as written: codes or beginnings of codes, or a whole line without any."""
    named: list[str] = []
    for line in _lines(article):
        found = _CODES.match(line)
        named += re.findall(_CODE, found[1], re.IGNORECASE) if found else [fold(line)]
    return named


def _lines(article: Article) -> Iterator[str]:
    for name, value in article.extra.items():
        if name.strip().casefold().replace("_", "-") == WAIVER.casefold():
            for each in value if isinstance(value, list) else [value]:
                yield from (line for line in str(each).split("\n") if line.strip())


def covers(name: str, code: str) -> bool:
    """Tell whether a waiver that names `name` waives `code`."""
    return code in codes_under(name)


def unused(article: Article, names: Iterable[str], broken: Iterable[str], asked: Iterable[str]) -> Iterator[Finding]:
    """Yield a finding for each of the waivers that covers none of the codes that the article has `broken`.

    A rule that is not among those `asked` could not be broken, and says nothing.
    """
    codes, judged = set(broken), set(asked)
    for name in dict.fromkeys(names):
        meant = codes_under(name)
        if not meant:
            message = f"the waiver {name[:60]!r} names no rule; write it as ND103 and then the reason"
        elif codes.isdisjoint(meant) and judged.issuperset(meant):
            message = f"the waiver of {name} is not needed: the article does not break that rule"
        else:
            continue
        yield finding("ND901", message, place(article, line=article.lines.extra.get(WAIVER)), article.content_hash)
