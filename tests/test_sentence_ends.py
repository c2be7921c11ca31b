"""Where sentences end, in many languages: a bar in a line is an end of a sentence."""

from __future__ import annotations

import time

import pytest

from newsdedup import sentence_ends
from newsdedup.text import join_sentences, split_sentences

LINES = [
    ("en", "Ms. Dale met Mr. Orr, Dr. Lin and Sen. Fox. | Gen. Moss was away."),
    ("en", "The U.S. President spoke. | He left the U.S. | The ferry waited."),
    ("en", "J. K. Rowling wrote it. | J.R. Moss read it."),
    ("en", "It was item No. 5 on the list. | The answer was no. | Nobody spoke."),
    ("en", "They met at 9 a.m. Monday. | It ended at 5 p.m. | Police then came."),
    ("en", "Yahoo! said it would pay. | “Why?” he asked. | Nobody knew."),
    ("en", '"It closed in 2024." | The minister left.'),
    ("en", "It was closed, he said.[1] | Next came the ferry."),
    ("en", "Really?! | Yes. | And then… | Nothing came."),
    ("en", "See bbc.com or call at 19.30 for 3.5 kg. | Then go."),
    ("en", "He lives on Main St. | The house is old. | She moved to St. Louis."),
    ("en", "The firm, Orr Inc., paid. | Orr Inc. | The court agreed."),
    ("en", "(It rained.) | The match went on."),
    ("en", "The United States (U.S.) President spoke. | Rep. (D) Orr left."),
    ("en", "The case, Orr vs. Moss, is old. | It rose to 12. | Police said so."),
    ("en", "Prices rose on Jan. 6 and Sept. 11. | It was in Jan. | Then they fell."),
    ("en", "“We will not wait.” | The bridge is closed."),
    ("en", "Is it a plan B. | It is not. | Martin Orr Jr. | He won."),
    ("en", "It said... nothing at all. | It said ... | Then it left."),
    ("de", "Am 12. Juni tagte der Rat. | Die 3. Liga beginnt um 19.30 Uhr."),
    ("de", "Es gab z. B. Brot bzw. Wein. | Der Rat kam. | Siehe Nr. 5 und Art. 7."),
    ("de", "Der Verein e. V. Lauch kam, u. a. Hansen. | Danach war Schluss."),
    ("de", "„Warum?“, fragte er. | „Wir warten.“ | Der Rat schwieg."),
    ("de", "Im Jahr 2024. | Der Rat tagte. | Er traf Prof. Dr. Lauch. | 5 Mio. Euro fehlen."),
    ("de", "Das Spiel endete 2:1. | Trainer Lauch war froh. | Papst Leo XIV. Hansen kam."),
    ("de", "»Wir warten.« | Der Rat schwieg. | Am 3. Oktober geht es los. | Es waren 50. | Das reicht."),
    ("da", "I det 21. århundrede kom hr. Hansen. | Det var kl. 19.30. | Bl.a. Odense var med."),
    ("da", "Den 3. maj mødte statsminister Orr dr. Lund. | Mødet varede længe."),
    ("no", "Det skjedde 17. mai kl. 12. | Han kom ikke. | Den 2. verdenskrig var over."),
    ("sv", "Man sålde t.ex. Volvo m.m. | Sedan kom Orr. | Han tog på sig. | Nu är det slut."),
    ("sv", "Det sade hon. | Nu väntar alla. | Kl. 19.30 börjar matchen."),
    ("nl", "Dhr. Jansen en mevr. De Wit kwamen, d.w.z. Piet ook. | Zij bleven."),
    ("nl", "Het was nr. 5 op de lijst. | Daarna was het stil."),
    ("fr", "M. Dupont et Mme. Roux sont partis. | Mme Roux revient."),
    ("fr", "« Pourquoi ? » demande-t-il. | « Nous partons. » | Le ministre se tait."),
    ("fr", "C’est l’art. 5 de la loi. | Qui paie ? | Personne ne sait. | J.-P. Roux rit."),
    ("es", "El Sr. Paz y la Dra. Ruiz llegaron. | El núm. 5 de la calle. | ¿Por qué? | Nadie sabe."),
    ("es", "«¿Por qué?», preguntó. | «Nos vamos.» | El ministro calló. | Dijo que no. | Luego salió."),
    ("pt", "O Sr. Paz e a Dra. Luz chegaram. | O art. 5 vale. | Ninguém sabe."),
    ("it", "Il dott. Rossi e l’on. Bianchi sono qui. | Chi paga? | Nessuno lo sa."),
    ("pl", "W 12. rocznicę prof. Nowak i dr Lis przyszli. | Przy ul. Długiej stoi dom, np. Lisa. | Koniec."),
    ("cs", "Dne 12. června přišel Ing. Novák. | Karel IV. Lucemburský tu byl. | Nic víc."),
    ("fi", "Se alkoi 12. kesäkuuta klo 19.30. | Hän tuli. | Nyt on talvi."),
    ("ru", "Он живёт в г. Москва на ул. Ленина, д. 5. | Это было в 2024 г. | Завод закрыли."),
    ("ru", "Это т. е. Москва, им. Ленина. | «Почему?» — спросил он. | «Мы ждём». | Все ушли."),
    ("ru", "А. С. Пушкин писал. | «Мы ждём.» | Мэр ушёл. | Ушло 5 млн. | Деньги вернули."),
    ("uk", "Він живе на вул. Шевченка. | Це м. Київ. | Він пішов."),
    ("tr", "Av. Kaya ve Prof. Dr. Demir geldi. | 12. Ulusal kongre bitti. | Kimse bilmiyor."),
    ("zh", "索道重开。 | 票价十元！ | 真的吗？ | “我们走吧。”他说。 | 他说：“桥关了。” | 部长昨天抵达。"),
    ("ja", "橋は閉鎖された。 | 「待てない。」と述べた。 | なぜ？ | 誰も知らない。"),
    ("ja", "「橋は閉じた」と知事は話した。 | けが人はいない。"),
    ("ko", "다리가 무너졌다. | 그는 “왜?”라고 물었다. | 할 것. | 끝이다."),
    ("hi", "पुल बह गया। | दस गाँव कटे। | डॉ. वर्मा आए। | क्यों? | कोई नहीं जानता।"),
    ("bn", "সেতু ভেঙে গেছে। | ডা. রায় এসেছেন।"),
    ("ar", "هل أغلق الميناء؟ | نعم. | وصل د. أحمد إلى هنا. | انتهى."),
    ("ur", "پل بند ہے۔ | کوئی نہیں آیا۔"),
    ("he", 'ד"ר כהן הגיע. | הוא הלך.'),
    ("vi", "TS. Nguyễn và TP. Hồ Chí Minh. | Ông ấy đến. | Không ai biết."),
    ("id", "Bpk. Joko dan H. Amin datang. | Tidak ada yang tahu."),
    ("el", "Ο κ. Παπάς ήρθε. | Κανείς δεν ξέρει."),
    ("hu", "Dr. Kiss 2024. június 5. napján jött. | Senki sem tudja."),
    ("my", "တံတားပိတ်သည်။ | ဘယ်သူမှမသိပါ။"),
    ("hy", "Կամուրջը փակ է։ | Ոչ ոք չգիտի։"),
    ("am", "ድልድዩ ተዘግቷል። | ማንም አያውቅም።"),
    ("en", "The city of Lauch, Pa. — The ferry sank. | GOV. ORR SPOKE."),
    ("en", "Maj. Gen. (ret.) Dale came. | The U.S. 7th Fleet left."),
    ("en", "The EC/U.S. Accord holds for <P.W. Orr> and Tampa/St. Lauch. | It ends."),
    ("ja", "管は３．５メートルだった． | ２０１９年に敷設された． | 学校は休校となった．"),
    ("en", "It is Dale’s. | Moss said they don't. | Orr said I’m. | Nobody came."),
    ("en", "It cost Rs. 16.9 million. | Nobody paid."),
    ("en", "He waited . . . | Nobody came."),
    ("de", "Sie kam um 19.30 Uhr. | Der 1. FC Lauch verlor. | Das Tor fiel in der 12. Minute."),
    ("it", "L’art. 5 vale per l’on. Bianchi. | Nessuno lo sa."),
]


