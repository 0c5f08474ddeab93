"""`glassnet train`: a subcommand per task, with a flag per field of its configuration."""

from __future__ import annotations

import dataclasses
import types
import typing
from pathlib import Path
from typing import Any, Literal

import click

from glassnet import config, progress, tasks
from glassnet.cli.options import Choice, SuggestingGroup, runs_option
from glassnet.cli.show import print_outcome
from glassnet.errors import UsageError


class TaskCommands(SuggestingGroup):
    """One command per task that is found."""

    called = "task '{}'"

    def list_commands(self, ctx: click.Context) -> list[str]:
        """The tasks' names."""
        return tasks.names()

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command made from the task's configuration."""
        return task_command(cmd_name) if cmd_name in tasks.names() else None


@click.group(
    cls=TaskCommands,
    invoke_without_command=True,
    short_help="Train a network.",
    epilog="\b\nExamples:\n"
    "  glassnet train cnn\n"
    "  glassnet train cnn --data fashion-mnist --epochs 3\n"
    "  glassnet train --resume runs/cnn-mnist-20261122-173000\n",
)
@click.option("--resume", metavar="RUN", help="Go on with an interrupted training.")
@click.pass_context
def command(ctx: click.Context, resume: str | None) -> None:
    """Train a network on its data and measure it once on the test set."""
    if resume is None:
        if ctx.invoked_subcommand is None:
            raise UsageError(
                "train what?", f"name a task ({', '.join(tasks.names())}) or give --resume RUN"
            )
        return
    if ctx.invoked_subcommand is not None:
        raise UsageError("--resume goes on with a run as it began", "leave out the task")
    from glassnet.api import verbs
    from glassnet.runs.folder import find

    run = find(resume)
    if run.info.get("status") == "finished":
        raise UsageError(f"{run.name} is finished", f"see it with: glassnet show {run.path}")
    print_outcome(verbs.resume(run).run)


def task_command(task: str) -> click.Command:
    """`glassnet train TASK`, with the presets in its help and a flag per field."""
    kind, presets = tasks.config_type(task), tasks.presets(task)
    docs = config.field_docs(kind)
    hints = typing.get_type_hints(kind)
    options: list[click.Parameter] = [
        click.Option(
            ["--preset"],
            default="default",
            show_default=True,
            help=f"A named configuration: {', '.join(presets)}.",
        ),
        click.Option(
            ["--config", "config_file"],
            type=click.Path(path_type=Path),
            help="A TOML file with fields to change.",
        ),
        runs_option,
        click.Option(["--no-test"], is_flag=True, help="Do not read the test set."),
        click.Option(["--quiet"], is_flag=True, help="No progress, results alone."),
    ]
    for field in dataclasses.fields(kind):
        value = _shown(getattr(presets["default"], field.name))
        name, help_ = field.name, f"{docs.get(field.name, '')} [{value}]"
        if hints[name] is bool:
            both = f"{config.flag(name)}/{config.flag(f'no_{name}')}"
            options.append(click.Option([both, name], default=None, help=help_))
            continue
        options.append(
            click.Option([config.flag(name), name], type=flag_type(hints[name]), help=help_)
        )
    return click.Command(
        task,
        params=options,
        callback=lambda **given: _train(task, **given),
        help=f"{kind.__doc__}\n\nThe values in brackets are the default preset's.",
        short_help=(kind.__doc__ or "").rstrip("."),
        epilog=f"\b\nExamples:\n  glassnet train {task}\n"
        + "".join(f"  glassnet train {task} --preset {name}\n" for name in presets),
    )


def _train(
    task: str,
    preset: str,
    config_file: Path | None,
    runs: Path | None,
    no_test: bool,
    quiet: bool,
    **fields: Any,
) -> None:
    from glassnet.api import verbs

    progress.quiet = quiet
    given = {name: value for name, value in fields.items() if value is not None}
    trained = verbs.train(
        task,
        preset=preset,
        config_file=config_file,
        runs=runs,
        evaluate=not no_test,
        **given,
    )
    print_outcome(trained.run)


def flag_type(hint: Any) -> click.ParamType | type:
    """How a field's text on the command line becomes its value."""
    if typing.get_origin(hint) is Literal:
        return Choice(typing.get_args(hint))
    if typing.get_origin(hint) is tuple:
        return Numbers()
    if isinstance(hint, types.UnionType):
        return flag_type(typing.get_args(hint)[0])
    return hint if hint in (int, float) else str


class Numbers(click.ParamType):
    """Whole numbers with commas between: `24,48,96`."""

    name = "n,n,..."

    def convert(self, value: Any, param: Any, ctx: Any) -> tuple[int, ...]:
        """Text to numbers."""
        try:
            return tuple(int(part) for part in str(value).split(","))
        except ValueError:
            name = param.opts[0] if param else "value"
            raise UsageError(f"{name} {value}: not whole numbers", "write 24,48,96") from None


def _shown(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return ",".join(map(str, value)) if isinstance(value, tuple) else f"{value}"
