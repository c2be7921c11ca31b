"""Measured constants that the stages decide by, each with its unit, its reason and the command that measures it.

They are not settings: the shipped models and the contents of every store depend on these values. docs/matching.md
explains how they work together. Lengths are in words. Shares and coverage lie between 0 and 1. For IDF mass see
`newsdedup.idf`. A ratio is that of `rapidfuzz.fuzz.ratio`.
"""

from __future__ import annotations

# -- markup ----------------------------------------------------------------------------------------------
# Tags of one kind that make a text HTML: a report may speak of one.
MIN_MARKUP_TAGS = 2
# Times that entities may have been encoded: `&amp;amp;#8217;` is read, and hostile input ends.
MAX_ENTITY_ROUNDS = 3

# -- text: paragraphs and stems --------------------------------------------------------------------------
# Combining marks on one letter that are put in order; the Stream-Safe Text Format of Unicode allows as many.
MAX_COMBINING_MARKS = 30
# Widths (columns) that text is wrapped at by hand. Shorter lines are lists, longer ones are paragraphs.
WRAP_WIDTHS = (40, 100)
# A line is wrapped if the next word would have ended at most one column before the width or beyond it. The second
# column allows for a longest line that is one longer than the width that was set.
WRAP_SLACK_COLUMNS = 2
# Share of wrapped lines in a block that is wrapped, and share of its lines that end in mid-sentence.
WRAP_MIN_WRAPPED_SHARE = 0.7
WRAP_MIN_OPEN_SHARE = 0.5
# Share of lines that continue in lower case: headlines begin with a capital. In a script without case there is no such
# sign, so a block needs this many pairs of lines.
WRAP_MIN_CONTINUED_SHARE = 0.3
WRAP_MIN_UNCASED_PAIRS = 4
# Share of lines that are filled up to the width, in a block that is wrapped: entries of a list end anywhere.
WRAP_MIN_FILLED_SHARE = 0.6
# Adjacent lines of wrapped text that would all end before this share of its width with one more word were not wrapped.
WRAP_FAR_SHARE = 0.75
# Characters in a line of a script without spaces that is cut at a fixed length, and the share of lines that have it.
WRAP_MIN_UNSPACED_WIDTH = 12
WRAP_MIN_FULL_SHARE = 0.9
# Characters before a capitalised word that show whether it begins a sentence.
CAPITAL_CONTEXT_CHARS = 8
# Letters of a stem. Inflected languages keep their stem in them, and so do most English words.
STEM_LETTERS = 7
# Syllables of a Korean stem: most nouns have two, and particles follow without a space.
KOREAN_STEM_SYLLABLES = 2

# -- clean: shapes of lines ------------------------------------------------------------------------------
# Counters or hidden captions of a picture gallery; a report may contain a single `3 of 4`.
GALLERY_MIN_CAPTIONS = 2
# Separators (`|`, `/`, ...) of a menu; a title and the names of an outlet have fewer.
MENU_MIN_SEPARATORS = 3
# Percent-encoded characters of markup that was printed as text; a report may have two percentages in a row.
MARKUP_MIN_ENCODED = 3
# Maximum words of a byline or of a line that is only a date: names and a desk, or two times and their labels.
MAX_BYLINE_WORDS = 16
MAX_DATE_WORDS = 16
# Maximum words of a paragraph that introduces the writer; it is among this many last paragraphs of running text.
MAX_BIO_WORDS = 80
BIO_LAST_PARAGRAPHS = 3
# Maximum words of a name or initials below a report.
MAX_SIGNATURE_WORDS = 5
# Maximum characters of a dateline, and maximum words of its place if that is a line of its own. A split dateline is
# searched for in this many leading lines, another one at the start of this many leading paragraphs.
MAX_DATELINE_CHARS = 100
MAX_DATELINE_PLACE_WORDS = 5
DATELINE_LINES = 6
DATELINE_PARAGRAPHS = 4
# Characters at the end of a report that may be the name of an agency.
TRAILING_CREDIT_CHARS = 30
# A row of a table has this many words with digits, or more than this share of its words have some.
TABLE_ROW_MIN_NUMBERS = 3
TABLE_ROW_MIN_NUMBER_SHARE = 0.25
# Commas and semicolons of a list of names: the teams, the dead.
NAME_LIST_MIN_COMMAS = 4
# Title case: of the words of at least this many letters there are at least this many, and at least this share of them
# begins with a capital. Shorter words (`in`, `of`, `for`) are in lower case in headlines too.
TITLE_CASE_WORD_LETTERS = 4
TITLE_CASE_MIN_WORDS = 3
TITLE_CASE_MIN_SHARE = 0.75

