"""What stands in the report in place of a view that could not be made."""

from collections.abc import Collection

from glassnet import progress
from glassnet.contract import ExplainOptions, MakeProvenance
from glassnet.errors import GlassnetError
from glassnet.findings import Table
from glassnet.runs import manifest
from glassnet.runs.folder import Run

PREFIX = "missing-"
"""The names of these findings begin with it."""

OTHER_SECTION = "more"
"""The section of a view that failed before its first finding, if its file has no `SECTION`."""


def placeholder(
    name: str, error: Exception, section: str, provenance: MakeProvenance, options: ExplainOptions
) -> Table:
    """Make a finding that says why a view is missing, and log it.

    Args:
        name: the view's name.
        error: why it could not be made.
        section: where its findings are, or would be.
        provenance: of the run.
        options: the options of the call.
    """
    cause, hint = _reason(error)
    title = name.rpartition(":")[2].replace("_", " ").replace(".", ", ")
    progress.log(f"{title} could not be made: {cause}; {hint}")
    return Table(
        name=f"{PREFIX}{name.replace('_', '-').replace('.', '-').replace(':', '-')}",
        section=section,
        title=f"{title.capitalize()} could not be made",
        summary="The reason is below; the other findings do not depend on it.",
        provenance=provenance(seed=options.seed),
        columns=("reason", "what to do"),
        formats=("", ""),
        rows=((cause, hint),),
    )


def remove_outdated(run: Run, current: Collection[str]) -> None:
    """Remove placeholders of earlier calls, except those with the given names."""
    outdated = [
        path
        for folder in (run.findings, run.figures)
        for path in folder.glob(f"{PREFIX}*")
        if path.stem not in current
    ]
    with manifest.recording(run.path, outdated):
        for path in outdated:
            path.unlink()


def _reason(error: Exception) -> tuple[str, str]:
    if isinstance(error, GlassnetError):
        return error.message, error.hint
    text = " ".join(str(error).split())[:200]
    return (
        f"{type(error).__name__}: {text}" if text else type(error).__name__,
        "if the data are not too few for it, please report it with the traceback that "
        "GLASSNET_DEBUG=1 shows",
    )
