"""Check of every file in a run folder against its checksum. Imports no torch."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from glassnet import checksum, formats
from glassnet.errors import RunError
from glassnet.runs import lock, manifest
from glassnet.runs.folder import GROUP_FILE, Run
from glassnet.runs.group import Group


@dataclass
class Check:
    """The result of `check`: file -> reason for damaged ones, and the names of the others.

    Attributes:
        damaged: files that have changed or are missing, with the reason.
        whole: files that are as they were written.
        unknown: files without a checksum, which glassnet did not finish or did not write.
    """

    damaged: dict[str, str] = field(default_factory=dict)
    whole: list[str] = field(default_factory=list)
    unknown: list[str] = field(default_factory=list)


def check(run: Run | Group) -> Check:
    """Check every file of a run folder and of its pretraining, or a group's, without its runs."""
    result = Check()
    try:
        listed = manifest.read(run.path)
    except (OSError, ValueError) as error:
        result.damaged[manifest.NAME], listed = str(error), {}
    others = {"logs", *(run.member(k).name for k in run.seeds)} if isinstance(run, Group) else set()
    for path in _files(run.path):
        if path.relative_to(run.path).parts[0] in others:
            continue
        name = path.relative_to(run.path).as_posix()
        try:
            known = _is_whole(path, name, listed)
        except (OSError, ValueError) as error:
            result.damaged.setdefault(name, str(error))
        except RunError as error:
            result.damaged[name] = error.reason
        else:
            (result.whole if known else result.unknown).append(name)
    present = {*result.damaged, *result.whole, *result.unknown}
    expected = () if isinstance(run, Group) else _expected(run)
    for name in sorted({*listed, *expected} - present):
        result.damaged[name] = "it is missing"
    return result


def _files(folder: Path) -> list[Path]:
    return sorted(
        path
        for path in folder.rglob("*")
        if path.is_file()
        and not path.name.startswith(".")
        and path.relative_to(folder).parts[0] != lock.FOLDER
        and lock.FOLDER not in path.relative_to(folder).parts[:2]
    )


def _is_whole(path: Path, name: str, listed: dict[str, str]) -> bool:
    """Whether a file is as it was written; False if that is not known.

    Raises:
        ValueError, OSError, RunError: it has changed, or cannot be read.
    """
    if path.name == "run.json":
        Run.open(path.parent)
    elif path.name == GROUP_FILE:
        Group.open(path.parent)
    elif path.name == "metrics.csv":
        if not (run := Run.open(path.parent)).logged()[0]:
            return False
        run.read_metrics()
    elif path.name == "tokenizer.json":
        return bool(Run.open(path.parent).read_vocabulary())
    elif path.suffix in (".safetensors", ".npz", ".onnx") or path.parent.name == "findings":
        content = formats.read(path)
        checksum.check(content)
        if path.suffix == ".json":
            _check_arrays(path, content)
    elif name in listed:
        if manifest.sha256(path) != listed[name]:
            raise ValueError("it has changed since it was written")
    elif path.name != manifest.NAME:
        return False
    return True


def _check_arrays(path: Path, content: bytes) -> None:
    """Check that the arrays beside a finding are those that it names."""
    expected = formats.parse_json_with_checksum(content).get(formats.ARRAYS)
    if expected and manifest.sha256(path.with_suffix(".npz")) != expected:
        raise ValueError("its arrays are those of another finding")


def _expected(run: Run) -> Iterator[str]:
    """The files that a run with complete epochs has in any case."""
    runs = [run, run.pretraining] if run.pretraining.info else [run]
    for each in runs:
        epochs = each.logged()[0]
        files = [each.path / name for name in each.info.get("sha256", {})]
        resumes = run.info.get("status") != "finished"
        if epochs and resumes and not each.previous.exists():  # left by a kill between two renames
            files.append(each.last)
        files += [each.best] if each.info.get("best", {}).get("epoch") else []
        if dynamics := each.training_dynamics_epochs:
            files += [each.training_dynamics_file(n) for n in range(min(dynamics), epochs + 1)]
        yield from (path.relative_to(run.path).as_posix() for path in files)
