"""`glassnet export`: a run's network as one file that works without glassnet."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import click

from glassnet.cli.options import json_option, runs_option
from glassnet.errors import UsageError, suggest

if TYPE_CHECKING:
    from glassnet.export.metadata import Metadata

FORMATS = ("onnx",)

LEFT_OUT = {
    "torchscript": "torch has given TorchScript up",
    "torch": "torch.export's files are pickled, and fix the length of texts",
    "pt2": "torch.export's files are pickled, and fix the length of texts",
}
"""What people may ask for, and why it is not made."""


def export(run: str, kind: str, out: Path | None, runs: Path | None, as_json: bool) -> None:
    """Export a run's network."""
    from glassnet.api.trained_run import TrainedRun
    from glassnet.runs.folder import find

    if kind in LEFT_OUT:
        raise UsageError(f"--format {kind} is not made: {LEFT_OUT[kind]}", "give --format onnx")
    if kind not in FORMATS:
        raise UsageError(f"there is no format {kind!r}", suggest(kind, FORMATS))
    trained = TrainedRun(find(run, runs))
    path = out or trained.path / "model.onnx"
    info = trained.export(path)
    if as_json:
        click.echo(json.dumps({"file": str(path)} | info.as_json(), ensure_ascii=False))
    else:
        _print(path, info)


def _print(path: Path, info: Metadata) -> None:
    from glassnet.export.metadata import tokenizer_beside

    click.echo(path)
    if info.tokenizer:
        click.echo(tokenizer_beside(path))
    checked = info.parity
    for name, value in checked["largest"].items():
        allowed = checked["tolerated"][name]
        click.echo(f"largest difference  {value:.1e} in {name} (tolerated: {allowed:.0e})")
    click.echo(f"checked on          {checked['examples']:,} examples, by ONNX Runtime")


command = click.Command(
    "export",
    params=[
        click.Argument(["run"]),
        click.Option(["--format", "kind"], default="onnx", help="The file's format [onnx]."),
        click.Option(
            ["--out"],
            type=click.Path(path_type=Path),
            help="The file, ending in .onnx [model.onnx in the run's folder].",
        ),
        runs_option,
        json_option,
    ],
    callback=export,
    help="Write a run's network as one ONNX file, with all that is done to raw inputs inside: "
    "uint8 images go in and probabilities come out, in batches of any size. Of a network that "
    "reads texts the tokenizer is written beside it. Of a generator the half that draws is "
    "exported, from codes to images.\n\n"
    "The file holds the class names, where it comes from, and a second output that says how far an "
    "input is from the training data. Before it is written it is asked about real examples; where "
    "it answers otherwise than the network by more than rounding explains, none is written, and "
    "the exit code is 1.\n\n"
    "Needs onnx and onnxruntime: pip install 'glassnet[onnx]'.",
    epilog="\b\nExamples:\n"
    "  glassnet export RUN\n"
    "  glassnet export RUN --format onnx --out digits.onnx\n"
    "  glassnet predict digits.onnx photo.png\n",
)
