"""Titles: what a page hangs on them leaves, headlines stay as they are, and an inferred title is a clause."""

from __future__ import annotations

import time

import pytest

from builders import article
from newsdedup import text, thresholds
from newsdedup.clean import clean
from newsdedup.clean.titles import infer_title
from newsdedup.models import Article, Removed, Report, Role

BODY = (
    "The harbour of Velmark was closed on Tuesday after a storm had torn three cranes from the quay overnight.\n\n"
    "“We will not yield to the sea,” said Bloomberg Aasen, the mayor, while drivers waited for help from the AA.\n\n"
    "Markets in the region were quiet, and the ferry is to sail again at the end of the week if the wind falls."
)


def page(title: str, source: str | None = None, url: str | None = None, body: str = BODY) -> Article:
    """Return a page with a title."""
    return article("a", body, title=title, source=source, url=url)


def cut_pieces(report: Report) -> list[str]:
    """Return what was cut off the title."""
    return [piece.text for piece in report.removed if piece.text in str(report.article.title)]


# Title, outlet or URL, what stays, what is cut.
BY_OUTLET = [
    ("Storm shuts old port - The Harbour Times", "The Harbour Times", "Storm shuts old port", ["The Harbour Times"]),
    ("The Harbour Times: Storm shuts old port", "harbour times", "Storm shuts old port", ["The Harbour Times"]),
    (
        "Storm shuts old port | Local news | The Harbour Times",
        "https://www.harbourtimes.com/a",
        "Storm shuts old port",
        ["The Harbour Times", "Local news"],
    ),
    (
        "Storm shuts old port - Velmark Wire Service",
        "https://vws.org/a",
        "Storm shuts old port",
        ["Velmark Wire Service"],
    ),
    (
        "Storm shuts old port - Harbour Times Weekend",
        "https://harbourtimes.co.uk",
        "Storm shuts old port",
        ["Harbour Times Weekend"],
    ),
    (
        "Sturm schließt Hafen – Wirtschaft – Küstenbote",
        "Küstenbote",
        "Sturm schließt Hafen",
        ["Küstenbote", "Wirtschaft"],
    ),
    ("Storm shuts old port - HTimes", "https://htimes.com", "Storm shuts old port", ["HTimes"]),
    ("Storm shuts old port - Harbour Times", "https://htimes.com", "Storm shuts old port", ["Harbour Times"]),
    (
        "Storm shuts old port - The Harbour Times - All that moves the coast",
        "https://harbourtimes.com",
        "Storm shuts old port",
        ["The Harbour Times - All that moves the coast"],
    ),
    ("Sturm schließt Hafen - Küstenbote", "https://kuestenbote.de", "Sturm schließt Hafen", ["Küstenbote"]),
    (
        "L'ouragan ferme le port - L'Écho du Ponant",
        "L'ECHO DU PONANT",
        "L'ouragan ferme le port",
        ["L'Écho du Ponant"],
    ),
    (
        "El temporal cierra el puerto | Sucesos | La Voz de Marina",
        "La Voz de Marina",
        "El temporal cierra el puerto",
        ["La Voz de Marina", "Sucesos"],
    ),
    ("Porto fechado por temporal - Folha do Mar", "Folha do Mar", "Porto fechado por temporal", ["Folha do Mar"]),
    (
        "Sztorm zamknął port - Kraj - Głos Wybrzeża",
        "https://gloswybrzeza.pl",
        "Sztorm zamknął port",
        ["Głos Wybrzeża", "Kraj"],
    ),
    ("Шторм закрыл порт — Вести района", "Вести района", "Шторм закрыл порт", ["Вести района"]),
    ("嵐で港が閉鎖、船は欠航：北浜新聞", "北浜新聞", "嵐で港が閉鎖、船は欠航", ["北浜新聞"]),
    ("风暴袭击港口三人受伤_社会_海港网", "海港网", "风暴袭击港口三人受伤", ["海港网", "社会"]),
    ("폭풍으로 항구 폐쇄 | 사회 | 바다신문", "바다신문", "폭풍으로 항구 폐쇄", ["바다신문", "사회"]),
    ("عاصفة تغلق الميناء القديم - صوت البحر", "صوت البحر", "عاصفة تغلق الميناء القديم", ["صوت البحر"]),
]
BY_LEXICON = [
    ("Sport | Rovers beat storm", "Rovers beat storm", "Sport"),
    ("Rovers trainer resigns - National", "Rovers trainer resigns", "National"),
    ("[Politik] Kreis schließt den Hafen", "Kreis schließt den Hafen", "Politik"),
    ("【社会】嵐で港が閉鎖、船は欠航", "嵐で港が閉鎖、船は欠航", "社会"),
    ("Fırtına limanı kapattı - Gündem", "Fırtına limanı kapattı", "Gündem"),
    ("Bão đóng cửa cảng | Thời sự", "Bão đóng cửa cảng", "Thời sự"),
    ("तूफान से बंदरगाह बंद | देश", "तूफान से बंदरगाह बंद", "देश"),
]
BY_AGENCY = [
    ("(AP) Storm shuts port", "AP"),
    ("Storm shuts port (Reuters)", "Reuters"),
    ("Storm shuts port - AFP", "AFP"),
    ("REUTERS - Storm shuts port", "REUTERS"),
    ("dpa: Storm shuts port", "dpa"),
    ("Storm shuts port | AA", "AA"),
]
BY_SHAPE = [
    ("Storm shuts port for days | Island Watch", "Storm shuts port for days", "Island Watch"),
    ("Storm shuts port for days - Skerrow Gazette", "Storm shuts port for days", "Skerrow Gazette"),
    ("El temporal cierra el puerto | El Faro de Arriba", "El temporal cierra el puerto", "El Faro de Arriba"),
    ("عاصفة تغلق الميناء القديم في المدينة | صوت الجزيرة", "عاصفة تغلق الميناء القديم في المدينة", "صوت الجزيرة"),
    ("嵐で港が閉鎖、船は欠航：南浜新聞", "嵐で港が閉鎖、船は欠航", "南浜新聞"),
]


