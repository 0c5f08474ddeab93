"""A bad row costs a row: what cannot be read is left out, counted and named, and no other row."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings, strategies as st
from languages import ENCODINGS, REVIEWS

from glassnet.data.check import check
from glassnet.data.columns import note
from glassnet.data.table_files import peek, read
from glassnet.data.tables import Table
from glassnet.data.texts.columns import header_detector
from glassnet.errors import DataError

ROWS = [(f"a film, number {k}", "ab"[k % 2]) for k in range(100)]
LINES = [f'"{text}",{label}'.encode() for text, label in ROWS]
OBJECTS = [json.dumps({"text": text, "label": label}).encode() for text, label in ROWS]


def table(path: Path, lines: list[bytes], encoding: str | None = None) -> Table:
    path.write_bytes(b"\n".join(lines) + b"\n")
    return read(path, header_detector(), encoding)


@pytest.mark.parametrize("at", [0, 1, 50, 99])
@pytest.mark.parametrize(
    ("bad", "fault"),
    [
        (b"It\x92s good,a", "a byte that is not UTF-8 (0x92)"),
        (b"It\0s good,a", "a NUL character"),
        (b'"Great" film really,a', "text beside a quoted cell"),
        (b"so, so, so,a", "more cells than columns"),
    ],
)
def test_a_bad_row_of_a_csv_file_costs_a_row(
    tmp_path: Path, bad: bytes, fault: str, at: int
) -> None:
    lines = [b"text,label", *LINES[:at], bad, *LINES[at:]]
    found = table(tmp_path / "a.csv", lines)
    assert [tuple(row) for row in found.rows] == ROWS
    assert found.faults == [f"{fault} in line {at + 2}"]
    assert list(found.format.rows()) == list(zip(found.lines, found.rows, strict=True))


@pytest.mark.parametrize("at", [0, 50, 100])
def test_an_open_quote_costs_a_row(tmp_path: Path, at: int) -> None:
    lines = [b"text,label", *LINES[:at], b'"Great film really,a', *LINES[at:]]
    found = table(tmp_path / "a.csv", lines)
    assert [tuple(row) for row in found.rows] == ROWS
    assert len(found.faults) == 1
    assert found.faults[0].endswith(f"in line {at + 2}")


def test_rows_after_an_open_quote_keep_their_line_numbers(tmp_path: Path) -> None:
    bad = b'"Great film really,a'
    found = table(tmp_path / "a.csv", [b"text,label", *LINES[:5], bad, *LINES[5:9], bad, LINES[9]])
    assert [fault.rsplit(" ", 1)[1] for fault in found.faults] == ["7", "12"]
    assert list(found.lines) == [*range(2, 7), *range(8, 12), 13]


def test_the_first_rows_of_a_damaged_table_can_be_seen(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_bytes(b"text,label\nd\xe9j\xe0 vu,a\nwell,b\nno,b\n")
    first, rows = peek(tmp_path / "a.csv", 2)
    assert first == ["text", "label"]
    assert rows == [["déjà vu", "a"], ["well", "b"]]


def test_apostrophes_can_enclose_cells(tmp_path: Path) -> None:
    lines = [f"{'ab'[k % 2]};'it''s text {k}; quoted, too'".encode() for k in range(8)]
    found = table(tmp_path / "a.csv", lines)
    assert found.columns[1][3] == "it's text 3; quoted, too"
    assert peek(tmp_path / "a.csv", 1)[0] == ["a", "it's text 0; quoted, too"]
    few = [b"Web;plain", b"Web;'one; two'", *[b"Sport;it's"] * 4]
    found = table(tmp_path / "few.csv", few)
    assert (found.columns[1][:3], found.faults) == (["plain", "one; two", "it's"], [])
    found = table(tmp_path / "b.csv", [b"text,label", *[b"'no',b"] * 4, b"a,b,c"])
    assert found.columns[0] == ["'no'"] * 4


def test_quotes_that_enclose_nothing_are_characters(tmp_path: Path) -> None:
    plain = [f"a film number {k},a".encode() for k in range(9)]
    found = table(tmp_path / "a.csv", [b"text,label", *plain, b'"Great" film,b', b'5" screen,b'])
    assert found.columns[0][-2:] == ['"Great" film', '5" screen']
    assert not found.format.quote
    assert found.faults == []


@pytest.mark.parametrize(
    ("bad", "fault"),
    [
        (b'{"text": "broke', "no JSON"),
        (b'["a", "b"]', "a list, not an object"),
        (b'"alone"', "no JSON object"),
        (b'{"text": "It\x92s", "label": "a"}', "a byte that is not UTF-8"),
    ],
)
def test_a_bad_line_of_json_lines_costs_a_line(tmp_path: Path, bad: bytes, fault: str) -> None:
    found = table(tmp_path / "a.jsonl", [*OBJECTS[:50], bad, *OBJECTS[50:]])
    assert [tuple(row) for row in found.rows] == ROWS
    (named,) = found.faults
    assert named.startswith(fault)
    assert named.endswith("in line 51")


def test_a_bad_object_of_a_list_costs_an_object(tmp_path: Path) -> None:
    values = [*OBJECTS[:50], b'{"text": "a, "label": 3}', *OBJECTS[50:]]
    found = table(tmp_path / "a.json", [b"[" + b", ".join(values) + b"]"])
    assert [tuple(row) for row in found.rows] == ROWS
    assert found.faults[0].endswith("in record 51")


def test_a_check_counts_bad_rows_and_names_the_first_with_file_and_line(tmp_path: Path) -> None:
    path = tmp_path / "reviews.csv"
    table(path, [b"text,label", *LINES, b"a\0,b", b"\xff,a", b"1,2,3,4", b'"a"b,c'])
    report = check(str(path), seed=0)
    assert report.trainable
    (problem,) = [one for one in report.problems if one.kind == "incomplete-rows"]
    assert problem.text == (
        "reviews.csv: 4 of 104 texts left out: a NUL character in line 102, a byte that is not "
        "UTF-8 (0xff) in line 103, more cells than columns in line 104 and 1 more"
    )


def test_more_bad_rows_than_good_ones_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "reviews.csv"
    table(path, [b"text,label", *LINES[:9], *[b"a\0,b"] * 10])
    report = check(str(path), seed=0)
    assert not report.trainable
    assert "10 of 19 texts cannot be used" in report.problems[0].text


@pytest.mark.parametrize("encoding", ["latin-1", "cp1252"])
def test_western_european_tables_are_recognised(tmp_path: Path, encoding: str) -> None:
    lines = [f"déjà vu n° {k},{'ab'[k % 2]}".encode(encoding) for k in range(20)]
    found = table(tmp_path / "a.csv", [b"text,label", *lines])
    assert found.columns[0][3] == "déjà vu n° 3"
    assert found.format.file.encoding.recognised


def test_damage_from_an_earlier_conversion_does_not_hide_the_encoding(tmp_path: Path) -> None:
    """`\x89\xdb\xf7` is what became of apostrophes in a well-known table of short messages."""
    lines = [f"£{k} if you don’t call,{'ab'[k % 2]}".encode("cp1252") for k in range(20)]
    lines[3:5] = [b"don\x89\xdb\xf7t miss it,a", b"I\x89\xdb\xf7m in,b"]
    found = table(tmp_path / "a.csv", [b"text,label", *lines])
    assert found.format.file.encoding.name == "cp1252"
    assert len(found) == 20


def test_other_encodings_are_refused_and_read_when_they_are_chosen(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    lines = [f"хороший фильм {k},{'ab'[k % 2]}".encode("cp1251") for k in range(8)]
    table(path, [b"text,label", *lines], "cp1251")
    report = check(str(path), seed=0)
    assert (report.problems[0].severity, report.problems[0].hint) == (
        "refusal",
        "give its encoding, perhaps --encoding cp1251 or cp1253 or koi8_r",
    )
    report = check(str(path), seed=0, encoding="cp1251")
    assert report.splits is not None
    assert report.splits.train.inputs[0].startswith("хороший фильм")


AMBIGUOUS = {
    ("hungarian", "cp1250"): "cp1250 or cp1252",
    ("czech", "cp1250"): "cp1250 or cp1252",
    ("czech", "iso8859-2"): "cp1250 or iso8859_2",
    ("japanese", "euc_jp"): "euc_jp or big5",
}
"""Six reviews are too few where other letters would make sense, too."""


@pytest.mark.parametrize(
    ("language", "encoding"),
    [(language, name) for language, names in ENCODINGS.items() for name in names],
)
def test_an_encoding_is_recognised_or_suggested_but_never_mistaken(
    tmp_path: Path, language: str, encoding: str
) -> None:
    path = tmp_path / "a.csv"
    reviews = [one.encode(encoding, "ignore").decode(encoding) for one in REVIEWS[language]]
    rows = [f'"{review}",{"ab"[k % 2]}' for k, review in enumerate(4 * reviews)]
    path.write_text("\n".join(["text,label", *rows]), encoding=encoding)
    if (language, encoding) in AMBIGUOUS:
        with pytest.raises(DataError, match="not UTF-8 text") as caught:
            read(path, header_detector())
        assert f"--encoding {AMBIGUOUS[language, encoding]}" in caught.value.hint
    else:
        found = read(path, header_detector())
        assert found.columns[0] == 4 * reviews
        assert "--encoding names another" in note(found.format, {"text": 0}, set())


def test_utf_16_without_a_mark_is_recognised(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_bytes("text,label\ngood,a\nbad,b\n".encode("utf-16-le"))
    assert read(tmp_path / "a.csv", header_detector()).rows == [["good", "a"], ["bad", "b"]]


VALUES = [{"text": "a\nb", "label": 1}, {"text": "c", "label": 2}, {"text": "d", "label": 3}]


@pytest.mark.parametrize("name", ["a.json", "a.jsonl", "a.ndjson"])
@pytest.mark.parametrize(
    "content",
    [
        json.dumps(VALUES),
        json.dumps(VALUES, indent=2),
        "\n".join(map(json.dumps, VALUES)),
        "\n\n".join(json.dumps(value, indent=1) for value in VALUES),
        json.dumps({"data": VALUES, "version": 1}),
        json.dumps({"text": ["a\nb", "c", "d"], "label": [1, 2, 3]}, indent=4),
        json.dumps({"text": {"0": "a\nb", "1": "c", "2": "d"}, "label": {"0": 1, "1": 2, "2": 3}}),
        json.dumps({"columns": ["text", "label"], "data": [["a\nb", 1], ["c", 2], ["d", 3]]}),
        json.dumps({str(k): value for k, value in enumerate(VALUES)}),
        json.dumps([["text", "label"], ["a\nb", 1], ["c", 2], ["d", 3]]),
        '["text", "label"]\n["a\\nb", 1]\n["c", 2]\n["d", 3]',
    ],
)
def test_every_layout_of_json_gives_the_same_rows(tmp_path: Path, content: str, name: str) -> None:
    (tmp_path / name).write_text(content)
    found = read(tmp_path / name, header_detector())
    assert found.header == ("text", "label")
    assert found.columns == [["a\nb", "c", "d"], ["1", "2", "3"]]
    assert [row for _, row in found.format.rows()] == found.rows


def test_missing_values_and_lists_of_json_are_bad_rows(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    bad: list[tuple[Any, Any]] = [
        (f"x{k}", value) for k, value in enumerate([None, float("nan"), ["a", "b"], {"x": 1}])
    ]
    bad += [(["a"], "a"), ({"t": 1}, "b"), (None, "a")]
    pairs = [*ROWS[:20], *bad]
    path.write_text("\n".join(json.dumps({"text": t, "label": label}) for t, label in pairs))
    report = check(str(path), seed=0)
    assert report.splits is not None
    assert report.splits.class_names == ("a", "b")
    (problem,) = [one for one in report.problems if one.kind == "incomplete-rows"]
    assert [location for (location,) in problem.locations] == [
        "no label in line 21",
        "no label in line 22",
        "a list as label in line 23",
        "an object as label in line 24",
        "a list as text in line 25",
        "an object as text in line 26",
        "no text in line 27",
    ]


def test_numbers_among_the_texts_of_json_are_reported(tmp_path: Path) -> None:
    values = [
        {"text": text if k % 10 else k, "label": label} for k, (text, label) in enumerate(ROWS)
    ]
    (tmp_path / "a.json").write_text(json.dumps(values))
    report = check(str(tmp_path / "a.json"), seed=0)
    (problem,) = [one for one in report.problems if one.kind == "other-types"]
    assert problem.text.startswith("a.json: 10 of 100 values of 'text' are numbers")


SCALARS = st.none() | st.booleans() | st.floats() | st.text(max_size=4) | st.just("a film")
JSON = st.recursive(
    SCALARS,
    lambda values: (
        st.lists(values, max_size=4)
        | st.dictionaries(st.sampled_from(["text", "label", "columns", "data", "0"]), values)
    ),
    max_leaves=12,
)


@pytest.mark.slow
@settings(max_examples=60, suppress_health_check=list(HealthCheck))
@given(st.lists(JSON, max_size=6), st.sampled_from(["list", "lines", "pretty", "wrapped", "cut"]))
def test_no_json_ends_in_anything_but_a_report(
    tmp_path_factory: pytest.TempPathFactory, values: list[Any], layout: str
) -> None:
    content = {
        "list": json.dumps(values),
        "lines": "\n".join(map(json.dumps, values)),
        "pretty": "\n".join(json.dumps(value, indent=1) for value in values),
        "wrapped": json.dumps({"data": values, "columns": values[:1]}),
        "cut": json.dumps(values)[:-2],
    }[layout]
    path = tmp_path_factory.mktemp("set") / "a.json"
    path.write_text(content)
    report = check(str(path), seed=0)
    assert report.trainable or report.problems[0].hint


@settings(max_examples=60, suppress_health_check=list(HealthCheck))
@given(
    st.binary(max_size=60)
    | st.text("a,;\t|\"'\r\n\0=é1.", max_size=60).map(lambda text: text.encode("latin-1")),
    st.sampled_from(["csv", "tsv", "jsonl"]),
)
def test_no_bytes_end_in_anything_but_a_report(
    tmp_path_factory: pytest.TempPathFactory, content: bytes, extension: str
) -> None:
    path = tmp_path_factory.mktemp("set") / f"a.{extension}"
    path.write_bytes(content)
    report = check(str(path), seed=0)
    assert report.trainable or report.problems[0].hint
