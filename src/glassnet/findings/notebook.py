"""HTML of findings for notebooks: a function that drawing extends, a type at a time."""

from functools import singledispatch


@singledispatch
def html(findings: object) -> str | None:
    """The HTML of findings in a notebook; None, and so their text, until drawing is imported."""
    return None