# -- clean: lexicon --------------------------------------------------------------------------------------
# Longer lines (words) are never recognised by their wording, except lists and markup that a page printed as text.
MAX_LABEL_WORDS = 60
# ... nor are lines of more characters, so that their time has a bound in scripts without spaces and in rows of marks:
# words of 30 letters, and twice the longest line of ../shared/gold that is recognised.
MAX_LABEL_CHARS = 2000
# Characters at the end of a post that are looked at for up to four short links.
POST_LINKS_CHARS = 200
# A notice is a line or two; a longer paragraph (words) is an article about cookies.
MAX_NOTICE_WORDS = 45
# Maximum words of a line that begins with a capitalised label (`READ MORE The ferry sank`): a headline and the label.
MAX_CAPITALS_PROMO_WORDS = 30
# Maximum words of a breadcrumb trail, and of labels that are common words in their language and mean something else in
# a sentence.
MAX_SHORT_LABEL_WORDS = 12
# Maximum words of a caption that is recognised by a common word before a colon.
MAX_SHORT_CAPTION_WORDS = 24
# Maximum number of texts into which consecutive parts of a phrase are expanded together to find what every match
# contains; beyond it, the parts are expanded separately. The largest part whose second word is useful has 30.
LEXICON_MAX_EXPANSIONS = 32
# A part with more alternatives than this is not checked first: that takes as long as trying the regular expression.
LEXICON_MAX_ALTERNATIVES = 12
# Searching for a substring costs as much as trying the patterns on all lines with the word of this rank among the words
# of news. From 20 to 300 the first 3,000 articles of ../shared/bulk are cleaned in the same time, 1.46 to 1.58 s; with
# 1,000 there are twice as many substrings and it takes 1.52 s.
LEXICON_SUBSTRING_RANK = 50
# Rank of words that are not in the package's list of 3,273 common words.
LEXICON_UNLISTED_RANK = 5000

# -- clean: roles of lines -------------------------------------------------------------------------------
# A full sentence of running text has at least this many words. Labels, headlines and calls to click have fewer.
FULL_SENTENCE_WORDS = 8
# A note on an edit is one of so many first or last paragraphs of a page.
EDIT_NOTE_PARAGRAPHS = 4
# Minimum and maximum words of a headline. The middle 96 % of the 844 titles of ../shared/gold/web2025 have 6 to 19.
HEADLINE_WORDS = (4, 25)
# A paragraph of this many words is running text even if it does not end in a full stop.
LONG_PARAGRAPH_WORDS = 30
# A question or an exclamation of more words is not a headline.
MAX_QUESTION_HEADLINE_WORDS = 20
# Maximum words of a label in a menu above the report. A menu has HEADLINE_LIST_LINES labels, or at least this many in a
# block of their own.
MENU_LABEL_MAX_WORDS = 3
MENU_BLOCK_MIN_LINES = 2
# This many headline-like lines in a row are a list of headlines. Fewer may be a subhead, a deck or a cut-off paragraph.
HEADLINE_LIST_LINES = 3
# In a run of lines with headlines, this share must be headlines, and where the topic counts, this share of the
# headlines must be off topic. A list also has decks, dates and a headline on the topic of the report.
HEADLINE_RUN_MIN_SHARE = 0.6
HEADLINE_RUN_MIN_OFF_TOPIC = 0.6
# Mean words of the lines of such a run, and words of a single headline after the report: names, labels and scores are
# shorter.
HEADLINE_MIN_MEAN_WORDS = 5
HEADLINE_AFTER_REPORT_MIN_WORDS = 5
# If more than this share of the lines of a run have digits, it is a table.
TABLE_MIN_NUMBER_SHARE = 0.6
# If more than this share have list markers, it is a list that may belong to the report.
ITEM_LIST_MIN_SHARE = 0.5
# In a block without the report, this share must be headlines, and at most this share running text.
HEADLINE_BLOCK_MIN_SHARE = 0.7
HEADLINE_BLOCK_MAX_PROSE_SHARE = 0.2
# At most this many lines in a row between two paragraphs are promos; more may be a list within the report.
PROMO_MAX_LINES = 2
# A single line between two paragraphs needs this many words to be the headline of another article. Subheads are
# shorter.
PROMO_MIN_WORDS = 6
# A line is off topic if the rest of the report covers less than this share of its IDF mass. The promo in the founding
# seeds is covered to .30. Of 14 single lines between paragraphs that were drawn from ../shared/gold/web2025 and read,
# the ten subheads lie at .69 and above; a label, a credit and the promo of an app lie under .1; a sentence that lost
# its full stop lies at .45. That sentence is the reason for PROMO_MIN_WORDS and `is_unstopped_headline`.
ON_TOPIC_MIN_COVERAGE = 0.5
# Characters of the label of a list of metadata, entries of it, and words of an entry.
METADATA_LABEL_CHARS = 40
METADATA_MAX_ENTRIES = 20
METADATA_ENTRY_WORDS = 5
# A paragraph above the report is its summary if the next one covers this share of its IDF mass, or a smaller share if a
# dateline or a line of the page shows that the report begins there; a headline, if the two below it do. Of the 89 in
# the 16,225 articles of ../shared/bulk, 40 were read: one is a lead. Of those with a line of the page between, the
# first lead has .59. At most so many paragraphs are looked at.
SUMMARY_MIN_COVERAGE = 0.9
SUMMARY_DATELINE_MIN_COVERAGE = 0.6
SUMMARY_HEADLINE_MIN_COVERAGE = 0.75
SUMMARY_MAX_LEAD_WORDS = 80
SUMMARY_PARAGRAPHS = 4
# Entries of a list of main points above the report, with its label, and the share of their IDF mass in the report.
SUMMARY_MIN_ENTRIES = 2
SUMMARY_MAX_ENTRIES = 12
SUMMARY_LIST_MIN_COVERAGE = 0.6
# A list inside the report, such as that of winners: most lines begin with a label of so many words and a colon.
LIST_LABEL_MAX_WORDS = 4
LABELLED_LIST_MIN_SHARE = 0.6
# Paragraphs at the edge of a report are the page's own if the rest covers less than this share of each, and at least
# this share of them speak to the reader or of the page. At most so many are looked at on each side.
PAGE_SPEECH_MAX_COVERAGE = 0.4
PAGE_SPEECH_MIN_SHARE = 0.5
PAGE_SPEECH_PARAGRAPHS = 16
# Words for each time that a paragraph does so: in a longer one it is the report that does.
PAGE_SPEECH_WORDS = 45
# Two titles with this ratio (0 to 100) are the same title if they have more than this many characters: the ratio of
# short titles means little.
SAME_TITLE_RATIO = 90
SAME_TITLE_MIN_CHARS = 20
# Two paragraphs of a page with this ratio (0 to 100) are the same if the later one has no word of its own. Together
# with the rule for paragraphs that are the beginning of another one, it removes 35 paragraphs from the pages of
# ../shared/gold, all of them printed in full elsewhere on their page. Without the exception for table rows it would
# also remove two rows of a recipe in ../shared/html.
SAME_PARAGRAPH_RATIO = 92
# Longer texts (characters) are not compared by their ratio: its time grows with the square, 0.6 ms at this length.
RATIO_MAX_CHARS = 10_000
# A paragraph is compared with this many paragraphs before it that begin with the same words, at most. More begin alike
# only in lists and live blogs, where a missed repetition costs little.
REPEATED_MAX_COMPARED = 20
# A title taken from the text is shortened, at the end of a clause, if it has more than this many characters ...
INFERRED_TITLE_CHARS = 110
# ... and has at most this many, whatever it is cut through: of 3,727 first sentences of ../shared/gold 7 % are.
INFERRED_TITLE_MAX_CHARS = 240
# What is left of a shortened one has at least this many words.
INFERRED_TITLE_MIN_WORDS = 5

