"""Configurations: frozen dataclasses, resolved from preset, TOML file, environment and flags.

A task's `Config` extends `TrainingConfig`, `ImageConfig` or `TextConfig` with the fields of its
network. Later sources take precedence: preset, file, environment, flags.
"""

import ast
import dataclasses
import inspect
import itertools
import math
import os
import shlex
import textwrap
import tomllib
import types
import typing
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Literal, Self, TypeVar

from glassnet.errors import ConfigError, flag, suggest


@dataclass(frozen=True)
class Bounds:
    """The range of a number; used in a field's `Annotated`."""

    low: float
    high: float = float("inf")
    open_low: bool = False

    def contains(self, value: float) -> bool:
        """Whether the value is finite and within the bounds."""
        above = self.low < value if self.open_low else self.low <= value
        return above and value <= self.high and math.isfinite(value)

    def __str__(self) -> str:
        if self.high == float("inf"):
            return f"more than {self.low:g}" if self.open_low else f"{self.low:g} or more"
        return f"{'above' if self.open_low else 'from'} {self.low:g} to {self.high:g}"


Count = Annotated[int, Bounds(1)]
Positive = Annotated[float, Bounds(0, open_low=True)]
NotNegative = Annotated[float, Bounds(0)]
Fraction = Annotated[float, Bounds(0, 0.9999)]


@dataclass(frozen=True, kw_only=True)
class TrainingConfig:
    """Fields of every training."""

    data: str = "mnist"
    """Name of a data set in the catalogue, or a path to your own."""

    seed: Annotated[int, Bounds(0, 2**63 - 1)] = 0
    """Seed of the split, the initial weights, the order of the examples and all noise."""

    splits: str = ""
    """Your own data: none reads no splits; train=A,valid=B,test=C names the folders, files or
    values that are."""

    label_column: str = ""
    """Your own tables: the column of classes, by name or number; guessed if there is only one."""

    group_column: str = ""
    """Your own tables: the column of groups, such as patients, each of which stays in one split."""

    group_pattern: str = ""
    """Your own files: a regular expression whose group in the path of a file is the file's group,
    such as (patient[0-9]+)."""

    encoding: str = ""
    """Your own tables and text files: their encoding, such as cp1252; UTF-8 if not given."""

    epochs: Count = 10
    """Passes over the training set."""

    batch_size: Count = 256
    """Examples per step, over all processes together."""

    optimizer: Literal["adam", "adamw", "sgd"] = "adamw"
    """sgd uses Nesterov momentum 0.9."""

    learning_rate: Positive = 1e-3
    """Learning rate; with a schedule, its maximum."""

    weight_decay: NotNegative = 0.0
    """Decoupled for adamw; does not apply to biases and normalisation weights."""

    beta2: Fraction = 0.999
    """adam and adamw: decay of the mean squared gradient; lower for sparse gradients."""

    schedule: Literal["constant", "cosine", "one-cycle"] = "constant"
    """Learning rate schedule: constant, half a cosine to 0, or a rise followed by it."""

    warmup: Fraction = 0.3
    """one-cycle only: fraction of the steps during which the learning rate rises."""

    clip_grad_norm: NotNegative = 0.0
    """Clip the norm of the gradients to this maximum; 0 does not clip."""

    ema_decay: Fraction = 0.0
    """Decay per step of an exponential moving average (EMA) of the weights; 0 for none."""

    monitor: str = "loss"
    """Validation metric that selects the checkpoint."""

    patience: Annotated[int, Bounds(0)] = 0
    """Stop after this many epochs without a better validation metric; 0 never stops early."""

    valid_fraction: Annotated[float, Bounds(0, 0.5, open_low=True)] = 1 / 12
    """Fraction of the training set that is held out for validation."""

    snapshots: Annotated[int, Bounds(0, 1000)] = 10
    """Number of epochs whose weights are saved, for animations; closer together early on."""

    checkpoint_every: NotNegative = 1.0
    """Minutes of training between two checkpoints within an epoch; 0 saves at the end of epochs
    alone."""

    tensorboard: bool = False
    """Also write curves and some layers for TensorBoard into the run folder."""

    device: str = "auto"
    """auto, cpu, cuda or mps."""

    precision: Literal["auto", "32", "bf16"] = "auto"
    """auto uses bfloat16 where the processor is faster with it, else 32 bits."""

    processes: Count = 1
    """Processes that train together, each on its part of every batch."""

    threads: Annotated[int, Bounds(0)] = 0
    """Threads per process; 0 uses all cores, or one thread where the steps are small."""

    def adapted(self, epochs: int, steps_per_epoch: int) -> Self:
        """This configuration with the epochs that suit a training set, and what depends on it.

        Args:
            epochs: their number.
            steps_per_epoch: steps in an epoch of this training set.
        """
        return dataclasses.replace(self, epochs=epochs)


