"""`glassnet predict`: what a network makes of images or texts."""

from __future__ import annotations

from pathlib import Path

import click

from glassnet.cli.options import json_option, runs_option
from glassnet.errors import UsageError


def predict(
    run: str,
    given: tuple[str, ...],
    top: int | None,
    out: Path | None,
    as_csv: Path | None,
    text_column: str | None,
    runs: Path | None,
    as_json: bool,
) -> None:
    """Give a network's answers to images or texts."""
    from glassnet.cli import predict_images, predict_texts, predictors

    network = predictors.find(run, runs)
    if network.vocabulary is not None:
        predict_texts.predict(
            network,
            given,
            top=top,
            out=out,
            as_csv=as_csv,
            text_column=text_column,
            as_json=as_json,
        )
        return
    if text_column is not None:
        raise UsageError(
            f"{network.name} reads no texts, and images have no columns",
            "leave --text-column out",
        )
    if not given:
        raise UsageError("Missing argument 'FILE...'", "see glassnet predict --help")
    predict_images.predict(network, given, top=top, out=out, as_csv=as_csv, as_json=as_json)


command = click.Command(
    "predict",
    params=[
        click.Argument(["run"], metavar="RUN|MODEL.onnx"),
        click.Argument(["given"], nargs=-1, metavar="[FILE|TEXT]..."),
        click.Option(
            ["--top"], type=int, help="Classes to name, best first [3; for texts in lines 1]."
        ),
        click.Option(
            ["--csv", "as_csv"],
            type=click.Path(path_type=Path),
            help="Write the answers as CSV to this file; - is standard output.",
        ),
        click.Option(
            ["--out"],
            type=click.Path(path_type=Path),
            help="Rebuilt images: their folder [the current one]. Texts: a file [stdout].",
        ),
        click.Option(
            ["--text-column"],
            help="The column of a table that holds the texts [guessed, and said].",
        ),
        runs_option,
        json_option,
    ],
    callback=predict,
    help="Ask a network about images or texts: a run's, or one that glassnet export wrote, for "
    "which torch need not be installed.\n\n"
    "Of images a classifier names the classes, and a generator rebuilds each as NAME-rebuilt.png. "
    "A FILE is an image; a folder, with what is below it; a pattern in quotation marks; a .csv, "
    ".tsv or .jsonl table with a column of paths, which is written back with its answers; or - for "
    "standard input, a path a line. Images of another size or colour are brought to what the "
    "network takes. One that cannot be read is told of and left out; if none can, the exit code is "
    "2.\n\n"
    "A network that reads texts takes the texts themselves, in quotation marks; or a table of "
    "them, which is written back; or .txt files and folders of them; or - for standard input, a "
    "text a line.\n\n"
    "Whatever comes is answered as it comes, so that a million rows take no more memory than a "
    "few thousand.\n\n"
    "An input that is unlike the training data is said to be so: its distance from them is above "
    "1, which only 1 % of the validation data reach (more if these are few). The answer is then "
    "worth little.",
    epilog="\b\nExamples:\n"
    "  glassnet predict RUN digit.png\n"
    "  glassnet predict RUN folder-of-images --top 1 --json\n"
    "  glassnet predict RUN 'photos/**/*.jpg' --csv answered.csv\n"
    "  find . -name '*.png' | glassnet predict model.onnx -\n"
    "  glassnet predict RUN digit.png --out rebuilt\n"
    '  glassnet predict RUN "not a dull moment in it"\n'
    "  glassnet predict RUN reviews.csv --text-column review --out answered.csv\n"
    "  grep -i film letters.txt | glassnet predict RUN -\n",
)
