"""Results built by hand, with invented news: what the renderers are tested on."""

from __future__ import annotations

from newsdedup.check_rules import RULES_BY_CODE
from newsdedup.models import (
    Addition,
    Cohesion,
    Conflict,
    Direction,
    Paragraph,
    Passage,
    Rejected,
    Related,
    Relation,
    Removed,
    Result,
    Role,
    Sentence,
    Story,
    Summary,
    Variant,
)
from newsdedup.models.checks import CheckReport, CheckSummary, Finding, Location, Severity, SharedPassage
from newsdedup.models.comparison import AlignedSentences, ComparedReport, ComparedSignal, Comparison

LEAD = "The ferry Marisol ran aground off Port Lenna on Tuesday with 212 people aboard, the harbour office said."
LEAD_B = (
    "Harbour officials said the ferry Marisol struck a sandbank near Port Lenna on Tuesday with 221 people on board."
)
QUOTE = "“Nobody was hurt and the hull is dry,” said harbour master Ines Tavo."
ADDED = "Two tugs from the naval yard at Quill are to pull the ship free at the next high tide."
EARLIER = "The ship will sail again on Wednesday morning."
LISTED = "A spokeswoman of the yard welcomed it."

STRETCHED = (
    "seeds/2031-04-02/a-very-long-outlet-name.example/world/islands/ferry-marisol-aground-off-port-lenna-0007.txt"
)


def variant(article_id: str, relation: Relation = Relation.BASE, **fields: object) -> Variant:
    """Return a variant with default values for all other fields."""
    values: dict[str, object] = {
        "article_id": article_id,
        "path": article_id,
        "record": 1,
        "relation": relation,
        "direction": Direction.UNKNOWN,
        "probability": 1.0,
        "containment": 1.0,
        "similarity": 1.0,
        "content_hash": "00112233445566778899aabbccddeeff",
    }
    return Variant.model_validate(values | fields)


def paragraph(text: str, *article_ids: str, added: bool = False) -> Paragraph:
    """Return a paragraph of one sentence that these articles contain in the same words."""
    sources = tuple(Passage(article_id=article_id, text=text) for article_id in article_ids)
    return Paragraph(text=text, added=added, sources=article_ids, sentences=(Sentence(text=text, sources=sources),))


def story(
    story_id: str, title: str | None, paragraphs: tuple[Paragraph, ...], *variants: Variant, **fields: object
) -> Story:
    """Return a story of these paragraphs and variants."""
    values: dict[str, object] = {
        "story_id": story_id,
        "title": title,
        "title_inferred": False,
        "published": None,
        "language": None,
        "body_empty": not paragraphs,
        "text": "\n\n".join(part.text for part in paragraphs),
        "paragraphs": paragraphs,
        "variants": variants,
        "cohesion": Cohesion(weakest=1.0),
    }
    return Story.model_validate(values | fields)


def lone(story_id: str, article_id: str, title: str | None, text: str = "A short notice.", **fields: object) -> Story:
    """Return a story of one article."""
    paragraphs = (paragraph(text, article_id),) if text else ()
    return story(story_id, title, paragraphs, variant(article_id, title=title), **fields)


def result(
    *stories: Story, rejected: tuple[Rejected, ...] = (), repeated: int = 0, skipped: int = 0, **fields: object
) -> Result:
    """Return a result whose summary adds up."""
    articles = sum(len(item.variants) for item in stories)
    summary: dict[str, object] = {
        "records": articles + repeated + len(rejected),
        "articles": articles,
        "repeated": repeated,
        "rejected": len(rejected),
        "skipped": skipped,
        "stories": len(stories),
        "merged_stories": sum(len(item.variants) > 1 for item in stories),
        "lone": sum(len(item.variants) == 1 for item in stories),
        "body_empty": sum(item.body_empty for item in stories),
        "conflicts": sum(len(item.conflicts) for item in stories),
    }
    return Result(stories=stories, rejected=rejected, summary=Summary.model_validate(summary | fields))


