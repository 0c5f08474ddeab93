r"""Texts of other people made safe to print: characters that hide or steer become visible escapes.

A terminal obeys escape sequences, bidirectional overrides show a text in an order that is not its
own, zero-width characters hide in it, and XML has no control characters at all. `visible` is
applied where a text is printed or drawn; files for programs keep it as it is.
"""

import dataclasses
import json
import re
from typing import Any

_NO_CHARACTERS = "".join(f"{chr(end - 1)}{chr(end)}" for end in range(0xFFFF, 0x110000, 0x10000))
_UNSAFE = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f"  # control characters, except tab and line feed
    "\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069"  # direction of writing
    "\u180e\u200b\u2060-\u2065\u206a-\u206f\ufeff\ufff9-\ufffb\U000e0000-\U000e007f"  # hidden
    "\u2028\u2029"  # separators, which end a line
    f"\ud800-\udfff\ufdd0-\ufdef{_NO_CHARACTERS}]"  # no characters: surrogates and others
)
"""Joiners (U+200C and U+200D) are not among them: emoji and Persian need them."""


def visible(text: str) -> str:
    r"""A text with all characters that hide or steer written as escapes; tabs and lines stay.

    Example:
        >>> visible("a\x1b[31m\u202eb\r\n")
        'a\\x1b[31m\\u202eb\n'
    """
    return _UNSAFE.sub(_escape, text.replace("\r\n", "\n"))


def visible_line(text: str) -> str:
    r"""A visible text on one line: tabs and line feeds are escapes, too.

    Example:
        >>> visible_line("photos/a\nb.png")
        'photos/a\\nb.png'
    """
    return visible(text.replace("\n", r"\n").replace("\t", r"\t"))


def all_visible(value: Any) -> Any:
    """A value with all texts in it visible: in lists, tuples, dicts and dataclasses.

    Example:
        >>> all_visible({"class": ["a\\x07", 1]})
        {'class': ['a\\\\x07', 1]}
    """
    if isinstance(value, str):
        return visible(value) if _UNSAFE.search(value) else value
    if isinstance(value, dict):
        return {all_visible(key): all_visible(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return type(value)(map(all_visible, value))
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        names = [field.name for field in dataclasses.fields(value)]
        return dataclasses.replace(value, **{k: all_visible(getattr(value, k)) for k in names})
    return value


def as_json(value: Any, indent: int | None = None) -> str:
    r"""JSON with letters of all scripts as they are, and what hides or steers as JSON's escapes.

    Whoever reads it has the same texts again.

    Example:
        >>> as_json({"name": "caf\u00e9 \u202e"})
        '{"name": "café \\u202e"}'
    """
    text = json.dumps(value, ensure_ascii=False, indent=indent)
    return _UNSAFE.sub(lambda match: json.dumps(match[0])[1:-1], text)


def _escape(match: re.Match[str]) -> str:
    return match[0].encode("unicode_escape").decode("ascii")