@pytest.mark.parametrize(("title", "outlet", "expected", "pieces"), BY_OUTLET)
def test_outlets_leave_titles(title: str, outlet: str, expected: str, pieces: list[str]) -> None:
    """By the name of the outlet or by its domain, and the section beside it."""
    report = clean(page(title, url=outlet) if "//" in outlet else page(title, outlet))
    assert (report.title, cut_pieces(report)) == (expected, pieces)
    assert {piece.kind for piece in report.removed} == {Role.BOILERPLATE}


@pytest.mark.parametrize(("title", "expected", "section"), BY_LEXICON)
def test_sections_leave_titles(title: str, expected: str, section: str) -> None:
    report = clean(page(title))
    assert report.title == expected
    assert Removed(kind=Role.BOILERPLATE, text=section) in report.removed


@pytest.mark.parametrize(("title", "agency"), BY_AGENCY)
def test_agencies_leave_titles(title: str, agency: str) -> None:
    """They are removed as a credit."""
    report = clean(page(title))
    assert report.title == "Storm shuts port"
    assert Removed(kind=Role.CREDIT, text=agency) in report.removed


def test_an_agency_of_the_dateline_may_be_in_the_report() -> None:
    """A report that mentions the agency is no reason to keep the tag if its dateline has it too."""
    told = BODY.replace("said Bloomberg Aasen", "Bloomberg Aasen told Reuters")
    assert clean(page("Storm shuts port - Reuters", body=told)).title == "Storm shuts port - Reuters"
    dated = f"VELMARK, April 13 (Reuters) - {told}"
    assert clean(page("Storm shuts port - Reuters", body=dated)).title == "Storm shuts port"


@pytest.mark.parametrize(("title", "expected", "name"), BY_SHAPE)
def test_what_is_built_as_a_name_leaves_titles(title: str, expected: str, name: str) -> None:
    """If the report has none of its words, and is long enough to have some."""
    report = clean(page(title))
    assert report.title == expected
    assert Removed(kind=Role.BOILERPLATE, text=name) in report.removed
    assert clean(page(title, body="The port is shut.")).title == title


HEADLINES = [
    "Aasen: we will not yield",
    "Bloomberg: I will not run again",
    "Gaza: twelve dead in strike",
    "Petrol to cost more - AA",
    "Port to stay shut for weeks - Aasen",
    "Storm shuts port - markets quiet",
    "Storm Shuts Old Port — Nobody Saw It Coming",
    "Storm Shuts Old Port — And Again",
    "Storm shuts port for days | What we know",
    "Storm shuts port for days | Who is to blame?",
    "Why our teams need more - sport",
    "The One Thing That Mayors Want — Money",
    "Storm shuts port – live",
    "Health - the new battleground of mayors",
    "AA - the drivers' club - waits for help",
    "Storm Hits The Harbour Times - Roof Is Gone",
    "Opinion: the port must open",
    "Storm shuts port for days - Bank of Velmark",
    "Rovers 2 - 1 United",
    "Hafen geschlossen: Bürgermeister kritisiert Land",
    "Sturm schließt Hafen – Rücktritt des Ministers",
    "Le port ferme : « Nous ne céderons pas »",
    "El puerto cierra: doce heridos en Marina",
    "Порт закрыт: мэр обвинил область",
    "港が閉鎖：市長「負けない」",
    "港口关闭：市长称不会屈服",
    "Storm - The Harbour Times",
    "The Harbour Times",
    "The Harbour Times - News - Sport",
]


@pytest.mark.parametrize("title", HEADLINES)
def test_headlines_stay(title: str) -> None:
    """Speakers, places, sources and second halves of headlines; and nothing is cut down to less than a clause."""
    report = clean(
        page(
            title,
            "The Harbour Times",
            "https://gaza.com/a",
            BODY + "\n\nThe money for it is short, as everybody knows in town.",
        )
    )
    assert report.title == title
    assert report.removed == ()


