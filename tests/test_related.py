"""Which stories are linked as being about one event, and what a link may hang on."""

from __future__ import annotations

import random
from collections.abc import Sequence

import pytest

from builders import SEEDS, alike_pairs, article, background, profiled, records, told
from in_memory import build_lead_columns, find_link_candidates, link_stories
from newsdedup import Config, dedupe, load
from newsdedup.features import ReportFeatures
from newsdedup.idf import IdfTable
from newsdedup.models import Article, Result
from newsdedup.related import SIGNAL_NAMES, LeadIndex, Pair, Weights, load_weights
from newsdedup.thresholds import RELATED_DECAY_DAYS, RELATED_MAX_NEIGHBOURS, RELATED_MIN_PROBABILITY

ONE = Config(workers=1)
OWN = {row["id"]: row for row in records("labelled.jsonl")}

# One collapse in an invented town, told four times, and a fifth report that shares the town only.
EVENT = {
    "roof": (
        "Roof of Tarvik sports hall caves in under snow",
        (
            "The roof of the sports hall in Tarvik caved in on Tuesday under a metre of wet snow, minutes after a "
            "handball team had left. Nobody was hurt. The hall, built in 1974, was to be inspected in spring."
        ),
    ),
    "mayor": (
        "Tarvik mayor orders checks after sports hall roof caves in",
        (
            "Mayor Inger Solvang ordered checks of every flat roof in Tarvik on Wednesday, a day after that of the "
            "sports hall caved in under wet snow. Two schools stay shut until engineers have been there."
        ),
    ),
    "team": (
        "We heard a crack and ran: handball team on Tarvik roof collapse",
        (
            "The handball girls of Tarvik had just changed their shoes when the roof of the sports hall began to "
            "crack. Their coach, Aud Brekke, counted them twice in the snow outside before she would believe her eyes."
        ),
    ),
    "insurer": (
        "Insurer weighs claim over Tarvik sports hall roof",
        (
            "The insurer of the sports hall in Tarvik said it might not pay for the roof that caved in, since the snow "
            "had not been cleared for nine days. The town called the claim of neglect absurd."
        ),
    ),
    "bakery": (
        "Tarvik bakery wins prize for rye loaf",
        (
            "A bakery in Tarvik has won the northern prize for its sourdough rye. The jury of eleven praised the "
            "crust. Its owner learned the trade from a grandmother who baked for whalers."
        ),
    ),
}


def event(*names: str, **fields: str) -> list[Article]:
    """Return the articles of EVENT with these names."""
    return [article(name, EVENT[name][1], title=EVENT[name][0], **fields) for name in names]


def nothing(pairs: Sequence[Pair]) -> list[bool]:
    """Call no pair a template."""
    return [False] * len(pairs)


def in_order(profiles: Sequence[ReportFeatures]) -> list[ReportFeatures]:
    """Return profiles in content order."""
    return sorted(profiles, key=lambda each: (each.report.article.content_hash, each.report.article.article_id))


def all_alike(profiles: Sequence[ReportFeatures]) -> list[Pair]:
    """Return the pairs whose leads are alike, as places in content order."""
    return alike_pairs(LeadIndex(build_lead_columns(in_order(profiles), background()), background()))


def linked(profiles: Sequence[ReportFeatures]) -> dict[frozenset[str], float]:
    """Return the links between articles, by their ids."""
    name = [each.report.article.article_id for each in profiles]
    return {frozenset((name[i], name[j])): p for i, j, p in link_stories(profiles, background(), nothing)}


def ties(result: Result) -> dict[tuple[str, str], float]:
    """Return the links of a result in both directions, by the article ids of the bases."""
    base = {story.story_id: story.variants[0].article_id for story in result.stories}
    return {
        (base[story.story_id], base[link.story_id]): link.probability
        for story in result.stories
        for link in story.related
    }


# -- what is linked ----------------------------------------------------------------------------------------------------


def test_separate_reports_of_one_event_are_linked_both_ways_and_what_shares_the_town_is_not() -> None:
    """Other facts, other people, one event."""
    found = ties(dedupe(event(*EVENT), ONE))
    assert {("roof", "mayor"), ("roof", "insurer"), ("mayor", "insurer")} <= set(found)
    assert all(found[b, a] == p for (a, b), p in found.items())
    assert not [pair for pair in found if "bakery" in pair]
    assert all(RELATED_MIN_PROBABILITY <= p <= 1 and round(p, 4) == p for p in found.values())


