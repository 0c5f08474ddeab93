"""Predictions for the page: networks that stay loaded, and requests that are answered together."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from glassnet.contract import Modality
from glassnet.web.inputs import images_of, texts_of
from glassnet.web.networks import MAX_WAITING, Networks, TooBusy

if TYPE_CHECKING:
    from glassnet.api.trained_run import TrainedRun


@dataclass
class _Request:
    inputs: Any
    done: asyncio.Future[dict[str, np.ndarray]] = field(repr=False)


class Predictions:
    """Predictions in batches: while one is computed, the requests that come in become the next."""

    def __init__(self, networks: Networks) -> None:
        self._networks = networks
        self._waiting: dict[Path, list[_Request]] = {}
        self._busy: set[Path] = set()

    async def predict(self, path: Path, content: dict[str, Any]) -> dict[str, Any]:
        """Predict texts or images with the network of a run folder.

        Args:
            path: the run folder.
            content: `texts`, a list of strings; or `images`, a list of image files in base64, and
                `drawn`, true if they are drawings, see `images_of`.

        Returns:
            `predictions`, a dict per input: for a classifier `class`, `probability` and
            `probabilities` by class.

        Raises:
            UserError: there are no such inputs, or the network has no weights yet.
            TooBusy: too many requests wait.
        """
        if sum(map(len, self._waiting.values())) >= MAX_WAITING:
            raise TooBusy
        run = await self._networks.load(path)
        read = texts_of if run.modality == Modality.TEXTS else images_of
        inputs = await self._networks.call(read, run, content)
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
        return {"predictions": described(run, outputs)}

    async def _compute(self, run: TrainedRun, batch: list[_Request]) -> None:
        """Compute a batch of requests at once, and one by one where that fails."""
        sizes = [len(request.inputs) for request in batch]
        try:
            joined = np.concatenate([np.asarray(request.inputs) for request in batch])
            outputs = await self._networks.call(run.outputs, joined)
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


def described(run: TrainedRun, outputs: dict[str, np.ndarray]) -> list[dict[str, Any]]:
    """A dict per input: class and probabilities of a classifier, else the outputs as they are."""
    if "probabilities" not in outputs:
        rows = zip(*outputs.values(), strict=True)
        return [dict(zip(outputs, row, strict=True)) for row in rows]
    return [prediction(run.class_names, row) for row in outputs["probabilities"]]


def prediction(names: Sequence[str], probabilities: np.ndarray) -> dict[str, Any]:
    """The most probable class, and the probability of each."""
    by_class = dict(zip(names, probabilities.tolist(), strict=True))
    best = names[int(probabilities.argmax())]
    return {"class": best, "probability": by_class[best], "probabilities": by_class}
