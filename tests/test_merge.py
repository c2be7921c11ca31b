"""Stage 7: invariants of every canonical article, and where each sentence of a variant ends up.

The stories of the property tests are made of our own texts: variants are random cuts and shuffles of the sentences of
the articles of one family, so that sentences say the same, clash, or are new in every mixture.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from functools import cache
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from builders import SEEDS, article, profiled, records, sentences, told, verdict
from newsdedup.config import Config
from newsdedup.engine import dedupe
from newsdedup.features import ReportFeatures
from newsdedup.merge import MergedArticle, merge
from newsdedup.merge.base_choice import choose_base
from newsdedup.models import Article, Paragraph, Passage, Relation, Story
from newsdedup.models.options import AdditionsMode
from newsdedup.readers import load
from newsdedup.text import join_sentences
from newsdedup.thresholds import MIN_SENTENCE_MASS

LAW = settings(max_examples=60)


# -- stories at random ---------------------------------------------------------------------------------------------


@cache
def families() -> dict[str, tuple[tuple[str, ...], ...]]:
    """Return for each family of our own articles the paragraphs, as sentences, that its articles are made of."""
    articles_of_family: dict[str, list[Article]] = {}
    for row in records("labelled.jsonl"):
        family = "-".join(row["id"].split("-")[:2]) if row["id"].startswith("en") else row["id"].split("-")[0]
        articles_of_family.setdefault(family, []).append(article(row["id"], row["text"], title=row["title"]))
    for each in load([str(SEEDS)]):
        if isinstance(each, Article):
            name = each.path.rsplit("/", 1)[-1].split(".")[0]
            articles_of_family.setdefault("-".join(name.split("-")[:1]), []).append(each)
    return {
        family: tuple(paragraph for profile in profiled(*articles) for paragraph in profile.report.paragraphs)
        for family, articles in sorted(articles_of_family.items())
    }


class MergeCase:
    """The input of a merge, and its result."""

    def __init__(self, base: ReportFeatures, variants: list[ReportFeatures], is_superseded: list[bool]) -> None:
        self.base, self.variants, self.is_superseded = base, variants, is_superseded
        self.merged = merge(base, variants, is_superseded)

    @property
    def all_variants(self) -> list[ReportFeatures]:
        """The base and the variants, in the order of merging."""
        return [self.base, *self.variants]

    def __repr__(self) -> str:
        """Return the sentences of the variants, for the message of a failing example."""
        lines = zip(
            self.all_variants,
            ["base", *("earlier" if is_earlier else "other" for is_earlier in self.is_superseded)],
            strict=True,
        )
        return "".join(f"\n{kind}: {each.report.paragraphs}" for each, kind in lines)


@st.composite
def stories(draw: st.DrawFn) -> MergeCase:
    """Merge variants made of random paragraphs of one family, some of them cut, in any order."""
    paragraphs = families()[draw(st.sampled_from(sorted(families())))]
    paragraph_lists = st.lists(st.sampled_from(paragraphs), min_size=1, max_size=6)
    profiles = []
    for number in range(draw(st.integers(1, 4))):
        variant = []
        for paragraph in draw(paragraph_lists):
            start = draw(st.integers(0, len(paragraph) - 1))
            variant.append(paragraph[start : draw(st.integers(start + 1, len(paragraph)))])
        profiles.append(told(f"v{number}", *variant))
    base, *variants = profiles
    is_superseded = [draw(st.booleans()) for _ in variants]
    return MergeCase(base, variants, is_superseded)


def passages(paragraphs: Sequence[Paragraph]) -> list[Passage]:
    return [source for each in paragraphs for sentence in each.sentences for source in sentence.sources]


@LAW
@given(stories())
def test_every_sentence_of_every_variant_is_somewhere_once(story: MergeCase) -> None:
    """In the text, as a source of a sentence in it, or superseded: nothing is lost, and nothing is counted twice."""
    given_sentences = Counter(
        (each.report.article.article_id, sentence) for each in story.all_variants for sentence in each.report.sentences
    )
    listed = [source for each in story.merged.additions for source in each.sources]
    found_passages = [*passages(story.merged.paragraphs), *listed, *story.merged.superseded]
    assert Counter((passage.article_id, passage.text) for passage in found_passages) == given_sentences


def sentences_by_arrival(story: MergeCase) -> list[str]:
    """Return the sentences of the canonical article by arrival: those of the base, then those of each variant."""
    base_sentences = [
        sentence for paragraph in story.merged.paragraphs if not paragraph.added for sentence in paragraph.sentences
    ]
    new = {
        sentence.sources[0]: sentence.text
        for paragraph in story.merged.paragraphs
        if paragraph.added
        for sentence in paragraph.sentences
    }
    order = (
        Passage(article_id=each.report.article.article_id, text=sentence)
        for each in story.variants
        for sentence in each.report.sentences
    )
    return [sentence.text for sentence in base_sentences] + [new.pop(each) for each in order if each in new]


@LAW
@given(stories())
def test_nothing_is_added_that_stood_there_already(story: MergeCase) -> None:
    """A sentence that says the same as an earlier one becomes its source, whichever sentence covers it best."""
    arrival = sentences_by_arrival(story)
    for i in range(len(story.base.sentences), len(arrival)):
        for known in arrival[:i]:
            assert verdict(known, arrival[i]).outcome != "same", f"{arrival[i]!r} says what {known!r} says"


def said_twice(story: MergeCase) -> list[str]:
    """Return each added sentence of the canonical article that says what another sentence says, and that one."""
    sentences = [
        (paragraph.added, sentence.text) for paragraph in story.merged.paragraphs for sentence in paragraph.sentences
    ]
    return [
        f"{text!r} says what {known!r} says"
        for i, (added, text) in enumerate(sentences)
        for j, (_, known) in enumerate(sentences)
        if added and i != j and verdict(known, text).outcome == "same"
    ]


@LAW
@given(stories())
def test_no_added_sentence_says_what_another_says(story: MergeCase) -> None:
    """The canonical article has no repetitions, not even where the fuller sentence comes later."""
    assert said_twice(story) == []


BRIDGE = (
    "По словам главного инженера Олега Власова, угрозы обрушения нет, однако рисковать никто не намерен.",
    (
        "В городе Заречье в среду закрыли движение по мосту через реку Сить: при осмотре в опоре обнаружили трещину "
        "длиной тридцать сантиметров."
    ),
    "Об этом сообщили в городской администрации.",
    (
        "Движение по мосту через реку Сить в городе Заречье закрыли в среду после того, как при осмотре обнаружили "
        "трещину длиной тридцать сантиметров, сообщили в городской администрации."
    ),
)
SPA = (
    "「近所の人に毎日『いつ開くのか』と聞かれた。やっと答えられる」とリフト係の佐藤健さん（38）は話す。",
    "休業中、十四人の従業員は周辺の宿で働いていた。",
    "支配人の森田恵さん（52）は「近所の人に毎日『いつ開くのか』と聞かれた。やっと答えられる」と話した。",
    "従業員二十三人は休業中、周辺の宿で働いていた。",
    "白浜町は十日、昨年九月の地震の影響で休業していた町営の温泉施設「潮の湯」を来月一日に再開すると発表した。",
    "「近所の人に毎日『いつ開くのか』と聞かれた。やっと答えられる」と支配人の森田恵さん（52）は話す。",
    "休業中、二十三人の従業員は周辺の宿で働いていた。",
)
SAID_TWICE: dict[str, tuple[tuple[Sequence[str], ...], ...]] = {
    "its attribution is told in a fuller sentence that came later": (
        (BRIDGE[:1],),
        (BRIDGE[:1], BRIDGE[:1], BRIDGE[1:3], BRIDGE[3:]),
    ),
    "the base tells it of two numbers": ((SPA[:2], SPA[2:4]), (SPA[4:5],), (SPA[5:],)),
}


@pytest.mark.parametrize("case", SAID_TWICE)
def test_what_was_said_twice(case: str) -> None:
    """Defects of earlier versions, found by random stories."""
    base, *others = [told(f"v{number}", *variant) for number, variant in enumerate(SAID_TWICE[case])]
    assert said_twice(MergeCase(base, others, [False] * len(others))) == []


@LAW
@given(stories())
def test_paragraphs_of_the_base_are_whole_and_in_order(story: MergeCase) -> None:
    """Added sentences are between the paragraphs of the base, never inside them."""
    base_paragraphs = [each for each in story.merged.paragraphs if not each.added]
    assert (
        tuple(tuple(sentence.text for sentence in each.sentences) for each in base_paragraphs)
        == story.base.report.paragraphs
    )
    name = story.base.report.article.article_id
    for each in base_paragraphs:
        for sentence in each.sentences:
            assert sentence.sources[0] == Passage(article_id=name, text=sentence.text)


@LAW
@given(stories())
def test_added_paragraphs_are_one_variants_words(story: MergeCase) -> None:
    """The words are those of one variant that is not superseded, in its order."""
    report_of = {each.report.article.article_id: each.report for each in story.variants}
    superseded_ids = {
        each.report.article.article_id
        for each, is_gone in zip(story.variants, story.is_superseded, strict=True)
        if is_gone
    }
    for each in story.merged.paragraphs:
        if not each.added:
            continue
        owners = {sentence.sources[0].article_id for sentence in each.sentences}
        assert len(owners) == 1
        (owner,) = owners
        assert owner not in superseded_ids
        assert [sentence.text for sentence in each.sentences] == [
            sentence.sources[0].text for sentence in each.sentences
        ]
        report_text = " ".join(report_of[owner].sentences)
        positions = [report_text.find(sentence.text) for sentence in each.sentences]
        assert min(positions) >= 0


@LAW
@given(stories())
def test_paragraphs_name_the_variants_of_their_sentences(story: MergeCase) -> None:
    """`sources` are the sources of the sentences, each once, and `text` is the sentences joined."""
    for each in story.merged.paragraphs:
        carriers = dict.fromkeys(source.article_id for sentence in each.sentences for source in sentence.sources)
        assert each.sources == tuple(carriers)
        assert each.text == join_sentences(sentence.text for sentence in each.sentences)
        assert each.sentences


@LAW
@given(stories())
def test_only_withdrawn_variants_are_superseded(story: MergeCase) -> None:
    """Nothing is dropped of a report that is not an earlier edit of the base."""
    superseded_ids = {
        each.report.article.article_id
        for each, is_gone in zip(story.variants, story.is_superseded, strict=True)
        if is_gone
    }
    assert {passage.article_id for passage in story.merged.superseded} <= superseded_ids


@LAW
@given(stories())
def test_conflicts_show_both_sides(story: MergeCase) -> None:
    """A conflict is between a sentence of the text and those of its sources that differ in a fact."""
    sentences = [each for paragraph in story.merged.paragraphs for each in paragraph.sentences]
    for conflict in story.merged.conflicts:
        first, *other_passages = conflict.passages
        assert other_passages
        outside = set(story.merged.superseded)
        both_sides = {first, *other_passages} - outside
        assert any(each.text == first.text and both_sides <= set(each.sources) for each in sentences)
        assert all(other.text != first.text for other in other_passages)


@LAW
@given(stories())
def test_a_story_of_one_article_is_its_report(story: MergeCase) -> None:
    """Nothing is added or dropped, and there is no conflict."""
    for each in story.all_variants:
        alone = merge(each, [], [])
        assert "\n\n".join(paragraph.text for paragraph in alone.paragraphs) == each.report.text
        assert (alone.conflicts, alone.superseded) == ((), ())


@LAW
@given(stories())
def test_a_reprint_adds_nothing(story: MergeCase) -> None:
    """The base again, in other paragraphs, is only a second source of every sentence."""
    again = told("again", story.base.report.sentences)
    merged = merge(story.base, [again], [False])
    assert [each.text for each in merged.paragraphs] == [each.text for each in merge(story.base, [], []).paragraphs]
    assert merged.conflicts == ()
    assert Counter(passage.article_id for passage in passages(merged.paragraphs)) == {
        "v0": len(story.base.sentences),
        "again": len(story.base.sentences),
    }


# -- where a sentence ends, one by one -----------------------------------------------------------------------------

LEAD = "The ferry Marisol ran aground off Port Lenna on Tuesday evening."
CREW = "Captain Karl Oberin had served on the route of the Marisol for eleven summers."
TUGS = "Two tugs from the naval yard at Quill are to pull the ship free at high tide."
OYSTERS = "Diesel has spread over the oyster beds north of the lighthouse at Lenna."
SCHOOL = "A class of schoolchildren from Quill sang until the lifeboats came."
BASE = ([LEAD], [CREW], [TUGS])


def format_outline(merged: MergedArticle) -> list[str]:
    """Return the text of each paragraph, with a plus before added ones."""
    return [f"+ {each.text}" if each.added else each.text for each in merged.paragraphs]


PLACES = {
    "after what preceded it": ([LEAD, OYSTERS, TUGS], [LEAD, f"+ {OYSTERS}", CREW, TUGS]),
    "after what preceded it, in a paragraph of its own": (
        [LEAD],
        [CREW],
        [OYSTERS],
        [LEAD, CREW, f"+ {OYSTERS}", TUGS],
    ),
    "at the end": ([TUGS], [OYSTERS], [LEAD, CREW, TUGS, f"+ {OYSTERS}"]),
    "in the other report's order": (
        [LEAD],
        [OYSTERS],
        [SCHOOL],
        [LEAD, f"+ {OYSTERS}", f"+ {SCHOOL}", CREW, TUGS],
    ),
    "together where they stood together": ([LEAD], [OYSTERS, SCHOOL], [LEAD, f"+ {OYSTERS} {SCHOOL}", CREW, TUGS]),
    "apart where something known stood between": (
        [LEAD, OYSTERS, CREW, SCHOOL],
        [LEAD, f"+ {OYSTERS}", CREW, f"+ {SCHOOL}", TUGS],
    ),
}


@pytest.mark.parametrize("case", PLACES.values(), ids=PLACES)
def test_place_of_what_is_added(case: tuple[list[str], ...]) -> None:
    """After the paragraph that is aligned with what preceded it there."""
    *paragraphs, expected = case
    merged = merge(told("a", *BASE), [told("b", *paragraphs)], [False])
    assert format_outline(merged) == expected


def test_a_fuller_sentence_takes_the_place_of_a_shorter_one() -> None:
    """A report may summarise first and give details later; the canonical article has the full sentence once."""
    short = "Divers found a crack in the hull of the Marisol below the engine room."
    full = f"{short[:-1]}, four metres long and open to the sea, police said."
    merged = merge(told("a", *BASE), [told("b", [LEAD, short], [TUGS, full])], [False])
    added = [sentence for each in merged.paragraphs if each.added for sentence in each.sentences]
    assert [sentence.text for sentence in added] == [full]
    assert [source.text for source in added[0].sources] == [full, short]


FOUND = "Divers found a crack in the hull of the Marisol below the engine room."
FOUND_FULLER = f"{FOUND[:-1]}, four metres long and open to the sea, police said."


@pytest.mark.parametrize(
    "first", [[LEAD, FOUND], [LEAD, FOUND, OYSTERS], [LEAD, OYSTERS, FOUND]], ids=["alone", "before", "after"]
)
def test_another_variants_fuller_sentence_takes_the_place_of_a_shorter_one(first: list[str]) -> None:
    """Wherever the shorter one is: the fact appears once, the other sentences stay, and no paragraph mixes sources."""
    merged = merge(told("a", *BASE), [told("b", first), told("c", [LEAD], [FOUND_FULLER])], [False, False])
    added = [each for each in merged.paragraphs if each.added]
    sentences_added = [sentence for each in added for sentence in each.sentences]
    assert {sentence.text for sentence in sentences_added} == {FOUND_FULLER} | ({OYSTERS} & set(first))
    (fuller,) = (sentence for sentence in sentences_added if sentence.text == FOUND_FULLER)
    assert [source.article_id for source in fuller.sources] == ["c", "b"]
    assert all(len({sentence.sources[0].article_id for sentence in each.sentences}) == 1 for each in added)


def test_what_one_variant_adds_keeps_its_order() -> None:
    """Also if everything is added after one paragraph of the base that the other report splits in two."""
    base = told("a", [LEAD, CREW], [TUGS])
    merged = merge(base, [told("b", [LEAD], [OYSTERS], [CREW], [SCHOOL])], [False])
    assert format_outline(merged) == [f"{LEAD} {CREW}", f"+ {OYSTERS}", f"+ {SCHOOL}", TUGS]


def test_two_variants_add_at_one_place() -> None:
    """Each in a paragraph of its own, in the order of merging, and the second's repeats are only sources."""
    first, second = told("b", [LEAD, OYSTERS]), told("c", [LEAD, OYSTERS, SCHOOL])
    merged = merge(told("a", *BASE), [first, second], [False, False])
    assert format_outline(merged) == [LEAD, f"+ {OYSTERS}", f"+ {SCHOOL}", CREW, TUGS]
    assert merged.paragraphs[1].sources == ("b", "c")
    assert merged.paragraphs[2].sources == ("c",)


