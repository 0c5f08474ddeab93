"""Which branches of a text classifier a finding is about, where it has several."""

from glassnet.contract import TextModel


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