# -- clean: names of the page around a title -------------------------------------------------------------
# A name of an outlet, a section or an agency before or behind a title has at most this many characters with its
# separator, and at most this many of them are cut.
TITLE_PART_MAX_CHARS = 75
# A longer title (characters) is a text: no names are cut off it. No title has more marks of edits than this.
TITLE_MAX_CHARS = 1000
TITLE_MAX_MARKS = 8
TITLE_MAX_PARTS = 5
# At least this many words stay of the title, ...
TITLE_MIN_WORDS = 3
# ... and this many if the name is known by its shape alone. Such a name has at most this many words, ...
TITLE_MIN_CLAUSE_WORDS = 4
TITLE_NAME_MAX_WORDS = 5
# ... capitals on all words of more than this many characters, ...
TITLE_SHORT_WORD_CHARS = 3
# ... and the running text of the page has at least this many words, none of them in the name, even if the last
# TITLE_ENDING_CHARS characters differ.
TITLE_MIN_REPORT_WORDS = 40
TITLE_ENDING_CHARS = 2
# Initials of this many words and names of this many characters stand for an outlet that has them in its domain.
TITLE_MIN_INITIALS = 3
TITLE_LONG_NAME_CHARS = 8

# -- clean: trailing articles ----------------------------------------------------------------------------
# With these bounds, text is cut on 6 of the 844 pages of ../shared/gold/web2025, correctly on all six, and on none of
# the 181 true bodies of ../shared/html nor of usnews, bbc2004 and wire1987. In 300 pairs of those bodies glued
# together, the second body is cut from its headline on in 102 if it has a headline only, and in 244 if a dateline
# follows the headline. In 300 pairs of pages about a few neighbouring events the figures are 63 and 199. The other
# pairs are left as they are.

