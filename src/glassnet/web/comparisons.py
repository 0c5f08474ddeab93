"""Comparisons of runs: computed in a process of its own, one at a time, once for all pages."""

from __future__ import annotations

import asyncio
import hashlib
import json
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from glassnet.errors import DataError, RunError, UsageError
from glassnet.web import summaries

PROGRAM = (sys.executable, "-m", "glassnet")
"""What compares, in a process of its own."""

MIN_RUNS, MAX_RUNS = 2, 6
"""Runs of a comparison."""

MAX_KNOWN = 20
"""Comparisons in memory at most."""


@dataclass
class _Comparison:
    process: asyncio.Task[None] | None = field(default=None, repr=False)
    progress: str = ""
    result: dict[str, Any] = field(default_factory=dict)
    error: DataError | None = None


class Comparisons:
    """The requested comparisons; a run that has changed is compared again.

    Args:
        root: the folder of the runs.
    """

    def __init__(self, root: Path) -> None:
        self._root, self._known = root, dict[str, _Comparison]()
        self._turn = asyncio.Semaphore(1)

    def compare(self, names: Any) -> dict[str, Any]:
        """The comparison of runs, or how far it is; it begins with the first request.

        Raises:
            RunError: there is no such run.
            UsageError: they are too few, too many, or the same.
            DataError: they cannot be compared.
        """
        if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
            raise UsageError("`runs` must be a list of names", "see GET /api/runs")
        if not MIN_RUNS <= len(set(names)) == len(names) <= MAX_RUNS:
            raise UsageError(
                f"{MIN_RUNS} to {MAX_RUNS} different runs can be compared", "select other runs"
            )
        paths = [summaries.find(self._root, name).path for name in names]
        stamps = [summaries.stamp(path) for path in paths]
        key = hashlib.sha256(repr((names, stamps)).encode()).hexdigest()[:16]
        if key not in self._known:
            while len(self._known) >= MAX_KNOWN:
                self._forget(next(iter(self._known)))
            self._known[key] = found = _Comparison()
            work = self._compute(found, key, paths)
            found.process = asyncio.get_running_loop().create_task(work)
        found = self._known[key]
        if found.error:
            self._forget(key)
            raise found.error
        if not found.result:
            return {"state": "running", "progress": found.progress}
        return {"state": "done", "page": f"comparisons/{key}", "comparison": found.result}

    def page(self, key: str) -> Path:
        """The page of a comparison.

        Raises:
            RunError: there is none.
        """
        path = self._file(key)
        if key not in self._known or not path.is_file():
            raise RunError("there is no such comparison", "compare the runs again")
        return path

    async def close(self) -> None:
        """End those that are being computed."""
        tasks = [each.process for each in self._known.values() if each.process]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def _forget(self, key: str) -> None:
        if task := self._known.pop(key).process:
            task.cancel()

    def _file(self, key: str) -> Path:
        return self._root / "comparisons" / f"page-{key}.html"

    async def _compute(self, found: _Comparison, key: str, paths: list[Path]) -> None:
        pipe = asyncio.subprocess.PIPE
        runs = [str(path.resolve()) for path in paths]
        command = [*PROGRAM, "compare", *runs, "--json", "--out", str(self._file(key))]
        async with self._turn:
            process = await asyncio.create_subprocess_exec(*command, stdout=pipe, stderr=pipe)
            assert process.stdout is not None  # noqa: S101 - for the type checker
            assert process.stderr is not None  # noqa: S101
            output = asyncio.ensure_future(process.stdout.read())
            lines = []
            try:
                async for line in process.stderr:
                    found.progress = line.decode("utf-8", "replace").strip()[:200]
                    lines.append(found.progress)
                await process.wait()
                found.result = json.loads(await output)
            except ValueError:
                own = [k for k, line in enumerate(lines) if line.startswith("glassnet: ")]
                reason = lines[own[-1]].removeprefix("glassnet: ") if own else "the process ended"
                hint = " ".join(lines[own[-1] + 1 :]) if own else "try it again"
                found.error = DataError(reason, hint)
            finally:
                if process.returncode is None:
                    process.kill()
                    await output
                    await process.wait()
