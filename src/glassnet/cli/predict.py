"""`glassnet predict`: predicted classes of images or texts, or reconstructed images."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from glassnet.cli.options import json_option, runs_option
from glassnet.errors import UsageError

if TYPE_CHECKING:
    from glassnet.inference.predictor import Predictor


def predict(
    run: str,
    inputs: tuple[str, ...],
    top: int | None,
    out: Path | None,
    as_csv: Path | None,
    text_column: str | None,
    image_shape: str | None,
    encoding: str | None,
    runs: Path | None,
    as_json: bool,
) -> None:
    """Predict the classes of images or texts, or reconstruct images."""
    from glassnet.cli import predict_images, predict_texts
    from glassnet.contract import Modality

    model = _load(run, runs)
    for_images = model.modality == Modality.IMAGES
    wrong = ("--text-column", text_column) if for_images else ("--image-shape", image_shape)
    if wrong[1] is not None:
        takes, other = ("images", "texts") if for_images else ("texts", "images")
        raise UsageError(
            f"{wrong[0]} is for networks that take {other}, but {model.name} takes {takes}",
            f"remove {wrong[0]}",
        )
    if not for_images:
        predict_texts.predict(
            model,
            inputs,
            top=top,
            out=out,
            as_csv=as_csv,
            text_column=text_column,
            encoding=encoding,
            as_json=as_json,
        )
        return
    if not inputs:
        raise UsageError("Missing argument 'FILE...'", "see glassnet predict --help")
    predict_images.predict(
        model,
        inputs,
        top=top,
        out=out,
        as_csv=as_csv,
        image_shape=image_shape,
        encoding=encoding,
        as_json=as_json,
    )


def _load(name: str, runs: Path | None) -> Predictor:
    from glassnet.api.loading import load_one
    from glassnet.inference.predictor import Predictor

    model = load_one(name, runs)
    if not isinstance(model, Predictor):
        raise UsageError(
            f"{name}: a scikit-learn estimator, which takes arrays",
            "predict with it in Python: glassnet.load(folder).predict(X)",
        )
    return model


command = click.Command(
    "predict",
    params=[
        click.Argument(["run"], metavar="RUN|MODEL_FOLDER|MODEL.onnx"),
        click.Argument(["inputs"], nargs=-1, metavar="[FILE|TEXT]..."),
        click.Option(
            ["--top"],
            type=int,
            help="Number of classes, most probable first [3; 1 for texts in lines or tables].",
        ),
        click.Option(
            ["--csv", "as_csv"],
            type=click.Path(path_type=Path),
            help="Write the predictions to this CSV file; - is standard output.",
        ),
        click.Option(
            ["--out"],
            type=click.Path(path_type=Path),
            help="Folder for reconstructed images [the current one]; file for the predictions of "
            "texts [stdout].",
        ),
        click.Option(
            ["--text-column"],
            help="The table's column with the texts [detected and reported].",
        ),
        click.Option(
            ["--image-shape"],
            help="Tables of pixels: height and width, such as 20x30; 20x30x3 in colour [square].",
        ),
        click.Option(
            ["--encoding"],
            help="The encoding of a table, a file of texts, or texts on standard input, such as "
            "cp1252 [UTF-8].",
        ),
        runs_option,
        json_option,
    ],
    callback=predict,
    help="Predict with the network of a run, with a model folder, or with an ONNX file that "
    "glassnet export wrote (which does not need torch).\n\n"
    "An image classifier predicts the class of each image; an image generator writes a "
    "reconstruction of each to NAME-reconstruction.png. A FILE is an image; a folder, with its "
    "subfolders; a pattern in quotation marks; a .csv, .tsv or JSON table with a column of "
    "paths, which is written back with the predictions, or with a column per pixel, which is "
    "written back without the pixels; or - for standard input, one path per line. Images "
    "are converted to the network's size and colours. Unreadable files are reported "
    "and skipped; if none can be read, the exit code is 2.\n\n"
    "A text classifier takes texts in quotation marks; a table of texts, which is written back "
    "with the predictions; .txt files and folders of them; or - for standard input, one text per "
    "line.\n\n"
    "Inputs are processed as a stream: a million rows need no more memory than a few "
    "thousand.\n\n"
    "A prediction for an input with an out-of-distribution score above 1 is unreliable and is "
    "marked. Only 1 % of the validation examples have such a score (more if there are few).",
    epilog="\b\nExamples:\n"
    "  glassnet predict RUN digit.png\n"
    "  glassnet predict RUN folder-of-images --top 1 --json\n"
    "  glassnet predict RUN 'photos/**/*.jpg' --csv predictions.csv\n"
    "  find . -name '*.png' | glassnet predict model.onnx -\n"
    "  glassnet predict RUN digit.png --out reconstructions\n"
    '  glassnet predict RUN "not a dull moment in it"\n'
    "  glassnet predict RUN reviews.csv --text-column review --out predictions.csv\n"
    "  grep -i film letters.txt | glassnet predict RUN -\n",
)