# Paragraphs of full sentences that must come before a cut. Together with the title they are the lead of the report.
TRAILING_HEAD_PARAGRAPHS = 4
# Paragraphs of full sentences that must come after them: with fewer, there is hardly room for another article.
TRAILING_REST_PARAGRAPHS = 2
# Only stems of the lead with at least this IDF count. Stems below it occur in any article.
TRAILING_MIN_KEY_IDF = 0.4
# The text after a boundary is compared in windows of this many words: a single paragraph may be about anything.
TRAILING_WINDOW_WORDS = 150
# At most this many paragraphs may be between a headline and its dateline: decks, `Updated 5 min ago`, the desk.
DATELINED_DECK_LINES = 5
# In an interview or transcript each speaker's label, which looks like a dateline, recurs within this many paragraphs.
SPEAKER_TURN_LINES = 8
# Words that must follow a headline or label without a dateline. Below 225 (one and a half windows), the endings of true
# bodies, such as the notes of a column or a background section, are as foreign as text that was glued on.
TRAILING_MIN_WORDS = 225
# No window may share more than this part of its IDF mass with the page before the boundary, nor cover more than this
# part of the lead. At .25 and .08 a tennis report in ../shared/html was cut at its own subhead.
TRAILING_MAX_PAGE_OVERLAP = 0.2
TRAILING_MAX_LEAD_OVERLAP = 0.05
# Before the boundary, the rest of the report and its last window must each cover this share of the opening. Without
# this bound and the two above, 31 pages of usnews were cut: essays, analyses and interviews, which drift. At .25 one
# still is.
TRAILING_MIN_HEAD_COHESION = 0.3
# A headline with a dateline below it begins another article if the first window stays under these shares. True ones on
# web2025 lie at .08 to .50 and at .00 to .16; a second copy of the report on its own page lies at 1 and 1.
DATELINED_MAX_PAGE_OVERLAP = 0.5
DATELINED_MAX_LEAD_OVERLAP = 0.2
# No later window may cover more than this share of the lead, which would mean that the page returns to its report. The
# highest share among articles about one war is .46.
DATELINED_MAX_LEAD_RETURN = 0.5

# -- clean: outlet boilerplate ---------------------------------------------------------------------------
# A line recurs if it occurs in this many otherwise unlike articles of one outlet. Two occurrences may be a follow-up
# that quotes the earlier report. Three pages with one line and nothing else in common share boilerplate.
RECURRING_LINE_MIN_ARTICLES = 3
# It must also occur in this share of the outlet's articles. A page template is on every page of its kind, while a wire
# that sends thousands of templated notes repeats rows ("Pay March 31") that are not boilerplate.
RECURRING_LINE_MIN_SHARE = 0.05
# Articles with the line that are compared (the first ones), and the number of unlike ones that is always enough. An
# outlet of 100,000 articles does not need 5,000 pages to show its boilerplate, and the cost of comparing grows with the
# square.
RECURRING_LINE_MAX_CARRIERS = 200
RECURRING_LINE_MAX_REQUIRED = 50
# Two articles are the same article if their titles have this Jaccard similarity of words.
SAME_ARTICLE_TITLE_JACCARD = 0.5
# ... or if sentences of more than this share of their words are the same.
SAME_ARTICLE_MIN_TEXT_SHARE = 0.5
# Two titles up to this Jaccard similarity are unrelated.
UNRELATED_TITLE_JACCARD = 0.2

# -- fingerprint -----------------------------------------------------------------------------------------
# Characters that are tokenised in one batch. The time is the same from 25,000 to 200,000. At 400,000 the arrays no
# longer fit into the cache, and it takes 1.4 times as long.
FINGERPRINT_BATCH_CHARS = 120_000
# A text of fewer words may be the same by chance ("Watch live."): the titles must agree too.
SAME_TEXT_MIN_WORDS = 25
# The titles must also agree if the text covers less than this share of the title's IDF mass: a robot check, a form.
SAME_TEXT_MIN_TITLE_COVERAGE = 0.1

# -- candidates ------------------------------------------------------------------------------------------
# One in this many shingles is sampled. 54 of 57 rewrites share four or more sampled shingles at 1/4, 46 at 1/8.
SHINGLE_SAMPLE_RATE = 4
# At least this many shingles of a report are sampled, those with the smallest hashes; all of a report that has fewer.
MIN_SAMPLED_SHINGLES = 200
# A shingle in at most this many articles pairs them all. One in more articles pairs each of them with the pivots.
MAX_SHINGLE_DF = 40
PIVOTS_PER_SHINGLE = 8
# Sampled shingles that a pair must share.
MIN_SHARED_SHINGLES = 4
# A pair that shares fewer than ENOUGH_SHARED_SHINGLES must share this part of the smaller report's sampled shingles.
# The three bounds find all 295 labelled duplicates of ../shared/gold. On ../shared/bulk a containment of .03, .025 and
# .02 gives 21,800, 26,300 and 38,200 pairs. At .03 one labelled rewrite of our own wires is missed.
ENOUGH_SHARED_SHINGLES = 8
MIN_SHINGLE_CONTAINMENT = 0.025

