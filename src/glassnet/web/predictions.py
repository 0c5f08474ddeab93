"""Predictions for the page: networks that stay loaded, and requests that are answered together."""

from __future__ import annotations

import asyncio
import base64
import binascii
import tempfile
from collections import OrderedDict
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from glassnet.errors import DataError, UsageError

if TYPE_CHECKING:
    from glassnet.api.trained_run import TrainedRun

MAX_INPUTS = 256
"""Inputs of one request at most."""

MAX_WAITING = 2000
"""Requests that wait at most; more are refused."""

MAX_LOADED = 4
"""Networks in memory at most; the one that was used longest ago goes first."""

MAX_CHARACTERS = 100_000
"""Characters of a text at most."""


class TooBusy(Exception):  # noqa: N818 - the client's to handle
    """More requests wait than the server keeps."""


@dataclass
class _Request:
    inputs: Any
    done: asyncio.Future[dict[str, np.ndarray]] = field(repr=False)


class Predictions:
    """Networks by run. While one batch is computed, the requests that come in become the next.

    All work is done in one thread, so that the answer to a request never depends on who else asks.
    """

    def __init__(self) -> None:
        self._worker = ThreadPoolExecutor(1, "predictions")
        self._loaded: OrderedDict[tuple[str, int], TrainedRun] = OrderedDict()
        self._waiting: dict[Path, list[_Request]] = {}
        self._busy: set[Path] = set()

    async def predict(self, path: Path, content: dict[str, Any]) -> dict[str, Any]:
        """Predict texts or images with the network of a run folder.

        Args:
            path: the run folder.
            content: `texts`, a list of strings; or `images`, a list of image files in base64.

        Returns:
            `predictions`, a dict per input: for a classifier `class`, `probability` and
            `probabilities` by class.

        Raises:
            UserError: there are no such inputs, or the network has no weights yet.
            TooBusy: too many requests wait.
        """
        if sum(map(len, self._waiting.values())) >= MAX_WAITING:
            raise TooBusy
        run = await self._in_worker(self._load, path)
        inputs = await self._in_worker(_inputs_of, run, content)
        request = _Request(inputs, asyncio.get_running_loop().create_future())
        self._waiting.setdefault(path, []).append(request)
        if path not in self._busy:
            self._busy.add(path)
            try:
                while batch := self._waiting.pop(path, []):
                    await self._compute(run, batch)
            finally:
                self._busy.discard(path)
        outputs = await request.done
        return {"predictions": _described(run, outputs)}

    def close(self) -> None:
        """End the thread; what waits is not answered."""
        self._worker.shutdown(wait=False, cancel_futures=True)

    async def _compute(self, run: TrainedRun, batch: list[_Request]) -> None:
        """Compute a batch of requests at once, and one by one where that fails."""
        sizes = [len(request.inputs) for request in batch]
        try:
            joined = np.concatenate([np.asarray(request.inputs) for request in batch])
            outputs = await self._in_worker(run.outputs, joined)
        except Exception as error:
            if len(batch) > 1:
                for request in batch:
                    await self._compute(run, [request])
            elif not batch[0].done.done():
                batch[0].done.set_exception(error)
            return
        ends = np.cumsum(sizes)
        for request, start, end in zip(batch, ends - sizes, ends, strict=True):
            if not request.done.done():  # its client may have gone
                rows = {name: values[start:end] for name, values in outputs.items()}
                request.done.set_result(rows)

    async def _in_worker(self, call: Any, *arguments: Any) -> Any:
        return await asyncio.get_running_loop().run_in_executor(self._worker, call, *arguments)

    def _load(self, path: Path) -> TrainedRun:
        """The run with its network: loaded anew when its best weights have changed."""
        from glassnet.api.loading import load_run

        run = load_run(path)
        best = run.run.best
        if not best.exists():
            raise UsageError(
                f"{run.name} has no weights yet", "wait until its first epoch is complete"
            )
        key = str(path), best.stat().st_mtime_ns
        if key not in self._loaded:
            for old in [each for each in self._loaded if each[0] == key[0]]:
                del self._loaded[old]
            _ = run.model.network  # loaded before it is kept
            self._loaded[key] = run
        self._loaded.move_to_end(key)
        while len(self._loaded) > MAX_LOADED:
            self._loaded.popitem(last=False)
        return self._loaded[key]


def _inputs_of(run: TrainedRun, content: dict[str, Any]) -> np.ndarray:
    """The texts or images of a request, as the network takes them."""
    from glassnet.contract import Modality

    kind = "texts" if run.modality == Modality.TEXTS else "images"
    given = content.get(kind)
    if not isinstance(given, list) or not given or not all(isinstance(each, str) for each in given):
        raise UsageError(f"{run.name} predicts {kind}", f'give {{"{kind}": [...]}}')
    if len(given) > MAX_INPUTS:
        raise UsageError(
            f"{len(given)} {kind} are too many", f"give at most {MAX_INPUTS} in one request"
        )
    if kind == "texts":
        if longest := [text for text in given if len(text) > MAX_CHARACTERS]:
            raise UsageError(
                f"a text has {len(longest[0]):,} characters", f"give at most {MAX_CHARACTERS:,}"
            )
        return np.array(given, dtype=np.dtypes.StringDType())
    return np.concatenate([_image_of(run, text) for text in given])


def _image_of(run: TrainedRun, text: str) -> np.ndarray:
    """One image, (1, H, W[, channels]), from the content of an image file in base64."""
    try:
        content = base64.b64decode(text.rpartition(",")[2], validate=True)
    except binascii.Error:
        raise DataError(
            "an image is not in base64", "give the content of a PNG file in base64"
        ) from None
    with tempfile.TemporaryDirectory() as folder:  # as files are read for `glassnet predict`
        path = Path(folder) / "image"
        path.write_bytes(content)
        try:
            return run.read_input(path)
        except DataError as error:
            raise DataError(error.reason, error.hint, "image") from None


def _described(run: TrainedRun, outputs: dict[str, np.ndarray]) -> list[dict[str, Any]]:
    """A dict per input: class and probabilities of a classifier, else the outputs as they are."""
    if "probabilities" not in outputs:
        rows = zip(*outputs.values(), strict=True)
        return [dict(zip(outputs, row, strict=True)) for row in rows]
    names, described = run.class_names, []
    for row in outputs["probabilities"]:
        best = int(row.argmax())
        by_class = {name: float(value) for name, value in zip(names, row, strict=True)}
        described.append(
            {"class": names[best], "probability": by_class[names[best]], "probabilities": by_class}
        )
    return described