def test_the_seeds_link_the_two_reports_of_the_bridge_and_nothing_else() -> None:
    """Little but a rare name of three words is common to the two leads."""
    found = ties(dedupe(load([SEEDS]), ONE))
    assert {tuple(name.rsplit("/", 1)[-1] for name in pair) for pair in found} == {
        ("bridge-closure.txt", "bridge-reaction.txt"),
        ("bridge-reaction.txt", "bridge-closure.txt"),
    }


def test_two_stories_alone_can_be_linked() -> None:
    """With nothing to learn from but the two."""
    assert set(linked(profiled(*event("roof", "insurer")))) == {frozenset(("roof", "insurer"))}


LOOK_ALIKES = sorted(
    {(row["a"], row["b"]) for row in records("labelled_pairs.jsonl") if row["relation"] == "related"}
)  # fmt: skip


@pytest.mark.parametrize("pair", LOOK_ALIKES, ids=" ".join)
def test_template_siblings_are_not_linked(pair: tuple[str, str]) -> None:
    """In nine languages, each pair alone: shared wording is not a shared event."""
    assert not ties(dedupe([article(name, OWN[name]["text"], title=OWN[name]["title"]) for name in pair], ONE))


def test_our_own_articles_together_link_no_look_alikes() -> None:
    """Likewise all in one run, where shared neighbours count."""
    result = dedupe([article(name, row["text"], title=row["title"]) for name, row in OWN.items()], ONE)
    where = {each.article_id: story for story in result.stories for each in story.variants}
    for a, b in LOOK_ALIKES:
        assert where[b].story_id not in {link.story_id for link in where[a].related}


def test_a_script_without_capitals_is_linked_by_what_its_words_are() -> None:
    """Pairs of characters stand for words."""
    pages = [
        article(
            "a",
            "青田镇体育馆屋顶周二被积雪压塌。手球队刚刚离开，没有人受伤。体育馆建于一九七四年。",
            title="青田镇体育馆屋顶被积雪压塌",
        ),
        article(
            "b",
            "青田镇体育馆屋顶被积雪压塌后，镇长王秀兰下令检查全镇所有平顶建筑。两所学校暂时停课。",
            title="体育馆屋顶压塌 青田镇下令检查",
        ),
        article(
            "c",
            "南湖区面包店的黑麦面包获得北方烘焙大奖。评委称赞其外皮酥脆。店主向祖母学艺。",
            title="面包店获得烘焙大奖",
        ),
    ]  # fmt: skip
    assert set(linked(profiled(*pages))) == {frozenset("ab")}


def test_reports_in_two_languages_are_neither_linked_nor_in_the_way() -> None:
    """Nothing matches across languages."""
    assert not linked(
        profiled(*event("roof"), article("es", OWN["es-report"]["text"], title=OWN["es-report"]["title"]))
    )


# -- what a link may not hang on ---------------------------------------------------------------------------------------


def test_two_links_do_not_make_a_third() -> None:
    """A report of two events is linked to both; they are not linked to each other."""
    one, other = EVENT["roof"], ("Ferry Hestra aground off Molde with 80 aboard",
        ("The ferry Hestra ran aground off Molde on Tuesday with 80 passengers aboard. Lifeboats took all of them "
        "ashore. The captain blamed a failed rudder."))  # fmt: skip
    both = article("both", f"{one[1]} {other[1]}", title=f"{one[0]}; {other[0]}")
    found = linked(profiled(article("one", one[1], title=one[0]), article("other", other[1], title=other[0]), both))
    assert set(found) == {frozenset(("one", "both")), frozenset(("other", "both"))}


def test_shared_neighbours_alone_link_no_pair() -> None:
    """Weights that would link every pair still need what the pair itself shares."""
    profiles = profiled(*event(*EVENT))
    found = link_stories(profiles, background(), nothing, Weights(50.0, (0.0, 0.0, 0.0)))
    told = build_lead_columns(in_order(profiles), background())
    assert len(found) == len(find_link_candidates(told, background()).left) < len(all_alike(profiles))


def test_a_page_without_a_report_is_never_linked() -> None:
    """Not even to one with the same title."""
    title = EVENT["roof"][0]
    empty = [article(name, "Share this\nAdvertisement", title=title) for name in ("menu-1", "menu-2")]
    result = dedupe([*event("roof", "insurer"), *empty], ONE)
    assert [story.body_empty for story in result.stories].count(True) >= 1
    assert all(not story.related for story in result.stories if story.body_empty)
    assert set(ties(result)) == {("roof", "insurer"), ("insurer", "roof")}


@pytest.mark.parametrize("names", [(), ("roof",)])
def test_no_story_and_one_story_have_no_links(names: tuple[str, ...]) -> None:
    """Nothing to link is no error."""
    assert link_stories(profiled(*event(*names)), background(), nothing) == []


