"""Stage 2: page furniture around a report, and sentences that resemble it."""

from __future__ import annotations

import pytest
from pages import REPORT, body, clean_page, removed_roles

from newsdedup.clean import patterns
from newsdedup.models import Role

FURNITURE = (
    "Latest Stories",
    "Next Article",
    "Next Story:",
    "Recommended Stories",
    "People are also reading…",
    "Updated 13 sec ago",
    "Updated 2 min 49 sec ago",
    "Updated: 3 hours ago",
    "Click for more latest Harbour news. Also get top headlines and latest news from the islands at Pier 7.",
    "Subscribe: http://short.example/OldenPress",
    "This video may be available for archive licensing via https://archive.example/home",
    "About OldenWire OldenWire is an independent news website. It covers canals, bridges and locks.",
    "This content was published on",
    "This article originally appeared in The Olden Gazette.",
    "Follow our WhatsApp channel for more",
    "Be the first to comment",
    "https://olden.example/bridge pic.twitter.com/a1B2c3",
    "Drawbridge stays up for May/node/2612724/world",
    "— Pernille Aas (@keeper_aas) August 25, 2025",
    "— Olden Canal 🚢 (@olden) Aug 3, 2025",
    "%3Cp%3EThe%20motor%20of%20the%20drawbridge%3C%2Fp%3E%0A",
    "Bridges%20of%20the%20Olden%2C%20explained",
    '<html><head><meta charset="UTF-8" /></head><body><p>Rowing results</p></body></html>',
    "Neueste Beiträge",
    "Artículos relacionados",
    "Lire la suite",
    "Читать далее",
    "اقرأ المزيد",
)
CREDITS = ("(With agency inputs)", "(Olden 24 with NPA)", "With Courier wires", "Con información de Prensa del Norte")
SENTENCES = (
    "Updated plans for the lock gates will go to the council in May, the keeper said.",
    "About 60,000 cyclists cross the canal in a year, and none of them waits.",
    "Click by click the motor turned, for the first time since April.",
    "Follow the towpath to the second lock and you will meet the keeper, Pernille Aas.",
    "More stories about the keeper than about any mayor are told in Harlow Street.",
    "Next month the drawbridge will go down again, and the detour ends.",
    "Repairs cost 20% more than planned, 30% more than in 1961 and 5% more than last year.",
    "With agencies closed on Sunday, nobody could say when the motor would be back.",
    "<5 per cent of drivers waited, the keeper counted, while the others went by way of Harlow Street.",
    "— We asked four firms (all of them from the city), said the keeper, and four firms laughed.",
)


@pytest.mark.parametrize("line", FURNITURE)
def test_furniture_leaves_the_report(line: str) -> None:
    report = clean_page("\n\n".join((*REPORT[:2], line, *REPORT[2:])))
    assert body(report) == list(REPORT)
    assert removed_roles(report) == {line: "boilerplate"}


@pytest.mark.parametrize("line", CREDITS)
def test_a_credit_at_the_end_is_one(line: str) -> None:
    report = clean_page("\n\n".join((*REPORT, line)))
    assert body(report) == list(REPORT)
    assert report.credit == line


@pytest.mark.parametrize("line", SENTENCES)
def test_sentences_that_begin_like_furniture_stay(line: str) -> None:
    assert line in body(clean_page("\n\n".join((*REPORT[:2], line, *REPORT[2:]))))


ABROAD = {
    "홈 > 사회 > 사건·사고": Role.BOILERPLATE,
    "首页 > 新闻 > 社会": Role.BOILERPLATE,
    "입력 2025.10.18 09:12 | 수정 2025.10.18 11:40": Role.BOILERPLATE,
    "많이 본 뉴스": Role.BOILERPLATE,
    "来源：江畔通讯社　字号：大 中 小": Role.CREDIT,
    "Tin liên quan": Role.BOILERPLATE,
    "संबंधित ख़बरें": Role.BOILERPLATE,
    "مواضيع ذات صلة": Role.BOILERPLATE,
    "ภาพ: ชาวบ้านยืนดูสะพาน": Role.CAPTION,
    "Petugas di gudang, Jumat. (Foto: Dok. KBP)": Role.CAPTION,
    "텅 빈 수조를 살펴보는 상인들. /사진=동해통신": Role.CAPTION,
}


