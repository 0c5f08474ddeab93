"""Runs that were deleted on the page, and that can be restored for some minutes."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from glassnet import atomic
from glassnet.errors import RunError, UsageError
from glassnet.runs import removal
from glassnet.runs.group import Group, is_group
from glassnet.web import summaries

SECONDS = 600.0
"""Seconds during which a deleted run can be restored, while the server runs."""


@dataclass
class _Deleted:
    hidden: Path
    end: asyncio.TimerHandle = field(repr=False)


class Deletions:
    """What was deleted and is still there, in hidden folders beside the runs.

    The end of the server removes it; if the server is killed, the start of the next one does.

    Args:
        root: the folder of the runs.
    """

    def __init__(self, root: Path) -> None:
        self._root, self._deleted = root, dict[str, _Deleted]()
        atomic.remove_abandoned(root)

    async def delete(self, name: str) -> dict[str, Any]:
        """Delete a run or a group.

        Raises:
            RunError: there is none of this name, or another process trains or explains it.
            UsageError: it is a run of a group.
        """
        if "/" in name:
            raise UsageError(
                f"{name} is a run of a group", f"delete the group: {name.partition('/')[0]}"
            )
        hidden = await asyncio.to_thread(removal.hide, self._find(name))
        self._remove(name)  # an earlier run of that name
        end = asyncio.get_running_loop().call_later(SECONDS, self._remove, name)
        self._deleted[name] = _Deleted(hidden, end)
        return {"run": name, "state": "deleted", "seconds": SECONDS}

    def restore(self, name: str) -> dict[str, Any]:
        """Undo a deletion.

        Raises:
            RunError: nothing of this name was deleted, or it is gone.
            UsageError: another run has the name now.
        """
        if name not in self._deleted:
            raise RunError(f"no run {name!r} was deleted here", "list the runs with GET /api/runs")
        removal.restore(self._deleted[name].hidden, self._root / name)
        self._deleted.pop(name).end.cancel()
        return {"run": name, "state": "restored"}

    def close(self) -> None:
        """Remove what was deleted."""
        for name in list(self._deleted):
            self._remove(name)

    def _remove(self, name: str) -> None:
        if deleted := self._deleted.pop(name, None):
            deleted.end.cancel()
            removal.delete([deleted.hidden])

    def _find(self, name: str) -> Any:
        path = self._root / name
        if not name.startswith(".") and path.name == name and is_group(path):
            return Group.open(path)
        return summaries.find(self._root, name)
