"""Measured constants that the stages decide by, each with its unit, its reason and the command that measures it.

They are not settings: the shipped models and everything a store keeps depend on their values. docs/matching.md explains
how they work together. Lengths are in words; shares and coverage lie between 0 and 1; IDF mass: see `newsdedup.idf`.
"""

from __future__ import annotations

# -- clean: what a line is -------------------------------------------------------------------------------
# A full sentence of running text, as opposed to a label, a headline or a call to click: words.
SOLID_WORDS = 8
# A headline has this many words. The middle 96 % of the 844 titles of ../shared/gold/web2025 have 6 to 19.
HEADLINE_WORDS = (4, 25)
# A paragraph this long is running text even where its last full stop is missing: words.
LONG_WORDS = 30
# So many headline-like lines in a row are a list of headlines; fewer may be a subhead, a deck, a cut-off paragraph.
LIST_LINES = 3
# A single line between two paragraphs is another article's headline only from this many words on; subheads are shorter.
PROMO_WORDS = 6
# A line of which the rest of the report knows less than this share of its rarity mass speaks of something else. The
# promo in the founding seeds is known to .30. Of 14 single lines between paragraphs drawn from ../shared/gold/web2025
# and read, the ten subheads lie at .69 and above, a label, a credit and an app's promo under .1, and one sentence
# that lost its full stop at .45: hence PROMO_WORDS and `unstopped` beside it.
KNOWN_SHARE = 0.5
# Two titles that are this alike (rapidfuzz ratio, 0 to 100) are one.
SAME_TITLE = 90
# Two paragraphs of a page that are this alike (rapidfuzz ratio, 0 to 100) are one, if the later has no word of its own.
# With what another begins with, this takes 35 paragraphs off the pages of ../shared/gold, all of them said
# in full elsewhere on their page; without the bar on rows also two rows of a recipe in ../shared/html.
SAME_PARAGRAPH = 92
INFERRED_TITLE_CHARS = 110

# -- clean: other articles after the report ---------------------------------------------------------------
# With these bounds something is cut on 6 of the 844 pages of ../shared/gold/web2025, rightly on all six, and on none of
# the 181 true bodies of ../shared/html nor of usnews, bbc2004 and wire1987. Of 300 pairs of those bodies glued together
# the second goes from its headline on in 102 where it has a headline alone, in 244 where a dateline follows; of 300
# pairs of pages about a few neighbouring events in 63 and 199. The rest stay as they are.
# Full sentences' paragraphs that a report has before anything may be cut after it; with the title they are its lead.
OTHER_HEAD_SOLIDS = 4
# A stem of the lead counts from this rarity on; those below stand in any article.
OTHER_KEY_RARITY = 0.4
# What follows a boundary is asked so many words at a time: a paragraph alone may speak of anything.
OTHER_WINDOW = 150
# Behind a mere headline or label so many words must follow: under 225, which is a window and a half, endings of true
# bodies (a column's notes, a background section) are as foreign as what is glued on.
OTHER_WORDS = 225
# ... of which no window holds more than this share of its rarity mass that the page has met before, nor more than this
# share of the lead's. At .25 and .08 a tennis report in ../shared/html was cut at its own subhead.
OTHER_KNOWN = 0.2
OTHER_LEAD = 0.05
# ... while before the boundary this share of the opening comes back, in the rest of it and in its last window. Without
# this bound and those two, 31 pages of usnews were cut, essays, analyses and interviews, which drift; at .25 still one.
OTHER_HEAD_HOLDS = 0.3
# A headline with a dateline below it is an article of its own if its first window holds no more than these shares; true
# ones on web2025 lie at .08 to .50 and at .00 to .16, the same report told once more on its page at 1 and 1.
OTHER_DATELINED_KNOWN = 0.5
OTHER_DATELINED_LEAD = 0.2
# ... and no later window more than this share of the lead, which would mean that the page comes back to its report. The
# most that articles of one war share is .46.
OTHER_RETURNS = 0.5

