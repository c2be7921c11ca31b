"""Reports of our own, and the untidy pages that outlets print round them: menus, promos, newsletters, headlines."""

from __future__ import annotations

import random
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from builders import article, records
from newsdedup.models import Article, Result

ROOT = Path(__file__).parent.parent
SHARED = ROOT.parent / "shared"


def labelled_articles(name: str = "labelled") -> dict[str, Article]:
    """Return our own labelled articles by id: the short ones in many languages, or those of the `wire`."""
    return {
        row["id"]: article(
            row["id"], row["text"], title=row["title"], source=row["source"], published=row.get("published")
        )
        for row in records(f"{name}.jsonl")
    }


def labelled_pairs(name: str = "labelled") -> list[dict[str, Any]]:
    """Return our own labelled pairs: `a`, `b`, `duplicate`, `relation`."""
    return records(f"{name}_pairs.jsonl")


def stories_of(result: Result) -> list[frozenset[str]]:
    """Return the stories as sets of article ids, each article in exactly one (else AssertionError)."""
    stories = [frozenset(variant.article_id for variant in story.variants) for story in result.stories]
    assert sum(map(len, stories)) == len(frozenset().union(*stories)) == result.summary.articles
    return stories


CHAIRS = (
    (
        "HARBOURSIDE — The council of Port Elsing voted on Tuesday night to replace every wooden bench on its seafront "
        "with seats made from melted fishing nets, after a winter in which 31 benches were washed away."
    ),
    (
        "The vote, 14 to 9, ended a dispute that has run since the storms of February. Opponents wanted the oak "
        "benches back, many of which carry brass plates with the names of the dead."
    ),
    (
        "“A bench that floats off in every second gale is no memorial to anybody,” said councillor Ruth Amsel, who had "
        "put the plan forward. The plates are to be moved to a wall beside the lifeboat station."
    ),
    (
        "The new seats will cost 212,000 crowns and are to be in place by the end of May. They are made by a workshop "
        "in nearby Tolle, which buys worn nets from 60 boats and employs 11 people."
    ),
    (
        "Each seat weighs 190 kilograms and is bolted to the rock. The workshop says that they last for 40 years; the "
        "harbour master, Jonas Wiik, told the meeting that he would believe it when he had seen it."
    ),
    (
        "A petition against the change had gathered 2,300 signatures. Its author, the retired teacher Paula Denk, said "
        "that she would not take the matter to court."
    ),
)
"""A report of our own, a paragraph each."""

KILN = (
    (
        "HARBOURSIDE — A brick kiln that had been cold since 1961 was fired again in Port Elsing on Tuesday, watched "
        "by some 400 people who had followed the two-year restoration of the works."
    ),
    (
        "Volunteers fed the first of 9 tonnes of beech into the furnace shortly before noon. It takes four days to "
        "reach the 1,050 degrees at which clay turns to brick, and another six before the doors can be opened."
    ),
    (
        "“My father drew the last load out of here, and I never thought I should see smoke on that chimney again,” "
        "said Marten Oller, 78. He laid the first log together with his granddaughter."
    ),
    (
        "The society that owns the works raised 640,000 crowns, a third of it from the sale of single bricks stamped "
        "with the donor's initials. It wants to fire twice a year and to teach the trade to apprentices."
    ),
    (
        "The bricks of the first firing are promised to the old customs house, whose west front lost its facing in an "
        "earthquake. An architect, Silke Brandt, said that no modern brick had matched its colour."
    ),
    (
        "Neighbours have been told to keep their windows shut at night. The county measured the air before the start "
        "and will measure it again on Friday, a spokesman said."
    ),
)
"""Another report of our own from the same place and day and of about the same length."""

_TOPICS = (
    "budget", "ferry", "school", "orchestra", "referee", "harvest", "glacier", "tram", "museum", "strike", "vaccine",
    "satellite", "marathon", "cathedral", "airport", "rent", "bees", "reservoir", "typhoon", "chess", "opera", "tariff",
)  # fmt: skip
_PLACES = ("Avenby", "Corrin", "Dunmere", "Eskilla", "Farrow", "Gilden", "Hestra", "Ilmen", "Jarrow", "Kestle", "Lunde")
_VERBS = ("Stalls", "Wins", "Divides", "Returns", "Closes", "Surprises", "Delays", "Sinks", "Rises", "Splits", "Fails")
_NOUNS = ("Vote", "Plan", "Deal", "Talks", "Hopes", "Row")
_SECTIONS = ("Home", "World", "Sport", "Business", "Culture", "Opinion", "Weather", "Video", "Podcasts", "Travel")


_TAILS = (
    "", "", "", "After Night of Talks", "as Voters Wait", "for Third Year Running, Study Finds", "Amid Storm Warnings",
    "to Make Room for a Second Runway That Nobody Asked For", "in Final Minute", "Over Unpaid Bills",
)  # fmt: skip


def headline(chance: random.Random) -> str:
    """Return a headline of a made-up article, five to eighteen words long."""
    one, other = chance.sample(_TOPICS, 2)
    opening = f"{chance.choice(_PLACES)} {one.title()} {chance.choice(_VERBS)}"
    middle = chance.choice(("", f"{chance.choice(_PLACES)} {other.title()} {chance.choice(_NOUNS)}"))
    return " ".join(filter(None, (opening, middle, chance.choice(_TAILS) or "Again This Spring")))


def page(paragraphs: Sequence[str], seed: int) -> str:
    """Return `paragraphs` as a scraped page: menu, share bar, promo, newsletter and headlines of its own round them."""
    chance = random.Random(seed)  # noqa: S311 - no secret, only variety
    menu = chance.sample(_SECTIONS, chance.randint(3, 7))
    body = list(paragraphs)
    if chance.random() < 0.7:
        body.insert(chance.randint(2, len(body) - 1), f"Read more: {headline(chance)}")
    if chance.random() < 0.5:
        body.insert(
            chance.randint(2, len(body) - 1),
            f"Sign up for our {chance.choice(_PLACES)} newsletter and never miss a story.",
        )
    tail = [headline(chance) for _ in range(chance.randint(5, 12))]
    brand = f"{chance.choice(_PLACES)} {chance.choice(('Post', 'Echo', 'Courier', 'Globe'))} {seed}"
    parts = ["\n".join(menu)] if chance.random() < 0.6 else []
    parts += ["\n\n".join(body), "Related articles\n" + "\n".join(tail) if chance.random() < 0.5 else "\n".join(tail)]
    parts.append(f"Share this article\nFacebook\nX\nCopy link\n© 2026 {brand}. All rights reserved.")
    return "\n\n\n".join(parts) + "\n"


def reprint(paragraphs: Sequence[str], seed: int) -> str:
    """Return a page with a near-identical copy: one paragraph cut, a sentence shortened, or a word changed; or none."""
    chance = random.Random(-seed - 1)  # noqa: S311
    body = list(paragraphs)
    where = chance.randrange(1, len(body))
    match chance.randrange(4):
        case 0:
            del body[where]
        case 1:
            body[where] = body[where].rsplit(". ", 1)[0].rstrip(".") + "."
        case 2:
            body[where] = body[where].replace(" the ", f" the {chance.choice(_PLACES)} ", 1)
        case _:
            pass
    return page(body, seed)