@dataclass(frozen=True, kw_only=True)
class ImageConfig(TrainingConfig):
    """Fields of every training on images."""

    image_size: Annotated[int, Bounds(0, 512)] = 0
    """Your own images: side in pixels; 0 keeps their size, up to 64."""

    colour: Literal["auto", "grey", "rgb"] = "auto"
    """Your own images: colour mode; auto uses grey if all are grey."""

    image_shape: str = ""
    """Your own tables of pixels: 20x30 for 20 rows of 30 pixels, 20x30x3 in colour; square if not
    given."""

    image_column: str = ""
    """Your own tables of images: the column of image paths; guessed and reported if not given."""


@dataclass(frozen=True, kw_only=True)
class TextConfig(TrainingConfig):
    """Fields of every training on texts."""

    data: str = "movie-snippets"
    """Name of a data set in the catalogue, or a path to your own texts."""

    text_column: str = ""
    """Your own tables: the column of texts, by name or number; guessed and reported if not
    given."""

    vocab_size: Annotated[int, Bounds(0)] = 30_000
    """Maximum number of words in the vocabulary, the most frequent ones; padding and the unknown
    word are not counted. 0 for 10,000 with two classes and 30,000 with more."""

    min_frequency: Count = 2
    """Minimum number of occurrences of a word in the training texts."""

    max_length: Annotated[int, Bounds(4, 100_000)] = 1000
    """Maximum number of words read; longer texts keep their first quarter and their end."""


MIN_STEPS = 200
"""Steps of a training whose number of epochs nobody chose."""

C = TypeVar("C", bound=TrainingConfig)

TYPES = {int: "an integer", float: "a number", str: "a string", bool: "true or false"}
"""Types of values, for messages."""


def resolve(base: C, *, file: Path | None = None, overrides: Mapping[str, Any]) -> C:
    """Override a preset with a TOML file, the environment and some values, and check the result.

    Args:
        base: the preset.
        file: TOML with some fields at its top level.
        overrides: field -> value; these take precedence.

    Raises:
        ConfigError: an unknown field, a value of the wrong type or out of bounds.
    """
    layers = (
        (str(file), read_toml(file) if file else {}),
        ("the environment", from_environment(type(base))),
        ("", dict(overrides)),
    )
    merged = base
    for origin, values in layers:
        merged = dataclasses.replace(merged, **checked(type(base), values, origin))
    return merged


