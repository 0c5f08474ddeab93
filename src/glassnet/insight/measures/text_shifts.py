"""Altered copies of texts: words missing, misspelt or swapped, and the end cut off.

They follow the idea of ImageNet-C (Hendrycks & Dietterich 2019, "Benchmarking neural network
robustness to common corruptions and perturbations"): few kinds, each in five strengths.
"""

from __future__ import annotations

import numpy as np

from glassnet.scripts import CHARACTER, WORD

SETTINGS: dict[str, tuple[float, ...]] = {
    "words missing": (0.1, 0.2, 0.3, 0.45, 0.6),
    "typos": (0.1, 0.2, 0.35, 0.5, 0.75),
    "words swapped": (0.1, 0.25, 0.5, 0.75, 1.0),
    "end missing": (0.2, 0.35, 0.5, 0.65, 0.8),
}
"""Kind -> setting of each strength: the share of words that are missing, that have a typo, that
change places with the next one, or that are cut off at the end."""

UNITS = dict.fromkeys(SETTINGS, "{:g} of the words")
"""Kind -> how a setting is written."""

LETTERS = "abcdefghijklmnopqrstuvwxyz"


def alter(texts: np.ndarray, kind: str, strength: int, seed: int) -> np.ndarray:
    """Alter texts; equal texts, strengths and seeds give equal results.

    At least one word of each text stays. Of a script without spaces, each character is a word.

    Args:
        texts: (n,) strings.
        kind: one of `SETTINGS`.
        strength: 1 to 5; 0 returns the texts as they are.
        seed: of the choice of words and letters.

    Example:
        >>> alter(np.array(["one two three four five"], np.dtypes.StringDType()),
        ...       "end missing", 5, 0)[0]
        'one'
    """
    if not strength:
        return texts
    rng = np.random.default_rng([seed, list(SETTINGS).index(kind), strength])
    share, function = SETTINGS[kind][strength - 1], FUNCTIONS[kind]
    altered = [_joined(function(WORD.findall(str(text)), share, rng)) for text in texts]
    return np.array(altered, dtype=texts.dtype)


def _joined(words: list[str]) -> str:
    """Words with spaces between them, but for characters of a script without spaces."""
    text = ""
    for word in words:
        apart = text and word and not (CHARACTER.match(text[-1]) or CHARACTER.match(word))
        text += f" {word}" if apart else word
    return text


def _without_words(words: list[str], share: float, rng: np.random.Generator) -> list[str]:
    stays = rng.random(len(words)) >= share
    return [word for word, stay in zip(words, stays, strict=True) if stay] or words[:1]


def _with_typos(words: list[str], share: float, rng: np.random.Generator) -> list[str]:
    hit = rng.random(len(words)) < share
    return [_typo(word, rng) if each else word for word, each in zip(words, hit, strict=True)]


def _typo(word: str, rng: np.random.Generator) -> str:
    """One letter doubled, missing, replaced, or exchanged with the next one.

    A character of a script without spaces is doubled or missing.
    """
    if CHARACTER.match(word):
        return word * 2 * int(rng.integers(2))
    if len(word) < 2:
        return word
    place, kind = int(rng.integers(len(word) - 1)), int(rng.integers(4))
    letter = LETTERS[rng.integers(len(LETTERS))]
    middle = (word[place] * 2, "", letter, word[place + 1] + word[place])[kind]
    return word[:place] + middle + word[place + 1 + (kind == 3) :]


def _swapped(words: list[str], share: float, rng: np.random.Generator) -> list[str]:
    words = list(words)
    for place in range(0, len(words) - 1, 2):
        if rng.random() < share:
            words[place : place + 2] = words[place + 1], words[place]
    return words


def _truncated(words: list[str], share: float, rng: np.random.Generator) -> list[str]:
    return words[: max(1, round((1 - share) * len(words)))]


FUNCTIONS = {
    "words missing": _without_words,
    "typos": _with_typos,
    "words swapped": _swapped,
    "end missing": _truncated,
}
