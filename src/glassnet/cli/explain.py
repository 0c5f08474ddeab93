"""`glassnet explain`: findings and figures of a run."""

from __future__ import annotations

from pathlib import Path

import click

from glassnet.cli.options import CommaList, runs_option


def explain(
    run: str,
    layers: tuple[str, ...] | None,
    method: tuple[str, ...],
    points: int,
    seed: int,
    judge: str | None,
    runs: Path | None,
) -> None:
    """See what each layer has learned."""
    from glassnet.findings import Finding
    from glassnet.runs.folder import find
    from glassnet.trained import TrainedRun

    trained = TrainedRun(find(run, runs))
    judging = find(judge, runs) if judge else None
    for record in trained.explain(layers, method, points, seed, judging).values():
        if isinstance(record, Finding):
            click.echo(f"{record.name:<13} {record.title}\n{'':<13} {record.reading}")
    click.echo(f"figures       {trained.run.figures}")


command = click.Command(
    "explain",
    params=[
        click.Argument(["run"]),
        click.Option(
            ["--layers"], type=CommaList(), help="Names of layers [those that suit the network]."
        ),
        click.Option(
            ["--method"], type=CommaList(), default="pca,tsne", help="Projections [pca,tsne]."
        ),
        click.Option(["--points"], type=int, default=5000, help="Test examples shown [5000]."),
        click.Option(["--seed"], type=int, default=0, help="Draws them and starts t-SNE [0]."),
        click.Option(
            ["--judge"],
            help="A classifier's run that judges made-up images [the newest on the same data].",
        ),
        runs_option,
    ],
    callback=explain,
    help="See what each layer has learned. Writes findings/ and figures/ in the run's folder; the "
    "same command gives the same files.",
    epilog="\b\nExamples:\n"
    "  glassnet explain RUN\n"
    "  glassnet explain RUN --layers conv1,conv2 --method pca --points 2000\n",
)
