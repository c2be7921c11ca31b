"""Encodings: the one given, else by byte order mark, else UTF-8, else a guess; binary files are rejected."""

from __future__ import annotations

import codecs
from io import BytesIO
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from load_files import load_files, summarise_items

from newsdedup.config import Config
from newsdedup.errors import ConfigError
from newsdedup.models import Article, Rejected
from newsdedup.readers import decode, load
from newsdedup.readers.reader import Context

ENGLISH = (
    "The minister said it would cost “£4 million” — a café owner in Málaga wasn’t convinced. “We’ve heard this "
    "before,” he said, as the council’s leaders met for a third day. The plan, drawn up in 2019, would close two roads."
)
FRENCH = (
    "Le gouvernement a présenté mardi un projet très attendu. Après des mois de débats, l’assemblée devrait l’examiner "
    "dès la rentrée. « Nous avons écouté les élus », a assuré la ministre. Où trouver l’eau ? La question reste posée."
)
SPANISH = (
    "El presidente anunció ayer que la economía española crecerá más de lo previsto este año. «No habrá más recortes», "
    "aseguró. Según el ministro, también mejorarán las pensiones de los jóvenes en Málaga, Cádiz y León."
)
GERMAN = "Der Präsident erklärte, die Maßnahmen seien für über dreißig Städte nötig. „Wir müssen früher handeln.“"
POLISH = (
    "Minister powiedział we wtorek, że żadne środki nie zostaną przyznane Łodzi. Opozycja uważa, że to błąd, który "
    "będzie kosztował miasto miliony złotych. Musimy działać wcześniej - dodał rzecznik rządu w Gdańsku."
)
RUSSIAN = (
    "Президент заявил, что переговоры продолжатся в понедельник. По словам министра, стороны согласовали повестку дня, "
    "но разногласия остаются. Журналисты ждали заявления до позднего вечера."
)
JAPANESE = "首相は月曜日に記者会見を開き、新しい経済政策を発表した。"
CHINESE = "总统周一在北京表示，将继续推进改革开放。"

MARKED = {
    "utf-8": ("utf-8", b""),
    "utf-8 with mark": ("utf-8", codecs.BOM_UTF8),
    "utf-16 le": ("utf-16-le", codecs.BOM_UTF16_LE),
    "utf-16 be": ("utf-16-be", codecs.BOM_UTF16_BE),
    "utf-32 le": ("utf-32-le", codecs.BOM_UTF32_LE),
    "utf-32 be": ("utf-32-be", codecs.BOM_UTF32_BE),
}
DETECTED = {
    "english cp1252": (ENGLISH, "cp1252"),
    "french cp1252": (FRENCH, "cp1252"),
    "spanish cp1252": (SPANISH, "cp1252"),
    "german cp1252": (GERMAN, "cp1252"),
    "german latin-1": (GERMAN.replace("„", "").replace("“", ""), "latin-1"),
    "polish cp1250": (POLISH, "cp1250"),
    "polish cp1250, a sentence": ("Minister powiedział, że żadne środki nie zostaną przyznane Łodzi.", "cp1250"),
    "polish latin-2": (POLISH, "iso8859_2"),
    "russian cp1251": (RUSSIAN, "cp1251"),
    "russian koi8-r": (RUSSIAN, "koi8_r"),
    "japanese shift_jis": (JAPANESE, "shift_jis"),
    "japanese euc-jp": (JAPANESE, "euc_jp"),
    "chinese gb18030": (CHINESE, "gb18030"),
}
FILES = {
    "a.txt": "{}",
    "a.json": '{{"text": "{}"}}',
    "a.jsonl": '{{"text": "{}"}}\n',
    "a.csv": 'text\n"{}"\n',
    "a.tsv": "text\n{}\n",
}


def load_texts(folder: Path, name: str, data: bytes, **settings: object) -> list[str]:
    return [item.text for item in load_files(folder, {name: data}, **settings) if isinstance(item, Article)]


@pytest.mark.parametrize("name", FILES)
@pytest.mark.parametrize(("encoding", "mark"), MARKED.values(), ids=MARKED)
def test_utf_is_read_with_and_without_mark_in_every_format(
    tmp_path: Path, name: str, encoding: str, mark: bytes
) -> None:
    assert load_texts(tmp_path, name, mark + FILES[name].format(RUSSIAN).encode(encoding)) == [RUSSIAN]


@pytest.mark.parametrize("name", FILES)
@pytest.mark.parametrize(("text", "encoding"), DETECTED.values(), ids=DETECTED)
def test_other_encodings_are_detected_in_every_format(tmp_path: Path, name: str, text: str, encoding: str) -> None:
    assert load_texts(tmp_path, name, FILES[name].format(text).encode(encoding)) == [text]


@pytest.mark.parametrize("name", FILES)
def test_the_encoding_given_is_used(tmp_path: Path, name: str) -> None:
    data = FILES[name].format(SPANISH).encode("cp500")  # an EBCDIC, of which no byte is where ASCII has it
    assert load_texts(tmp_path, name, data, encoding="cp500") == [SPANISH]


@pytest.mark.parametrize("name", FILES)
def test_the_mark_is_no_text_when_the_encoding_is_given(tmp_path: Path, name: str) -> None:
    data = codecs.BOM_UTF8 + FILES[name].format(RUSSIAN).encode()
    assert load_texts(tmp_path, name, data, encoding="utf-8") == [RUSSIAN]


