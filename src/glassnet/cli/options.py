"""Options and parameter types of several commands."""

from pathlib import Path
from typing import Any

import click

from glassnet.errors import UsageError, suggest

runs_option = click.Option(
    ["--runs"],
    type=click.Path(path_type=Path),
    envvar="GLASSNET_RUNS",
    help="The folder of the runs [runs].",
)

data_option = click.Option(
    ["--data"],
    metavar="PATH",
    help="Where the run's data are now, if they were moved since training.",
)

json_option = click.Option(["--json", "as_json"], is_flag=True, help="Print JSON.")


class SuggestingGroup(click.Group):
    """A group of commands that suggests the nearest name for a misspelt one."""

    member = "command"
    """What an error calls a command of the group."""

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Find the command of this name."""
        known = self.list_commands(ctx)
        if args and not args[0].startswith("-") and args[0] not in known:
            raise UsageError(f"there is no {self.member} {args[0]!r}", suggest(args[0], known))
        return super().resolve_command(ctx, args)


class CommaList(click.ParamType):
    """Comma-separated names: `pool1,pool2`."""

    name = "name,name,..."

    def convert(self, value: Any, param: Any, ctx: Any) -> tuple[str, ...]:
        """Split the text."""
        if isinstance(value, tuple):
            return value
        return tuple(part.strip() for part in value.split(",") if part.strip())


class Choice(click.ParamType):
    """One of several values, which may be numbers; an error suggests the nearest one."""

    name = "choice"

    def __init__(self, values: tuple[Any, ...]) -> None:
        self.values = {str(value): value for value in values}

    def get_metavar(self, param: click.Parameter, ctx: click.Context) -> str:
        """The values, for example `[adam|sgd]`."""
        return f"[{'|'.join(self.values)}]"

    def convert(self, value: Any, param: Any, ctx: Any) -> Any:
        """Find the value."""
        if value not in self.values:
            name = param.opts[0] if param else "value"
            raise UsageError(f"{name} {value}: unknown value", suggest(value, self.values))
        return self.values[value]
