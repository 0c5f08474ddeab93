"""Training a group of runs that differ in their seed, side by side, each in its own process."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import FrameType
from typing import Any

from glassnet import config, parallel, progress, tasks
from glassnet.api.configuration import adapted, check_one_process_per_seed, is_set
from glassnet.api.trained_group import TrainedGroup
from glassnet.contract import Splits
from glassnet.errors import DataError, GlassnetError, Interrupted, RunError, SeedsError
from glassnet.runs import lock
from glassnet.runs.folder import Run, default_root
from glassnet.runs.group import Group, seeds_of
from glassnet.runs.names import check_name, default_name
from glassnet.training import run_info

SUFFIX = "-seeds"
"""The end of a group's default name: `cnn-mnist-seeds`."""

INTERVAL = 0.2
"""Seconds between two looks at the processes."""

MARK = "glassnet: "
"""What the first line of an error begins with in a process's output."""


def train(
    task: str,
    seeds: int | Sequence[int],
    *,
    preset: str,
    config_file: Path | None,
    runs: Path | None,
    name: str | None,
    evaluate: bool,
    overrides: Mapping[str, Any],
) -> TrainedGroup:
    """Train one run per seed, and evaluate each; see `verbs.train`.

    As many processes run at once as there are cores for their threads, one thread each unless the
    configuration says otherwise. The data are downloaded and checked before they start.

    Raises:
        SeedsError: some seeds have failed; the others are finished.
        Interrupted: Ctrl-C; everything is saved, and the hint says how to resume.
    """
    chosen_seeds = seeds_of(seeds)
    base, root = tasks.preset(task, preset), runs or default_root()
    first = {**overrides, "seed": chosen_seeds[0]}
    if not is_set("threads", config_file, overrides):
        first["threads"] = 1
    chosen = config.resolve(base, file=config_file, overrides=first)
    check_one_process_per_seed(chosen, overrides)
    if name is not None:
        check_name(name, root)
    family = tasks.load(task)
    splits = family.load(chosen)
    chosen = adapted(family, base, chosen, len(splits.train), config_file, first)
    signature = family.signature(splits, chosen)
    info = run_info.describe_network(family, preset, base, chosen, splits, signature)
    without_seed = config.command(task, preset, replace(chosen, seed=base.seed), base)
    group = Group.create(
        root,
        name or f"{default_name(task, splits.name)}{SUFFIX}",
        chosen_seeds,
        {
            **{key: info[key] for key in ("task", "preset", "data")},
            "config": {key: value for key, value in info["config"].items() if key != "seed"},
            "command": f"{without_seed} --seeds {_as_flag(chosen_seeds)}",
        },
    )
    del splits, signature  # each process reads its own
    return _finish(group, evaluate, None)


def resume(group: Group, *, data: Path | str | None = None, evaluate: bool = True) -> TrainedGroup:
    """Train the seeds of a group that are unfinished; raises as `train`.

    Args:
        group: the group.
        data: where the data are now, if they were moved.
        evaluate: whether to evaluate on the test set after training.
    """
    _check_data(group, None if data is None else str(data))
    return _finish(group, evaluate, None if data is None else str(data))


def _as_flag(seeds: tuple[int, ...]) -> str:
    """The seeds as `--seeds` takes them."""
    counted = seeds == tuple(range(len(seeds)))
    return str(len(seeds)) if counted else ",".join(map(str, seeds))


def _check_data(group: Group, data: str | None) -> None:
    """Check once, before the processes start, that the data are those of the group."""
    info = group.info["data"]
    fields = group.info["config"] | {"data": data or info["name"], "seed": group.seeds[0]}
    base = tasks.preset(group.info["task"], group.info["preset"])
    chosen = config.resolve(base, overrides=fields)
    try:
        splits: Splits = tasks.load(group.info["task"]).load(chosen)
    except DataError as error:
        if data:
            raise
        raise RunError(
            f"{group.name} is trained on {info['name']}, which cannot be used any more: "
            f"{error.reason}",
            "put the data back, or give their new place with --data",
        ) from None
    if splits.fingerprint != info["fingerprint"]:
        raise RunError(
            f"{splits.name}: not the data that {group.name} is trained on, {info['name']} "
            f"(fingerprint {info['fingerprint'][:12]} then, {splits.fingerprint[:12]} now)",
            "give the same files with --data, or train a new group",
        )


def _finish(group: Group, evaluate: bool, data: str | None) -> TrainedGroup:
    """Run the processes of the unfinished seeds until all have ended."""
    with lock.hold(group.path, lock.TRAIN), _interrupts() as interrupts:
        processes = _Processes(group, evaluate, data)
        try:
            processes.run(interrupts)
        finally:
            processes.kill()
    n, finished = len(group.seeds), len(group.runs)
    if interrupts.count:
        others = "what the others have done is saved"
        if interrupts.count > 1:
            others = "the others resume from their last checkpoints"
        raise Interrupted(
            f"stopped; {finished} of {n} seeds are finished, and {others}",
            f"resume with: glassnet train --resume {group.path}",
        )
    if processes.failures:
        raise _failure(group, processes.failures)
    return TrainedGroup(group, data)


def _failure(group: Group, failures: Mapping[int, tuple[str, str]]) -> SeedsError:
    """Name the seeds that have failed, with the reason of the first one."""
    seeds, (reason, hint) = sorted(failures), failures[min(failures)]
    named = f"seed {seeds[0]}" if len(seeds) == 1 else f"seeds {', '.join(map(str, seeds))}"
    others = len(group.seeds) - len(seeds)
    rest = f"; the other {others} are trained" if others > 1 else ""
    return SeedsError(f"{group.path}: {named} failed: {reason}{rest}", hint, group.path)


