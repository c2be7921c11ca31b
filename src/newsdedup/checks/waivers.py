"""Which findings are reported: the selected rules, the exempt paths, and the waivers in an article itself."""

from __future__ import annotations

import os
import re
from collections import defaultdict
from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from fnmatch import fnmatchcase

from newsdedup.check_rules import RULES, codes_with_prefix
from newsdedup.checks.findings import make_finding
from newsdedup.checks.locations import locate_article
from newsdedup.config import CheckSettings
from newsdedup.models import WAIVER, Article
from newsdedup.models.checks import Finding, Severity
from newsdedup.text import normalise_whitespace

# `ND103, ND105 the agency sent it twice`: codes, then the reason; `[ND103, ND105]` or `- ND103` in front matter.
# `ND-103` and `ND 103` are not codes, and must not be read as `ND`, which names all rules.
_CODE = r"ND(?:\d+|(?!\W{0,20}+\d))\b"
_CODES = re.compile(rf"[\s\[]*(?:-\s+)?((?:{_CODE}(?:[\s,;\]]|-\s)*+)++)", re.IGNORECASE)


def select_rules(settings: CheckSettings) -> dict[str, Severity]:
    """Return the codes of the rules to report, with their severities; the longest matching prefix of a code wins."""
    return {
        rule.code: _pick_most_precise(settings.severity, rule.code, rule.severity)
        for rule in RULES
        if _match_length(settings.select, rule.code) > _match_length(settings.ignore, rule.code)
    }


def _match_length(prefixes: Iterable[str], code: str) -> int:
    return max((len(prefix.strip()) for prefix in prefixes if code in codes_with_prefix(prefix)), default=0)


def _pick_most_precise(table: Mapping[str, Severity], code: str, default: Severity) -> Severity:
    prefix = max((prefix for prefix in table if code in codes_with_prefix(prefix)), key=len, default=None)
    return default if prefix is None else table[prefix]


def is_exempt(finding: Finding, per_path_ignores: Mapping[str, Sequence[str]]) -> bool:
    """Return whether the settings ignore this rule for this path; patterns may match the absolute path too."""
    names = (finding.location.path, os.path.abspath(finding.location.path).replace(os.sep, "/"))  # noqa: PTH100
    return any(
        any(finding.code in codes_with_prefix(prefix) for prefix in prefixes)
        and any(fnmatchcase(name, glob) for name in names for glob in (pattern, pattern.rstrip("/") + "/*"))
        for pattern, prefixes in per_path_ignores.items()
    )


def apply_waivers(
    articles: Sequence[Article], findings: Sequence[Finding], selected_codes: Container[str]
) -> tuple[list[Finding], int]:
    """Return the findings that are not waived, including those about unused waivers, and the number of waived ones."""
    waivers = {(article.path, article.record): _read_waivers(article) for article in articles}
    broken_codes = defaultdict(set)
    unwaived = []
    for finding in findings:
        record = finding.location.path, finding.location.record
        broken_codes[record].add(finding.code)
        if not any(finding.code in codes_with_prefix(name) for name in waivers.get(record, ())):
            unwaived.append(finding)
    waived_count = len(findings) - len(unwaived)
    for article in articles if "ND901" in selected_codes else ():
        record = article.path, article.record
        unwaived += _find_unused_waivers(article, waivers[record], broken_codes[record], selected_codes)
    return unwaived, waived_count


def _read_waivers(article: Article) -> list[str]:
    """Return what an article's waivers name, as written: codes, prefixes of codes, or a whole line without a code."""
    names: list[str] = []
    for line in _iter_waiver_lines(article):
        match = _CODES.match(line)
        names += re.findall(_CODE, match[1], re.IGNORECASE) if match else [normalise_whitespace(line)]
    return names


def _iter_waiver_lines(article: Article) -> Iterator[str]:
    for name, value in article.extra.items():
        if name.strip().casefold().replace("_", "-") == WAIVER.casefold():
            for entry in value if isinstance(value, list) else [value]:
                yield from (line for line in str(entry).split("\n") if line.strip())


def _find_unused_waivers(
    article: Article, names: Iterable[str], broken_codes: Container[str], selected_codes: Container[str]
) -> Iterator[Finding]:
    """Yield a finding for each waiver that covers none of the article's `broken_codes`.

    A waiver of a rule that is not selected is not reported, since it is unknown whether the article breaks the rule.
    """
    for name in dict.fromkeys(names):
        waived_codes = codes_with_prefix(name)
        if not waived_codes:
            message = f"the waiver {name[:60]!r} names no rule; begin it with a rule code such as ND103"
        elif all(code in selected_codes and code not in broken_codes for code in waived_codes):
            message = f"the waiver of {name} is not needed: the article does not break that rule"
        else:
            continue
        yield make_finding("ND901", message, locate_article(article, line=article.lines.extra.get(WAIVER)))
