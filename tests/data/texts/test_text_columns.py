from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from glassnet.data.table_files import read
from glassnet.data.tables import Table, TableFormat
from glassnet.data.texts.columns import TextColumns, choose, header_detector
from glassnet.errors import DataError, UsageError


def table(*lines: str) -> Table:
    header, *rows = (line.split("|") for line in lines)
    return Table(TableFormat(Path("a.csv"), tuple(header)), rows, list(range(2, len(lines) + 1)))


def positions(chosen: TextColumns) -> tuple[int, int | None, int | None]:
    return chosen.text, chosen.label, chosen.split


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        (["text|label", "a|b", "c|d"], (0, 1, None)),
        (["Class|id|Review-Text|Split", "a|1|x|train", "b|2|y|test"], (2, 0, 3)),
        (["title|text|category", "t|a|b", "t|c|d"], (1, 2, None)),
        (["id|wording|kind", "1|a long one|a", "2|a short one|b", "3|more|a"], (1, 2, None)),
        (["text|set|label", "a|kitchen|b", "c|garden|d"], (0, 2, None)),
        (["text|stars|when|lang", "a|1|x|en", "b|2|y|en", "c|1|z|en"], (0, 1, None)),
        (["body|same|kind", "a|1|x", "b|1|y", "c|1|x", "d|1|x"], (0, 2, None)),
    ],
)
def test_columns_are_chosen_by_name_or_content(
    lines: list[str], expected: tuple[int, int | None, int | None]
) -> None:
    assert positions(choose(table(*lines), None)) == expected


def test_the_columns_that_the_user_names_are_chosen() -> None:
    found = table("text|body|label|kind", "a|b|c|d", "e|f|g|h")
    assert positions(choose(found, "body", "KIND")) == (1, 3, None)
    assert positions(choose(found, "label", labelled=False))[0] == 2


def test_the_note_names_the_columns_and_which_are_guessed() -> None:
    found = choose(table("text|kind|split", "a|x|train", "b|y|test", "c|x|test", "d|y|test"), None)
    assert found.note == (
        "a.csv: texts from the column 'text', classes from the column 'kind' (guessed), splits "
        "from the column 'split'"
    )


def test_a_column_that_is_named_as_classes_often_are_is_not_guessed() -> None:
    note = choose(table("text|stars|n", "a|1|x", "b|2|x", "c|1|x"), None).note
    assert note == "a.csv: texts from the column 'text', classes from the column 'stars'"


@pytest.mark.parametrize(("has_header", "named"), [(True, "left"), (False, "2")])
def test_one_of_several_columns_is_chosen_by_name_or_number(has_header: bool, named: str) -> None:
    found = table("text|left|right", "a|1|x", "b|2|y", "c|1|x", "d|2|y")
    found = replace(found, format=replace(found.format, has_header=has_header))
    with pytest.raises(DataError) as error:
        choose(found, "text")
    assert error.value.hint == f"choose one of them, such as --label-column {named}"


def test_the_note_mentions_a_missing_header(tmp_path: Path) -> None:
    path = tmp_path / "a.tsv"
    path.write_text('pos\t"good" film\nneg\tbad film\npos\t"open\nneg\tfine\n')
    assert choose(read(path, header_detector()), None).note == (
        "a.tsv: no names in the first line; texts from the column 'column 2' (guessed), classes "
        "from the column 'column 1' (guessed); quotes are read as characters"
    )


def test_classes_can_be_optional() -> None:
    found = choose(table("wording", "a", "b"), None, labelled=False)
    assert positions(found) == (0, None, None)
    assert found.note == "a.csv: texts from the column 'wording' (guessed)"
    assert "classes" not in choose(table("text|label", "a|b"), None, labelled=False).note


@pytest.mark.parametrize(
    ("lines", "message"),
    [
        (["text", "a", "b"], "no column contains classes; it has text"),
        (
            ["text|when", *(f"t{k}|{k}" for k in range(9))],
            "no column contains classes; it has text, when",
        ),
        (["label|x", "a|", "b|"], "no column contains texts; it has label, x"),
    ],
)
def test_a_missing_column_is_refused(lines: list[str], message: str) -> None:
    with pytest.raises(DataError, match=rf"^a\.csv: {message}\n"):
        choose(table(*lines), None)


