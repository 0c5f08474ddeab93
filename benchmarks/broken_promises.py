"""Breaks each promise of docs/reliability.md in a copy of the code, and runs its test.

    python benchmarks/broken_promises.py --out benchmarks/results/broken-promises.csv

A row per line taken out: the file, what was there, what took its place, the test, and whether it
failed, as it should. Promises that are in the file already are not tried again.
"""

from __future__ import annotations

import argparse
import csv
import os
import shutil
import subprocess
import sys
import tempfile
from dataclasses import astuple, dataclass, fields
from pathlib import Path

ROOT = Path(__file__).parents[1]


@dataclass(frozen=True)
class Break:
    """A change of the code that breaks a promise, and the test that must notice it."""

    promise: str
    file: str
    old: str
    new: str
    test: str


BREAKS = (
    Break(
        "one training at a time",
        "runs/lock.py",
        "    except Timeout:\n        raise busy from None\n",
        "    except Timeout:\n        pass\n",
        "runs/test_lock.py::test_a_second_process_is_refused_and_a_killed_one_is_not_waited_for",
    ),
    Break(
        "commands set their own keys",
        "runs/folder.py",
        "            if self.info:\n                self.reload()\n",
        "",
        "runs/test_lock.py::test_updates_of_two_commands_are_merged",
    ),
    Break(
        "a run is explained while it trains",
        "runs/folder.py",
        "            if self.info:\n                self.reload()\n",
        "",
        "runs/test_lock.py::test_a_run_is_evaluated_and_explained_while_it_trains",
    ),
    Break(
        "weights and digest of one checkpoint",
        "run_model.py",
        "    @cached_property\n    def _best(",
        "    @property\n    def _best(",
        "runs/test_lock.py::test_a_network_and_its_digest_are_of_one_checkpoint",
    ),
    Break(
        "a moved folder stops its training",
        "runs/lock.py",
        "    if not folder.is_dir():\n        raise _moved(folder)\n",
        "",
        "runs/test_lock.py::test_training_stops_where_its_folder_was_moved_away",
    ),
    Break(
        "a changed bit is named",
        "checksum.py",
        "    if not matches(content):\n",
        "    if False:\n",
        "runs/test_run_check.py",
    ),
    Break(
        "a changed row is named",
        "runs/metrics_log.py",
        "        if expected and sha256(text) != expected:\n",
        "        if False:\n",
        "runs/test_run_check.py",
    ),
    Break(
        "a changed model folder is named",
        "runs/model_folder.py",
        'if hashlib.sha256(content).hexdigest() != self.info["sha256"].get(name):',
        "if False:",
        "export/test_model_folder.py",
    ),
    Break(
        "a changed ONNX file is named",
        "export/onnx_predictor.py",
        "is_whole = checksum.matches(content)",
        "is_whole = True",
        "export/test_onnx_predictor.py",
    ),
    Break(
        "the checkpoint before takes its place",
        "runs/checkpoint.py",
        "atomic.replacing(path, previous) as",
        "atomic.replacing(path) as",
        "training/test_resume.py::test_the_checkpoint_before_the_last_one_takes_its_place",
    ),
    Break(
        "checkpoints by time",
        "training/checkpoint_hook.py",
        "        return time.monotonic() - self.saved >= self.interval\n",
        "        return False\n",
        "training/test_resume.py::test_a_kill_within_an_epoch_costs_no_more_than_the_interval",
    ),
    Break(
        "kills at renames",
        "training/checkpoint_hook.py",
        "            self._save_best(state)\n        self.saved",
        "            pass\n        self.saved",
        "training/test_resume.py::test_a_kill_at_any_rename_of_an_epoch",
    ),
    Break(
        "kills at file operations",
        "training/state.py",
        '        seeding.set_random_state(part["random_state"])\n',
        "",
        "training/test_kills.py",
    ),
    Break(
        "a rename survives a power cut",
        "atomic.py",
        "        partial.replace(path)\n        _sync_folder(path.parent)\n",
        "        partial.replace(path)\n",
        "test_atomic.py::test_the_folder_is_flushed_after_the_rename",
    ),
    Break(
        "temporary files are removed",
        "atomic.py",
        "            path.unlink()\n",
        "            pass\n",
        "training/test_resume.py::test_what_a_killed_writer_left_is_removed",
    ),
    Break(
        "temporary files of other commands are removed",
        "runs/lock.py",
        "        atomic.remove_abandoned(folder, recursive=True)\n",
        "",
        "runs/test_lock.py::test_who_has_the_lock_removes_what_killed_processes_left",
    ),
    Break(
        "precision stays",
        "training/resumption.py",
        'chosen = replace(chosen, precision=info["precision"])',
        "pass",
        "training/test_resume.py::test_auto_precision_stays_what_it_was",
    ),
    Break(
        "threads stay",
        "training/resumption.py",
        "chosen = replace(chosen, threads=threads)",
        "pass",
        "training/test_resume.py::test_another_machine_is_named_and_the_run_keeps_its_settings",
    ),
    Break(
        "processes resume exactly: random states",
        "training/state.py",
        'part = saved["processes"][rank]',
        'part = saved["processes"][0]',
        "training/test_kills.py",
    ),
    Break(
        "processes resume exactly: order of sums",
        "training/gradients.py",
        "        wrapped.register_comm_hook(None, _mean)\n",
        "",
        "training/test_kills.py",
    ),
    Break(
        "validation is of the saved network",
        "training/loop.py",
        "        exchange.share_buffers(self.fabric, network)\n",
        "",
        "training/test_processes.py::test_two_processes_train_one_network",
    ),
    Break(
        "processes stop together",
        "training/exchange.py",
        "hook.agreed = bool(count)",
        "hook.agreed = hook.requested",
        "training/test_processes.py::test_all_processes_end_with_one_message",
    ),
    Break(
        "the end of a process is named",
        "training/processes.py",
        "            self.reasons[rank] = _reason(process.returncode, messages)\n",
        '            self.reasons[rank] = ""\n',
        "training/test_processes.py::test_all_processes_end_with_one_message",
    ),
    Break(
        "the end of a process before training",
        "training/processes.py",
        "            self.reasons[rank] = _reason(process.returncode, messages)\n",
        '            self.reasons[rank] = ""\n',
        "training/test_processes.py::test_the_end_of_a_process_before_training",
    ),
    Break(
        "wrong types in run.json",
        "runs/folder.py",
        "            schema.check(info)\n",
        "",
        "runs/test_schema.py",
    ),
    Break(
        "deep JSON leaves the list of the others",
        "formats.py",
        "    except RecursionError:\n        raise ValueError(",
        "    except RecursionError:\n        raise RecursionError(",
        "runs/test_schema.py",
    ),
    Break(
        "archives within memory",
        "formats.py",
        "            _check_size(sum(member.file_size for member in archive.infolist()))\n",
        "",
        "test_formats.py",
    ),
    Break(
        "headers that lie",
        "formats.py",
        "        if kind.itemsize * math.prod(shape) != size - n_header:\n",
        "        if False:\n",
        "test_formats.py",
    ),
)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--only", default="", help="a part of a promise's name")
    parser.add_argument("--out", type=Path, required=True)
    given = parser.parse_args()
    done = names_in(given.out)
    for each in BREAKS:
        if given.only in each.promise and each.promise not in done:
            write_row(given.out, each, is_noticed(each))


