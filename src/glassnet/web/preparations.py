"""What is computed once for a run, in the background, before its inputs can be shown in full."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, Any

from glassnet import parallel, progress
from glassnet.errors import GlassnetError
from glassnet.web.networks import MAX_LOADED, limit_threads, modified, open_run

if TYPE_CHECKING:
    from glassnet.api.trained_run import TrainedRun

Report = Callable[[str, float], None]
"""Takes what is computed next and the share that is done, in [0, 1]."""

Prepare = Callable[["TrainedRun", Report], Any]


class Preparation:
    """A computation in the background.

    Attributes:
        result: what it has computed; None so far, or if it failed.
        step: what is computed at the moment.
        share: how much is done, in [0, 1].
        error: why it failed, or None.
    """

    def __init__(self) -> None:
        self.result: Any = None
        self.step, self.share = "reading the data", 0.0
        self.error: GlassnetError | None = None

    def state(self) -> dict[str, Any]:
        """The state for the API."""
        if self.error:
            return {"state": "failed", "error": self.error.message, "hint": self.error.hint}
        if self.result is not None:
            return {"state": "ready"}
        return {"state": "preparing", "step": self.step, "share": self.share}


class Preparations:
    """Preparations by run folder, one at a time; those of `MAX_LOADED` runs stay in memory."""

    def __init__(self, prepare: Prepare) -> None:
        self._prepare = prepare
        self._worker = ThreadPoolExecutor(1, "preparations", limit_threads, (parallel.n_threads(),))
        self._all: OrderedDict[tuple[Path, int], Preparation] = OrderedDict()
        self._closed = threading.Event()

    def of(self, path: Path) -> Preparation:
        """The preparation of a run for its best weights, started if there is none.

        Raises:
            UsageError: it has no weights yet.
        """
        key = path, modified(path)
        if key not in self._all:
            for old in [each for each in self._all if each[0] == path]:
                del self._all[old]
            self._all[key] = Preparation()
            self._worker.submit(self._run, path, self._all[key])
        self._all.move_to_end(key)
        while len(self._all) > MAX_LOADED:
            self._all.popitem(last=False)
        return self._all[key]

    def close(self) -> None:
        """End what is under way at its next step."""
        self._closed.set()
        self._worker.shutdown(wait=False, cancel_futures=True)

    def _run(self, path: Path, preparation: Preparation) -> None:
        def report(step: str, share: float) -> None:
            if self._closed.is_set():
                raise GlassnetError("the server has ended", "start it again with: glassnet web")
            preparation.step, preparation.share = step, share

        try:
            with progress.silenced():
                # A network of its own: hooks on the one that predicts would record its inputs.
                preparation.result = self._prepare(open_run(path), report)
        except GlassnetError as error:
            preparation.error = error
        except Exception:
            preparation.error = GlassnetError(
                "a defect of glassnet", "the terminal of the server has the details"
            )
            raise
