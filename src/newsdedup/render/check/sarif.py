"""`sarif`: SARIF 2.1.0, which code scanning services read."""

from __future__ import annotations

import posixpath
import re
from collections import Counter
from importlib.metadata import version
from typing import TextIO
from urllib.parse import quote

from sarif_pydantic import sarif  # the package itself does not export all of its models

from newsdedup import check_rules
from newsdedup.models.checks import CheckReport, Finding, Location, SharedPassage
from newsdedup.render.json_text import to_json
from newsdedup.render.sanitise import plain

_SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
_FINGERPRINT = "newsdedup/v1"
_OTHER = 1
"""The id of the other article's location, to which the message links."""
_LONGEST = 2000
"""Characters of both wordings up to which a passage is carried along: services refuse files that are too large."""
_INDEX = {rule.code: place for place, rule in enumerate(check_rules.RULES)}
_DRIVE = re.compile(r"[A-Za-z]:/")


def render(report: CheckReport, stream: TextIO) -> None:
    """Write one run with all rules and a result for each finding."""
    seen: Counter[str] = Counter()
    results = []
    for finding in report.findings:
        # Equal content in two files gives equal fingerprints, and services fold results that share one into one.
        seen[finding.fingerprint] += 1
        results.append(_result(finding, seen[finding.fingerprint]))
    driver = sarif.ToolDriver(name="newsdedup", version=version("newsdedup"), rules=list(map(_rule, check_rules.RULES)))
    run = sarif.Run(
        tool=sarif.Tool(driver=driver),
        results=results,
        # A service tells runs of several tools apart by what stands before the slash.
        automation_details=sarif.RunAutomationDetails(id="newsdedup-check/"),
        columnKind="unicodeCodePoints",
    )
    log = sarif.Sarif(schema_uri=_SCHEMA, runs=[run])
    stream.write(to_json(log.model_dump(mode="json", by_alias=True, exclude_none=True), indent=2) + "\n")


def uri(path: str) -> str:
    """Return `path` as a URI: `file://` for an absolute one, else relative, percent-encoded, without `./`.

    A colon is encoded too: the first part of `wire: storm/a.txt` would else be read as a scheme.
    """
    try:
        raw = path.encode("utf-8", "surrogateescape")  # names that are not UTF-8 keep their bytes
    except UnicodeEncodeError:
        raw = path.encode("utf-8", "replace")
    if path.startswith("//"):  # a share of a Windows server, which is the host of the URI
        return "file:" + quote(raw)
    if path.startswith("/"):
        return "file://" + quote(raw)
    if _DRIVE.match(path):
        return f"file:///{path[:2]}{quote(raw[2:])}"
    return quote(posixpath.normpath(raw))


def _rule(rule: check_rules.Rule) -> sarif.ReportingDescriptor:
    return sarif.ReportingDescriptor(
        id=rule.code,
        name=rule.name,
        short_description=sarif.Message(text=rule.meaning),
        full_description=sarif.Message(text=f"{rule.meaning} For example: {rule.example}."),
        help=sarif.Message(text=f"What to do: {rule.fix}.\nExample: {rule.example}."),
        default_configuration=sarif.ReportingConfiguration(level=rule.severity.value),
    )


def _result(finding: Finding, occurrence: int) -> sarif.Result:
    message = _unlinked(finding.message)
    related = None
    if finding.other is not None:
        message = f"{message.rstrip('.')}. See [the other article]({_OTHER})."
        related = [_location(finding.other, id=_OTHER, message=sarif.Message(text="the other article"))]
    return sarif.Result(
        rule_id=finding.code,
        rule_index=_INDEX.get(finding.code),
        level=sarif.Level(finding.severity.value),
        message=sarif.Message(text=message),
        locations=[_location(finding.location)],
        related_locations=related,
        partial_fingerprints={_FINGERPRINT: f"{finding.fingerprint}:{occurrence}"},
        rank=None if finding.probability is None else round(100 * finding.probability, 2),
        properties=_properties(finding) or None,
    )


def _location(location: Location, **fields: object) -> sarif.Location:
    address = uri(location.path)
    base = None if address.startswith("file:") else "%SRCROOT%"
    place = sarif.PhysicalLocation(
        artifact_location=sarif.ArtifactLocation(uri=address, uri_base_id=base),
        region=sarif.Region(start_line=location.line, end_line=location.end_line),
    )
    return sarif.Location(physical_location=place, **fields)


def _unlinked(message: str) -> str:
    """Return the message on one line, with no link in it: a file may be called `[read me](http:x)`."""
    return plain(message).replace("](", "] (")


def _properties(finding: Finding) -> dict[str, object]:
    """Return what SARIF has no field for; what is not known is left out."""
    known = {
        "article_id": finding.location.article_id,
        "record": finding.location.record,
        "other_article_id": finding.other and finding.other.article_id,
        "probability": finding.probability,
        "relation": finding.relation and finding.relation.value,
        "direction": finding.direction.value if finding.relation else None,
        "others": list(finding.others) or None,
        "more": finding.more or None,
        "passage": _passage(finding.passage),
    }
    return {name: each for name, each in known.items() if each is not None}


def _passage(passage: SharedPassage | None) -> dict[str, object] | None:
    if passage is None or len(passage.text) + len(passage.other_text) > _LONGEST:
        return None
    return passage.model_dump(mode="json")
