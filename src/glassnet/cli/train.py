"""`glassnet train`: one subcommand per task, one flag per field of its configuration."""

import dataclasses
import types
import typing
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Literal

import click

from glassnet import config, progress, tasks
from glassnet.api.configuration import check_one_process_per_seed
from glassnet.cli.options import Choice, SuggestingGroup, runs_option
from glassnet.cli.show import print_outcome
from glassnet.cli.show_group import print_group
from glassnet.data import names
from glassnet.errors import SeedsError, UsageError, flag
from glassnet.runs.group import Group, search, seeds_of


class TaskCommands(SuggestingGroup):
    """One command per task."""

    member = "task"

    def list_commands(self, ctx: click.Context) -> list[str]:
        """The names of the tasks."""
        return tasks.names()

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command for the task's configuration."""
        return task_command(cmd_name) if cmd_name in tasks.names() else None


@click.group(
    cls=TaskCommands,
    invoke_without_command=True,
    short_help="Train a network.",
    epilog="\b\nExamples:\n"
    "  glassnet train cnn\n"
    "  glassnet train cnn --data fashion-mnist --epochs 3\n"
    "  glassnet train --resume cnn-mnist-2\n",
)
@click.option("--resume", metavar="RUN", help="Resume an interrupted training.")
@click.option(
    "--data",
    metavar="PATH",
    help="With --resume: where the run's data are now, if they were moved.",
)
@click.option("--live-layers", is_flag=True, help="With --resume: as for the tasks.")
@click.pass_context
def command(ctx: click.Context, resume: str | None, data: str | None, live_layers: bool) -> None:
    """Train a network and evaluate it once on the test set."""
    if resume is None:
        if data is not None and ctx.invoked_subcommand is not None:
            raise UsageError(
                f"--data belongs after {ctx.invoked_subcommand}",
                f"write glassnet train {ctx.invoked_subcommand} --data {data}",
            )
        if ctx.invoked_subcommand is None:
            raise UsageError(
                "glassnet train needs a task", f"give {', '.join(tasks.names())}, or --resume RUN"
            )
        return
    if ctx.invoked_subcommand is not None:
        raise UsageError(
            "--resume takes the task from the run", f"remove {ctx.invoked_subcommand!r}"
        )
    from glassnet.api import verbs
    from glassnet.api.loading import load_run

    if (group := search(resume)) is not None:
        _resume_group(group, data)
        return
    run = load_run(resume).run
    if run.info.get("status") == "finished":
        raise UsageError(
            f"--resume: {run.name} is finished", f"show its results with: glassnet show {run.path}"
        )
    print_outcome(verbs.resume(run, data=data, live_layers=live_layers).run)


def _resume_group(group: Group, data: str | None) -> None:
    """Train the unfinished seeds of a group."""
    from glassnet.api import seeds

    if group.status == "finished":
        raise UsageError(
            f"--resume: {group.name} is finished",
            f"show its results with: glassnet show {group.path}",
        )
    if data is not None:
        names.check_exists(data)
    with _printing_what_is_done():
        print_group(seeds.resume(group, data=data).group)


@contextmanager
def _printing_what_is_done() -> Iterator[None]:
    """Print the results of a group even if some of its seeds fail."""
    try:
        yield
    except SeedsError as error:
        print_group(Group.open(error.path))
        raise


def task_command(task: str) -> click.Command:
    """`glassnet train TASK`, with the presets in its help and a flag per field."""
    config_type, presets = tasks.config_type(task), tasks.presets(task)
    doc = config_type.__doc__ or ""
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
            help="A TOML file whose fields override the preset's.",
        ),
        runs_option,
        click.Option(
            ["--name"], help=f"The name of the run [{task}-DATA, then {task}-DATA-2, ...]."
        ),
        click.Option(
            ["--seeds"],
            type=Seeds(),
            help="Train a group of runs, one per seed: 5 for the seeds 0 to 4, or 0,1,7. As many "
            "train side by side as there are cores, one thread each.",
        ),
        click.Option(
            ["--live-layers"],
            is_flag=True,
            help="While it trains, also write the accuracy of linear probes of the layers, and a "
            "map of the last one, for the page.",
        ),
        click.Option(["--no-test"], is_flag=True, help="Do not evaluate on the test set."),
        click.Option(["--quiet"], is_flag=True, help="Print the results only, no progress."),
    ]
    return click.Command(
        task,
        params=[*options, *_field_options(config_type, presets["default"])],
        callback=lambda **arguments: _train(task, **arguments),
        help=f"{doc}\n\nThe values in brackets are the default preset's.",
        short_help=doc.rstrip("."),
        epilog=f"\b\nExamples:\n  glassnet train {task}\n"
        + "".join(f"  glassnet train {task} --preset {name}\n" for name in presets),
    )