def test_a_variant_repeats_itself_once() -> None:
    """A sentence that one report repeats is added once, with both passages as sources."""
    merged = merge(told("a", *BASE), [told("b", [LEAD, OYSTERS], [CREW], [f"“{OYSTERS}”"])], [False])
    assert format_outline(merged) == [LEAD, f"+ {OYSTERS}", CREW, TUGS]
    assert [passage.text for passage in merged.paragraphs[1].sentences[0].sources] == [OYSTERS, f"“{OYSTERS}”"]


def test_same_words_are_a_source() -> None:
    """The sentence keeps the base's words and names the other with its own."""
    other = LEAD.upper()
    (lead, *_) = merge(told("a", *BASE), [told("b", [other])], [False]).paragraphs
    assert lead.text == LEAD
    assert lead.sources == ("a", "b")
    assert lead.sentences[0].sources == (Passage(article_id="a", text=LEAD), Passage(article_id="b", text=other))


def test_one_sentence_for_two() -> None:
    """A sentence that joins two neighbours of the base is not added."""
    split = ([LEAD], ["The harbour office closed the channel.", "Nobody aboard the ship was hurt."], [TUGS])
    joined = "The harbour office closed the channel and nobody aboard the ship was hurt."
    merged = merge(told("a", *split), [told("b", [LEAD, joined])], [False])
    assert not any(each.added for each in merged.paragraphs)
    assert joined in {passage.text for passage in passages(merged.paragraphs)}