# -- clean: what an outlet repeats -----------------------------------------------------------------------
# A line recurs when it stands in this many articles of one outlet that are otherwise unlike. Two is what a follow-up
# that quotes its forerunner makes; three pages with one line and nothing else in common are a frame.
RECURS_ARTICLES = 3
# ... and in this share of what the outlet published: a frame is on every page of its kind, while a wire that sends
# thousands of templated notes repeats its rows ("Pay March 31") without framing anything.
RECURS_SHARE = 0.05
# ... looked at in the first so many of the articles that carry it, of which so many unlike ones prove it: an outlet of
# 100,000 needs no 5,000 pages to show its frame, and comparing them costs the square.
RECURS_CARRIERS = 200
RECURS_UNLIKE = 50
# Two articles whose titles share this much of their words (Jaccard) are taken for one.
SAME_ARTICLE_TITLE = 0.5
# Two titles that share no more than this have nothing in common.
STRANGE_TITLE = 0.2

# -- fingerprint -----------------------------------------------------------------------------------------
# Characters that are tokenised at a time: of 25,000 to 200,000 the time is the same, at 400,000 the arrays leave the
# cache and it takes 1.4 times as long.
FINGERPRINT_CHARS = 120_000
# A text of fewer words may be the same by chance ("Watch live."): then the titles must agree too.
SAME_TEXT_WORDS = 25
# ... and likewise where the text speaks of less than this part of the title's rarity mass: a robot check, a form.
SAME_TEXT_TITLE = 0.1

# -- candidates ------------------------------------------------------------------------------------------
# One of so many shingles is kept. Four or more sampled shingles are shared by 54 of 57 rewrites at 1/4, 46 at 1/8.
SAMPLE_RATE = 4
# A report with at most this many shingles keeps all of them; a longer one keeps at least this many of the smallest.
SHORT_REPORT = 200
# A shingle in at most this many articles pairs them all; one in more pairs each with the representatives.
CROWDED = 40
REPRESENTATIVES = 8
# Shingles that a pair must share, of those kept.
MIN_SHARED = 4
# A pair that shares fewer than FEW_SHARED must share this part of the smaller report's kept shingles. These three find
# all 295 labelled duplicates of ../shared/gold; on ../shared/bulk .03, .025 and .02 give 21,800, 26,300 and 38,200
# pairs. At .03 one labelled rewrite of our own wires is missed.
FEW_SHARED = 8
MIN_SHARE = 0.025

# -- verify ----------------------------------------------------------------------------------------------
# Of all different stems of a report, the share of rarity mass that the other report holds, on the side where it is
# larger; and that with the cosine of the stems added (0 to 2). Of the 26,300 candidates of ../shared/bulk these bounds
# leave 4,800. The least that one of the 410 pairs of probability .1 or more shows there is .46 and .66, of the 280 of
# .45 or more .50 and .87; of the labelled pairs of ../shared/gold .49 and .75, and .50 and .81. The lower side says
# nothing: of a page that another cuts to a few lines .08 is known.
VERIFY_KNOWN = 0.38
VERIFY_BOTH = 0.62
# Or so much of the smaller report's kept shingles: notes from one template are no duplicates, but `check` names them,
# and links pass over them. Of 2,700 such candidates of ../shared/bulk it keeps 500 more, for 800 pairs more in all.
VERIFY_WORDING = 0.2

# -- score: alignment ------------------------------------------------------------------------------------
# rapidfuzz ratio under which two sentences do not count as one text at all (0 to 100): speeds the matrix up.
VERBATIM_CUTOFF = 50.0
# Sentences are compared word for word up to this many characters: the time grows with the square, and a longer one is a
# page without full stops.
LONG_SENTENCE = 2000