def test_an_unknown_column_is_refused() -> None:
    with pytest.raises(DataError, match=r"a\.csv: there is no column 'boddy'\ndid you mean body"):
        choose(table("body|label", "a|b"), "boddy")


def test_one_column_for_both_is_refused() -> None:
    with pytest.raises(UsageError, match="--text-column and --label-column are both 'body'"):
        choose(table("body|label", "a|b"), "body", "Body")


def chosen_from(path: Path, content: str, **columns: Any) -> tuple[int, int | None, int | None]:
    path.write_text(content)
    return positions(choose(read(path, header_detector(*columns.values())), **columns))


def test_a_constant_column_is_never_the_class() -> None:
    lines = ["wording|kind|lang", *(f"a text {k}|{k % 2}|en" for k in range(9))]
    assert positions(choose(table(*lines), None)) == (0, 1, None)
    with pytest.raises(DataError, match="no column contains classes; it has wording, lang"):
        choose(table("wording|lang", "a|en", "b|en"), None)


def test_several_columns_that_can_be_the_class_are_listed() -> None:
    lines = [f"{k % 5}|{k % 2 == 0}|A{k}|a long review {k}|short {k}" for k in range(50)]
    found = table("overall|verified|reviewerID|reviewText|summary", *lines)
    with pytest.raises(DataError) as caught:
        choose(found, None)
    assert str(caught.value) == (
        "a.csv: several columns can contain the classes: overall (5 values), verified (2 values)\n"
        "choose one of them, such as --label-column overall"
    )
    assert positions(choose(found, None, "overall")) == (3, 0, None)
    rated = table("rating|category|text", *(f"{k % 5}|{k % 2}|t{k}" for k in range(50)))
    with pytest.raises(DataError, match=r"rating .*, category "):
        choose(rated, None)


def test_several_columns_that_can_be_the_text_are_listed() -> None:
    lines = [f"is it number {k}|or is it {k * 3} then|{k % 2}" for k in range(20)]
    with pytest.raises(DataError, match=r"several columns can contain the texts: one .*, other "):
        choose(table("one|other|same", *lines), None)


def test_numbers_dates_and_names_are_not_the_text() -> None:
    lines = [
        f"{k * 10**12}|2020-01-{k + 10} 10:00:00|user-{k}-abcdefghij|so {k}|{k % 2}"
        for k in range(20)
    ]
    assert positions(choose(table("id|when|who|wording|kind", *lines), None)) == (3, 4, None)
    with pytest.raises(DataError, match="the column 'text' has no letters: numbers are no texts"):
        choose(table("text|label", *(f"{k}|{k % 2}" for k in range(9))), None)


ROWS = [f"{k},x,a film number {k},{'pn'[k % 2]},y" for k in range(20)]


@pytest.mark.parametrize("header", ["0,1,2,3,4", "1,2,3,4,5", "a,b,c,d,e"])
def test_numbers_that_count_the_columns_are_a_header(tmp_path: Path, header: str) -> None:
    content = "\n".join([header, *ROWS])
    assert chosen_from(tmp_path / "a.csv", content, text=header.split(",")[2]) == (2, 3, None)
    assert len(read(tmp_path / "a.csv", header_detector())) == 20


def test_a_value_that_is_also_a_name_of_columns_makes_no_header(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("\n".join(ROWS))
    assert len(read(tmp_path / "a.csv", header_detector())) == 20


def test_columns_without_names_are_chosen_by_number(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    content = "\n".join(ROWS)
    assert chosen_from(path, content, text="3", label="4") == (2, 3, None)
    assert chosen_from(path, content, text="column 3") == (2, 3, None)
    with pytest.raises(DataError, match=r"no column 'text'\n.*a number from 1 to 5"):
        chosen_from(path, content, text="text")
    with pytest.raises(DataError, match=r"no column '6'"):
        chosen_from(path, content, text="6")


def test_an_unknown_column_lists_those_that_there_are() -> None:
    with pytest.raises(DataError, match=r"no column 'zzz'\nthe columns are body, label$"):
        choose(table("body|label", "a|b"), "zzz")