# -- prefilter -------------------------------------------------------------------------------------------
# Share of the IDF mass of a report's distinct stems that the other report has, on the side where it is larger; and the
# sum of that share and the cosine of the stems (0 to 2). Of the 26,300 candidates of ../shared/bulk these bounds leave
# 4,800. The lowest values there are .46 and .66 among the 410 pairs of probability .1 or more, and .50 and .87 among
# the 280 pairs of .45 or more. Among the labelled pairs of ../shared/gold they are .49 and .75, and .50 and .81. The
# lower side decides nothing: if another report cuts a page to a few lines, .08 of the page is covered.
PREFILTER_MIN_COVERAGE = 0.38
PREFILTER_MIN_COVERAGE_PLUS_COSINE = 0.62
# A pair also passes if it shares this part of the smaller report's sampled shingles. Notes from one template are not
# duplicates, but `check` reports them, and event links skip them. Of 2,700 such candidates of ../shared/bulk it keeps
# 500 more, 800 pairs more in all.
PREFILTER_MIN_CONTAINMENT = 0.2

# -- score: alignment ------------------------------------------------------------------------------------
# Two sentences below this ratio (0 to 100) count as having no text in common. The cutoff makes the matrix faster.
VERBATIM_CUTOFF = 50.0
# Reports are aligned with matrices of up to this many cells (sentences of one side times sentences and shared stems of
# the other): 8 MB, and every report of ../shared/gold. Longer ones are aligned by an index of their stems.
ALIGN_MAX_CELLS = 1_000_000
# ... which looks at this many matches of stems for each stem of a sentence, rarest stems first, or at this many in all.
# Stems beyond are in hundreds of sentences. The second number is that of two reports of 1,000 sentences with ten stems
# each, of which every one is in 100 sentences.
ALIGN_MATCHES_PER_STEM = 32
ALIGN_MIN_MATCHES = 1_000_000
# Matches that are sorted at a time: 40 MB.
ALIGN_CHUNK_MATCHES = 1_000_000
# All sentences are compared by their ratio up to this product of the lengths in characters: two reports of 60,000.
ALIGN_MAX_CHAR_PAIRS = 4_000_000_000
# Sentences are compared word by word up to this many characters: the time grows with the square, and a longer
# "sentence" is a page without full stops.
MAX_SENTENCE_CHARS = 2000

# -- score: signals --------------------------------------------------------------------------------------
# Share of a sentence's IDF mass that one sentence or two neighbouring sentences of the other report must have for it to
# count as covered, and for it to count as aligned. Round values, not tuned.
SENTENCE_COVERED = 0.6
SENTENCE_ALIGNED = 0.45
# ... and for it to count as covered nearly in full.
SENTENCE_NEAR_FULL = 0.8
# Two sentences that are mutual best matches and cover this share of each other say the same.
MUTUAL_MATCH_COVERAGE = 0.4
# With fewer words than this outside quotation marks, the share copied outside them means nothing.
MIN_UNQUOTED_WORDS = 15
# If more than this share of a report's words seems to be quoted, its quotation marks do not mark quotes.
MAX_QUOTED_SHARE = 0.7
# Two sentences with this ratio (0 to 1) are the same text.
COPIED_SENTENCE_RATIO = 0.9
# ... and with this ratio they fill the same sentence of a template.
TEMPLATE_SENTENCE_RATIO = 0.6
# Template siblings: similar sentences make up this much of a report, this much of their IDF mass is replaced on both
# sides, and in the lead in particular, and at most this share of numbers agrees. One of the 295 labelled duplicates
# meets all four bounds, and 37 of the other 516 pairs do. Without the bound on numbers twelve duplicates would: a
# rewrite keeps its numbers. They are not linked.
TEMPLATE_MIN_SIMILAR_SHARE = 0.5
# ... and for the veto on a pair: the six other pairs in between get less than .03 from the trees, and a rewrite of our
# own is in between too.
TEMPLATE_VETO_MIN_SIMILAR_SHARE = 0.7
TEMPLATE_MIN_REPLACED = 0.1
TEMPLATE_MIN_LEAD_REPLACED = 0.15
TEMPLATE_MAX_SHARED_NUMBERS = 0.6
# If similar sentences make up this much of both reports, the lead is the first similar pair among this many sentences,
# not only the very first: a caption or a menu above the report turned the veto off on five of our own pages. No
# labelled duplicate meets these bounds. With .5 one does, and six do if one of the two reports is enough.
TEMPLATE_WIDE_LEAD_SHARE = 0.6
TEMPLATE_WIDE_LEAD_SENTENCES = 5
# Notes of at most this many words, from different days, similar and with other figures, are two issues of a recurring
# notice. With any bound from 60 to 300 no labelled duplicate is one. With 150, 37 other pairs are, 8 of which are not
# template siblings.
RECURRING_NOTICE_MAX_WORDS = 150
# Two pages share only their boilerplate if the shared sentences cover less than this share of either title, the titles
# are less similar than this, and this much of one page is copied. No labelled duplicate meets these bounds.
BOILERPLATE_MAX_TITLE_COVERAGE = 0.1
BOILERPLATE_MAX_TITLE_SIMILARITY = 0.3
BOILERPLATE_MIN_COPIED = 0.2
# ... or if the sentences that are not copied are covered less than this on both sides, so that the copies are all that
# the pages have in common. If the copies make up BOILERPLATE_MAX_COPIED of a page, they may be the report and the rest
# the boilerplate. A side with less than BOILERPLATE_MIN_REST_SHARE of its IDF mass outside the copies has too little
# left to decide by. With those above, these bounds catch one labelled duplicate (a story and the caption of a video
# that share one sentence) and 13 other pairs.
BOILERPLATE_MAX_REST_COVERAGE = 0.15
BOILERPLATE_MAX_COPIED = 0.6
BOILERPLATE_MIN_REST_SHARE = 0.05