def test_slight_sentence_is_no_news() -> None:
    """A few common words that the base uses here and there are not worth a paragraph; rarer ones are."""
    base = told("a", ["It was late for oystermen."], [CREW], ["The evening was warm."], [TUGS])
    slight, weighty = "The two were late.", "The two were late oystermen."
    assert sentences(slight).idf_mass[0] < MIN_SENTENCE_MASS < sentences(weighty).idf_mass[0]
    assert merge(base, [told("b", [slight])], [False]).additions == ()
    assert [each.text for each in merge(base, [told("b", [weighty])], [False]).additions] == [weighty]


CLASHES = {
    "number": (
        "The ferry ran aground with 212 people aboard, the harbour office said.",
        "The ferry ran aground with 221 people aboard, the harbour office said.",
    ),
    "date": (
        "The repaired ferry is to sail again on 12 May, the harbour office said.",
        "The repaired ferry is to sail again on 14 May, the harbour office said.",
    ),
    "name": (
        "The ferry was pulled free by the tug Quill in the evening, the harbour office said.",
        "The ferry was pulled free by the tug Heron in the evening, the harbour office said.",
    ),
}


@pytest.mark.parametrize(
    ("kind", "sentence_a", "sentence_b"), [(kind, *both) for kind, both in CLASHES.items()], ids=CLASHES
)
def test_disagreement_is_a_conflict(kind: str, sentence_a: str, sentence_b: str) -> None:
    """Both sentences are in `conflicts`, that of the base first; the text has only that of the base."""
    merged = merge(told("a", [sentence_a], [CREW]), [told("b", [sentence_b])], [False])
    assert format_outline(merged) == [sentence_a, CREW]
    (conflict,) = merged.conflicts
    assert conflict.kind == kind
    assert conflict.passages == (Passage(article_id="a", text=sentence_a), Passage(article_id="b", text=sentence_b))


