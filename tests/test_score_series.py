"""Notes of a series: what makes a short note another one and not an edit of the last."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from builders import article, profiled
from newsdedup.score.signals import align_pair, is_recurring_notice
from newsdedup.thresholds import RECURRING_NOTICE_MAX_WORDS, SAME_TEXT_MIN_WORDS

OPERATION = (
    "The central bank bought {} million crowns of treasury bills at {} percent in its morning operation, dealers said. "
    "The shortage in the market had been put at {} million crowns. The bank will deal again at noon."
)
PAYOUT = "Quarterly dividend {} cents against {} cents before. Payable April {}, record March {}."


def templated(one: str, other: str, dates: tuple[str | None, str | None], **titles: str) -> bool:
    """Return whether two notices with these dates and titles are vetoed."""
    a = article("a", one, published=dates[0], source="Wire", title=titles.get("a"))
    b = article("b", other, published=dates[1], source="Wire", title=titles.get("b"))
    one_note, other_note = profiled(a, b)
    return is_recurring_notice(align_pair(one_note, other_note))


TODAY, TOMORROW = "2025-03-02T11:44:00", "2025-03-03T11:45:00"
MORNING = OPERATION.format(300, "4 3/8", 700)
# Figures, dates, whether it is the next of the series.
NOTES: Mapping[str, tuple[str, tuple[str | None, str | None], bool]] = {
    "other figures, another day": (OPERATION.format(240, "4 3/8", 500), (TODAY, TOMORROW), True),
    "other figures, the same day": (OPERATION.format(240, "4 3/8", 700), (TODAY, TODAY), False),
    "other figures, no day known": (OPERATION.format(240, "4 3/8", 700), (None, TOMORROW), False),
    "the same figures, another day": (OPERATION.format(300, "4 3/8", 700), (TODAY, TOMORROW), False),
}


@pytest.mark.parametrize(("other", "dates", "next_one"), NOTES.values(), ids=NOTES)
def test_a_short_note_with_other_figures_on_another_day_is_the_next_one(
    other: str, dates: tuple[str | None, str | None], next_one: bool
) -> None:
    """On one day it may be a correction, and without other figures it was sent again."""
    assert templated(MORNING, other, dates, a="Bank deals", b="Bank deals") is next_one
    assert templated(other, MORNING, dates[::-1], a="Bank deals", b="Bank deals") is next_one


def test_a_long_report_may_rise_in_its_figures_overnight() -> None:
    """That is an update, whose toll or price is another."""
    rest = " ".join(
        f"Dealer number {name} saw nothing unusual in the market." for name in ("Abel", "Berg", "Carl") * 12
    )
    assert len(rest.split()) > RECURRING_NOTICE_MAX_WORDS
    one, other = (f"{OPERATION.format(*figures)} {rest}" for figures in ((300, "4 3/8", 700), (240, "4 3/8", 500)))
    assert not templated(one, other, (TODAY, TOMORROW), a="Bank deals", b="Bank deals")


def test_a_line_or_two_with_clashing_figures_is_another_note_on_any_day() -> None:
    """There is nothing else in it that could be the same."""
    one, same, other = PAYOUT.format(28, 28, 20, 31), PAYOUT.format(28, 28, 20, 31), PAYOUT.format(31, 30, 20, 31)
    assert len(one.split()) < SAME_TEXT_MIN_WORDS
    assert not templated(one, same, (TODAY, TODAY), a="Brennick payout", b="Brennick sets payout")
    assert templated(one, other, (TODAY, TODAY), a="Brennick payout", b="Brennick sets payout")


def test_a_line_or_two_under_another_title_is_another_note() -> None:
    """Two companies may pay one dividend; without both titles nothing is known."""
    one = PAYOUT.format(28, 28, 20, 31)
    assert templated(one, one + " Sent twice.", (TODAY, TODAY), a="Brennick Foods payout", b="Tallmere sets dividend")
    assert not templated(one, one + " Sent twice.", (TODAY, TODAY), a="Brennick Foods payout")