def headlines(count: int) -> tuple[Removed, ...]:
    """Return scraped headlines, as a page's foot has them."""
    return tuple(
        Removed(kind=Role.RELATED_HEADLINES, text=f"Island Council Votes on Harbour Levy, Part {number}")
        for number in range(1, count + 1)
    )


def ferry() -> Story:
    """Return a story that has a value in every field."""
    return story(
        "0f1e2d3c4b5a6978",
        "Ferry runs aground off Port Lenna",
        (
            paragraph(LEAD, "seeds/ferry-a.txt", "seeds/ferry-b.txt", "seeds/wire.jsonl#3"),
            paragraph(ADDED, "seeds/ferry-b.txt", added=True),
            paragraph(QUOTE, "seeds/ferry-a.txt", "seeds/wire.jsonl#3"),
        ),
        variant(
            "seeds/ferry-a.txt",
            source="Lenna Post",
            published="2031-04-02",
            title="Ferry runs aground off Port Lenna",
            removed=(*headlines(17), Removed(kind=Role.PROMO, text="Read our guide to the islands")),
        ),
        variant(
            "seeds/ferry-b.txt",
            Relation.REWRITE,
            source="The Quill Courier",
            published="2031-04-02T18:40:00+02:00",
            probability=0.8125,
            containment=0.0903,
            similarity=0.6432,
            dateline="PORT LENNA, April 2 (Islewire) -",
            place="PORT LENNA",
            agency="Islewire",
        ),
        variant(
            "seeds/wire.jsonl#3",
            Relation.UPDATE,
            direction=Direction.TO_BASE,
            published_raw="02/04/31",
            record=3,
            path="seeds/wire.jsonl",
            probability=0.97,
            containment=0.88,
            similarity=0.91,
            extra={"desk": "world", "score": 3},
        ),
        published="2031-04-02",
        language="en",
        conflicts=(
            Conflict(
                kind="number",
                passages=(
                    Passage(article_id="seeds/ferry-a.txt", text=LEAD),
                    Passage(article_id="seeds/ferry-b.txt", text=LEAD_B),
                ),
            ),
        ),
        superseded=(Passage(article_id="seeds/wire.jsonl#3", text=EARLIER),),
        additions=(
            Addition(
                article_id="seeds/wire.jsonl#3",
                text=LISTED,
                after=0,
                sources=(Passage(article_id="seeds/wire.jsonl#3", text=LISTED),),
            ),
        ),
        cohesion=Cohesion(weakest=0.8125, bridges=("seeds/ferry-a.txt",)),
        related=(Related(story_id="1111222233334444", probability=0.31),),
    )


def everything() -> Result:
    """Return a result with every kind of thing in it."""
    return result(
        ferry(),
        lone("1111222233334444", "seeds/harbour.csv#1", "Harbour levy to rise, council says"),
        lone(
            "5555666677778888",
            "seeds/orchard.txt",
            "Late frost [spoils] the *plum* harvest | markets",
            title_inferred=True,
        ),
        lone("9999aaaabbbbcccc", "seeds/menu.txt", None, text=""),
        rejected=(
            Rejected(path="seeds/broken.jsonl", record=2, reason="not valid JSON: line 2 ends inside a string"),
            Rejected(path="seeds/empty.txt", record=1, reason="no text"),
        ),
        repeated=1,
        skipped=3,
    )


