"""The module that draws a kind of finding, found by the kind's name."""

import re
from importlib import import_module
from types import ModuleType

from glassnet.errors import UsageError
from glassnet.findings import Finding


def drawing_module(medium: str, finding: Finding) -> ModuleType:
    """Import the module of `paper` or `screen` for this kind of finding.

    Raises:
        UsageError: there is no drawing for this kind of finding.

    Example:
        >>> from glassnet.findings import Provenance, Table
        >>> provenance = Provenance(run="", checkpoint="", split="", n=0, seed=None, command="")
        >>> finding = Table(name="t", section="result", title="", summary="", provenance=provenance,
        ...                 columns=(), formats=(), rows=())
        >>> drawing_module("screen", finding).__name__
        'glassnet.drawing.screen.table'
    """
    kind = type(finding).__name__
    module = f"glassnet.drawing.{medium}.{re.sub('(?<=[a-z])(?=[A-Z])', '_', kind).lower()}"
    try:
        return import_module(module)
    except ModuleNotFoundError as error:
        if error.name != module:
            raise
        raise UsageError(f"{kind}: no drawing for this kind of finding", f"add {module}") from None
