"""`glassnet generate`: images that a run's network makes up."""

from __future__ import annotations

from pathlib import Path

import click

from glassnet import png
from glassnet.cli.options import runs_option


def generate(
    run: str,
    count: int,
    out: Path,
    label: str | None,
    seed: int,
    temperature: float,
    separate: bool,
    runs: Path | None,
) -> None:
    """Draw images and write them."""
    from glassnet.api.trained_run import TrainedRun
    from glassnet.runs.folder import find

    trained = TrainedRun(find(run, runs))
    images = trained.generate(count, seed=seed, label=label, temperature=temperature)
    if separate:
        digits = len(str(count - 1))
        names = [f"{index:0{digits}d}" for index in range(count)]
        png.save_images(images, out, names)
        click.echo(f"{count:,} images in {out}")
    else:
        click.echo(png.save_grid(images, out))


command = click.Command(
    "generate",
    params=[
        click.Argument(["run"]),
        click.Option(["--count"], type=int, default=64, help="How many images [64]."),
        click.Option(
            ["--out"],
            type=click.Path(path_type=Path),
            required=True,
            help="A PNG file for the grid; with --separate a folder.",
        ),
        click.Option(
            ["--class", "label"],
            help="One class alone, by name; for runs trained with --conditional.",
        ),
        click.Option(["--seed"], type=int, default=0, help="The same seed, the same images [0]."),
        click.Option(
            ["--temperature"],
            type=float,
            default=1.0,
            help="Spread of the codes: below 1 more typical images, above 1 wilder ones [1].",
        ),
        click.Option(["--separate"], is_flag=True, help="A file per image instead of a grid."),
        runs_option,
    ],
    callback=generate,
    help="Make up images with a trained generator.",
    epilog="\b\nExamples:\n"
    "  glassnet generate RUN --out samples.png\n"
    "  glassnet generate RUN --count 1000 --separate --out samples\n"
    "  glassnet generate RUN --class 7 --seed 3 --out sevens.png\n",
)