# -- score: relations ------------------------------------------------------------------------------------
# Share of the words in copied sentences, on both sides of a reprint.
REPRINT_MIN_COPIED = 0.85
# Or this Jaccard similarity of word 3-grams: a reprint whose sentences were split differently.
REPRINT_MIN_JACCARD = 0.8
# Share of the abridged report that the full report covers.
ABRIDGED_MIN_COVERAGE = 0.92
# Or a cut with lines of its own: this share of the shorter report is in copied sentences, and it is much shorter. Of
# the labelled pairs that this decides, 5 are `abridged` and 2 `update`.
CUT_MIN_COPIED = 0.6
CUT_MAX_SIZE = 0.6
# A rewrite uses other words: at most this share of the words copied on either side, and at most this containment.
REWRITE_MAX_COPIED = 0.15
REWRITE_MAX_CONTAINMENT = 0.5

# -- cluster ---------------------------------------------------------------------------------------------
# Members sampled from each of two clusters to decide whether to merge them: the first ones in content order.
CLUSTER_SAMPLE_SIZE = 5
# Two clusters joined by an edge at the threshold must have an average linkage of this fraction of it: most pairs of a
# story are a little less certain than its most certain pair. Cross-validated in ten folds (F1, wrong merges, rewrites
# found): .925, 15 and 53 with .9; .920, 15 and 50 with 1; .924, 17 and 53 with .8.
LINKAGE_FRACTION = 0.9
# More than this fraction of the sampled cross pairs must each reach that value: with half of them, a page that
# contains two reports would join the clusters of both.
MIN_AGREEING_FRACTION = 0.5

# -- related ---------------------------------------------------------------------------------------------
# The figures are recall at a precision of .95, for pairs of the 553 stories of ../shared/gold/web2025 against its 34
# events, cross-validated by event (`python benchmarks/train_related.py`). With the values below recall is .52.

# Sentences that count as the lead, beside the title. Two give .53, five .49. Three tolerates a page whose first line is
# a caption.
RELATED_LEAD_SENTENCES = 3
# The counts of the IDF table weigh as much as this many reports when those of the input are added. 300 give .45, 3000
# give .50, and the IDF table alone .09: the names of a war that half of the input is about then link its events.
RELATED_IDF_PRIOR_WEIGHT = 1000
# Pairs of leads with a smaller cosine (0 to 1) are dropped. 77 % of the pairs of one event remain.
RELATED_MIN_LEAD_COSINE = 0.07
# Postings read for one report, over the stems of its lead, rarest first; a report read twice counts twice. On 16,765
# stories 8,000 cost 2.5 times as much as 3,000 and link no more pairs of one event (recall .717, against .722 at one
# threshold, and .707 with 2,000).
RELATED_MAX_POSTINGS = 3000
# Maximum number of neighbours of a report, and so of its links. The largest event of web2025 has 103 stories.
RELATED_MAX_NEIGHBOURS = 128
# Shared-neighbour similarity is smoothed towards this neutral value with this weight. The unit is similarity squared,
# squared again: one neighbour with similarity .3 to both weighs .008. Without this signal the figure is .41.
RELATED_NEIGHBOUR_PRIOR_WEIGHT = 0.01
RELATED_NEIGHBOUR_PRIOR = 0.4
# Sum of the similarities of leads and titles (0 to 2) that two stories need before shared neighbours can link them.
# Without this bound 5,100 pairs of 1,500 notes of ../shared/gold/wire1987 are linked, mostly dividends and earnings;
# with it 2,000.
RELATED_MIN_DIRECT_SIMILARITY = 0.3
# Share of a title's IDF mass that the other report must cover, for one of the two titles. 1,260 of those 2,000 remain.
RELATED_MIN_TITLE_COVERAGE = 0.4
# A name of two or three words in both leads makes a link possible without the last two bounds, if the sum of the IDF of
# its words is at least this and at most this many leads of the input have it. Of 65 pairs admitted in this way, 60 are
# of one event.
RELATED_NAME_MIN_IDF = 1.6
RELATED_NAME_MAX_DF = 40
# Two reports with this many names each and none in common are about two events of one kind.
RELATED_DISJOINT_MIN_NAMES = 3
# Stories are linked from this probability on. `make train` prints precision and recall, cross-validated.
RELATED_MIN_PROBABILITY = 0.78
# Days between the dates, if both are known, that lower the log-odds by 1. The cost grows with the square root: .3 for a
# day, 5 for a year. This is a stated rule: the articles with event labels have no dates.
RELATED_DECAY_DAYS = 14
# Share of the smaller report's 3-grams that a pair must share before it is tested for being template siblings.
RELATED_TEMPLATE_MIN_CONTAINMENT = 0.1

