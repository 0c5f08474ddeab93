"""`glassnet generate`: new images from an image generator."""

from pathlib import Path
from typing import Literal

import click

from glassnet import png
from glassnet.cli.echo import echo
from glassnet.cli.options import runs_option
from glassnet.errors import UsageError


def generate(
    run: str,
    count: int,
    out: Path,
    label: str | None,
    seed: int,
    temperature: float,
    prior: Literal["learned", "normal"],
    separate: bool,
    runs: Path | None,
) -> None:
    """Generate images and write them as PNG."""
    from glassnet.api.loading import load_one
    from glassnet.api.run_predictor import RunPredictor

    model = load_one(run, runs)
    if not isinstance(model, RunPredictor):
        raise UsageError(
            f"{run}: not a run or a model folder of an image generator",
            "give the run that it was made from",
        )
    images = model.generate(count, seed=seed, label=label, temperature=temperature, prior=prior)
    if separate:
        width = len(str(count - 1))
        png.save_images(images, out, [f"{index:0{width}d}" for index in range(count)])
        echo(f"{count:,} images in {out}")
    else:
        echo(png.save_grid(images, out))


command = click.Command(
    "generate",
    params=[
        click.Argument(["run"], metavar="RUN|MODEL_FOLDER"),
        click.Option(["--count"], type=int, default=64, help="Number of images [64]."),
        click.Option(
            ["--out"],
            type=click.Path(path_type=Path),
            required=True,
            help="The PNG file for the grid of images; with --separate, a folder.",
        ),
        click.Option(
            ["--class", "label"],
            help="Name of the class to generate; only for runs trained with --conditional.",
        ),
        click.Option(
            ["--seed"], type=int, default=0, help="The same seed gives the same images [0]."
        ),
        click.Option(
            ["--temperature"],
            type=float,
            default=1.0,
            help="Scales the standard deviation of the latent codes: images are more typical below "
            "1, varied above [1].",
        ),
        click.Option(
            ["--prior"],
            type=click.Choice(["learned", "normal"]),
            default="learned",
            help="What codes are sampled from: the prior that was learned from the codes of the "
            "training images, or N(0, I) [learned].",
        ),
        click.Option(
            ["--separate"], is_flag=True, help="Write one file per image instead of a grid."
        ),
        runs_option,
    ],
    callback=generate,
    help="Generate images with a trained image generator (a VAE).",
    epilog="\b\nExamples:\n"
    "  glassnet generate RUN --out samples.png\n"
    "  glassnet generate RUN --count 1000 --separate --out samples\n"
    "  glassnet generate RUN --class 7 --seed 3 --out sevens.png\n",
)
