"""Variants of a name: spellings, transliterations, initials, and other common names of a country or a party."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

from rapidfuzz.fuzz import ratio

from newsdedup.text import normalise_unicode, stem
from newsdedup.thresholds import MAX_INITIALS, SAME_NAME_MIN_SKELETON, SAME_NAME_MIN_STEM, SAME_NAME_RATIO

# One group a line: a country with its people, its capital, and what stands for its government; a party; an
# organisation. A text that says "Congo" for "the DRC", or "Moscow" for "Russia", contradicts nothing.
_ALIASES = """
us usa america american americans united states state washington white house
uk britain british briton britons united kingdom england english london great whitehall
congo congolese drc kinshasa rdc
gaza gazan gazans palestinian palestinians palestine palestinian enclave strip west bank ramallah
israel israeli israelis jerusalem tel aviv idf iof
russia russian russians moscow kremlin
ukraine ukrainian ukrainians kyiv kiev
china chinese beijing peking prc
india indian indians delhi new
iran iranian iranians tehran
iraq iraqi iraqis baghdad
syria syrian syrians damascus
lebanon lebanese beirut
turkey turkish türkiye turks ankara
egypt egyptian egyptians cairo
jordan jordanian amman
france french paris elysee
germany german germans berlin
spain spanish spaniards madrid
portugal portuguese lisbon
italy italian italians rome
netherlands dutch holland hague
belgium belgian belgians
austria austrian austrians vienna
switzerland swiss bern geneva
sweden swedish swedes stockholm
norway norwegian norwegians oslo
denmark danish danes copenhagen
finland finnish finns helsinki
poland polish poles warsaw
hungary hungarian hungarians budapest
romania romanian bucharest
greece greek greeks athens
serbia serbian serbs belgrade
japan japanese tokyo
korea korean koreans seoul pyongyang
vietnam vietnamese hanoi
indonesia indonesian indonesians jakarta
australia australian australians canberra
canada canadian canadians ottawa
mexico mexican mexicans
brazil brazilian brazilians brasilia
argentina argentine argentinian argentinians buenos aires
chile chilean chileans santiago
colombia colombian colombians bogota
venezuela venezuelan venezuelans caracas
cuba cuban cubans havana
niger nigerien niamey
nigeria nigerian nigerians abuja
kenya kenyan kenyans nairobi
sudan sudanese khartoum
ethiopia ethiopian ethiopians addis ababa
somalia somali somalis mogadishu
libya libyan libyans tripoli
algeria algerian algerians algiers
morocco moroccan moroccans rabat
tunisia tunisian tunisians tunis
afghanistan afghan afghans kabul
pakistan pakistani pakistanis islamabad
bangladesh bangladeshi dhaka
myanmar burma burmese
philippines philippine filipino filipinos manila
thailand thai thais bangkok
saudi saudis riyadh arabia
yemen yemeni yemenis houthi houthis sanaa
qatar qatari doha
eu european union brussels europe
un united nations
nato alliance
tory tories conservative conservatives
labour labor
republican republicans gop
democrat democrats democratic
asia asian middle east mideast west eastern
deutschland deutsche deutschen berlin bundesregierung
großbritannien briten britische england london
frankreich französische paris
russland russische moskau
россия россии москва москвы москве кремль кремля
украина украины україна україни киев киева київ києва киеве києві
сша вашингтон вашингтона америка америки
"""
_GROUPS: dict[str, frozenset[int]] = {}
for _number, _line in enumerate(_ALIASES.strip().splitlines()):
    for _word in _line.split():
        _GROUPS[stem(_word)] = _GROUPS.get(stem(_word), frozenset()) | {_number}
# Words of a group that do not name it by themselves.
_PARTS = frozenset(
    map(
        stem,
        "united states state house white new great union west east eastern middle strip bank kingdom nations enclave".split(),
    )
)
# Titles and general words: they stand beside a name or for it, and are not one.
_GENERAL = frozenset(map(stem, (
    "mr mrs ms miss dr prof professor sir dame lord lady president vice prime minister ministers premier chancellor king "
    "queen prince princess general gen colonel col captain capt major maj sergeant sgt lieutenant lt admiral senator sen "
    "representative rep congressman congresswoman governor gov mayor judge justice secretary chairman chairwoman chair "
    "chief director bishop pope cardinal archbishop rabbi sheikh imam ayatollah ambassador envoy speaker leader head "
    "party government ministry department army military forces force police agency group company committee council federation association organisation organization office authority team jr sr ii iii the of and "
    "i he she it they we his her its their this that these those a an in on at by for to from with as "
    "herr frau präsident präsidentin minister ministerin bundeskanzler kanzler kanzlerin bürgermeister bürgermeisterin "
    "polizei regierung monsieur madame président présidente ministre maire señor señora presidente presidenta ministro "
    "ministra alcalde alcaldesa senhor senhora prefeito signor signora sindaco meneer mevrouw burgemeester premier pan "
    "pani prezydent burmistrz господин президент президента министр мэр глава пан bay bayan başkan cumhurbaşkanı"
).split()))  # fmt: skip
# Words that say what kind of thing a name is of; outlets leave them out.
GENERIC_PARTS = frozenset(
    "inc corp corporation ltd co plc company holding holdings group gmbh ag sa spa nv ab llc club fc university hospital "
    "court city town county state district province region island islands river lake mount port "
    "the der die das den dem la le el los las les il lo gli os".split()
)
# Letters that transcriptions of one name exchange; vowels are left out, double letters are one.
_EXCHANGED = (("sch", "s"), ("sh", "s"), ("tch", "s"), ("ch", "s"), ("zh", "z"), ("kh", "k"), ("gh", "k"), ("ph", "f"), ("th", "t"),
              ("ck", "k"), ("x", "ks"), ("ts", "z"), ("tz", "z"), ("dj", "j"), ("q", "k"), ("g", "k"), ("c", "k"), ("w", "v"))  # fmt: skip
_VOWELS = re.compile(r"[aeiouyjh'’-]")
_LATIN = re.compile("[a-zA-Z]")
_LOOK_ALIKES = str.maketrans("аеорсухіјѕԁһѵАВЕКМНОРСТХ", "aeopcyxijsdhvABEKMHOPCTX")
_DOUBLE = re.compile(r"(.)\1+")


def is_general(word: str) -> bool:
    """Return whether a stem is a title or a general term, and no name."""
    return word in _GENERAL


def is_known_place(word: str) -> bool:
    """Return whether a stem names a country, its people, its capital, or another group with several names."""
    return word in _GROUPS and word not in _PARTS


def is_same_name(a: str, b: str) -> bool:
    """Return whether two name stems are variants of one name."""
    groups_a, groups_b = _GROUPS.get(a), _GROUPS.get(b)
    if groups_a and groups_b:
        return not groups_a.isdisjoint(groups_b)
    bare_a, bare_b = fold_letters(a), fold_letters(b)
    shorter, longer = sorted((bare_a, bare_b), key=len)
    if len(shorter) >= SAME_NAME_MIN_STEM and longer.startswith(shorter):
        return True
    if ratio(bare_a, bare_b) >= SAME_NAME_RATIO:
        return True
    skeleton_a, skeleton_b = _skeleton(bare_a), _skeleton(bare_b)
    if skeleton_a == skeleton_b:
        return len(skeleton_a) >= SAME_NAME_MIN_SKELETON
    return min(len(skeleton_a), len(skeleton_b)) > SAME_NAME_MIN_SKELETON and (
        ratio(skeleton_a, skeleton_b) >= SAME_NAME_RATIO
    )


def may_abbreviate(word: str, name: str) -> bool:
    """Return whether a capitalised name may be what `word` abbreviates, or a part of it: DRC for Congo, W for Wiebe."""
    letters = word.replace(".", "").removesuffix("'s").removesuffix("’s")
    if len(letters) == 1:
        return letters.isupper() and name.startswith(letters)
    return (
        1 < len(letters) <= MAX_INITIALS
        and letters[:-1].isupper()
        and not name.isupper()
        and name[0].upper() in letters
    )


def fold_letters(word: str) -> str:
    """Return a word without marks on its letters, and with Latin letters for look-alikes among Latin letters."""
    if word.isascii():
        return word
    bare = "".join(char for char in normalise_unicode("NFD", word) if not unicodedata.combining(char))
    return bare.translate(_LOOK_ALIKES) if _LATIN.search(bare) else bare


@lru_cache(maxsize=1 << 13)
def _skeleton(word: str) -> str:
    """Return the consonants of a name, with those that transcriptions exchange as one."""
    for letters, plain in _EXCHANGED:
        word = word.replace(letters, plain)
    return _DOUBLE.sub(r"\1", word[:1] + _VOWELS.sub("", word[1:]))
