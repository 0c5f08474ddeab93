"""`glassnet predict`: what the network makes of images or texts."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import click

from glassnet import pictures
from glassnet.cli.options import json_option, runs_option
from glassnet.errors import DataError, UsageError

if TYPE_CHECKING:
    import numpy as np

    from glassnet.trained import TrainedRun


def predict(
    run: str,
    given: tuple[str, ...],
    top: int | None,
    out: Path | None,
    text_column: str | None,
    runs: Path | None,
    as_json: bool,
) -> None:
    """Give the network's answers to images or texts."""
    from glassnet.runs.folder import find
    from glassnet.trained import TrainedRun

    trained = TrainedRun(find(run, runs))
    if trained.run.read_vocabulary():
        from glassnet.cli import text_answers

        text_answers.predict(
            trained, given, top=top, out=out, text_column=text_column, as_json=as_json
        )
        return
    if text_column is not None:
        raise UsageError(
            f"{trained.run.name} reads no texts, and images have no columns",
            "leave --text-column out",
        )
    if not given:
        raise UsageError("Missing argument 'FILE...'", "see glassnet predict --help")
    _predict_images(trained, [Path(name) for name in given], top or 3, out, as_json)


def _predict_images(
    trained: TrainedRun, given: list[Path], top: int, out: Path | None, as_json: bool
) -> None:
    paths = [path for one in given for path in _files(one)]
    answers = trained.answers_to_files(paths)
    if "probabilities" in answers:
        if out is not None:
            raise UsageError("--out is for networks that rebuild images", "leave it out")
        rows = _classes(paths, answers["probabilities"], trained.class_names, top)
        lines = [
            ", ".join(f"{name} {100 * chance:.1f} %" for name, chance in row["top"]) for row in rows
        ]
    else:
        written = _rebuilt(paths, answers["reconstruction"], out)
        rows = [
            {"file": str(path), "reconstruction": str(made)}
            for path, made in zip(paths, written, strict=True)
        ]
        lines = [str(made) for made in written]
    if as_json:
        click.echo(json.dumps(rows, ensure_ascii=False))
        return
    width = max(len(str(path)) for path in paths)
    for path, line in zip(paths, lines, strict=True):
        click.echo(f"{path!s:<{width}}  {line}")


def _classes(
    paths: list[Path], probabilities: np.ndarray, names: tuple[str, ...], top: int
) -> list[dict]:
    rows = []
    for path, chances in zip(paths, probabilities, strict=True):
        best = chances.argsort()[::-1][: max(1, top)]
        rows.append(
            {
                "file": str(path),
                "class": names[best[0]],
                "probability": round(float(chances[best[0]]), 6),
                "top": [[names[k], round(float(chances[k]), 6)] for k in best],
            }
        )
    return rows


def _rebuilt(paths: list[Path], images: np.ndarray, out: Path | None) -> list[Path]:
    """Write each reconstruction into a folder, by default where the run was asked from."""
    names = [f"{path.stem}-rebuilt" for path in paths]
    for place, name in enumerate(names):
        if name in names[:place]:
            names[place] = f"{name}-{place + 1}"
    return pictures.save_each(images, out or Path(), names)


def _files(given: Path) -> list[Path]:
    """The file itself, or the images of a folder in the order of their names."""
    if not given.is_dir():
        return [given]
    from glassnet.data.images import ENDINGS

    inside = sorted(path for path in given.iterdir() if path.suffix.lower() in ENDINGS)
    if not inside:
        raise DataError(f"{given}: there is no image in this folder", "give PNG or JPEG files")
    return inside


command = click.Command(
    "predict",
    params=[
        click.Argument(["run"]),
        click.Argument(["given"], nargs=-1, metavar="[FILE|TEXT]..."),
        click.Option(
            ["--top"], type=int, help="Classes to name, best first [3; for texts in lines 1]."
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
    help="Ask the network about image files or texts.\n\n"
    "Of images a classifier names the classes, and a generator rebuilds each as NAME-rebuilt.png. "
    "A FILE may be a folder; images of another size or colour are brought to what the network "
    "takes.\n\n"
    "A network that reads texts takes the texts themselves, in quotation marks; or a .csv, .tsv or "
    ".jsonl table, which is written back with columns of classes and probabilities; or .txt files "
    "and folders of them; or - for standard input, a text a line.",
    epilog="\b\nExamples:\n"
    "  glassnet predict RUN digit.png\n"
    "  glassnet predict RUN folder-of-images --top 1 --json\n"
    "  glassnet predict RUN digit.png --out rebuilt\n"
    '  glassnet predict RUN "not a dull moment in it"\n'
    "  glassnet predict RUN reviews.csv --text-column review --out answered.csv\n"
    "  grep -i film letters.txt | glassnet predict RUN -\n",
)