@dataclass
class _Interrupts:
    """How often Ctrl-C or SIGTERM came."""

    count: int = 0

    def add(self, number: int, frame: FrameType | None) -> None:
        self.count += 1


@contextmanager
def _interrupts() -> Iterator[_Interrupts]:
    """Count Ctrl-C and SIGTERM in place of being ended by them; in the main thread alone."""
    interrupts, handlers = _Interrupts(), {}
    if threading.current_thread() is threading.main_thread():
        for number in (signal.SIGINT, signal.SIGTERM):
            handlers[number] = signal.signal(number, interrupts.add)
    try:
        yield interrupts
    finally:
        for number, handler in handlers.items():
            signal.signal(number, handler)


@dataclass
class _Processes:
    """The processes of a group's unfinished seeds.

    Attributes:
        failures: seed -> message and hint of those that have failed.
    """

    group: Group
    evaluate: bool
    data: str | None
    running: dict[int, subprocess.Popen[bytes]] = field(default_factory=dict)
    failures: dict[int, tuple[str, str]] = field(default_factory=dict)
    _starts: dict[int, int] = field(default_factory=dict)

    def run(self, interrupts: _Interrupts) -> None:
        """Run as many at once as there are cores for, until all have ended."""
        info, finished = self.group.info, self.group.runs
        waiting = [seed for seed in self.group.seeds if seed not in finished]
        threads = info["config"].get("threads") or parallel.n_threads()
        at_once = max(1, parallel.n_threads() // threads)
        epochs, examples = info["config"]["epochs"], info["data"]["train"]
        done = {seed: self._epochs(seed) for seed in waiting}
        total = sum(epochs - before for before in done.values()) * examples
        terminated = False
        (self.group.path / "logs").mkdir(exist_ok=True)
        with progress.live(f"{len(waiting)} seeds", total, "examples") as advance:
            while self.running or (waiting and not interrupts.count):
                while waiting and len(self.running) < at_once and not interrupts.count:
                    self._start(waiting.pop(0), threads)
                if interrupts.count and not terminated:
                    progress.log("stopping; each seed saves its state")
                    terminated = True
                    for process in self.running.values():
                        process.terminate()
                if interrupts.count > 1:
                    return
                for seed in [s for s, each in self.running.items() if each.poll() is not None]:
                    code = self.running.pop(seed).returncode
                    if not interrupts.count:
                        self._report(seed, code)
                    if not code:
                        advance((epochs - done[seed]) * examples)
                        done[seed] = epochs
                for seed in self.running:
                    now = self._epochs(seed)
                    advance((now - done[seed]) * examples)
                    done[seed] = now
                advance(0, note=self._note(done, epochs))
                time.sleep(INTERVAL)

    def kill(self) -> None:
        """End those that still run."""
        for process in self.running.values():
            process.kill()
            process.wait()

    def _start(self, seed: int, threads: int) -> None:
        group, log = self.group, self._log(seed)
        words = [os.getpid(), group.path, seed, int(self.evaluate), self.data or ""]
        with log.open("ab") as output:
            self._starts[seed] = output.tell()
            self.running[seed] = subprocess.Popen(
                [sys.executable, "-P", "-m", "glassnet.api.seed_process", *map(str, words)],
                env=os.environ | {parallel.VARIABLE: str(threads)},
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                start_new_session=True,  # Ctrl-C in a terminal reaches this process alone
            )

    def _report(self, seed: int, code: int) -> None:
        """Log that a seed is done, or that it has failed and why."""
        if code:
            self.failures[seed] = self._error(seed, code)
            progress.log(f"seed {seed} failed: {self.failures[seed][0]}")
            return
        results = Run.open(self.group.member(seed)).info.get("results", {}).get("test", {})
        label, value, _ = next(iter(results.get("numbers", ())), ("trained", "", ""))
        left = len(self.group.seeds) - len(self.group.runs)
        rest = f"   {left} to go" if left and results else ""
        progress.log(f"seed {seed}   {label} {value}{rest}".rstrip())

    def _error(self, seed: int, code: int) -> tuple[str, str]:
        """Message and hint of a process that has failed, from its output."""
        path = self._log(seed)
        output = path.read_bytes()[self._starts[seed] :].decode("utf-8", "replace")
        lines = [line.strip() for line in output.splitlines() if line.strip()]
        place = max((k for k, line in enumerate(lines) if line.startswith(MARK)), default=-1)
        if 0 <= place < len(lines) - 1:
            return lines[place].removeprefix(MARK), lines[place + 1]
        again = f"resume with: glassnet train --resume {self.group.path}"
        if code < 0:
            return f"killed by {signal.Signals(-code).name}", again
        return (lines or [f"exit code {code}"])[-1], f"its output is in {path}"

    def _log(self, seed: int) -> Path:
        return self.group.path / "logs" / f"seed-{seed}.txt"

    def _epochs(self, seed: int) -> int:
        """The complete epochs of a seed."""
        try:
            return int(Run.open(self.group.member(seed)).info.get("epochs_done", 0))
        except GlassnetError:  # it has not started
            return 0

    def _note(self, done: Mapping[int, int], epochs: int) -> str:
        """How far the seeds are that train at the moment."""
        return ", ".join(f"seed {seed} {done[seed]}/{epochs}" for seed in self.running)
