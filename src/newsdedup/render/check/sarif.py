"""`sarif`: SARIF 2.1.0, which code scanning services read."""

from __future__ import annotations

import posixpath
import re
from collections import Counter
from importlib.metadata import version
from urllib.parse import quote

from sarif_pydantic import sarif  # the package does not export all of its models at its top

from newsdedup import check_rules
from newsdedup.models.checks import CheckReport, Finding, Location, SharedPassage
from newsdedup.render.json_text import to_json
from newsdedup.render.renderer import OutputFormat, Page
from newsdedup.render.sanitise import sanitise_text

_SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
_FINGERPRINT = "newsdedup/v1"
_OTHER_LOCATION_ID = 1
"""Id of the location of the other article, to which the message links."""
_MAX_PASSAGE_LENGTH = 2000
"""Maximum characters of both wordings of a passage; a longer one is omitted, since services reject large files."""
_RULE_INDEX = {rule.code: index for index, rule in enumerate(check_rules.RULES)}
_WINDOWS_DRIVE = re.compile(r"[A-Za-z]:/")


def render(report: CheckReport, page: Page) -> None:
    """Write one run with all rules and a result for each finding."""
    occurrences: Counter[str] = Counter()
    results = []
    for finding in report.findings:
        # Equal content in two files gives equal fingerprints, and services merge results with the same fingerprint.
        occurrences[finding.fingerprint] += 1
        results.append(_build_result(finding, occurrences[finding.fingerprint]))
    driver = sarif.ToolDriver(
        name="newsdedup", version=version("newsdedup"), rules=list(map(_build_rule, check_rules.RULES))
    )
    run = sarif.Run(
        tool=sarif.Tool(driver=driver),
        results=results,
        # Services distinguish runs of several tools by the part before the slash.
        automation_details=sarif.RunAutomationDetails(id="newsdedup-check/"),
        columnKind="unicodeCodePoints",
    )
    log = sarif.Sarif(schema_uri=_SCHEMA, runs=[run])
    page.stream.write(to_json(log.model_dump(mode="json", by_alias=True, exclude_none=True), indent=2) + "\n")


def to_uri(path: str) -> str:
    """Return `path` as a URI: `file://` for an absolute one, else relative, percent-encoded, without `./`.

    A colon is encoded too: otherwise the first part of `wire: storm/a.txt` would be read as a scheme.
    """
    try:
        raw = path.encode("utf-8", "surrogateescape")  # names that are not UTF-8 keep their bytes
    except UnicodeEncodeError:
        raw = path.encode("utf-8", "replace")
    if path.startswith("//"):  # a share on a Windows server, which becomes the host of the URI
        return "file:" + quote(raw)
    if path.startswith("/"):
        return "file://" + quote(raw)
    if _WINDOWS_DRIVE.match(path):
        return f"file:///{path[:2]}{quote(raw[2:])}"
    return quote(posixpath.normpath(raw))


def _build_rule(rule: check_rules.Rule) -> sarif.ReportingDescriptor:
    return sarif.ReportingDescriptor(
        id=rule.code,
        name=rule.name,
        short_description=sarif.Message(text=rule.meaning),
        full_description=sarif.Message(text=f"{rule.meaning} For example: {rule.example}."),
        help=sarif.Message(text=f"What to do: {rule.fix}.\nExample: {rule.example}."),
        default_configuration=sarif.ReportingConfiguration(level=rule.severity.value),
    )


def _build_result(finding: Finding, occurrence: int) -> sarif.Result:
    message = _remove_links(finding.message)
    related = None
    if finding.other is not None:
        message = f"{message.rstrip('.')}. See [the other article]({_OTHER_LOCATION_ID})."
        related = [
            _build_location(finding.other, id=_OTHER_LOCATION_ID, message=sarif.Message(text="the other article"))
        ]
    return sarif.Result(
        rule_id=finding.code,
        rule_index=_RULE_INDEX.get(finding.code),
        level=sarif.Level(finding.severity.value),
        message=sarif.Message(text=message),
        locations=[_build_location(finding.location)],
        related_locations=related,
        partial_fingerprints={_FINGERPRINT: f"{finding.fingerprint}:{occurrence}"},
        rank=None if finding.probability is None else round(100 * finding.probability, 2),
        properties=_build_properties(finding) or None,
    )


def _build_location(location: Location, **fields: object) -> sarif.Location:
    uri = to_uri(location.path)
    base = None if uri.startswith("file:") else "%SRCROOT%"
    physical_location = sarif.PhysicalLocation(
        artifact_location=sarif.ArtifactLocation(uri=uri, uri_base_id=base),
        region=sarif.Region(start_line=location.line, end_line=location.end_line),
    )
    return sarif.Location(physical_location=physical_location, **fields)


def _remove_links(message: str) -> str:
    """Return the message on one line without links: a file may be called `[read me](http:x)`."""
    return sanitise_text(message).replace("](", "] (")


def _build_properties(finding: Finding) -> dict[str, object]:
    """Return the known facts for which SARIF has no field."""
    properties = {
        "article_id": finding.location.article_id,
        "record": finding.location.record,
        "other_article_id": finding.other and finding.other.article_id,
        "probability": finding.probability,
        "relation": finding.relation and finding.relation.value,
        "direction": finding.direction.value if finding.relation else None,
        "others": list(finding.others) or None,
        "more": finding.more or None,
        "passage": _build_passage(finding.passage),
    }
    return {name: value for name, value in properties.items() if value is not None}


def _build_passage(passage: SharedPassage | None) -> dict[str, object] | None:
    if passage is None or len(passage.text) + len(passage.other_text) > _MAX_PASSAGE_LENGTH:
        return None
    return passage.model_dump(mode="json")


FORMAT = OutputFormat(render)
