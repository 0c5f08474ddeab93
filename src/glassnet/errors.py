"""Exceptions that glassnet raises, and their exit codes.

    GlassnetError            exit code 1: a failure that the user did not cause
    ├── FetchError           a data set could not be downloaded from any source
    ├── StorageError         a file could not be written (disk full, no permission)
    ├── TrainingError        training cannot continue (a loss that is NaN)
    │   ├── ProcessError     another process of the training has ended
    │   └── SeedsError       some seeds of a group have failed
    ├── ExportError          a network cannot be exported, or the file differs from it
    ├── VerificationError    a stored number differs when it is computed again
    ├── Interrupted          exit code 130: stopped by the user; the work is saved
    └── UserError            exit code 2: an error that the user can fix
        ├── UsageError       an unknown name, option or value
        ├── ConfigError      an invalid configuration file or value
        ├── DataError        input that cannot be read or used
        ├── ArgumentError    an invalid argument of an estimator; also a ValueError
        └── RunError         a missing, unfinished or damaged run folder

Each has two lines: the cause and its place, and what to do next.
"""

import difflib
import os
import traceback
from collections.abc import Iterable
from pathlib import Path

from glassnet.visible import visible_line


class GlassnetError(Exception):
    """Base class: `message` is the cause and its place, `hint` what to do next.

    Args:
        reason: the cause.
        hint: what to do next.
        place: the file, folder or row where it is, which precedes the reason in `message`.

    Example:
        >>> raise GlassnetError("the disk is full", "free some space and run it again")
        Traceback (most recent call last):
        ...
        glassnet.errors.GlassnetError: the disk is full
        free some space and run it again
    """

    exit_code = 1

    def __init__(self, reason: str, hint: str, place: object = "") -> None:
        self.message = f"{place}: {reason}" if str(place) else reason
        self.reason, self.hint = reason, hint
        super().__init__(f"{visible_line(self.message)}\n{visible_line(hint)}")

    def _render_traceback_(self) -> list[str]:
        """The two lines that a notebook shows; with `GLASSNET_DEBUG`, the traceback."""
        if os.environ.get("GLASSNET_DEBUG"):
            return traceback.format_exception(self)
        return [f"{type(self).__name__}: {self}"]


class FetchError(GlassnetError):
    """A data set could not be downloaded from any source."""


class StorageError(GlassnetError):
    """A file could not be written."""


class TrainingError(GlassnetError):
    """Training cannot continue."""


class ProcessError(TrainingError):
    """Another process of the training has ended."""


class SeedsError(TrainingError):
    """Some seeds of a group have failed; the others are finished. `path` is the group's folder."""

    def __init__(self, message: str, hint: str, path: Path | None = None) -> None:
        super().__init__(message, hint)
        self.path = path or Path()


class ExportError(GlassnetError):
    """A network cannot be exported, or the outputs of the file differ from the network's."""


class VerificationError(GlassnetError):
    """A stored number or text differs when it is computed again.

    `difference` has `run`, `finding`, `field`, `stored` and `computed`, as text.
    """

    def __init__(self, message: str, hint: str, difference: dict[str, str] | None = None) -> None:
        super().__init__(message, hint)
        self.difference = difference or {}


class Interrupted(GlassnetError):  # noqa: N818 - not an error
    """The user stopped it; the work is saved."""

    exit_code = 130


class UserError(GlassnetError):
    """An error in the user's input, which the user can fix."""

    exit_code = 2


class UsageError(UserError):
    """An unknown name, option or value."""


class ConfigError(UserError):
    """An invalid configuration file or value."""


class DataError(UserError):
    """Input that cannot be read or used."""


class ArgumentError(UserError, ValueError):
    """An invalid argument of an estimator; scikit-learn requires a ValueError."""


class RunError(UserError):
    """A missing, unfinished or damaged run folder."""


def flag(name: str) -> str:
    """A field or an option as it is written on the command line.

    Example:
        >>> flag("batch_size")
        '--batch-size'
    """
    return f"--{name.replace('_', '-')}"


def suggest(word: str, known: Iterable[str]) -> str:
    """Suggest the known name closest to a misspelt one, or list all names.

    Returns:
        A sentence without a full stop, for an error's hint.

    Example:
        >>> suggest("mnits", ["mnist", "fashion-mnist"])
        'did you mean mnist?'
    """
    names = sorted(known)
    nearest = difflib.get_close_matches(word, names, n=1, cutoff=0.5)
    if nearest:
        return f"did you mean {nearest[0]}?"
    return f"known: {', '.join(names)}" if names else "there are none yet"
