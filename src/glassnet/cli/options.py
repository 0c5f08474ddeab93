"""Options and arguments that several commands share."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

runs_option = click.Option(
    ["--runs"],
    type=click.Path(path_type=Path),
    envvar="GLASSNET_RUNS",
    help="The folder of the runs [runs].",
)

json_option = click.Option(["--json", "as_json"], is_flag=True, help="Print JSON.")


class CommaList(click.ParamType):
    """Names with commas between: `pool1,pool2`."""

    name = "name,name,..."

    def convert(self, value: Any, param: Any, ctx: Any) -> tuple[str, ...]:
        """Text to names."""
        if isinstance(value, tuple):
            return value
        return tuple(part.strip() for part in value.split(",") if part.strip())
