from __future__ import annotations

import csv
import io
import json
import re
from pathlib import Path

import pytest
from hypothesis import given, settings, strategies as st

from glassnet.data import text_files
from glassnet.data.table_files import read
from glassnet.data.tables import Table, TableFormat
from glassnet.data.texts.columns import header_detector
from glassnet.errors import DataError


def table(folder: Path, content: str | bytes, name: str = "a.csv") -> Table:
    path = folder / name
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return read(path, header_detector())


@pytest.mark.parametrize(
    ("content", "name"),
    [
        ('text,label\n"good, really",a\nbad,b\n', "a.csv"),
        ('\ufefftext,label\r\n"good, really",a\r\n\r\n , \r\nbad,b\r\n', "a.csv"),
        ("text;label\ngood, really;a\nbad;b", "a.csv"),
        ("text\tlabel\n good, really \t a\nbad\tb\n", "a.tsv"),
        ('{"text": "good, really", "label": "a"}\n\n{"text": "bad", "label": "b"}', "a.jsonl"),
        ('{"text": "good, really", "label": "a"}\n{"label": "b", "text": "bad"}', "a.ndjson"),
    ],
)
def test_every_format_of_a_table(tmp_path: Path, content: str, name: str) -> None:
    found = table(tmp_path, content, name)
    assert found.header == ("text", "label")
    assert found.columns == [["good, really", "bad"], ["a", "b"]]
    assert found.format.has_header


@pytest.mark.parametrize("name", ["utf-8-sig", "utf-16", "utf-32"])
def test_byte_order_marks(tmp_path: Path, name: str) -> None:
    found = table(tmp_path, "text,label\n好看,a\n".encode(name))
    assert found.header == ("text", "label")
    assert found.rows == [["好看", "a"]]


def test_line_numbers_are_those_of_the_first_line_of_a_row(tmp_path: Path) -> None:
    found = table(tmp_path, 'text,label\n"two\nlines",a\n\nthird,b\n"x\n\ny",c\nlast,d\n')
    assert found.lines == [2, 5, 6, 9]
    assert found.columns[0][0] == "two\nlines"


def test_a_long_text_is_read_and_the_limit_restored(tmp_path: Path) -> None:
    before = csv.field_size_limit()
    found = table(tmp_path, "text,label\n" + "word " * 1_000_000 + ",a\n")
    assert len(found.columns[0][0].split()) == 1_000_000
    assert csv.field_size_limit() == before


def test_a_text_that_is_too_long_is_left_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(text_files, "MAX_TEXT", 50)
    before = csv.field_size_limit()
    found = table(tmp_path, "text,label\na,b\n" + "x" * 51 + ",a\n")
    assert found.faults == ["more than 50 characters in line 3"]
    with pytest.raises(DataError, match="no row can be read: more than 100 characters in line 1"):
        table(tmp_path, json.dumps({"text": "x" * 100}), "a.jsonl")
    assert csv.field_size_limit() == before


def test_quotes_in_a_table_with_tabs_can_be_characters(tmp_path: Path) -> None:
    content = 'text\tlabel\n"so-called" art\ta\n5" screen\tb\n"open\tc\n'
    found = table(tmp_path, content, "a.tsv")
    assert found.columns[0] == ['"so-called" art', '5" screen', '"open']
    assert not found.format.quote
    assert table(tmp_path, 'text\tlabel\n"a\tb"\tc\n', "a.tsv").columns[0] == ["a\tb"]


@pytest.mark.parametrize(
    ("content", "named"),
    [
        ("text,label\nx,y\n", True),
        ("wording,kind\na good film,pos\na bad film,neg\n", True),
        ("a good film,pos\na bad film,neg\na long film,neg\nanother,pos\n", False),
        ("pos,a good film\nneg,a bad film\npos,fine\n", False),
        ("1,a good film\n0,a bad film\n", False),
        ("what a film this is and how it goes on and on for ever and ever amen,x\nb,y\n", False),
        (",text,label\n0,a,b\n1,c,d\n", True),
        ("text,label\nx,y\ntext,label\n", True),
    ],
)
def test_a_first_line_of_values_is_a_row(tmp_path: Path, content: str, named: bool) -> None:
    found = table(tmp_path, content)
    assert found.format.has_header is named
    assert len(found) == len(content.splitlines()) - named
    if not named:
        assert found.header == ("column 1", "column 2")
        assert found.lines[0] == 1


