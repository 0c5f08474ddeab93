"""`glassnet predict`: what files show."""

from __future__ import annotations

import json
from pathlib import Path

import click

from glassnet.cli.options import json_option, runs_option
from glassnet.errors import DataError

ENDINGS = {".png", ".jpg", ".jpeg", ".webp", ".bmp", ".tif", ".tiff", ".gif"}


def predict(run: str, file: tuple[Path, ...], top: int, runs: Path | None, as_json: bool) -> None:
    """Say what image files show."""
    from glassnet.api import TrainedRun
    from glassnet.runs.folder import find

    found = find(run, runs)
    paths = [path for given in file for path in _files(given)]
    trained = TrainedRun(found)
    names, rows = trained.class_names, []
    for path, chances in zip(paths, trained.predict_files(paths), strict=True):
        best = chances.argsort()[::-1][: max(1, top)]
        rows.append(
            {
                "file": str(path),
                "class": names[best[0]],
                "probability": round(float(chances[best[0]]), 6),
                "top": [[names[k], round(float(chances[k]), 6)] for k in best],
            }
        )
    if as_json:
        click.echo(json.dumps(rows, ensure_ascii=False))
        return
    width = max(len(row["file"]) for row in rows)
    for row in rows:
        guesses = ", ".join(f"{name} {100 * chance:.1f} %" for name, chance in row["top"])
        click.echo(f"{row['file']:<{width}}  {guesses}")


def _files(given: Path) -> list[Path]:
    """The file itself, or the images of a folder in the order of their names."""
    if not given.is_dir():
        return [given]
    inside = sorted(path for path in given.iterdir() if path.suffix.lower() in ENDINGS)
    if not inside:
        raise DataError(f"{given}: there is no image in this folder", "give PNG or JPEG files")
    return inside


command = click.Command(
    "predict",
    params=[
        click.Argument(["run"]),
        click.Argument(["file"], nargs=-1, required=True, type=click.Path(path_type=Path)),
        click.Option(["--top"], type=int, default=3, help="Classes to name, best first [3]."),
        runs_option,
        json_option,
    ],
    callback=predict,
    help="Say what image files show. A FILE may be a folder; images of another size or colour are "
    "brought to what the network takes.",
    epilog="\b\nExamples:\n"
    "  glassnet predict RUN digit.png\n"
    "  glassnet predict RUN folder-of-images --top 1 --json\n",
)
