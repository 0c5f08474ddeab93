"""`glassnet report`: one HTML file about one or more runs."""

from __future__ import annotations

import webbrowser
from pathlib import Path

import click

from glassnet.cli.options import runs_option
from glassnet.errors import RunError


def report(run: tuple[str, ...], out: Path | None, open_: bool, runs: Path | None) -> None:
    """Write one HTML file from the runs' findings."""
    from glassnet.runs.folder import find
    from glassnet.showing import write_report

    found = [find(name, runs) for name in run]
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


command = click.Command(
    "report",
    params=[
        click.Argument(["run"], nargs=-1, required=True),
        click.Option(
            ["--out"], type=click.Path(path_type=Path), help="Another place for the file."
        ),
        click.Option(["--open", "open_"], is_flag=True, help="Open it in the browser."),
        runs_option,
    ],
    callback=report,
    help="Write one HTML file about one or more runs. It opens from disk and needs no network.",
    epilog="\b\nExamples:\n"
    "  glassnet report RUN --open\n"
    "  glassnet report RUN ANOTHER --out comparison.html\n",
)