@pytest.mark.parametrize("name", FILES)
@pytest.mark.parametrize(("encoding", "actual"), [("ascii", "cp1252"), ("utf-16", "utf-8"), ("utf-8", "cp1252")])
def test_a_file_the_encoding_given_cannot_decode_is_rejected(
    tmp_path: Path, name: str, encoding: str, actual: str
) -> None:
    (item,) = load_files(tmp_path, {name: FILES[name].format(GERMAN).encode(actual)}, encoding=encoding)
    assert isinstance(item, Rejected)
    assert "not valid" in item.reason
    assert "--encoding" in item.reason


@pytest.mark.parametrize("name", ["klingon", "hex", "rot13", "a\0b"])
def test_an_unknown_encoding_is_a_config_error_at_the_call(name: str) -> None:
    with pytest.raises(ConfigError, match=r"unknown encoding .* use one that Python knows"):
        load([], Config.model_validate({"encoding": name}))


@pytest.mark.parametrize("name", FILES)
@pytest.mark.parametrize("data", [b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", b"text\0more"], ids=["image", "NUL in text"])
def test_a_binary_file_is_rejected(tmp_path: Path, name: str, data: bytes) -> None:
    (item,) = load_files(tmp_path, {name: data})
    assert isinstance(item, Rejected)
    assert item.reason.startswith("binary file")


def test_bytes_that_fit_no_encoding_are_rejected_as_binary(tmp_path: Path) -> None:
    data = bytes(range(128, 256)) * 8 + bytes(range(1, 128)) * 8
    (item,) = load_files(tmp_path, {"a.txt": data})
    assert isinstance(item, Rejected)
    assert item.reason.startswith("binary file")


@pytest.mark.parametrize("name", ["a.jsonl", "a.csv"])
def test_one_record_that_is_not_valid_is_rejected_and_the_rest_goes_on(tmp_path: Path, name: str) -> None:
    """The first block, which decides the encoding, is UTF-8; a stray byte further on costs its record only."""
    filler = "x" * decode.SAMPLE_BYTES
    records = [f'{{"text": "{part}"}}' if name == "a.jsonl" else part for part in (filler, "st\xe4y", "last")]
    head = "" if name == "a.jsonl" else "text\n"
    items = load_files(tmp_path, {name: (head + "\n".join(records)).encode("latin-1")})
    assert [type(item) for item in items] == [Article, Rejected, Article]
    assert isinstance(items[1], Rejected)
    assert (items[1].record, items[1].reason.split(";")[0]) == (
        2,
        f"the {'line' if head == '' else 'row'} is not valid in the file's encoding",
    )


def test_a_stray_byte_far_into_a_text_file_is_seen(tmp_path: Path) -> None:
    """The sample for detection surrounds the first byte that is not UTF-8, wherever that is."""
    text = "The minister spoke.\n" * (decode.SAMPLE_BYTES // 10) + FRENCH
    assert load_texts(tmp_path, "a.txt", text.encode("cp1252")) == [text]


def test_a_long_file_is_looked_at_in_many_places(tmp_path: Path) -> None:
    """With the five places that charset-normalizer examines by default, this file is read as mac_latin2."""
    text = (
        "Le ministre a déclaré que l’été serait très chaud à Orléans, où la sécheresse a déjà forcé des coupures. "
        * 4000
    )
    assert load_texts(tmp_path, "a.txt", text.encode("cp1252")) == [text]


def test_a_last_byte_that_only_begins_a_character_of_utf_8_is_a_character_of_another_encoding(tmp_path: Path) -> None:
    assert load_texts(tmp_path, "a.txt", "They all met in the old café".encode("cp1252")) == [
        "They all met in the old café"
    ]


def test_utf_16_that_breaks_off_keeps_what_was_read(tmp_path: Path) -> None:
    lines = "".join(f'{{"text": "n{i}"}}\n' for i in range(20_000))
    items = load_files(tmp_path, {"a.jsonl": lines.encode("utf-16") + b"\x00\xd8"})
    assert isinstance(items[-1], Rejected)
    assert "not valid utf-16" in items[-1].reason
    assert items[-1].record == len(items)
    assert len(items) > 10_000


@given(
    st.lists(st.text(st.characters(codec="utf-8", exclude_characters="\r\n"), max_size=9), max_size=6),
    st.sampled_from(["\n", "\r\n", "\r"]),
    st.integers(1, 9),
    st.booleans(),
)
def test_lines_are_split_as_a_plain_loop_does_and_long_ones_dropped(
    parts: list[str], end: str, limit: int, closed: bool
) -> None:
    text = (end.join(parts) + (end if closed else "")).removeprefix("\ufeff")
    context = Context("a.jsonl", Config.model_validate({"max_record_chars": limit, "encoding": "utf-8"}))
    *plain, last = text.split(end)
    expected = [None if len(line) > limit else line + "\n" for line in plain]
    expected += [None if len(last) > limit else last] if last else []
    assert list(decode.read_lines(BytesIO(text.encode()), context)) == expected


def test_a_file_read_whole_is_bounded(tmp_path: Path) -> None:
    limit = 10
    bound = limit * decode.WHOLE_FILE_RECORDS
    for name in ("a.txt", "a.json"):
        at_limit, over = (
            load_files(tmp_path, {name: " " * size}, max_record_chars=limit) for size in (bound, bound + 1)
        )
        assert summarise_items(at_limit) == [f"{name} 1 rejected: empty file"]
        assert summarise_items(over)[0].startswith(f"{name} 1 rejected: file longer than {bound} bytes")