def test_several_variants_share_a_conflict() -> None:
    """One conflict for a sentence and kind, with all variants that disagree and none that agree."""
    sentence_a, sentence_b = CLASHES["number"]
    merged = merge(
        told("a", [sentence_a], [CREW]),
        [told("b", [sentence_b]), told("c", [sentence_a]), told("d", [sentence_b])],
        [False, False, False],
    )
    (conflict,) = merged.conflicts
    assert [passage.article_id for passage in conflict.passages] == ["a", "b", "d"]


def test_conflict_with_an_added_sentence() -> None:
    """Two variants may disagree on a fact that the base does not have."""
    sentence_a, sentence_b = CLASHES["number"]
    others = [told("b", [CREW, sentence_a, TUGS]), told("c", [CREW, sentence_b, TUGS])]
    merged = merge(told("a", [CREW], [TUGS]), others, [False, False])
    assert format_outline(merged) == [CREW, f"+ {sentence_a}", TUGS]
    (conflict,) = merged.conflicts
    assert [passage.article_id for passage in conflict.passages] == ["b", "c"]


def test_opposite_statements_both_stand() -> None:
    """An opposite is news, not a second source of what it denies."""
    yes, no = "Nobody was hurt.", "Two firefighters were hurt."
    merged = merge(told("a", [LEAD, yes, CREW], [TUGS]), [told("b", [LEAD, no, CREW])], [False])
    assert format_outline(merged) == [f"{LEAD} {yes} {CREW}", f"+ {no}", TUGS]