def epochs_for_few_steps(
    epochs: int, steps_per_epoch: int, usual_steps: int = 0, multiple: int = 2
) -> int:
    """Number of epochs that gives a small training set enough steps.

    A preset's epochs are meant for tens of thousands of examples. Below `MIN_STEPS` steps in all
    there are more epochs, and up to a multiple of them below the steps that an epoch usually has.

    Args:
        epochs: the preset's.
        steps_per_epoch: steps in an epoch of this training set.
        usual_steps: steps per epoch that the preset's epochs are enough for.
        multiple: the largest multiple of the preset's epochs.

    Example:
        >>> [epochs_for_few_steps(8, steps) for steps in (215, 10, 2)]
        [8, 20, 100]
        >>> [epochs_for_few_steps(6, steps, usual_steps=130) for steps in (138, 100, 40, 10)]
        [6, 8, 12, 20]
    """
    usual = min(multiple * epochs, -(-epochs * usual_steps // steps_per_epoch))
    return max(epochs, usual, -(-MIN_STEPS // steps_per_epoch))


def read_toml(path: Path) -> dict[str, Any]:
    """Read a configuration file.

    Raises:
        ConfigError: it is missing or not TOML; the message has the line.
    """
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or "not UTF-8 text"
        raise ConfigError(f"{path}: cannot be read ({reason})", "check --config") from None
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(
            f"{path}: not valid TOML ({error})",
            "write fields as: epochs = 10",
        ) from None
    except (RecursionError, MemoryError):
        raise ConfigError(f"{path}: nested too deeply, or too large", "check --config") from None


def field_docs(kind: type[TrainingConfig]) -> dict[str, str]:
    """Field name -> the docstring below it in the source.

    Example:
        >>> field_docs(TrainingConfig)["epochs"]
        'Passes over the training set.'
    """
    docs = {}
    for base in reversed(kind.__mro__[:-1]):
        body = ast.parse(textwrap.dedent(inspect.getsource(base))).body[0].body  # type: ignore[attr-defined]
        for field, text in itertools.pairwise(body):
            if isinstance(field, ast.AnnAssign) and isinstance(text, ast.Expr):
                docs[ast.unparse(field.target)] = inspect.cleandoc(ast.literal_eval(text.value))
    return docs


def as_dict(config: TrainingConfig) -> dict[str, Any]:
    """Field name -> value, in JSON's types."""
    return {
        name: list(value) if isinstance(value, tuple) else value
        for name, value in dataclasses.asdict(config).items()
    }


def command(task: str, preset: str, config: TrainingConfig, base: TrainingConfig) -> str:
    """The command that trains with this configuration.

    Example:
        >>> command("cnn", "default", TrainingConfig(epochs=3), TrainingConfig())
        'glassnet train cnn --epochs 3'
    """
    words = ["glassnet", "train", task]
    words += [] if preset == "default" else ["--preset", preset]
    for name, value in as_dict(config).items():
        if getattr(config, name) != getattr(base, name):
            words += flag_words(name, value)
    return shlex.join(words)


def flag_words(name: str, value: Any) -> list[str]:
    """The words of the command line that set a field, whose value is as in `as_dict`.

    Example:
        >>> flag_words("channels", [8, 16]), flag_words("tensorboard", False)
        (['--channels', '8,16'], ['--no-tensorboard'])
    """
    if isinstance(value, bool):
        return [flag(name) if value else flag(f"no_{name}")]
    return [flag(name), ",".join(map(str, value)) if isinstance(value, list) else str(value)]


def from_environment(kind: type[TrainingConfig]) -> dict[str, Any]:
    """Values of the fields that `GLASSNET_DEVICE` and `GLASSNET_THREADS` set."""
    values = {name: os.environ.get(f"GLASSNET_{name.upper()}") for name in ("device", "threads")}
    hints = typing.get_type_hints(kind)
    return {
        name: int(value) if hints[name] is int and value.isdecimal() else value
        for name, value in values.items()
        if value
    }


def checked(kind: type[TrainingConfig], values: Mapping[str, Any], origin: str) -> dict[str, Any]:
    """Check names, types and bounds of some fields, and convert the values to the fields' types.

    Raises:
        ConfigError: with the origin, the field and its valid values.
    """
    hints = typing.get_type_hints(kind, include_extras=True)
    fields = {field.name for field in dataclasses.fields(kind)}
    result = {}
    for name, value in values.items():
        if name not in fields:
            place = f"{origin}: " if origin else ""
            raise ConfigError(f"{place}there is no field {name!r}", suggest(name, fields))
        result[name] = _checked_value(hints[name], value, f"{origin}: {name}".lstrip(": "))
    return result


def _checked_value(hint: Any, value: Any, where: str) -> Any:
    origin = typing.get_origin(hint)
    if origin is Annotated:
        base, bounds = typing.get_args(hint)[:2]
        number = _checked_value(base, value, where)
        if not bounds.contains(number):
            raise ConfigError(f"{where} = {value} is out of bounds", f"give {bounds}")
        return number
    if origin is Literal:
        options = typing.get_args(hint)
        if not any(type(value) is type(option) and value == option for option in options):
            known = map(str, options)
            raise ConfigError(f"{where} = {value!r} is unknown", suggest(str(value), known))
        return value
    if origin is tuple:
        if not isinstance(value, list | tuple) or not value:
            raise ConfigError(f"{where} = {value!r} is not a list", "write it as [24, 48, 96]")
        inner = typing.get_args(hint)[0]
        return tuple(_checked_value(inner, item, where) for item in value)
    if isinstance(hint, types.UnionType):
        return value if value is None else _checked_value(typing.get_args(hint)[0], value, where)
    if hint is float and isinstance(value, int) and not isinstance(value, bool):
        return float(value)
    if not isinstance(value, hint) or (isinstance(value, bool) and hint is not bool):
        raise ConfigError(f"{where} = {value!r} is not {TYPES[hint]}", f"give {TYPES[hint]}")
    return value
