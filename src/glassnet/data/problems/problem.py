"""Problems: what is wrong or worth knowing with data, found by training and by a check alike."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from glassnet import progress
from glassnet.errors import DataError

REFUSAL, WARNING, NOTE = "refusal", "warning", "note"
SEVERITIES = (REFUSAL, WARNING, NOTE)
"""Whether training refuses; goes, but with less or with a doubt; or only has something to say."""

Places = tuple[str, ...]
"""Names of examples that belong together: copies of each other, or one alone."""


@dataclass(frozen=True)
class Problem:
    """One finding about data: what there is, and what training does about it.

    Attributes:
        kind: a name that stays, as `unreadable`; `docs/checking-data.md` lists them.
        severity: one of `SEVERITIES`.
        text: one sentence without a full stop.
        hint: what the person can do; never empty for a refusal.
        places: all that it concerns, in groups.
    """

    kind: str
    severity: str
    text: str
    hint: str = ""
    places: tuple[Places, ...] = ()


ReportProblem = Callable[[Problem], None]
"""Takes one problem as soon as it is known."""


def speaker(log: Callable[[str], None] | None = None) -> ReportProblem:
    """How training takes problems: it says each, and stops at the first refusal with a DataError.

    A check takes them otherwise: it collects them, and goes on behind a refusal.

    Example:
        >>> speaker(print)(Problem("sizes", NOTE, "12 images brought to 64 x 64 pixels"))
        12 images brought to 64 x 64 pixels
    """
    out = log or progress.log

    def report_problem(problem: Problem) -> None:
        if problem.severity == REFUSAL:
            raise DataError(problem.text, problem.hint)
        out(problem.text)

    return report_problem


speak = speaker()
"""Says problems on stderr."""


def single(places: Iterable[str]) -> tuple[Places, ...]:
    """Places of which each stands alone."""
    return tuple((place,) for place in places)


def counted(n: int, noun: str) -> str:
    """A number and its noun in the plural, which is the singular for one.

    Example:
        >>> counted(1, "images"), counted(1200, "texts"), counted(1, "classes")
        ('1 image', '1,200 texts', '1 class')
    """
    one = noun.removesuffix("es") if noun.endswith("sses") else noun.removesuffix("s")
    return f"{n:,} {noun if n != 1 else one}"