LISTED = {
    "before all that matches": ([OYSTERS], [LEAD]),
    "a line of the page": ([LEAD], ["Please send photos of the wreck at Lenna to our newsdesk."], [TUGS]),
    "an address": ([LEAD], ["More photos for our readers are on www.harbournews.example today."], [TUGS]),
    "a note in brackets": ([LEAD], ["(The writer travelled to Lenna as a guest of the harbour office.)"], [TUGS]),
    "no full sentence": ([LEAD], ["The wreck of the Marisol seen from above"], [TUGS]),
    "a headline": ([LEAD], ["Fishermen of Lenna Fear for Their Oyster Beds."], [TUGS]),
    "a pronoun without its noun": ([OYSTERS, "She had booked the passage in March with her daughter."], [LEAD]),
    "a speaker without a name": ([LEAD, CREW], ["“We were singing when the lights went out,” he said."]),
    "a quotation without its speaker": ([LEAD, CREW], ["“Nobody told us to put on the vests until midnight.”"]),
    "the tail of another page": ([LEAD, CREW], ["Winter tyres are cheaper in August than in any other month."]),
    "a German pronoun": (
        [LEAD],
        ["Photo: harbour office", "Diese hatten den Hafen gegen Mitternacht verlassen wollen."],
        [TUGS],
    ),
    "a Russian pronoun": ([LEAD], ["Photo: harbour office", "Она забронировала места на пароме ещё в марте."], [TUGS]),
    "a French pronoun": (
        [LEAD],
        ["Photo: harbour office", "Ils avaient réservé leurs places au mois de mars."],
        [TUGS],
    ),
    "a Chinese pronoun": ([LEAD], ["Photo: harbour office", "他们在三月份就已经预订了这班渡轮的座位。"], [TUGS]),
}


