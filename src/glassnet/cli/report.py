"""`glassnet report`: one HTML file about one or more runs."""

from __future__ import annotations

import json
import webbrowser
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from glassnet.cli.options import json_option, runs_option
from glassnet.errors import RunError, UsageError, VerificationError

if TYPE_CHECKING:
    from glassnet.runs.folder import Run


def report(
    run: tuple[str, ...],
    out: Path | None,
    open_: bool,
    verify: bool,
    runs: Path | None,
    as_json: bool,
) -> None:
    """Write one HTML file from the runs' findings, or compute again what they say."""
    from glassnet.explain.report_files import write_report
    from glassnet.runs.folder import find

    found = [find(name, runs) for name in run]
    if verify:
        if out or open_:
            raise UsageError("--verify writes no report", "leave it or --out and --open out")
        _verify(found, as_json)
        return
    if as_json:
        raise UsageError("--json goes with --verify", "leave it out, or add --verify")
    for one in found:
        if not any(one.findings.glob("*.json")):
            raise RunError(
                f"{one.path}: there are no findings yet",
                f"make them with: glassnet explain {one.path}",
            )
    path = write_report(found, out)
    click.echo(path)
    if open_:
        webbrowser.open(path.resolve().as_uri())


def _verify(found: list[Run], as_json: bool) -> None:
    """Verify each run; the first difference ends it."""
    from glassnet.api.trained_run import TrainedRun

    for run in found:
        try:
            verification = TrainedRun(run).verify()
        except VerificationError as error:
            if as_json:
                _print({"run": run.name, "agrees": False} | error.difference)
            raise
        if as_json:
            _print({"run": run.name, "agrees": True} | asdict(verification))
        else:
            click.echo(
                f"{run.name}: all {verification.claims:,} claims of {verification.findings:,} "
                f"findings and of the results agree ({verification.seconds:.0f} s)"
            )


def _print(info: dict[str, Any]) -> None:
    click.echo(json.dumps(info, ensure_ascii=False))


command = click.Command(
    "report",
    params=[
        click.Argument(["run"], nargs=-1, required=True),
        click.Option(
            ["--out"], type=click.Path(path_type=Path), help="Another place for the file."
        ),
        click.Option(["--open", "open_"], is_flag=True, help="Open it in the browser."),
        click.Option(
            ["--verify"],
            is_flag=True,
            help="Write nothing; compute every number again, and stop at the first that differs.",
        ),
        runs_option,
        json_option,
    ],
    callback=report,
    help="Write one HTML file about one or more runs. It opens from disk and needs no network. "
    "With --verify, hold what a run's findings and its report say against its data and weights; "
    "the exit code is 1 if something differs.",
    epilog="\b\nExamples:\n"
    "  glassnet report RUN --open\n"
    "  glassnet report RUN ANOTHER --out comparison.html\n"
    "  glassnet report RUN --verify\n",
)