# -- summary ---------------------------------------------------------------------------------------------
# The summary lists this many of the least certain merges. On stderr they are listed if the mean edge of their weakest
# member to the others is below DOUBTFUL_COHESION: 9 of the 110 merged stories of ../shared/gold/web2025.
LEAST_CERTAIN_COUNT = 5
DOUBTFUL_COHESION = 0.6

# -- merge: sentence match -------------------------------------------------------------------------------
# Share of a sentence's IDF mass that must be covered before it can say the same.
SAME_MIN_COVERAGE = 0.5
# ... when two neighbouring sentences cover it together.
SAME_MIN_COVERAGE_TWO_SENTENCES = 0.6
# Share that must be covered before a different number, date or name is a clash and not simply another statement.
CLASH_MIN_COVERAGE = 0.4
# The same in the other direction: a clash is one statement made twice, not a short statement inside a long one.
CLASH_MIN_REVERSE_COVERAGE = 0.35
# A sentence that covers the other one nearly in full and has this much more IDF mass adds a clause of its own.
NEAR_FULL_COVERAGE = 0.85
MIN_EXTRA_MASS = 0.5
# From this similarity on (normalised Indel similarity of words, 0 to 1), two sentences differ by a replacement and not
# by a rewording.
REPLACEMENT_MIN_SIMILARITY = 0.6
# Two name stems with this ratio (0 to 100) are spellings of one name: Barrak and Barrack, Türk and Turk.
SAME_NAME_RATIO = 70
# Numbers, dates, new names of a sentence that are compared with those of another one: a table without full stops has
# more. Words of a name that has initials.
VALUES_MAX_COMPARED = 50
NAME_MAX_WORDS = 12
# Maximum words on either side of a replacement: it replaces a name, not a clause.
REPLACEMENT_MAX_WORDS = 4

# -- merge -----------------------------------------------------------------------------------------------
# A sentence with a smaller IDF mass says too little to be news by itself ("He paused.").
MIN_SENTENCE_MASS = 0.6
# ... and is a source of its best match if the other article covers this share of it, in any of its sentences.
SMALL_SENTENCE_MIN_COVERAGE = 0.5

# -- merge: base -----------------------------------------------------------------------------------------
# A sentence is that of another report if it has this share of its IDF mass.
SENTENCE_SHARED_MIN_COVERAGE = 0.6
# Weight of words that no other variant has: report that only one outlet has counts less than what all have, since
# every second such sentence in ../shared/gold/statements.jsonl is a line of the page.
UNSHARED_WEIGHT = 0.5
# A sentence is one of the variant's own if others have less than this share of its IDF mass, 0 to 1.
OWN_MAX_SHARED = 0.8
# Factors on the completeness of a damaged variant. A text with this damage cannot be printed as it is.
MOJIBAKE_FACTOR = 0.5
MARKUP_FACTOR = 0.7
LOST_LETTER_FACTOR = 0.75
CUT_OFF_FACTOR = 0.85
SCRAMBLED_FACTOR = 0.02
# Share of scrambled words (letters and digits or brackets in one word) of a text that is scrambled.
SCRAMBLED_MIN_SHARE = 0.05
SCRAMBLED_MIN_WORDS = 3
# Factor on the completeness of an agency's own page.
AGENCY_BONUS = 1.1
# Weight of the share of words that a variant has in common with others, and the number of others that it is compared
# with. A report counts half as much again if all others have its words.
AGREEMENT_WEIGHT = 0.5
AGREEMENT_MAX_COMPARED = 8
# Variants with this share of the largest value are equal, and the cleaner page decides.
BASE_TIE_SHARE = 0.97
# A report is a round-up if it is so many times as large as the others, and at least this share of its IDF mass is
# above their lead and in none of them. Of 453 merged stories of ../shared/gold 16 have such a share; those from .3 on
# are live blogs and round-ups. At most so many others are looked at.
ROUND_UP_MIN_SIZE = 1.5
ROUND_UP_MIN_SHARE_ABOVE = 0.1
ROUND_UP_MAX_COMPARED = 8