def hostile() -> Result:
    """Return a result whose article text tries to command the terminal, to be markup, and to break tables."""
    text = "\x1b[31mRed\x1b[0m alert\x07 [bold]not bold[/bold] :smile: \x9b2J \u202ereversed\u202c tail\udc80 end"
    title = "[link=file:///]Title[/link] \x1b]0;owned\x07 | pipe `tick` <b>html</b>"
    return result(
        story(
            "abcdefabcdefabcd",
            title,
            (paragraph(text, "a\x1b[1m.txt", STRETCHED), paragraph("潮" * 90 + "。", STRETCHED, added=True)),
            variant("a\x1b[1m.txt", title=title, source="[red]Outlet[/red]"),
            variant(STRETCHED, Relation.ABRIDGED, direction=Direction.FROM_BASE, similarity=0.5),
        ),
        lone("dcbadcbadcbadcba", STRETCHED + "#2", "word" * 60),
    )


def comparison(*, same: bool = True) -> Comparison:
    """Return a comparison of the two ferry reports."""
    return Comparison(
        same_report=same,
        probability=0.8125 if same else 0.2,
        threshold=0.5,
        containment=0.0903,
        similarity=0.6432,
        relation=Relation.REWRITE if same else None,
        direction=Direction.UNKNOWN,
        signals=(
            ComparedSignal(
                name="covered_min",
                value=0.5912,
                contribution=1.9,
                meaning="share of the less covered report that the other covers",
            ),
            ComparedSignal(
                name="numbers_differ",
                value=1,
                contribution=-0.85,
                meaning="numbers that differ inside aligned sentences",
            ),
            ComparedSignal(
                name="length_ratio",
                value=0.93,
                contribution=0.1,
                meaning="words of the shorter report / those of the longer",
            ),
        ),
        aligned=(
            AlignedSentences(a=0, b=0, covered_a=0.78, covered_b=0.71, verbatim=0.44),
            AlignedSentences(a=1, b=2, covered_a=1.0, covered_b=0.97, verbatim=0.95),
        ),
        only_a=(),
        only_b=(1,),
        conflicts=ferry().conflicts,
        a=ComparedReport(
            article_id="seeds/ferry-a.txt",
            path="seeds/ferry-a.txt",
            title="Ferry runs aground off Port Lenna",
            title_inferred=False,
            published="2031-04-02",
            dateline=None,
            byline=None,
            credit=None,
            sentences=(LEAD, QUOTE),
            removed=ferry().variants[0].removed,
        ),
        b=ComparedReport(
            article_id="seeds/ferry-b.txt",
            path="seeds/ferry-b.txt",
            title=None,
            title_inferred=False,
            published=None,
            dateline="PORT LENNA, April 2 (Islewire) -",
            byline="By Anselm Rook",
            credit=None,
            sentences=(LEAD_B, ADDED, QUOTE.replace("“", '"').replace("”", '"').replace("hull", "engine room")),
        ),
        note="the statistics of repeated outlet lines were not used: two articles are too few to learn them from",
    )


LONG = " ".join(
    f"On day {day} the harbour office counted {day * 7} boats at the quay, {day} of them from Quill."
    for day in range(1, 9)
)
# What a page or a file name may hold to command a terminal, a runner, a forge, an XML parser or a table.
HOSTILE = (
    "\x1b[31mRed\x1b[0m ::error file=a::owned ##[error]owned | pipe <script>alert(1)</script> ]]> <![CDATA[ \x08\x0b "
    "![x](https://evil.example/x.png) [y](javascript:z) @ines #12 GH-12 www.evil.example \ufffe {0} %0A 🚢 "
    "\u202eמהופך\u202c مرحبا `tick` $5 &amp; </details> --> end"
)
HOSTILE_PATH = "new/50% off, [a](b): пожар `x` @ines | 港 \x1b[2J.txt"


def location(path: str, line: int, end_line: int | None = None, *, record: int = 1, **fields: object) -> Location:
    """Return lines of an article that has its path as its id."""
    values = {"path": path, "record": record, "article_id": path, "line": line, "end_line": end_line or line}
    return Location.model_validate(values | fields)