def test_a_line_with_a_given_name_is_a_header(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("wording,7\ngood,8\n")
    assert not read(path, header_detector()).format.has_header
    assert read(path, header_detector("Wording")).format.has_header


def test_the_values_of_json_lines(tmp_path: Path) -> None:
    lines = ['{"text": "a\\nb", "n": 3, "ok": true}', '{"text": null, "more": [1]}']
    found = table(tmp_path, "\n".join(lines), "a.jsonl")
    assert found.header == ("text", "n", "ok", "more")
    assert found.columns == [["a\nb", ""], ["3", ""], ["true", ""], ["", ""]]
    assert found.nested(3) == {1: "a list"}


@pytest.mark.parametrize(
    ("content", "name", "message"),
    [
        ("", "a.csv", "the table has no rows"),
        ("text,label\n", "a.csv", "the table has no rows"),
        ("\n \n", "a.tsv", "the table has no rows"),
        ("", "a.jsonl", "the table has no rows"),
        (b"text,label\n\xe4\x9d,b\n\xe4\x9d,c\n", "a.csv", "not UTF-8 text"),
        (b"\x89PNG\r\n\x1a\n\0\0\0", "a.csv", "an image, not text"),
        (b"PK\x03\x04\xff\xff", "a.csv", "a ZIP archive or an Excel workbook, not text"),
        ("[" * 100_000, "a.jsonl", "no row can be read: no JSON"),
        ("3\n4\n", "a.jsonl", "no row can be read: no JSON object in line 1"),
    ],
)
def test_a_file_that_is_not_a_table_is_refused(
    tmp_path: Path, content: str | bytes, name: str, message: str
) -> None:
    with pytest.raises(DataError, match=message) as caught:
        table(tmp_path, content, name)
    assert str(tmp_path / name) in caught.value.message
    assert len(str(caught.value).splitlines()) == 2


def test_columns_are_found_by_name(tmp_path: Path) -> None:
    found = table(tmp_path, "Review Text,label,review_text\na,b,c\n")
    assert [found.find(name) for name in ("review_text", "Review Text", "LABEL")] == [2, 0, 1]
    with pytest.raises(DataError, match=r"there is no column 'lable'\ndid you mean label\?"):
        found.find("lable")


HOSTILE = [
    *("\r", "a\rb", "\r\n", "\n", '"', '""', "'", "'=1", "=cmd|' /C calc'!A0", "+1-1", "-", "@x"),
    *("\t", "\t=1", ",", ";", "|", "\u2028", "\x0b", "\x85", "\ufeff", "''-x", "-5", "1e5", "null"),
]
CELLS = st.sampled_from(HOSTILE) | st.text(
    st.characters(codec="utf-8", exclude_characters="\0") | st.sampled_from("\r\n\t,;\"'=-|"),
    max_size=20,
)


@settings(max_examples=60)
@given(
    st.lists(st.tuples(CELLS, CELLS), min_size=1, max_size=5), st.sampled_from([",", ";", "\t", ""])
)
def test_what_is_written_is_read(rows: list[tuple[str, str]], delimiter: str) -> None:
    import tempfile

    rows = [(f"a{first}", second) for first, second in rows]
    extension = {"": "jsonl", "\t": "tsv"}.get(delimiter, "csv")
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, f"a.{extension}")
        table_format, more = TableFormat(path, ("text", "note"), delimiter), ["class", "chance"]
        lines = table_format.format_rows(
            [list(row) for row in rows], more, [["x", 1 / 3]] * len(rows)
        )
        path.write_text(table_format.format_header(more) + lines, encoding="utf-8", newline="")
        after = read(path, header_detector())
    assert after.header == ("text", "note", "class", "chance")
    assert [tuple(row[:2]) for row in after.rows] == rows
    assert {tuple(map(str, row[2:])) for row in after.rows} == {("x", "0.333333")}
    assert after.faults == []


@settings(max_examples=60)
@given(st.lists(st.lists(CELLS, min_size=2, max_size=2), min_size=1, max_size=5))
def test_no_cell_begins_like_a_formula(rows: list[list[str]]) -> None:
    table_format = TableFormat(Path("a.csv"), ("text", "note"))
    written = table_format.format_rows(rows, [], [[]] * len(rows))
    for cells in csv.reader(io.StringIO(written, newline="")):
        for cell in cells:
            is_number = re.fullmatch(r"\s*[+-]?[\d._]+(e[+-]?\d+)?\s*", cell, re.IGNORECASE)
            assert is_number or not cell.startswith(("=", "+", "-", "@", "\t", "\r"))


def test_lone_surrogates_are_written(tmp_path: Path) -> None:
    for delimiter, name, expected in (("", "a.jsonl", "a\ud800"), (",", "a.csv", "a?")):
        table_format = TableFormat(tmp_path / name, ("text", "n"), delimiter)
        lines = table_format.format_rows([["a\ud800", "b"]], [], [[]])
        (tmp_path / name).write_text(table_format.format_header([]) + lines, encoding="utf-8")
        assert read(tmp_path / name, header_detector()).rows[0][0] == expected


def test_short_rows_are_padded_when_written(tmp_path: Path) -> None:
    found = table(tmp_path, "text,note,label\na\nb,c,d\n")
    assert found.format.format_header(["class"]) == "text,note,label,class\n"
    assert found.format.format_rows(found.rows, ["class"], [[1], [2]]) == "a,,,1\nb,c,d,2\n"
    assert found.format.format_rows(found.rows, [], [[], []]) == "a,,\nb,c,d\n"
