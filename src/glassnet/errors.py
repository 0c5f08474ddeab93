"""Every exception that glassnet raises on purpose.

    GlassnetError            exit code 1: it failed, and not through the user's words
    ├── FetchError           a data set could not be had from any of its sources
    ├── StorageError         a file could not be written (disk full, no permission)
    ├── TrainingError        training cannot go on (a loss that is not a number)
    ├── ExportError          an exported network does not answer as it should
    ├── VerificationError    a stored number is not what comes out when it is computed again
    ├── Interrupted          exit code 130: the user stopped it; what was done is saved
    └── UserError            exit code 2: the user can mend it
        ├── UsageError       a name, an option or a value that does not exist
        ├── ConfigError      a configuration file or value that does not hold
        ├── DataError        input that cannot be read or does not fit
        ├── ArgumentError    what an estimator was given does not hold; a ValueError, too
        └── RunError         a run folder that is missing, unfinished or damaged

Each carries two lines: what is wrong and where, and what to do next.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable


class GlassnetError(Exception):
    """Something failed; `message` says what and where, `hint` what to do next.

    Example:
        >>> raise GlassnetError("the disk is full", "free some space and run it again")
        Traceback (most recent call last):
        ...
        glassnet.errors.GlassnetError: the disk is full
        free some space and run it again
    """

    exit_code = 1

    def __init__(self, message: str, hint: str) -> None:
        super().__init__(f"{message}\n{hint}")
        self.message = message
        self.hint = hint


class FetchError(GlassnetError):
    """A data set could not be had from any of its sources."""


class StorageError(GlassnetError):
    """A file could not be written."""


class TrainingError(GlassnetError):
    """Training cannot go on."""


class ExportError(GlassnetError):
    """A network cannot be exported, or the file does not answer as the network does."""


class VerificationError(GlassnetError):
    """A stored number or text is not what comes out when it is computed again.

    `difference` has `finding`, `what`, `stored` and `again`, as text.
    """

    def __init__(self, message: str, hint: str, difference: dict[str, str] | None = None) -> None:
        super().__init__(message, hint)
        self.difference = difference or {}


class Interrupted(GlassnetError):  # noqa: N818 - it names what happened
    """The user stopped it; what was done is saved."""

    exit_code = 130


class UserError(GlassnetError):
    """The user's words or files are wrong, and the user can mend them."""

    exit_code = 2


class UsageError(UserError):
    """A name, an option or a value that does not exist."""


class ConfigError(UserError):
    """A configuration file or value that does not hold."""


class DataError(UserError):
    """Input that cannot be read or does not fit."""


class ArgumentError(UserError, ValueError):
    """What an estimator was given does not hold; scikit-learn wants that to be a ValueError."""


class RunError(UserError):
    """A run folder that is missing, unfinished or damaged."""


def suggest(word: str, known: Iterable[str]) -> str:
    """Name the known word nearest to a misspelt one, or list them all.

    Returns:
        One sentence without a full stop, made to be an error's hint.

    Example:
        >>> suggest("mnits", ["mnist", "fashion-mnist"])
        'did you mean mnist?'
    """
    names = sorted(known)
    nearest = difflib.get_close_matches(word, names, n=1, cutoff=0.5)
    if nearest:
        return f"did you mean {nearest[0]}?"
    return f"known: {', '.join(names)}" if names else "there are none yet"