def test_a_place_in_the_domain_may_be_headline() -> None:
    """The report mentions it."""
    for title in ("Storm shuts port - New Velmark", "New Velmark - storm shuts port"):
        body = BODY.replace("Velmark", "New Velmark")
        assert clean(page(title, url="https://newvelmarkexaminer.com", body=body)).title == title


def test_marks_and_names_leave_titles_together() -> None:
    """In any order, and the heading of the page that has neither is still the title."""
    for title in ("UPDATE 2-Storm shuts old port - AP", "AP - UPDATE 2-Storm shuts old port"):
        report = clean(page(title, body=f"Storm shuts old port\n\n{BODY}"))
        assert report.title == "Storm shuts old port"
        assert report.text == BODY
        assert report.edit is not None
        assert report.edit.number == 2


def test_the_title_as_loaded_is_the_identity() -> None:
    """The hash of the content is of what was loaded."""
    title = "Storm shuts old port | News"
    report = clean(page(title))
    assert report.article.title == title
    assert report.article.content_hash == text.content_hash(title, BODY)


@pytest.mark.parametrize("unit", [" - ", "|", "news ", "news & ", "(", "[news] ", "x: ", "- world news "])
def test_no_title_takes_long(unit: str) -> None:
    """The time is linear in the length."""
    start = time.perf_counter()
    clean(page(unit * (200_000 // len(unit)), "The Harbour Times"))
    assert time.perf_counter() - start < 2


# -- titles from the text -------------------------------------------------------------------------------------------

CLAUSE = "About three hundred people were told on Sunday to leave their homes in the village below the burning hill"
WHOLE = [
    "The ferry sank.",
    f"{CLAUSE} above the loch near the old road to the north.",
    "Ulrike Faber, a teacher who came to Velmark from the islands in her twenties, was elected its mayor again.",
    "Ulrike Faber, a teacher who came to Velmark from the islands in her twenties, said she would not run again.",
    f"“{CLAUSE}, and nobody knew where to go,” said the mayor of it.",
]
SHORTENED = [
    f"{CLAUSE}, the fire service said.",
    f"{CLAUSE}, according to the fire service of Castle Dornan.",
    f"{CLAUSE}, as the fire moved towards the school and the only road.",
    f"{CLAUSE}; the school and the only road are closed until Monday.",
    f"{CLAUSE} - the school and the only road are closed until Monday.",
]
IN_LANGUAGES = [
    (
        "Das Hallenbad von Wernstadt soll nach sechs Jahren Leerstand im Herbst wieder öffnen und saniert werden",
        "wie die Stadt am Dienstag mitteilte",
    ),
    (
        "Le phare de Kervenec, fermé depuis deux ans, accueillera de nouveau le public au début du mois d'avril",
        "selon la mairie",
    ),
    (
        "El puente sobre el río Seco quedó cerrado al tráfico durante la madrugada por la crecida de las aguas",
        "informó el ayuntamiento",
    ),
    (
        "A chuva que caiu durante a noite deixou mais de mil pessoas desalojadas e destruiu duas pontes na zona rural",
        "informou a prefeitura",
    ),
    (
        "Il ponte sul torrente resterà chiuso per almeno tre settimane a causa dei danni provocati dalla piena di ieri",
        "secondo il comune",
    ),
    (
        "Het waterschap zoekt driehonderd vrijwilligers die bij hoog water de dijken langs de rivier gaan bewaken",
        "aldus de dijkgraaf",
    ),
    (
        "Временный мост через реку Каменку открыли в пятницу вместо старой переправы из дерева у деревни в долине",
        "сообщила администрация",
    ),
    (
        "Most na rzece pozostanie zamknięty dla ruchu przez trzy tygodnie z powodu szkód po wczorajszej powodzi",
        "według urzędu miasta",
    ),
]


@pytest.mark.parametrize("sentence", WHOLE)
def test_a_sentence_without_a_certain_end_stays(sentence: str) -> None:
    assert infer_title([[sentence]]) == sentence.rstrip(".")


@pytest.mark.parametrize("sentence", SHORTENED)
def test_a_long_sentence_is_cut_at_the_end_of_a_clause(sentence: str) -> None:
    assert infer_title([[sentence]]) == CLAUSE


@pytest.mark.parametrize(("clause", "source"), IN_LANGUAGES)
def test_whose_statement_it_is_leaves_a_long_title(clause: str, source: str) -> None:
    assert infer_title([[f"{clause}, {source}."]]) == clause


def test_only_a_very_long_sentence_is_cut_elsewhere() -> None:
    """At its last comma, or at a word; the mark says that something is missing."""
    limit = thresholds.INFERRED_TITLE_MAX_CHARS
    words = "word " * limit
    for sentence, end in ((f"{CLAUSE}, {words}", CLAUSE), (words, "word")):
        title = infer_title([[sentence]])
        assert title is not None
        assert title.endswith(f"{end}…")
        assert len(title) <= limit + 1
    assert infer_title([]) is None
