"""JSON tables: an object per line, a list of objects or rows, columns, or objects one by one."""

import itertools
import json
import re
from collections.abc import Iterator
from typing import Any

from glassnet.data import text_files
from glassnet.data.delimited import ReportFault
from glassnet.data.paths import printable
from glassnet.data.text_files import TextFile

LINES, DOCUMENT = "line", "record"
"""The two forms, by what is counted: a value per line, or values that are laid out freely."""

Record = tuple[int, dict[str, Any] | list[Any]]
"""The number of a line or value, and its object or list of cells."""

NEXT = re.compile(r"[}\]]\s*,?\s*(?=[{\[])")
"""The place between two objects or lists, where reading resumes after damage."""

SPACE = re.compile(r"[\s,]*")
ESCAPED = re.compile("[\ud800-\udfff]")


def find_form(file: TextFile) -> str:
    """Whether a file has a value per line, or its values are laid out freely."""
    with file.open() as stream:
        first = list(itertools.islice((line for line in stream if line.strip()), 2))
    if not first:
        return LINES
    try:
        value = json.loads(first[0])
    except (ValueError, RecursionError):
        return LINES if _is_object(first[-1]) else DOCUMENT
    if len(first) == 1:
        is_list = isinstance(value, list)
        return DOCUMENT if is_list or (isinstance(value, dict) and _as_records(value)) else LINES
    return LINES


def read_records(file: TextFile, form: str, report_fault: ReportFault) -> Iterator[Record]:
    """The objects or lists of a file; bad ones are reported and left out."""
    if form == LINES:
        yield from _lines(file, report_fault)
        return
    with file.open() as stream:
        text = stream.read()
    yield from enumerate_records(text, report_fault)


def enumerate_records(text: str, report_fault: ReportFault) -> Iterator[Record]:
    """The objects or lists that a text contains one after another, or as one list or table."""
    decoder = json.JSONDecoder()
    position = SPACE.match(text).end()  # type: ignore[union-attr]
    nested = SPACE.match(text, position + 1)
    if nested and text.startswith("[", position) and text.startswith(("{", "["), nested.end()):
        position = nested.end()
    number = 0
    while position < len(text) and text[position] != "]":
        number += 1
        start = position
        try:
            value, position = decoder.raw_decode(text, start)
        except (ValueError, RecursionError) as error:
            report_fault(number, f"no JSON ({_reason(error)})")
            resumed = NEXT.search(text, max(start + 1, getattr(error, "pos", 0) - 1))
            if resumed is None:
                return
            position = resumed.end()
            continue
        position = SPACE.match(text, position).end()  # type: ignore[union-attr]
        if number == 1 and position == len(text) and isinstance(value, dict):
            for number, record in enumerate(_as_records(value) or [value], 1):
                if isinstance(record, dict | list):
                    yield number, record
                else:
                    report_fault(number, "no JSON object")
        elif isinstance(value, dict | list):
            yield number, value
        else:
            report_fault(number, "no JSON object")


def dump(record: dict[str, Any]) -> str:
    """A record as a line that `read_records` reads back; lone surrogates are escaped."""
    line = json.dumps(record, ensure_ascii=False)
    return json.dumps(record) if ESCAPED.search(line) else line


def _lines(file: TextFile, report_fault: ReportFault) -> Iterator[Record]:
    limit = 2 * text_files.MAX_TEXT
    damaged = file.encoding.damaged
    with file.open() as stream:
        for number, line in enumerate(stream, 1):
            if not line.strip():
                continue
            if len(line) > limit:
                report_fault(number, f"more than {limit:,} characters")
                continue
            if damaged and (fault := file.encoding.fault_in(line)):
                report_fault(number, fault)
                continue
            try:
                value = json.loads(line)
            except (ValueError, RecursionError) as error:
                report_fault(number, f"no JSON ({_reason(error)})")
                continue
            if isinstance(value, dict | list):
                yield number, value
            else:
                report_fault(number, "no JSON object")


def _as_records(value: dict[str, Any]) -> list[Any]:
    """The rows of a table that is one object, in the ways pandas and others write it.

    Example:
        >>> _as_records({"data": [{"a": 1}]}), _as_records({"a": [1, 2], "b": [3, 4]})
        ([{'a': 1}], [{'a': 1, 'b': 3}, {'a': 2, 'b': 4}])
        >>> _as_records({"a": {"0": 1, "1": 2}, "b": {"0": 3, "1": 4}})
        [{'a': 1, 'b': 3}, {'a': 2, 'b': 4}]
        >>> _as_records({"columns": ["a"], "data": [[1], [2]]}), _as_records({"text": "a"})
        ([{'a': 1}, {'a': 2}], [])
    """
    names, rows = value.get("columns"), value.get("data")
    if isinstance(names, list) and isinstance(rows, list) and names:
        return [
            dict(zip(map(str, names), row, strict=False)) if isinstance(row, list) else row
            for row in rows
        ]
    lists = {key: inner for key, inner in value.items() if isinstance(inner, list)}
    nested = [inner for inner in lists.values() if inner and isinstance(inner[0], dict | list)]
    if len(nested) == 1:
        return nested[0]
    if len(lists) == len(value) > 1 and len({len(inner) for inner in lists.values()}) == 1:
        return _transposed(lists)
    if not value or not all(isinstance(inner, dict) for inner in value.values()):
        return []
    indexes = [list(inner) for inner in value.values()]
    if all(index == indexes[0] and all(map(str.isdecimal, index)) for index in indexes):
        return _transposed({key: list(inner.values()) for key, inner in value.items()})
    return list(value.values()) if len(value) > 1 else []


def _transposed(columns: dict[str, list[Any]]) -> list[dict[str, Any]]:
    return [dict(zip(columns, cells, strict=True)) for cells in zip(*columns.values(), strict=True)]


def _is_object(line: str) -> bool:
    try:
        return isinstance(json.loads(line), dict)
    except (ValueError, RecursionError):
        return False


def _reason(error: Exception) -> str:
    if isinstance(error, json.JSONDecodeError):
        return printable(error.msg)
    return "nested too deeply"