# -- merge: versions -------------------------------------------------------------------------------------
# A later text that is smaller than this, and that the earlier one covers to this share, is a cut of it, not a version.
VERSION_MIN_SIZE = 0.75
CUT_MIN_COVERAGE = 0.8

# -- merge: additions ------------------------------------------------------------------------------------
# Share of the sentences of a variant that the text must have before others of it enter: else it is a live blog, or its
# words are so different that repetitions are not seen.
ADDITION_MIN_MATCHED_SHARE = 0.3
# A sentence enters the text only if no sentence of it (or two neighbours) covers more of its IDF mass. Of the full
# sentences added in ../shared/gold/statements.jsonl before this bound, 8 of 9 under it said something new, 6 of 26 over
# it.
ADDITION_MAX_COVERAGE = 0.35
ADDITION_MAX_WINDOW_COVERAGE = 0.5
# ... and if it says enough, in words and IDF mass.
ADDITION_MIN_WORDS = 5
ADDITION_MIN_MASS = 1.0
# A sentence that stands in the place of another one, between copies of its neighbours, is its contradiction or its
# replacement: "Nobody was hurt." for "Two were hurt." It may be short and share more, but not most.
REPLACEMENT_MIN_WORDS = 3
REPLACEMENT_MAX_COVERAGE = 0.6
# What a variant has before all that matches is its own way to say the news, and never enters. What it has after the
# last match, and names nothing that the text names, is mostly the page's: the text must have this share of it.
TAIL_MIN_COVERAGE = 0.4
# A new sentence of a variant is compared with so many of the last ones that were added, and in full with the first so
# many of these that share half of its IDF mass. Nearly all variants add fewer; in others a repetition may enter or be
# listed twice.
ADDITION_MAX_COMPARED = 200
ADDITION_MAX_CONTAINERS = 20
# Paragraphs of the base that an addition may pass over to find its place, and sentences of a paragraph in which the end
# of a quotation is looked for.
PLACE_MAX_STEPS = 50
QUOTATION_MAX_SENTENCES = 50
# Share of capitalised words from which a line is set as a headline.
HEADLINE_MIN_CAPITALISED = 0.7

# -- check -----------------------------------------------------------------------------------------------
# Further articles that a finding names. The others are counted.
MAX_NAMED_ARTICLES = 20
# A duplicate is compared with the nearest of this many most probable articles of its story.
NEAREST_CANDIDATES = 8

# -- facts -----------------------------------------------------------------------------------------------
# Words on each side of a number that say what it counts.
FACT_CONTEXT_WORDS = 3
# Two numbers of different precision agree within half of the coarser unit (12.2 million and 12,231,000), but only up to
# this share of the larger: 2 million and 1.6 million differ.
ROUNDED_MAX_SHARE = 0.05
# "About 40" agrees with what is within this share of it, and "more than 4,000" with what is above it by this share.
ROUNDING_MAX_SHARE = 0.1
MORE_THAN_MAX_SHARE = 0.2
# Beside a number from this on, 1.4m is 1.4 million and not a length in metres.
MIN_LARGE_NUMBER = 10_000
# Years that a number of four digits may stand for.
YEAR_RANGE = (1500, 2099)

# -- names and quotations --------------------------------------------------------------------------------
# A name stem of at least this many letters that begins another one is a form of it: China and Chinese.
SAME_NAME_MIN_STEM = 3
# Two names with the same consonants are transcriptions of one name if they have at least this many: Dagga and Daqqa.
SAME_NAME_MIN_SKELETON = 2
# Letters of a word that may be initials.
MAX_INITIALS = 6
# Two quotations are versions of one from this similarity on (normalised Indel similarity of words, 0 to 1), and if
# each has this many words.
QUOTE_MIN_SIMILARITY = 0.6
QUOTE_MIN_WORDS = 5
# Shorter words of Latin letters are mostly articles and pronouns.
QUOTE_MIN_LETTERS = 4
# Two words of a quotation with this ratio (0 to 100) are spellings of one: programme and program, but not powered and
# empowered; likewise two of this many letters that differ in one letter: defence and defense.
QUOTE_SPELLING_RATIO = 88
QUOTE_SPELLING_MIN_LETTERS = 5
# A quotation is reworded if the words around it are this similar (normalised Indel similarity, 0 to 1), and if the
# versions share at least this share of the words of content of the longer one.
REWORDED_MIN_SIMILARITY_AROUND = 0.75
REWORDED_MIN_SHARED = 0.33
# Longer quotations (words) are not compared word by word, nor are more of them in one sentence.
REWORDED_MAX_WORDS = 150
QUOTES_MAX_COMPARED = 20
# A sentence has the nouns of German, in capitals, if it has this many of its short words.
GERMAN_MIN_WORDS = 2
