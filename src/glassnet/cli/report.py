"""`glassnet report`: an HTML report on one or more runs."""

from __future__ import annotations

import webbrowser
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from glassnet.cli.echo import echo, echo_json
from glassnet.cli.options import data_option, json_option, runs_option
from glassnet.errors import UsageError, UserError, VerificationError

if TYPE_CHECKING:
    from glassnet.api.trained_group import TrainedGroup
    from glassnet.api.trained_run import TrainedRun
    from glassnet.runs.folder import Run
    from glassnet.runs.group import Group


def report(
    run: tuple[str, ...],
    out: Path | None,
    open_: bool,
    verify: bool,
    data: str | None,
    runs: Path | None,
    as_json: bool,
) -> None:
    """Write a report from the runs' findings, or verify them."""
    from glassnet.api.loading import load_run_or_group
    from glassnet.explain.report_files import write_report

    if data is not None and len(run) > 1:
        raise UsageError(
            f"--data is for one run, and there are {len(run)}", "explain each of them first"
        )
    trained_runs = [load_run_or_group(name, runs, data) for name in run]
    if verify:
        if out or open_:
            flag = "--out" if out else "--open"
            raise UsageError(
                f"--verify writes no report, so {flag} has no effect", f"remove {flag}"
            )
        _verify(trained_runs, as_json)
        return
    if as_json:
        raise UsageError("--json needs --verify", "remove --json, or add --verify")
    _prepare(trained_runs)
    if len(trained_runs) == 1:
        path = trained_runs[0].report(out)  # that of a group writes those of its runs, too
    else:
        path = write_report([_folder(trained) for trained in trained_runs], out)
    echo(path)
    if open_:
        webbrowser.open(path.resolve().as_uri())


def _prepare(trained_runs: list[TrainedRun | TrainedGroup]) -> None:
    """Make what the report lacks; of several runs, one that fails leaves the others.

    Raises:
        UserError: nothing can be made of the only run.
    """
    from glassnet.explain.duration import in_words

    if len(trained_runs) == 1:
        trained_runs[0].prepare_report()
        return
    lacking = [trained for trained in trained_runs if not trained.has_findings]
    if len(lacking) > 1:
        total = in_words(sum(trained.explain_seconds for trained in lacking))
        echo(f"{len(lacking)} runs have no findings yet: making them takes {total}", err=True)
    for trained in trained_runs:
        try:
            trained.prepare_report()
        except UserError as error:
            echo(f"{trained.name}: {error.message}; {error.hint}", err=True)


def _folder(trained: TrainedRun | TrainedGroup) -> Run | Group:
    from glassnet.api.trained_group import TrainedGroup

    return trained.group if isinstance(trained, TrainedGroup) else trained.run


def _verify(trained_runs: list[TrainedRun | TrainedGroup], as_json: bool) -> None:
    """Verify each run and print the result; stop at the first difference."""
    for trained in trained_runs:
        try:
            verification = trained.verify()
        except VerificationError as error:
            if as_json:
                _print({"run": trained.name, "agrees": False} | error.difference)
            raise
        if as_json:
            _print({"run": trained.name, "agrees": True} | asdict(verification))
        else:
            echo(
                f"{trained.name}: all {verification.claims:,} claims of {verification.findings:,} "
                f"findings and of the results agree ({verification.seconds:.0f} s)"
            )


def _print(info: dict[str, Any]) -> None:
    echo_json(info)


command = click.Command(
    "report",
    params=[
        click.Argument(["run"], nargs=-1, required=True),
        click.Option(
            ["--out"],
            type=click.Path(path_type=Path),
            help="The output file [report.html in the first run folder].",
        ),
        click.Option(["--open", "open_"], is_flag=True, help="Open the report in the browser."),
        click.Option(
            ["--verify"],
            is_flag=True,
            help="Write no report; recompute every number and stop at the first difference.",
        ),
        data_option,
        runs_option,
        json_option,
    ],
    callback=report,
    help="Write a report on one or more runs: one HTML file that opens without a network "
    "connection. Results and findings that a run lacks are made first. With --verify, recompute "
    "the numbers in a run's findings and report from its data and weights instead; the exit code "
    "is 1 if one differs.",
    epilog="\b\nExamples:\n"
    "  glassnet report RUN --open\n"
    "  glassnet report RUN ANOTHER --out both.html\n"
    "  glassnet report RUN --verify\n",
)
