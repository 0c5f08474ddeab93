"""Options for reading the user's own data: sizes, columns, encoding and splits."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from typing import Any

from glassnet.errors import UsageError, flag


@dataclass(frozen=True, kw_only=True)
class ReadOptions:
    """What the user decides about reading their own data; None where the data decide.

    Attributes:
        image_size: images: the side in pixels of the squares to which all are resized.
        colour: images: `grey` or `rgb`, to which all are converted.
        image_shape: tables of pixels: height and width as `20x30`; `20x30x3` for colour.
        image_column: tables of images: the column of image paths.
        text_column: tables of texts: the column of texts.
        label_column: tables: the column of classes.
        group_column: tables: the column of groups, each of which stays in one split.
        group_pattern: files: the regular expression that finds the group in a file's path.
        encoding: tables and text files: how their characters are encoded, such as `cp1252`.
        splits: which folders, files or values are splits, see `SplitNames.parse`.

    Example:
        >>> ReadOptions(text_column="review").chosen
        ('text_column',)
    """

    image_size: int | None = None
    colour: str | None = None
    image_shape: str | None = None
    image_column: str | None = None
    text_column: str | None = None
    label_column: str | None = None
    group_column: str | None = None
    group_pattern: str | None = None
    encoding: str | None = None
    splits: str | None = None

    @property
    def chosen(self) -> tuple[str, ...]:
        """The names of the options that the user has chosen."""
        return tuple(name for name in OPTIONS if getattr(self, name) is not None)

    def check_modality(self, name: str, modality: str) -> None:
        """Refuse options that are for the other modality.

        Raises:
            UsageError: there is one.
        """
        wrong = [option for option in self.chosen if MODALITIES.get(option, modality) != modality]
        if wrong:
            raise UsageError(
                f"{name} contains {modality}, to which {flag(wrong[0])} does not apply",
                f"leave out {' and '.join(map(flag, wrong))}",
            )

    def check_own_data(self, name: str) -> None:
        """Refuse all options, as a data set of the catalogue leaves nothing to decide.

        Raises:
            UsageError: the user has chosen one.
        """
        if self.chosen:
            raise UsageError(
                f"{name} is built in: {flag(self.chosen[0])} does not apply to it",
                f"leave out {' and '.join(map(flag, self.chosen))}; options for reading are for "
                "your own data",
            )


DEFAULTS = ReadOptions()
OPTIONS = tuple(field.name for field in dataclasses.fields(ReadOptions))
"""The names of all options."""

MODALITIES = {
    "image_size": "images",
    "colour": "images",
    "image_shape": "images",
    "image_column": "images",
    "text_column": "texts",
}
"""Option -> the modality that it is for; the others are for both."""


def chosen_in(config: Any) -> dict[str, Any]:
    """The options that a configuration chooses; empty text, 0 and the colour `auto` choose nothing.

    Args:
        config: an object with some of `OPTIONS` as fields.
    """
    values = {name: getattr(config, name, None) for name in OPTIONS}
    return {
        name: value
        for name, value in values.items()
        if value and (name, value) != ("colour", "auto")
    }