def names_in(path: Path) -> set[str]:
    if not path.exists():
        return set()
    with path.open(newline="") as stream:
        return {row["promise"] for row in csv.DictReader(stream)}


def is_noticed(each: Break) -> bool:
    """Whether the test fails on a copy of the code with the change."""
    with tempfile.TemporaryDirectory() as folder:
        source = Path(folder) / "glassnet"
        shutil.copytree(ROOT / "src" / "glassnet", source)
        file = source / each.file
        text = file.read_text(encoding="utf-8")
        assert text.count(each.old) == 1, f"{each.file} has not {each.old!r} once"
        file.write_text(text.replace(each.old, each.new), encoding="utf-8")
        tested = subprocess.run(
            [sys.executable, "-m", "pytest", "-qx", "-p", "no:cacheprovider", f"tests/{each.test}"],
            cwd=ROOT,
            env=os.environ | {"PYTHONPATH": folder},
            capture_output=True,
            text=True,
        )
    summary = [line for line in tested.stdout.splitlines() if line.startswith(("FAILED", "ERROR"))]
    print(f"{each.promise}: {tested.returncode} {summary}", flush=True)
    return tested.returncode == 1 and summary[0].startswith("FAILED")


def write_row(path: Path, each: Break, noticed: bool) -> None:
    is_new = not path.exists()
    with path.open("a", newline="") as stream:
        writer = csv.writer(stream, lineterminator="\n")
        if is_new:
            writer.writerow([*(field.name for field in fields(Break)), "noticed"])
        writer.writerow([*astuple(each), "yes" if noticed else "no"])


if __name__ == "__main__":
    main()