def finding(code: str, location: Location, message: object, **fields: object) -> Finding:
    """Return a finding with the severity of its rule."""
    values: dict[str, object] = {
        "code": code,
        "rule": RULES_BY_CODE[code].name,
        "severity": RULES_BY_CODE[code].severity,
        "message": message,
        "location": location,
        "fingerprint": f"{int(code[2:]):032x}",
    }
    return Finding.model_validate(values | fields)


def build_report(*findings: Finding, files: tuple[str, ...] = (), **fields: object) -> CheckReport:
    """Return a report whose counts add up."""
    severities = [finding.severity for finding in findings]
    summary = {
        "new": max(len(files), 1),
        "known": 1042,
        "errors": severities.count(Severity.ERROR),
        "warnings": severities.count(Severity.WARNING),
        "notes": severities.count(Severity.NOTE),
    }
    return CheckReport(
        fail_on=Severity.ERROR,
        failed=Severity.ERROR in severities,
        files=files,
        findings=findings,
        summary=CheckSummary.model_validate(summary | fields),
    )


def rewrite_finding(where: Location | None = None, **fields: object) -> Finding:
    """Return the finding that the ferry report was rewritten."""
    values: dict[str, object] = {
        "other": location("seeds/ferry-a.txt", 5, 9),
        "others": ("seeds/wire.jsonl#3", "seeds/ferry-c.txt", "seeds/ferry-d.txt", "seeds/ferry-e.txt", "f"),
        "passage": SharedPassage(
            text=f"{LEAD_B} {QUOTE}", other_text=f"{LEAD} {QUOTE}", sentences=(2, 3), other_sentences=(2, 2)
        ),
        "probability": 0.8125,
        "relation": Relation.REWRITE,
    }
    values |= {"message": "tells the report of seeds/ferry-a.txt, line 5, in other words"} | fields
    return finding("ND105", where or location("new/ferry b.txt", 3, 4), **values)


def full_report() -> CheckReport:
    """Return a report with every severity and all that a finding can contain."""
    reprint = finding(
        "ND102",
        location("new/batch.jsonl", 2, record=2, article_id="new/batch.jsonl#2"),
        "has the report of /archive/2031/quay: boats, day by day.txt, line 1, with hardly a word changed",
        other=location("/archive/2031/quay: boats, day by day.txt", 1, 8),
        others=tuple(f"/archive/2031/{n}.txt" for n in range(4)),
        more=17,
        passage=SharedPassage(text=LONG, other_text=LONG + " ", sentences=(8, 8), other_sentences=(8, 9)),
        probability=0.9991,
        relation=Relation.REPRINT,
        direction=Direction.FROM_BASE,
    )
    hostile = finding(
        "ND103",
        location(HOSTILE_PATH, 7, 12),
        f"is cut from {HOSTILE}",
        other=location("seeds/ünï.txt", 1, 1, article_id=HOSTILE),
        others=(HOSTILE,),
        passage=SharedPassage(text=HOSTILE, other_text=f"Before {HOSTILE}", sentences=(1, 2), other_sentences=(1, 7)),
        probability=0.75,
        relation=Relation.ABRIDGED,
        direction=Direction.TO_BASE,
    )
    return build_report(
        rewrite_finding(),
        finding("ND011", location("new/ferry b.txt", 2), "the date '02/04/31' is 2 April or 4 February"),
        reprint,
        finding(
            "ND006",
            location("new/batch.jsonl", 3, record=3, article_id=None),
            "not valid JSON: line 3 ends inside a string",
        ),
        hostile,
        finding(
            "ND302",
            location("new/ferry b.txt", 1, 4),
            "is about the event of seeds/harbour.csv, line 2",
            other=location("seeds/harbour.csv", 2, article_id="seeds/harbour.csv#1"),
            probability=0.31,
        ),
        files=("new/batch.jsonl", "new/clean.txt", "new/ferry b.txt", HOSTILE_PATH),
        known=1,
        baselined=2,
        waived=1,
        ignored=3,
        stale=1,
    )
