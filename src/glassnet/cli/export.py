"""`glassnet export`: a run's network as an ONNX file."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from glassnet.cli.echo import echo, echo_json
from glassnet.cli.options import Choice, data_option, json_option, runs_option
from glassnet.errors import UsageError, suggest
from glassnet.export import PARITY

if TYPE_CHECKING:
    from glassnet.export.metadata import Metadata

FORMATS = ("onnx",)

UNSUPPORTED = {
    "torchscript": "TorchScript is deprecated",
    "torch": "torch.export writes pickles and fixes the length of texts",
    "pt2": "torch.export writes pickles and fixes the length of texts",
}
"""Formats that other tools offer, and why this one does not."""


def export(
    run: str,
    kind: str,
    out: Path | None,
    parity: str,
    data: str | None,
    runs: Path | None,
    as_json: bool,
) -> None:
    """Export a run's network."""
    from glassnet.api.loading import load_run

    if kind in UNSUPPORTED:
        raise UsageError(
            f"--format {kind} is not supported: {UNSUPPORTED[kind]}", "use --format onnx"
        )
    if kind not in FORMATS:
        raise UsageError(f"--format {kind}: unknown format", suggest(kind, FORMATS))
    trained = load_run(run, runs, data)
    path = out or trained.path / "model.onnx"
    info = trained.export(path, parity)
    if as_json:
        echo_json({"file": str(path)} | info.as_json())
    else:
        _print(path, info)


def _print(path: Path, info: Metadata) -> None:
    from glassnet.export.metadata import tokenizer_beside

    echo(path)
    if info.tokenizer:
        echo(tokenizer_beside(path))
    parity = info.parity
    for name, value in parity["max_differences"].items():
        tolerance = parity["tolerances"][name]
        echo(f"largest difference  {value:.1e} in {name} (tolerance: {tolerance:.0e})")
    echo(f"checked on          {parity['examples']:,} {parity['inputs']}, with ONNX Runtime")


command = click.Command(
    "export",
    params=[
        click.Argument(["run"]),
        click.Option(["--format", "kind"], default="onnx", help="Format of the file [onnx]."),
        click.Option(
            ["--out"],
            type=click.Path(path_type=Path),
            help="The output file, ending in .onnx [model.onnx in the run folder].",
        ),
        click.Option(
            ["--parity"],
            type=Choice(PARITY),
            default="auto",
            help="The inputs of the check: test examples, random inputs, which need no data, or "
            "test examples if the data are there [auto].",
        ),
        data_option,
        runs_option,
        json_option,
    ],
    callback=export,
    help="Export a run's network to one ONNX file that includes the preprocessing: it takes uint8 "
    "images and returns probabilities, in batches of any size. A text classifier's tokenizer is "
    "written next to the file. Of an image generator only the decoder is exported, from latent "
    "codes to images.\n\n"
    "The file contains the class names, the provenance, and a second output, the "
    "out-of-distribution score of each input. Before the file is written, its outputs are compared "
    "with the network's on test examples, or on random inputs if the data are gone; if they "
    "differ by more than rounding, nothing is written and the exit code is 1.\n\n"
    "Requires onnx and onnxruntime: pip install 'glassnet[onnx]'.",
    epilog="\b\nExamples:\n"
    "  glassnet export RUN\n"
    "  glassnet export RUN --format onnx --out digits.onnx\n"
    "  glassnet predict digits.onnx photo.png\n",
)
