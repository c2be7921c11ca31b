"""Quality gate of related stories: links compared with the events of ../shared/gold, with pinned floors.

usage: python benchmarks/related.py [--stories FILE]

Runs `newsdedup ingest ../shared/gold/web2025.jsonl` as users do (or reads its output) and evaluates all pairs of its
stories: precision is the share of the linked pairs whose stories are of one event, recall the share of the pairs of one
event that are linked. The event of a story is that of most of its members. The shipped model was fitted on these pairs,
so the figures are in sample and only guard against regressions; `benchmarks/train_related.py` prints cross-validated
ones. Also counts the links among our own look-alikes in tests/data, none of which may be linked. Exits with 1 below a
floor.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import platform
import sys
import tempfile
from collections import Counter
from pathlib import Path
from typing import Any

from newsdedup.cli import main as newsdedup

ROOT = Path(__file__).parent.parent
GOLD = ROOT.parent / "shared" / "gold"
OWN = ROOT / "tests" / "data"

# The measured values less a margin, .01 for precision and .02 for recall. Lower a floor only with the reason in the
# commit.
MIN_PRECISION = 0.96
MIN_RECALL = 0.485

Story = dict[str, Any]


def run_ingest(articles: Path, folder: Path) -> list[Story]:
    """Run `newsdedup ingest` on a file and return the stories."""
    out_path = folder / f"{articles.stem}.stories.jsonl"
    code = newsdedup(["ingest", str(articles), "--format", "jsonl", "-o", str(out_path), "-q"])
    if code:
        sys.exit(f"newsdedup ingest {articles.name} exited with {code}")
    return read_stories(out_path)


def read_stories(path: Path) -> list[Story]:
    """Return the stories of a JSON Lines file."""
    return [json.loads(line) for line in path.open(encoding="utf-8")]


def collect_links(stories: list[Story]) -> set[tuple[str, str]]:
    """Return every linked pair of story ids once; exit if only one of the two stories has the link."""
    directed = {(story["story_id"], link["story_id"]) for story in stories for link in story["related"]}
    if any((b, a) not in directed for a, b in directed):
        sys.exit("a link is on one of its two stories only")
    return {(a, b) for a, b in directed if a < b}


def find_event(story: Story, events: dict[str, str]) -> str:
    """Return the event of most members of a story; ties go to the first by name."""
    count = Counter(events[variant["article_id"]] for variant in story["variants"])
    return min(count, key=lambda name: (-count[name], name))


def check_events(stories: list[Story]) -> bool:
    """Print precision and recall over all pairs of stories; return whether both reach their floors."""
    events = {row["id"]: row["event"] for row in map(json.loads, (GOLD / "events.jsonl").open(encoding="utf-8"))}
    event = {story["story_id"]: find_event(story, events) for story in stories}
    same_event_pairs = sum(count * (count - 1) // 2 for count in Counter(event.values()).values())
    links = collect_links(stories)
    right_links = sum(event[a] == event[b] for a, b in links)
    precision, recall = right_links / max(1, len(links)), right_links / same_event_pairs
    is_held = precision >= MIN_PRECISION and recall >= MIN_RECALL
    print(f"{len(stories)} stories, {same_event_pairs} pairs of one event, {len(links)} links, {right_links} right")
    print(
        f"precision {precision:.3f} (floor {MIN_PRECISION}), recall {recall:.3f} (floor {MIN_RECALL}): "
        f"{'ok' if is_held else 'FAILED'}"
    )
    return is_held


def check_own(folder: Path) -> bool:
    """Print the linked look-alikes among our own articles; return whether there are none."""
    stories = run_ingest(OWN / "labelled.jsonl", folder)
    story_of = {variant["article_id"]: story["story_id"] for story in stories for variant in story["variants"]}
    links = collect_links(stories)
    look_alikes = [row for row in read_stories(OWN / "labelled_pairs.jsonl") if row["relation"] == "related"]
    wrong = [row for row in look_alikes if tuple(sorted((story_of[row["a"]], story_of[row["b"]]))) in links]
    for row in wrong:
        print(f"  linked, but look-alikes: {row['a']}, {row['b']}")
    print(f"own look-alikes linked: {len(wrong)} of {len(look_alikes)} (ceiling 0): {'FAILED' if wrong else 'ok'}")
    return not wrong


def main() -> None:
    """Check both; exit with 1 if one fails."""
    options = argparse.ArgumentParser()
    options.add_argument(
        "--stories", type=Path, help="stories of web2025 as JSON Lines, read instead of running ingest"
    )
    stories_path: Path | None = options.parse_args().stories
    print(f"python benchmarks/related.py; python {platform.python_version()}, {platform.system()} {platform.machine()}")
    with tempfile.TemporaryDirectory() as temporary:
        all_held = check_own(Path(temporary))
        if (GOLD / "events.jsonl").exists():
            for name in ("web2025", "events"):
                print(f"{name}.jsonl sha256 {hashlib.sha256((GOLD / f'{name}.jsonl').read_bytes()).hexdigest()[:16]}")
            all_held &= check_events(
                read_stories(stories_path) if stories_path else run_ingest(GOLD / "web2025.jsonl", Path(temporary))
            )
        else:
            print("web2025: skipped, the events are not beside this checkout")
    if not all_held:
        sys.exit(1)


if __name__ == "__main__":
    main()
