"""Rules about a single record: unreadable records, malformed records, pages with too much boilerplate."""

from __future__ import annotations

import gzip
import json
import os
import threading
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from gate_files import AGENCY, CLOSURE, WIND, brief, checked, codes, with_header

from newsdedup.checks.article_rules import check_rejected
from newsdedup.config import CheckSettings
from newsdedup.errors import ConfigError
from newsdedup.models import Refusal, Rejected

GOOD = json.dumps({"text": CLOSURE})

BROKEN: dict[str, tuple[str, str | bytes, list[str]]] = {
    "binary": ("a.txt", b"PK\x03\x04\0\0", ["a.txt:1 ND001"]),
    "packed file cut short": ("a.txt.gz", gzip.compress(AGENCY.encode())[:-9], ["a.txt.gz:1 ND001"]),
    "not in its own encoding": ("a.txt", b"\xff\xfea\0b", ["a.txt:1 ND002"]),
    "letters lost before": ("a.txt", AGENCY.replace("Velle told", "V\ufffdlle told"), ["a.txt:11 ND002"]),
    "encoded twice": ("a.txt", AGENCY.encode().decode("cp1252", "ignore"), ["a.txt:9 ND002"]),
    "empty": ("a.txt", "", ["a.txt:1 ND003"]),
    "white space": ("a.txt", " \n\n", ["a.txt:1 ND003"]),
    "no report": ("a.txt", "Title: T\n\nAccept all cookies\nSubscribe to our newsletter\n", ["a.txt:3 ND004"]),
    "too short": ("a.txt", "Title: T\n\n\nThe bridge at Ashcombe was closed again.\n", ["a.txt:4 ND005"]),
    "broken line": ("a.jsonl", f'{GOOD}\n\n{{"text": \n', ["a.jsonl:3 ND006"]),
    "no text field": ("a.jsonl", f'{GOOD}\n{{"title": "T"}}\n', ["a.jsonl:2 ND006"]),
    "text that is no string": ("a.json", f'[{GOOD},\n{{"text": 7}}]', ["a.json:2 ND006"]),
    "empty record": ("a.csv", f'title,text\nT," "\nT,"{WIND}"\n', ["a.csv:2 ND003"]),
    "date with two readings": ("a.txt", f"Title: T\nDate: 03/04/2025\n\n{WIND[150:]}", ["a.txt:2 ND011"]),
    "delimiter without a header": ("a.txt", AGENCY.replace("“We saw", "=====\n“We saw"), ["a.txt:13 ND014"]),
}


@pytest.mark.parametrize(("name", "content", "found"), BROKEN.values(), ids=BROKEN)
def test_what_is_wrong_is_found_at_its_line(tmp_path: Path, name: str, content: str | bytes, found: list[str]) -> None:
    """Each breaks the rule of its kind, and no other."""
    assert brief(checked(tmp_path, {name: content})) == found


def test_a_field_that_is_not_known_is_named_with_its_line(tmp_path: Path) -> None:
    """A misspelt one, and one that appears twice."""
    page = f"Title: T\nTitel: U\nHeadline: V\n\n{WIND[150:]}"
    report = checked(tmp_path, {"a.txt": page})
    assert brief(report) == ["a.txt:2 ND013", "a.txt:3 ND013"]
    assert "'Titel'" in report.findings[0].message


@pytest.mark.parametrize("name", ["a.txt", "a.jsonl", "a.csv"])
def test_a_valid_article_has_no_findings(tmp_path: Path, name: str) -> None:
    """In any format; fields that newsdedup does not know are carried along there, and are no mistake."""
    content = {
        "a.txt": AGENCY,
        "a.jsonl": json.dumps({"text": WIND, "tags": ["x"], "published": "2025-03-18"}),
        "a.csv": 'title,desk,text\nT,local,"' + WIND.replace('"', "'") + '"\n',
    }
    report = checked(tmp_path, {name: content[name]})
    assert (brief(report), report.failed, report.files, report.summary.new) == ([], False, (name,), 1)


