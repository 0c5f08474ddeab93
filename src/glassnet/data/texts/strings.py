"""Arrays of texts."""

from collections.abc import Sequence

import numpy as np

STRINGS = np.dtypes.StringDType()
"""The dtype of arrays of texts."""


def string_array(texts: Sequence[str]) -> np.ndarray:
    """Texts as an array (n,) of StringDType; lone surrogates become U+FFFD.

    Example:
        >>> string_array(["one", "two"]).tolist()
        ['one', 'two']
    """
    try:
        return np.array(texts, dtype=STRINGS)
    except UnicodeEncodeError:  # a lone surrogate, which JSON can contain
        return np.array(
            [text.encode("utf-16", "surrogatepass").decode("utf-16", "replace") for text in texts],
            dtype=STRINGS,
        )