ENTERING = {
    "German": "Der Hafen von Quill soll bis Freitag für Frachtschiffe gesperrt bleiben.",
    "Spanish": "El puerto de Quill seguirá cerrado a los cargueros hasta el viernes.",
    "Polish": "Port w Quill pozostanie zamknięty dla statków towarowych do piątku.",
    "Italian": "Il porto di Quill resterà chiuso alle navi da carico fino a venerdì.",
    "Russian": "Порт Квилл останется закрыт для грузовых судов до пятницы.",
    "Chinese": "附近三所中学已经申请组织学生参观现场。",
    "Japanese": "港は金曜日まで貨物船の入港を受け入れないという。",
    "English": "On Friday all fish markets of the county are to be closed.",
}


@pytest.mark.parametrize("text", ENTERING.values(), ids=ENTERING)
def test_a_new_full_sentence_enters(text: str) -> None:
    """In any language: no first word is taken for a pronoun of another one."""
    merged = merge(told("a", *BASE), [told("b", [LEAD], [CREW], [text], [TUGS])], [False])
    assert format_outline(merged) == [LEAD, CREW, f"+ {text}", TUGS]


@pytest.mark.parametrize("case", LISTED.values(), ids=LISTED)
def test_what_may_not_enter_is_listed(case: tuple[list[str], ...]) -> None:
    """The text stays the base, and nothing is lost."""
    merged = merge(told("a", *BASE), [told("b", *case)], [False])
    assert not any(paragraph.added for paragraph in merged.paragraphs)
    new = [text for paragraph in case for text in paragraph if text not in {LEAD, CREW, TUGS}]
    assert [addition.text for addition in merged.additions] == new
    assert all(addition.article_id == "b" for addition in merged.additions)


def test_a_listed_sentence_names_its_place_and_all_who_say_it() -> None:
    """`after` is the index of the paragraph of the text, and later variants are further sources."""
    note = "The wreck of the Marisol seen from above"
    merged = merge(told("a", *BASE), [told("b", [LEAD], [CREW], [note]), told("c", [CREW], [note])], [False, False])
    (addition,) = merged.additions
    assert (addition.text, addition.after) == (note, 1)
    assert [passage.article_id for passage in addition.sources] == ["b", "c"]


def test_a_pronoun_may_follow_its_noun() -> None:
    """Where the sentence before it ends the paragraph that it is put after, or enters with it."""
    he_said = "He had never lost a ship before that night, he told the harbour office."
    assert format_outline(merge(told("a", *BASE), [told("b", [CREW, he_said], [TUGS])], [False])) == [
        LEAD,
        CREW,
        f"+ {he_said}",
        TUGS,
    ]
    they = "They were later taken to a gym by bus."
    assert f"+ {SCHOOL} {they}" in format_outline(
        merge(told("a", *BASE), [told("b", [LEAD, SCHOOL, they], [TUGS])], [False])
    )


def test_nothing_stands_between_an_introduction_and_its_quotation() -> None:
    """An addition goes after the quotation that a colon announces, and after one of several paragraphs."""
    says, quote = "The captain, Karl Oberin, told the harbour office:", "“I saw the lighthouse too late.”"
    base = told("a", [LEAD], [says], [quote], [TUGS])
    assert format_outline(merge(base, [told("b", [LEAD], [says], [OYSTERS], [TUGS])], [False])) == [
        LEAD,
        says,
        quote,
        f"+ {OYSTERS}",
        TUGS,
    ]