def test_a_date_in_the_future_is_one_after_tomorrow(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A day of grace for the time zones; SOURCE_DATE_EPOCH makes the answer repeatable."""
    now = datetime.now(UTC).date()
    page = f"Date: {{}}\n\n{WIND[150:]}"
    days = {str(n): page.format(now + timedelta(days=n)) for n in (-1, 0, 1, 2, 400)}
    for name, content in days.items():
        expected = [f"{name}.txt:1 ND012"] if int(name) > 1 else []
        assert brief(checked(tmp_path, {f"{name}.txt": content})) == expected
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "946684800")
    assert codes(checked(tmp_path, {"a.txt": page.format("2000-01-03")})) == ["ND012"]
    assert codes(checked(tmp_path, {"a.txt": page.format("2000-01")})) == []
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "yesterday")
    with pytest.raises(ConfigError, match="SOURCE_DATE_EPOCH is 'yesterday'; give whole seconds"):
        checked(tmp_path, {"a.txt": page})


def test_the_shortest_report_is_a_setting(tmp_path: Path) -> None:
    """Counted in words of the report, the title aside; the limit itself is long enough."""
    least = CheckSettings().min_words
    page = {n: f"Title: A title\n\n{'word ' * (n - 1)}end.\n" for n in (least - 1, least)}
    assert codes(checked(tmp_path, {"a.txt": page[least]})) == []
    assert codes(checked(tmp_path, {"a.txt": page[least - 1]})) == ["ND005"]
    assert codes(checked(tmp_path, {"a.txt": page[least]}, min_words=least + 1)) == ["ND005"]
    assert codes(checked(tmp_path, {"a.txt": page[least - 1]}, min_words=0)) == []


def test_a_page_that_is_mostly_boilerplate_is_described(tmp_path: Path) -> None:
    """With the line where it begins, the words that count, and a threshold of its own."""
    headlines = [f"Mayor number {n} of Ashcombe opens the summer fair at Penfold without a speech" for n in range(40)]
    page = AGENCY + "\n\n\n" + "\n".join(headlines) + "\n"
    report = checked(tmp_path, {"a.txt": page})
    assert brief(report) == [f"a.txt:{AGENCY.count(chr(10)) + 4} ND201"]
    assert "40 lines of related headlines ('Mayor number 0 of Ashcombe" in report.findings[0].message
    share = int(report.findings[0].message.split(" %")[0]) / 100
    assert 0.5 < share < 0.9
    assert codes(checked(tmp_path, {"a.txt": page}, max_boilerplate=share + 0.02)) == []
    assert codes(checked(tmp_path, {"a.txt": AGENCY})) == []


def test_a_duplicate_id_is_reported_for_the_later_record(tmp_path: Path) -> None:
    """Also beside a known article, and where the record is the same one once more."""
    one, other = (with_header(text.lstrip("\ufeff"), "Id: 7") for text in (CLOSURE, AGENCY))
    assert brief(checked(tmp_path, {"a.txt": one, "b.txt": other})) == ["b.txt:1 ND007 a.txt"]
    assert brief(checked(tmp_path, {"a.txt": one}, {"b.txt": other})) == ["a.txt:1 ND007 b.txt"]
    assert brief(checked(tmp_path, {"a.txt": one, "b.txt": one})) == ["b.txt:1 ND007 a.txt", "b.txt:7 ND101 a.txt"]


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="named pipes are a POSIX matter")
def test_a_pipe_that_holds_nothing_is_not_opened_again(tmp_path: Path) -> None:
    """It has no writer any more, so reading it would block for ever."""
    os.mkfifo(tmp_path / "a")
    found: list[str] = []
    rejected = Rejected(path=str(tmp_path / "a"), record=1, reason="empty file", kind=Refusal.EMPTY)
    asking = threading.Thread(target=lambda: found.append(check_rejected(rejected).code), daemon=True)
    asking.start()
    asking.join(20)
    assert found == ["ND003"]


def test_lines_like_delimiters_are_none_where_the_user_says_so(tmp_path: Path) -> None:
    """With --delimiter nothing but what it matches could have parted the file."""
    page = AGENCY.replace("“We saw", "=====\n“We saw")
    assert codes(checked(tmp_path, {"a.txt": page}, delimiter="none")) == []