@pytest.mark.parametrize("line", ABROAD)
def test_furniture_of_pages_in_other_languages_is_known(line: str) -> None:
    """Breadcrumbs, dates, labels of lists and captions in the languages of our own articles."""
    assert patterns.match_role(line) is ABROAD[line]


@pytest.mark.parametrize(
    "line",
    [
        "시장은 점포 212곳 가운데 137곳이 다시 문을 열었다.",
        "据悉，来源不明的资金超过三百万元，警方已经立案调查。",
        "Warga bagikan foto gudang yang terbakar itu kepada polisi, yang memeriksa tujuh pekerja dan dua petugas.",
        "Anh chia sẻ rằng chuyến phà cuối cùng đã rời bến trước khi nước rút, và không ai bị thương.",
    ],
)
def test_sentences_that_use_such_words_are_report(line: str) -> None:
    """A label is at the start of a short line; the same words in a sentence are part of the report."""
    assert patterns.match_role(line) is None


METADATA = (
    ("Topics:", "Canals", "Olden"),
    ("- Country:", "- Norway"),
    ("Schlagwörter:", "Kanal", "Olden"),
    ("Mots-clés :", "canal"),
    ("Etiquetas:", "canales", "puentes"),
    ("Теги:", "мосты", "каналы"),
    ("关键词：", "运河"),
)
SUMMARY = "The drawbridge over the Olden canal stays up for all of May: a motor has to be rewound, so cyclists cross."


@pytest.mark.parametrize("lines", METADATA, ids=[lines[0] for lines in METADATA])
@pytest.mark.parametrize("is_above", [False, True])
def test_list_of_metadata_leaves_the_report(lines: tuple[str, ...], is_above: bool) -> None:
    report = clean_page("\n\n".join((*lines, *REPORT) if is_above else (*REPORT, *lines)))
    assert body(report) == list(REPORT)
    assert removed_roles(report) == dict.fromkeys(lines, "boilerplate")


def test_label_inside_the_report_stays() -> None:
    lines = ("Countries:", "Norway", "Sweden")
    assert set(lines) <= set(body(clean_page("\n\n".join((*REPORT[:3], *lines, *REPORT[3:])))))


@pytest.mark.parametrize(("between", "summary_count"), [(("- Country:", "- Norway"), 1), ((), 0)])
def test_lines_of_the_page_below_a_summary_show_where_the_report_begins(
    between: tuple[str, ...], summary_count: int
) -> None:
    report = clean_page("\n\n".join((SUMMARY, *between, *REPORT)))
    assert body(report) == [SUMMARY, *REPORT]
    assert report.summary_count == summary_count


POINTS = (
    "The drawbridge stays up for all of May",
    "Cyclists can cross on the lock gates",
    "The repair of the motor costs 84,000 dollars",
)
SUMMARY_LISTS = {
    "bullets": tuple(f"- {point}." for point in POINTS),
    "label and bullets": ("What to know:", *(f"• {point}" for point in POINTS)),
    "label": ("Key points", *POINTS),
    "glued label": (f"Story highlights {POINTS[0]}", *POINTS[1:]),
    "German label": ("Das Wichtigste in Kürze", *POINTS),
    "French label": ("L'essentiel", *POINTS),
    "Russian label": ("Главное:", *POINTS),
}


@pytest.mark.parametrize("lines", SUMMARY_LISTS.values(), ids=SUMMARY_LISTS)
def test_list_of_main_points_above_the_report_is_its_summary(lines: tuple[str, ...]) -> None:
    assert clean_page("\n\n".join((*lines, *REPORT)), title="Harlow Street").summary_count == len(lines)


@pytest.mark.parametrize(
    "lines",
    [
        ("- The town hall was painted green on Friday.", "- A heron has nested on the roof of the brewery."),
        (f"Key points {POINTS[0].lower()}.",),
        POINTS,
    ],
    ids=["of other things", "a sentence", "without a label"],
)
def test_lines_above_the_report_that_are_no_list_of_its_points_count(lines: tuple[str, ...]) -> None:
    assert clean_page("\n\n".join((*lines, *REPORT)), title="Harlow Street").summary_count < len(lines)