# -- score: signals --------------------------------------------------------------------------------------
# A sentence is covered when the other report holds this share of its rarity mass in one sentence or two neighbours, and
# aligned from the lower bound on. Round values, not tuned.
COVERED = 0.6
ALIGNED = 0.45
# ... and nearly whole from this share on.
TOLD = 0.8
# Two sentences that are each other's best and hold this share of one another, both ways, say the same.
TWIN = 0.4
# Fewer words than this outside quotation marks are no measure of what is copied outside them.
PLAIN_WORDS = 15
# Where more than this share of a report's words seems to stand in quotation marks, they are not set as quotes are.
QUOTED_MOST = 0.7
# Two sentences of this rapidfuzz ratio are one text (0 to 1).
COPIED = 0.9
# ... and of this one the same frame, whatever it is filled with.
ALIKE = 0.6
# A template filled in anew: the sentences alike make up so much of a report, so much of their rarity mass is replaced
# on both sides, in the lead in particular, and so few numbers are shared. Over these bounds lie none of the 295
# labelled duplicates and 36 of the other 516 pairs. Without the bound on numbers twelve duplicates would lie over them:
# a rewrite keeps its numbers.
TEMPLATE_ALIKE = 0.5
TEMPLATE_REPLACED = 0.1
TEMPLATE_LEAD = 0.15
TEMPLATE_NUMBERS = 0.6
# Where the alike sentences make up this much of both reports, the lead is the first alike pair among so many sentences
# and not only the very first: a caption or a menu above the report switched the veto off on five of our own pages. Of
# the labelled duplicates none lies over these bounds; from .5 of both on one does, and six where one side is enough.
TEMPLATE_BOTH = 0.6
TEMPLATE_HEAD = 5
# Notes of at most so many words, of different days, alike and with other figures are two of a series. With any bound
# from 60 to 300 no labelled duplicate is one; with 150, 37 other pairs are, 8 of which are no template.
SERIES_WORDS = 150
# What two pages print round their reports: what they share speaks of less than this part of one's title, the titles are
# less alike than this, and so much of one is copied. Over these bounds lies no labelled duplicate.
FRAME_TITLE = 0.1
FRAME_TITLES_ALIKE = 0.3
FRAME_COPIED = 0.2
# ... or what is not copied is covered less than this on both sides, copies being all that the two have. A side with
# less than FRAME_NO_REST of its rarity mass outside copies has no rest to judge by; and where the copies make up this
# much of a page they may be the report, and the rest its frame. With those above, these bounds take in one labelled
# duplicate (a story and a video's caption that share one sentence) and 13 other pairs.
FRAME_REST = 0.15
FRAME_MINOR = 0.6
FRAME_NO_REST = 0.05

# -- score: relations ------------------------------------------------------------------------------------
# Share of the words that stand in copied sentences on both sides of a reprint.
REPRINT_COPIED = 0.85
# Or this Jaccard of word 3-grams: a reprint whose sentences were parted otherwise.
REPRINT_JACCARD = 0.8
# Coverage of the cut by the whole report.
ABRIDGED_COVER = 0.92
# At most this share of the words copied on either side, and at most this containment: other words.
REWRITE_COPIED = 0.15
REWRITE_CONTAINMENT = 0.5

# -- cluster ---------------------------------------------------------------------------------------------
# Members of each of two clusters that speak for it when they are to be joined: the first in content order.
SPOKESMEN = 5
# Two clusters that a tie at the threshold joins must hold together at this share of it: a story is told in pairs that
# are each a little less sure than its surest. Cross-validated in ten folds, F1, wrong merges and rewrites found: .925,
# 15 and 53 with it; .920, 15 and 50 with 1; .924, 17 and 53 with .8.
TOGETHER = 0.9
# More than this share of the cross pairs asked must reach it by themselves: two against one is not enough
# of a majority for a page that holds two reports to bridge them.
AGREEING = 0.5