@pytest.mark.parametrize(("language", "line"), LINES)
def test_sentences_end_at_the_bars(language: str, line: str) -> None:
    """Sentences end where a reader of the language would end them."""
    sentences = line.split(" | ")
    assert split_sentences(join_sentences(sentences), language) == sentences


# Lines that need the language: ordinal numbers before capitals.
DECLARED = ("Papst Leo XIV.", "Karel IV.", "1. FC")


@pytest.mark.parametrize("line", [line for _, line in LINES if not any(words in line for words in DECLARED)])
def test_sentences_of_an_undeclared_language(line: str) -> None:
    """Most reports do not say their language, and their sentences are the same."""
    assert split_sentences(join_sentences(line.split(" | "))) == line.split(" | ")


def test_a_lost_space_ends_a_sentence() -> None:
    """Pages join paragraphs without a space; addresses, file names and dotted letters are no ends."""
    assert split_sentences("The ferry sank.Nobody drowned.") == ["The ferry sank.", "Nobody drowned."]
    assert split_sentences("“It sank.”Nobody drowned.") == ["“It sank.”", "Nobody drowned."]
    for line in ("See www.lauch.com/Orr.html now.", "The U.S.Senate met in SocialNews.XYZ today."):
        assert split_sentences(line) == [line]


def test_brackets_and_quotations_are_not_split() -> None:
    """What is in brackets or quotation marks stays in one sentence; a mark that is not closed has no effect."""
    for line in ("(It rained. Nobody came.)", "“We drilled. We found water,” she said.", "«Il pleut. Je pars.»"):
        assert split_sentences(line) == [line]
    assert split_sentences("(It rained. Nobody came.") == ["(It rained.", "Nobody came."]
    assert split_sentences("“It rained. Nobody came.") == ["“It rained.", "Nobody came."]


