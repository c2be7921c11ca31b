"""What a report says about its own edits: marks before the title, and notes above and below the report."""

from __future__ import annotations

import pytest

from builders import article
from newsdedup.clean import clean
from newsdedup.clean.edit_marks import choose_edit, split_title_marks
from newsdedup.models import Edit, EditKind, Removed, Role

TITLES = [
    ("UPDATE 1-Fire destroys warehouse", "Fire destroys warehouse", EditKind.UPDATE, 1),
    ("RPT-UPDATE 2-Fire destroys warehouse", "Fire destroys warehouse", EditKind.UPDATE, 2),
    ("WRAPUP 3-Oil falls", "Oil falls", EditKind.UPDATE, 3),
    ("CORRECTED-Ward closes at night", "Ward closes at night", EditKind.CORRECTION, 0),
    ("KORREKTUR: Kreis schließt Geburtsstation", "Kreis schließt Geburtsstation", EditKind.CORRECTION, 0),
    ("RECTIFICATIF: La maternité ferme", "La maternité ferme", EditKind.CORRECTION, 0),
    ("【訂正】病院が夜間閉鎖へ", "病院が夜間閉鎖へ", EditKind.CORRECTION, 0),
    ("更正：医院夜间关闭", "医院夜间关闭", EditKind.CORRECTION, 0),
    ("Withdrawn: Fire destroys warehouse", "Fire destroys warehouse", EditKind.WITHDRAWAL, 0),
    ("RPT-Fire destroys warehouse", "Fire destroys warehouse", EditKind.REPEAT, 0),
]
PLAIN = [
    "Kill-Switch Law Passed",
    "Update on the trial of a mayor",
    "Correction officers strike",
    "Korrektur an der Börse",
    "UPDATE:",
]
NOTES = [
    ("(Corrects number of births in paragraph 4 to 740)", EditKind.CORRECTION),
    ("Correction (May 9): An earlier version of this article said that it is 85 kilometres away.", EditKind.CORRECTION),
    ("In einer früheren Version dieses Artikels hieß es, der Ort sei 85 Kilometer entfernt.", EditKind.CORRECTION),
    ("Rectificatif : une première version donnait un autre chiffre.", EditKind.CORRECTION),
    ("(Corrige la cifra de heridos en el segundo párrafo)", EditKind.CORRECTION),
    ("Sprostowanie: w tekście podano inną liczbę.", EditKind.CORRECTION),
    ("(Adds cause and rail traffic in paragraphs 5-6)", EditKind.UPDATE),
    ("Dieser Artikel wurde am Freitagabend aktualisiert.", EditKind.UPDATE),
    ("Esta noticia ha sido actualizada con la respuesta del alcalde.", EditKind.UPDATE),
    ("Материал обновлён после ответа мэрии.", EditKind.UPDATE),
    ("(Repeats story first published at 0925 with no changes)", EditKind.REPEAT),
]
BODY = (
    "The district hospital in Velmark will close its ward between ten at night and six in the morning from June.\n\n"
    "Only nine of sixteen posts for midwives are filled, its director told reporters in the town on Thursday.\n\n"
    "Women in labour are to be taken to the next hospital, which is almost sixty kilometres away by road.\n\n"
    "The council of the county is to look at the decision again in the autumn, a spokesman for it said later.\n\n"
    "A petition against it has been signed by more than four thousand people since the beginning of the month."
)


@pytest.mark.parametrize(("title", "expected", "kind", "number"), TITLES)
def test_marks_leave_the_title(title: str, expected: str, kind: EditKind, number: int) -> None:
    """The edit has the highest number of the marks, and they are listed as removed."""
    report = clean(article("a", BODY, title=title))
    assert report.title == expected
    assert report.edit is not None
    assert (report.edit.kind, report.edit.number) == (kind, number)
    assert {piece.text for piece in report.removed if piece.kind is Role.TITLE} <= {title, *title.split()} | {
        edit.text for edit in split_title_marks(title)[1]
    }


@pytest.mark.parametrize("title", PLAIN)
def test_words_of_a_title_are_no_marks(title: str) -> None:
    assert split_title_marks(title) == (title, [])


@pytest.mark.parametrize("is_above", [True, False])
@pytest.mark.parametrize(("note", "kind"), NOTES)
def test_notes_leave_the_text(note: str, kind: EditKind, is_above: bool) -> None:
    """Above the report and below it."""
    report = clean(article("a", f"{note}\n\n{BODY}" if is_above else f"{BODY}\n\n{note}"))
    assert report.text == BODY
    assert report.edit == Edit(kind, note)
    assert Removed(kind=Role.BOILERPLATE, text=note) in report.removed


WITHDRAWALS = [
    "This report has been withdrawn. It was published in error.",
    "Diese Meldung wird zurückgezogen. Sie enthielt schwere Fehler.",
    "Cet article a été retiré. Il contenait des erreurs graves.",
    "Материал отозван редакцией. В нём были ошибки.",
]


@pytest.mark.parametrize("notice", WITHDRAWALS)
def test_a_withdrawal_is_the_text(notice: str) -> None:
    """Whoever reads the story must meet the notice."""
    report = clean(article("a", notice))
    assert report.text == notice
    assert report.edit == Edit(EditKind.WITHDRAWAL, notice)


def test_of_several_edits_the_gravest_counts() -> None:
    update, correction = Edit(EditKind.UPDATE, "UPDATE 2-", 2), Edit(EditKind.CORRECTION, "(Corrects date)")
    assert choose_edit([update, correction]) == Edit(EditKind.CORRECTION, "(Corrects date)", 2)
    assert choose_edit([]) is None


def test_a_sentence_of_the_report_is_no_note() -> None:
    """Not in the middle of a report, and not if it speaks of something else."""
    text = (
        f"{BODY}\n\nThe correction of the figures was welcomed by the council.\n\n{BODY.replace('Velmark', 'Sorvik')}"
    )
    assert clean(article("a", text)).edit is None