def test_without_background_statistics_every_word_weighs_the_same_and_nothing_fails() -> None:
    """An empty table knows no word."""
    bare = IdfTable(keys=background().keys[:0], idf=background().idf[:0], articles=0)
    link_stories(profiled(*event(*EVENT)), bare, nothing)


def test_the_same_report_under_two_ids_does_not_disturb_the_links() -> None:
    """Content decides, and equal content is equally near."""
    twins = [article(name, EVENT["roof"][1], title=EVENT["roof"][0]) for name in ("twin-1", "twin-2")]
    found = linked(profiled(*twins, *event("insurer")))
    assert found[frozenset(("twin-1", "insurer"))] == found[frozenset(("twin-2", "insurer"))]


def test_dates_far_apart_loosen_a_link() -> None:
    """A year later it is most likely another event; where a date is missing nothing is held against the pair."""

    def probability(first: str | None, second: str | None) -> float:
        pair = [*event("roof", published=first), *event("insurer", published=second)]  # type: ignore[arg-type]
        return linked(profiled(*pair)).get(frozenset(("roof", "insurer")), 0.0)

    assert probability("2031-01-05", "2031-01-05") == probability("2031-01-05", None) == probability(None, None) > 0
    assert probability("2031-01-05", f"2031-01-{5 + RELATED_DECAY_DAYS}") < probability(None, None)
    assert probability("2031-01-05", "2034-01-05") == 0.0


# -- order, crowds, bounds ---------------------------------------------------------------------------------------------


def test_order_and_workers_change_no_byte() -> None:
    """The same links with the same probabilities, in the same places."""
    pages = [*event(*EVENT), *(article(name, row["text"], title=row["title"]) for name, row in OWN.items())]
    first = dedupe(pages, ONE)
    assert ties(first)
    for seed in range(3):
        random.Random(seed).shuffle(pages)  # noqa: S311
        assert dedupe(pages, Config(workers=1 + seed)).stories == first.stories


def test_links_stand_with_the_most_probable_first() -> None:
    """And in order of story id among equals."""
    for story in dedupe(event(*EVENT), ONE).stories:
        assert list(story.related) == sorted(story.related, key=lambda link: (-link.probability, link.story_id))


def crowd(count: int) -> list[ReportFeatures]:
    """Return reports that share a name and little else."""
    chance = random.Random(7)  # noqa: S311
    vocabulary = [
        "".join(chance.choices("bdfgklmnprstvz", k=2) + chance.choices("aeiou", k=1)) * 2 for _ in range(3000)
    ]
    return [
        told(f"c{i}", [f"Jorun Askeland {' '.join(chance.sample(vocabulary, 30))}."], title="Jorun Askeland")
        for i in range(count)
    ]


def test_a_name_that_all_have_links_within_bounds_and_both_ways() -> None:
    """More stories than one may have neighbours: the bound holds for each, and no link is one-sided."""
    profiles = crowd(RELATED_MAX_NEIGHBOURS + 60)
    near = all_alike(profiles)
    degree = [0] * len(profiles)
    for i, j in near:
        assert i < j
        degree[i] += 1
        degree[j] += 1
    assert 0 < max(degree) <= RELATED_MAX_NEIGHBOURS


def test_a_stem_in_more_reports_than_can_be_met_is_not_dropped(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every report still meets some of those that share it, and the order of input still does not matter."""
    monkeypatch.setattr("newsdedup.related.index.RELATED_MAX_POSTINGS", 40)
    for module in ("index", "neighbours"):
        monkeypatch.setattr(f"newsdedup.related.{module}.RELATED_MIN_LEAD_COSINE", 0.01)
    profiles = crowd(90)
    near = all_alike(profiles)
    assert {end for pair in near for end in pair} == set(range(90))
    weights = Weights(50.0, (0.0, 0.0, 0.0))
    first = {(profiles[i].report.article.article_id, profiles[j].report.article.article_id, p)
             for i, j, p in link_stories(profiles, background(), nothing, weights)}  # fmt: skip
    turned = profiles[::-1]
    again = {(turned[j].report.article.article_id, turned[i].report.article.article_id, p)
             for i, j, p in link_stories(turned, background(), nothing, weights)}  # fmt: skip
    assert first == again


def test_the_shipped_weights_speak_for_what_they_measure() -> None:
    """More similarity, more shared neighbours and a shared name never make a link less likely."""
    weights = load_weights()
    assert len(weights.weights) == len(SIGNAL_NAMES)
    assert min(weights.weights) > 0
