"""Which branches of a text classifier a finding is about, where it has several."""

from collections.abc import Sequence

import numpy as np

from glassnet.contract import TextModel
from glassnet.findings import ClaimRecorder, fraction, number
from glassnet.insight.measures.text_attribution import AttributedText


def of_prediction(text_model: TextModel) -> str:
    """State that what is shown is of all branches; empty for a network of one.

    Returns:
        A sentence with a space before it.
    """
    *others, last = text_model.branches
    if not others:
        return ""
    return f" The prediction is that of {', '.join(others)} and {last} together."


def of_units(text_model: TextModel) -> str:
    """State that units are of the first branch; empty for a network of one.

    Returns:
        A sentence with a space before it.
    """
    first, *others = text_model.branches
    if not others:
        return ""
    return f" The units are of the {first}; the prediction also depends on {', '.join(others)}."


def shares_of_branches(
    text_model: TextModel, record: ClaimRecorder, texts: Sequence[AttributedText]
) -> str:
    """State what share of all contributions each branch makes; empty for a network of one.

    Returns:
        A sentence with a space before it.
    """
    names = text_model.branches
    if len(names) == 1:
        return ""
    sizes = np.sum([np.abs(text.parts).sum(axis=1) for text in texts], axis=0)
    shares = sizes / max(float(sizes.sum()), 1e-12)
    stated = [
        f"{name} {record(fraction(f'share of the contributions, {name}', share))}"
        for name, share in zip(names, shares, strict=True)
    ]
    return f" Shares of all contributions: {', '.join(stated)}."


def sums_of_branches(
    text_model: TextModel, record: ClaimRecorder, text: AttributedText, name: str
) -> str:
    """State what each branch contributes to one text in all; empty for a network of one.

    Args:
        name: names the text in the claims.

    Returns:
        Part of a sentence.
    """
    names = text_model.branches
    if len(names) == 1:
        return ""
    stated = [
        f"{branch} {record(number(f'contribution of the {branch} to {name}', value, '{:+.2f}'))}"
        for branch, value in zip(names, text.parts.sum(axis=1).tolist(), strict=True)
    ]
    return ", ".join(stated)