@pytest.mark.parametrize("mode", ["list", "none"])
def test_additions_can_stay_out_of_the_text(mode: AdditionsMode) -> None:
    """The text is the base; the new sentences are listed, or left out on demand."""
    merged = merge(told("a", *BASE), [told("b", [LEAD, OYSTERS, CREW])], [False], mode)
    assert format_outline(merged) == [LEAD, CREW, TUGS]
    assert [addition.text for addition in merged.additions] == ([OYSTERS] if mode == "list" else [])


def test_what_only_an_earlier_edit_says_is_superseded() -> None:
    """A retracted sentence does not come back; a sentence of both edits has both as sources."""
    merged = merge(told("a", *BASE), [told("b", [LEAD, OYSTERS])], [True])
    assert format_outline(merged) == [LEAD, CREW, TUGS]
    assert merged.superseded == (Passage(article_id="b", text=OYSTERS),)
    assert merged.paragraphs[0].sources == ("a", "b")


def test_another_variant_may_bring_a_superseded_sentence() -> None:
    """Only the earlier edit is superseded, not an independent rewrite with the same sentence."""
    merged = merge(told("a", *BASE), [told("b", [LEAD, OYSTERS]), told("c", [LEAD, OYSTERS])], [True, False])
    assert format_outline(merged) == [LEAD, f"+ {OYSTERS}", CREW, TUGS]


def test_variant_without_a_report() -> None:
    """A page without a report adds nothing, neither as the base nor as a variant."""
    empty = told("b")
    assert format_outline(merge(told("a", *BASE), [empty], [False])) == [LEAD, CREW, TUGS]
    assert merge(empty, [], []).paragraphs == ()


# -- the base ------------------------------------------------------------------------------------------------------


def test_base_is_the_most_complete() -> None:
    """More words of report come before everything else."""
    short = told("a", [LEAD], published="2025-01-01", page_share=1.0)
    long = told("b", [LEAD], [CREW], published="2025-02-01", page_share=0.1)
    assert choose_base([short, long]).index == 1
    assert choose_base([long, short]).index == 0


def test_base_of_equals_is_the_cleaner_page() -> None:
    """Of two equal reports the one with less page furniture."""
    pages = [told("a", [LEAD], published="2025-01-01", page_share=0.5), told("b", [LEAD], page_share=0.6)]
    assert choose_base(pages).index == 1
    assert choose_base(pages[::-1]).index == 0


def test_base_of_equal_pages_is_the_earliest() -> None:
    """The earlier one; one without a date is never the earlier one."""
    late, early, never = (
        told("a", [LEAD], published="2025-01-02"),
        told("b", [LEAD], published="2025-01-01"),
        told("c", [LEAD]),
    )
    assert choose_base([late, early, never]).index == 1
    assert choose_base([never, late]).index == 1


def test_base_of_all_equals_is_told_by_content() -> None:
    """The smaller content hash, then the smaller id; never the position in the list."""
    low, high = told("z", [LEAD], content_hash="0" * 32), told("a", [LEAD], content_hash="f" * 32)
    assert choose_base([low, high]).index == 0
    assert choose_base([high, low]).index == 1
    first, second = told("a", [LEAD], content_hash="0" * 32), told("b", [LEAD], content_hash="0" * 32)
    assert choose_base([second, first]).index == 1


# -- through the pipeline ------------------------------------------------------------------------------------------


def merge_to_story(*articles: Article) -> Story:
    """Return the single story of `articles`, merged at any probability."""
    (story,) = dedupe(articles, Config(workers=1, min_probability=0.0)).stories
    return story


def make_lift_article(article_id: str, **fields: str) -> Article:
    row = next(row for row in records("labelled.jsonl") if row["id"] == article_id)
    return article(article_id, row["text"], title=row["title"], source=row["source"], **fields)


def test_a_later_date_alone_supersedes_nothing() -> None:
    """Another outlet prints a report later: that is no new version of it."""
    earlier = make_lift_article("en-lift-agency", published="2025-02-01T18:00:00Z")
    later = make_lift_article("en-lift-update", published="2025-02-01T21:00:00Z")
    assert merge_to_story(earlier, later).superseded == ()