def _field_options(
    config_type: type[config.TrainingConfig], default: config.TrainingConfig
) -> Iterator[click.Option]:
    docs, hints = config.field_docs(config_type), typing.get_type_hints(config_type)
    for field in dataclasses.fields(config_type):
        name, hint = field.name, hints[field.name]
        text = f"{docs.get(name, '')} [{_formatted(getattr(default, name))}]"
        if hint is bool:
            flags = f"{flag(name)}/{flag(f'no_{name}')}"
            yield click.Option([flags, name], default=None, help=text)
        else:
            yield click.Option([flag(name), name], type=flag_type(hint), help=text)


def _train(
    task: str,
    preset: str,
    config_file: Path | None,
    runs: Path | None,
    name: str | None,
    seeds: tuple[int, ...] | None,
    live_layers: bool,
    no_test: bool,
    quiet: bool,
    **fields: Any,
) -> None:
    overrides = {field: value for field, value in fields.items() if value is not None}
    chosen = config.resolve(tasks.preset(task, preset), file=config_file, overrides=overrides)
    if isinstance(chosen, config.ImageConfig | config.TextConfig):
        names.check_exists(chosen.data)
    if seeds is not None:
        check_one_process_per_seed(chosen, overrides)
    from glassnet.api import verbs  # imports torch, which an error must not wait for
    from glassnet.api.trained_group import TrainedGroup

    with progress.silenced(quiet), _printing_what_is_done():
        trained = verbs.train(
            task,
            preset=preset,
            config_file=config_file,
            runs=runs,
            name=name,
            evaluate=not no_test,
            seeds=seeds,
            live_layers=live_layers,
            **overrides,
        )
    if isinstance(trained, TrainedGroup):
        print_group(trained.group)
    else:
        print_outcome(trained.run)


def flag_type(hint: Any) -> click.ParamType | type:
    """The click type that parses a flag for a field with this type hint."""
    if typing.get_origin(hint) is Literal:
        return Choice(typing.get_args(hint))
    if typing.get_origin(hint) is tuple:
        return IntegerList()
    if isinstance(hint, types.UnionType):
        return flag_type(typing.get_args(hint)[0])
    return hint if hint in (int, float) else str


class IntegerList(click.ParamType):
    """Comma-separated integers: `24,48,96`."""

    name = "n,n,..."

    def convert(self, value: Any, param: Any, ctx: Any) -> tuple[int, ...]:
        """Parse the text."""
        try:
            return tuple(int(part) for part in str(value).split(","))
        except ValueError:
            name = param.opts[0] if param else "value"
            raise UsageError(
                f"{name} {value}: not a list of integers", f"write {name} 24,48,96"
            ) from None


class Seeds(click.ParamType):
    """Several seeds: their number, or a list of them: `5` or `0,1,7`."""

    name = "n|n,n,..."

    def convert(self, value: Any, param: Any, ctx: Any) -> tuple[int, ...]:
        """Parse the text."""
        try:
            parts = [int(part) for part in str(value).split(",")]
        except ValueError:
            raise UsageError(
                f"--seeds {value}: neither a number of seeds nor a list of them",
                "write --seeds 5 for the seeds 0 to 4, or --seeds 0,1,7",
            ) from None
        return seeds_of(parts if "," in str(value) else parts[0])


def _formatted(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return ",".join(map(str, value)) if isinstance(value, tuple) else f"{value}"
