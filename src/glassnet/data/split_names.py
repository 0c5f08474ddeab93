"""Names of splits: what folders, files, columns and the user call training, validation and test."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from difflib import get_close_matches

from glassnet.data.listing import SPLIT_NAMES, SPLITS
from glassnet.errors import UsageError, suggest

OTHER_LANGUAGES = {
    **dict.fromkeys(("entrenamiento", "treino", "treinamento", "addestramento"), "train"),
    **dict.fromkeys(("entrainement", "entraînement", "apprentissage", "trening"), "train"),
    **dict.fromkeys(("训练", "训练集", "訓練", "学習", "обучение", "학습", "훈련"), "train"),
    **dict.fromkeys(("validacion", "validación", "validacao", "validação", "validazione"), "valid"),
    **dict.fromkeys(("validierung", "验证", "验证集", "検証", "валидация", "검증"), "valid"),
    **dict.fromkeys(("prueba", "pruebas", "teste", "tests", "测试", "测试集", "テスト"), "test"),
    **dict.fromkeys(("тест", "테스트"), "test"),
}
"""What the splits are called in other languages, in lower case."""

NAMES = {**SPLIT_NAMES, **OTHER_LANGUAGES, "publictest": "valid", "privatetest": "test"}
"""Name -> split, where there is no doubt."""

EVALUATION = ("dev", "devel", "development", "eval", "evaluation", "holdout", "heldout")
"""Names of a validation split, or of the test split where there is no other: the later in this
list, the more likely a test split."""

AFFIXES = re.compile(
    r"[\s_-]*(set|data|dataset|images?|imgs?|pics?|pictures?|photos?|files?|split|texts|folder)$"
)
"""Endings that do not matter: `train_set`, `test images`."""


@dataclass(frozen=True)
class SplitNames:
    """Which names mean splits.

    Attributes:
        chosen: name -> split, as the user says; None where the known names decide.
    """

    chosen: Mapping[str, str] | None = None

    @staticmethod
    def parse(option: str | None) -> "SplitNames":
        """Read the value of `--splits`: `none`, or pairs such as `train=A,valid=B,test=C`.

        Raises:
            UsageError: it is neither.

        Example:
            >>> SplitNames.parse("train=fold1,train=fold2,test=fold3").chosen
            {'fold1': 'train', 'fold2': 'train', 'fold3': 'test'}
            >>> SplitNames.parse("none").chosen
            {}
        """
        if option is None or option == "auto":
            return SplitNames()
        if option == "none":
            return SplitNames({})
        chosen = {}
        for pair in option.split(","):
            split, equals, name = map(str.strip, pair.partition("="))
            if not equals or not name or split not in SPLITS:
                raise UsageError(
                    f"--splits {option}: {pair!r} is not a split and its name",
                    suggest(split, SPLITS) if equals else "give none, or train=A,valid=B,test=C",
                )
            chosen[name] = split
        if "train" not in chosen.values():
            raise UsageError(f"--splits {option}: there is no train", "add train=A")
        return SplitNames(chosen)

    def find(self, names: Iterable[str]) -> dict[str, str]:
        """Those of some names that are splits, each with its split.

        Example:
            >>> SplitNames().find(["train", "dev", "notes"])
            {'train': 'train', 'dev': 'test'}
            >>> SplitNames().find(["train", "dev", "eval"])
            {'train': 'train', 'dev': 'valid', 'eval': 'test'}
        """
        names = list(names)
        if self.chosen is not None:
            return {name: self.chosen[name] for name in names if name in self.chosen}
        plain = {name: _plain(name) for name in names}
        found = {name: NAMES[key] for name, key in plain.items() if key in NAMES}
        uncertain = [name for name, key in plain.items() if key in EVALUATION]
        last = max((EVALUATION.index(plain[name]) for name in uncertain), default=0)
        test = "" if "test" in found.values() else EVALUATION[last]
        found |= {name: "test" if plain[name] == test else "valid" for name in uncertain}
        return {name: found[name] for name in names if name in found}

    def find_alike(self, names: Iterable[str]) -> dict[str, str]:
        """The splits among some names, if there is a training split and another one.

        Without these, names are compared that differ in the name of the split only.

        Example:
            >>> KNOWN.find_alike(["seg_train", "seg_test", "notes"])
            {'seg_train': 'train', 'seg_test': 'test'}
            >>> KNOWN.find_alike(["train", "bus"])
            {}
        """
        names = list(names)
        splits = self.find(names)
        if self.chosen is not None or _has_training(splits):
            return splits
        alike: dict[str, dict[str, str]] = {}
        for name in names:
            words = re.split(r"([\W\d_]+)", name.casefold())
            for k in (k for k, word in enumerate(words) if word in NAMES or word in EVALUATION):
                pattern = "".join([*words[:k], "/", *words[k + 1 :]])
                alike.setdefault(pattern, {})[name] = words[k]
        for candidate in alike.values():
            found = self.find(candidate.values())
            resolved = {name: found[word] for name, word in candidate.items()}
            if _has_training(resolved):
                return resolved
        return {}

    def missing(self, names: Iterable[str]) -> list[str]:
        """What the user calls a split, but is not among these names."""
        return sorted(set(self.chosen or ()) - set(names))


KNOWN = SplitNames()


def _has_training(splits: Mapping[str, str]) -> bool:
    return "train" in splits.values() and len(set(splits.values())) > 1


def is_certain(name: str) -> bool:
    """Whether a name is none that could mean another split, and none in another language.

    Example:
        >>> is_certain("train_set"), is_certain("seg_test"), is_certain("dev")
        (True, True, False)
    """
    return _plain(name) not in EVALUATION and _plain(name) not in OTHER_LANGUAGES


def is_like_split(name: str) -> bool:
    """Whether a name is that of a split, or a misspelling of one."""
    known = [*NAMES, *EVALUATION]
    forms = {name.strip().casefold(), _plain(name)}
    return any(get_close_matches(form, known, n=1, cutoff=0.65) for form in forms)


def _plain(name: str) -> str:
    """A name in lower case, without the endings and separators that do not matter."""
    plain = AFFIXES.sub("", name.strip().casefold())
    return re.sub(r"[\s_-]", "", plain)