def test_marks_alone_are_no_sentence() -> None:
    """A closing mark that stands apart belongs to the sentence before it."""
    assert split_sentences("Nobody came. ”") == ["Nobody came. ”"]


UNITS = (
    "A. ",
    "A. B. C. ",
    "。",
    "a.",
    "“ ",
    '" ',
    "( ",
    "1. ",
    ".",
    "! ",
    "“No. ",
    '"No. ',
    "(No. ",
    "Mr. ",
    ".”",
    "“«„「『([",
)


@pytest.mark.parametrize("unit", UNITS)
def test_short_sentences_take_linear_time(unit: str) -> None:
    """A long text of nothing but short sentences or opening marks is split in well under a second."""
    paragraph = (unit * 300_000)[:300_000]
    start = time.process_time()
    split_sentences(paragraph)
    assert time.process_time() - start < 3  # 0.2 measured


def test_the_list_of_abbreviations() -> None:
    """Words have the length that the splitter looks at, and no word stands in two sections that exclude each other."""
    abbreviations = sentence_ends._load_abbreviations()
    assert {"Mr", "bzw", "ул", "डॉ"} <= {word for word, kind in abbreviations.section_of.items() if kind == "title"}
    assert all(len(word) < sentence_ends._WORD_MAX_CHARS for word in abbreviations.section_of)
    assert not any(word.isalpha() and len(word) >= sentence_ends._LONG_WORD for word in abbreviations.section_of)
    assert all((abbreviations.surname, abbreviations.day, abbreviations.ordinal))
    assert not abbreviations.opening & abbreviations.ordinal