@pytest.mark.parametrize("ids", [("en-lift-agency", "en-lift-rewrite"), ("en-lift-agency", "en-lift-reprint")])
def test_text_is_the_paragraphs_joined_by_blank_lines(ids: tuple[str, str]) -> None:
    """What tools read as text is what they read as paragraphs."""
    story = merge_to_story(*map(make_lift_article, ids))
    assert len(story.variants) == 2
    assert story.text == "\n\n".join(paragraph.text for paragraph in story.paragraphs)
    assert {name for paragraph in story.paragraphs for name in paragraph.sources} == set(ids)


def test_lone_article_is_its_report() -> None:
    """One article: the base, its own words, nothing else."""
    (profile,) = profiled(make_lift_article("en-lift-agency"))
    story = merge_to_story(make_lift_article("en-lift-agency"))
    assert story.text == profile.report.text
    assert not any(paragraph.added for paragraph in story.paragraphs)
    assert [variant.relation for variant in story.variants] == [Relation.BASE]


def test_added_paragraphs_stand_between_those_of_the_base() -> None:
    """Sentences only in one report are added to the other, whose paragraphs stay intact."""
    names = ("en-lift-agency", "en-lift-rewrite")
    story = merge_to_story(*map(make_lift_article, names))
    (base,) = profiled(make_lift_article(story.variants[0].article_id))
    base_paragraphs = [paragraph.text for paragraph in story.paragraphs if not paragraph.added]
    assert base_paragraphs == base.report.text.split("\n\n")
    assert all(one in story.text for one in base_paragraphs)
    assert all(story.text.index(one) < story.text.index(two) for one, two in pairwise(base_paragraphs))
    assert len(base_paragraphs) < len(story.paragraphs) or story.additions


GOES_ON = {
    "a pronoun": "Its owner had promised a second pilot for the season.",
    "a quotation": "“We heard the keel scream,” said Captain Karl Oberin.",
    "German": "Er hatte die Strecke elf Sommer lang befahren.",
    "French": "Il avait servi onze étés sur cette ligne.",
    "Russian": "Он одиннадцать лет служил на этой линии.",
}


@pytest.mark.parametrize("sentence", GOES_ON.values(), ids=GOES_ON)
def test_nothing_enters_before_a_paragraph_that_goes_on(sentence: str) -> None:
    """Unless the addition stands before that paragraph in its own variant too."""
    base = told("a", [LEAD], [sentence], [TUGS])
    assert format_outline(merge(base, [told("b", [LEAD], [OYSTERS], [TUGS])], [False])) == [
        LEAD, sentence, f"+ {OYSTERS}", TUGS,
    ]  # fmt: skip
    merged = merge(base, [told("b", [LEAD], [OYSTERS], [sentence], [TUGS])], [False])
    assert format_outline(merged) == [LEAD, f"+ {OYSTERS}", sentence, TUGS]


def test_nothing_enters_from_a_page_that_is_mostly_about_other_things() -> None:
    """A live blog has the report among many others: what else it says is listed."""
    others = [[f"Item {number} of the day is about the harbour dues of Port {number}."] for number in range(1, 8)]
    merged = merge(told("a", *BASE), [told("b", [LEAD], [OYSTERS], [CREW], *others)], [False])
    assert format_outline(merged) == [LEAD, CREW, TUGS]
    assert [addition.text for addition in merged.additions][:1] == [OYSTERS]


@pytest.mark.parametrize(
    "sentence",
    [
        "The owner of the Marisol did not immediately respond to questions about the pilot.",
        "Lenna Radio has reached out to the owner of the Marisol for comment on the pilot.",
        "Die Reederei der Marisol war zunächst nicht für ein Gespräch zu erreichen.",
        "L'armateur du Marisol n'a pas réagi dans l'immédiat aux questions sur le pilote.",
        "Владелец «Марисоль» оперативно не ответил на вопросы о лоцмане.",
    ],
)
def test_what_holds_for_an_outlet_and_an_hour_is_listed(sentence: str) -> None:
    merged = merge(told("a", *BASE), [told("b", [LEAD], [sentence], [CREW])], [False])
    assert format_outline(merged) == [LEAD, CREW, TUGS]
    assert [addition.text for addition in merged.additions] == [sentence]


def test_points_of_a_summary_that_the_report_does_not_make_are_listed() -> None:
    page = told("a", [CREW.removesuffix(".")], [SCHOOL.removesuffix(".")], [LEAD], [CREW], [TUGS])
    merged = merge(replace(page, report=replace(page.report, summary_count=2)), [], [])
    assert format_outline(merged) == [LEAD, CREW, TUGS]
    assert [addition.text for addition in merged.additions] == [SCHOOL.removesuffix(".")]
