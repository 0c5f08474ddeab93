"""`glassnet web`: a local page on which networks are trained and looked at."""

from __future__ import annotations

import webbrowser
from pathlib import Path

import click

from glassnet.cli.echo import echo
from glassnet.cli.options import runs_option


def web(runs: Path | None, host: str, port: int | None, open_: bool) -> None:
    """Serve the page until Ctrl-C."""
    from glassnet.runs.folder import default_root
    from glassnet.web.serve import serve

    def opened(address: str) -> None:
        echo(address)
        echo("Ctrl-C ends the page; trainings go on", err=True)
        if open_:
            webbrowser.open(address)

    serve(runs or default_root(), host, port, opened)


command = click.Command(
    "web",
    params=[
        click.Option(["--open", "open_"], is_flag=True, help="Open the page in the browser."),
        click.Option(
            ["--port"],
            type=click.IntRange(0, 65535),
            help="The port [the next free one from 8321].",
        ),
        click.Option(
            ["--host"],
            default="127.0.0.1",
            show_default=True,
            help="The address; if other machines reach it, the printed token is needed.",
        ),
        runs_option,
    ],
    callback=web,
    help="Open a page on this machine on which networks are trained, watched and tried. Nothing "
    "leaves the machine.",
    epilog="\b\nExamples:\n  glassnet web --open\n  glassnet web --port 8000\n",
)
