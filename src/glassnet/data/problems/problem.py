"""Data problems: what is wrong or worth knowing about a data set, and how it is reported."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from glassnet import progress
from glassnet.errors import DataError

REFUSAL, WARNING, NOTE = "refusal", "warning", "note"
SEVERITIES = (REFUSAL, WARNING, NOTE)
"""A refusal stops training, a warning leaves data out or casts doubt on them, a note informs."""

Locations = tuple[str, ...]
"""Where the examples of one group are: copies of each other, or one example alone."""


@dataclass(frozen=True)
class Problem:
    """One problem of a data set, and what training does about it.

    Attributes:
        kind: a stable identifier such as `unreadable`; `docs/checking-data.md` lists them.
        severity: one of `SEVERITIES`.
        text: one sentence without a full stop.
        hint: what the user can do; never empty for a refusal.
        locations: everything that is affected, in groups.
    """

    kind: str
    severity: str
    text: str
    hint: str = ""
    locations: tuple[Locations, ...] = ()


ReportProblem = Callable[[Problem], None]
"""A callback that receives each problem as soon as it is found."""


def problem_logger(log: Callable[[str], None] | None = None) -> ReportProblem:
    """Create the callback of training: it logs each problem and raises at the first refusal.

    `glassnet data check` passes a callback that collects all problems instead, refusals included.

    Args:
        log: takes one line; None for stderr.

    Example:
        >>> problem_logger(print)(Problem("resized", NOTE, "12 images resized to 64 x 64 pixels"))
        12 images resized to 64 x 64 pixels
    """
    write = log or progress.log

    def report_problem(problem: Problem) -> None:
        if problem.severity == REFUSAL:
            raise DataError(problem.text, problem.hint)
        write(problem.text)

    return report_problem


log_problem = problem_logger()
"""Logs a problem to stderr; raises `DataError` if it is a refusal."""


def ungrouped(locations: Iterable[str]) -> tuple[Locations, ...]:
    """Locations as groups of one."""
    return tuple((location,) for location in locations)


def counted(n: int, noun: str) -> str:
    """A number and its noun, given in the plural and singular for one.

    Example:
        >>> counted(1, "images"), counted(1200, "texts"), counted(1, "classes")
        ('1 image', '1,200 texts', '1 class')
    """
    one = noun.removesuffix("es") if noun.endswith("sses") else noun.removesuffix("s")
    return f"{n:,} {noun if n != 1 else one}"


def first_few(names: Sequence[str], n: int = 3) -> str:
    """The first n names, and how many more there are.

    Example:
        >>> first_few(["a", "b", "c", "d", "e"])
        'a, b, c and 2 more'
    """
    rest = f" and {len(names) - n:,} more" if len(names) > n else ""
    return ", ".join(names[:n]) + rest