# -- related ---------------------------------------------------------------------------------------------
# Figures: pairs of the 553 stories of ../shared/gold/web2025, against its 34 events, as recall where precision is .95,
# cross-validated by event (`python benchmarks/train_related.py`), which is .52 with what stands here.
# Sentences that count as the lead, beside the title. Two give .53, five .49; three keeps a page whose first line is a
# caption.
RELATED_LEAD = 3
# Reports that the background's counts weigh as much as, when those of the input are added. 300 give .45,
# 3000 give .50, the background alone .09: the names of a war that half of the input speaks of then link its events.
RELATED_BATCH = 1000
# Leads alike by less (cosine, 0 to 1) are not looked at: 77 % of the pairs of one event are left.
RELATED_NEAR = 0.07
# Reports that one report meets through the stems of its lead, rarest first, with repetition. Among 16,765 stories 8,000
# cost 2.5 times as much as 3,000 and link no more pairs of one event (recall .717 beside .722 at one threshold,
# .707 with 2,000).
RELATED_POSTINGS = 3000
# A report has at most so many neighbours, and so links; the largest event of web2025 has 103 stories.
RELATED_NEIGHBOURS = 128
# Company (shared neighbours) is drawn to the neutral value by so much: squared resemblance, squared again. One
# neighbour that both resemble by .3 weighs .008. Without company the figure is .41.
RELATED_COMPANY_WEIGHT = 0.01
RELATED_COMPANY_NEUTRAL = 0.4
# Resemblance of leads and of titles together (0 to 2) under which no company links two stories. Without the bound 5,100
# pairs of 1,500 notes of ../shared/gold/wire1987 are linked, mostly dividends and earnings; with it 2,000.
RELATED_DIRECT = 0.3
# Share of a title's rarity mass that the other report must hold, for one of the two titles: 1,260 of these are left.
RELATED_TOLD = 0.4
# A name of two words or three in both leads links without the last two bounds, where its words are so rare in news (sum
# of their rarities) and so few of the input's leads have it: of 65 pairs so let in, 60 are of one event.
RELATED_NAME_RARITY = 1.6
RELATED_NAME_HOLDERS = 40
# With so many names each and none in common, two reports are of two events of one kind.
RELATED_NAMES = 3
# Probability from which on stories are linked: the command `make train` prints precision and recall, cross-validated.
RELATED_PROBABILITY = 0.78
# Days between the dates, where both are known, that cost 1 of the log-odds; the cost grows with the square root: .3 for
# a day, 5 for a year. A stated rule: the articles with events have no dates.
RELATED_FADING_DAYS = 14
# Shared 3-grams of the smaller report from which on a pair is asked whether it is a template filled in anew.
RELATED_COPIED = 0.1

# So many of the least certain merges are named in the summary, and on stderr those whose weakest member is tied to the
# others by less than DOUBTFUL in the mean: 9 of the 110 merged stories of ../shared/gold/web2025.
LEAST_CERTAIN = 5
DOUBTFUL = 0.6

# -- merge: does a sentence say the same -----------------------------------------------------------------
# Share of the sentence's rarity mass that must be known before it can say the same.
KNOWN = 0.5
# ... when it takes two neighbouring sentences to hold it.
KNOWN_JOINED = 0.6
# ... and before a differing number, date or name is a clash and not just another statement.
CLASH_KNOWN = 0.4
# Likewise the other way round: a clash is one statement made twice, not a short one inside a long one.
CLASH_BACK = 0.35
# A sentence that holds nearly all of the known one, and this much rarity mass more, carries a clause of its own.
WHOLE = 0.85
EXTRA_MASS = 0.5
# Two sentences of this likeness (normalised word Indel similarity, 0 to 1) differ by a replacement, not a rewording.
REPLACED = 0.6
# Two name stems of this rapidfuzz ratio (0 to 100) are spellings of one name: Barrak and Barrack, Türk and Turk.
ONE_NAME = 70
# Words on either side of a replacement at most: two names, not two clauses.
REPLACED_WORDS = 4

# -- merge -----------------------------------------------------------------------------------------------
# A sentence whose stems weigh less than this in all says too little to be news of its own ("He paused."): rarity mass.
SLIGHT_MASS = 0.6

# -- check -----------------------------------------------------------------------------------------------
# Ids of further articles that a finding names; the rest is counted.
OTHERS_NAMED = 20
# The article that a duplicate is told beside is the nearest of so many likeliest of its story.
NEAREST_ASKED = 8
