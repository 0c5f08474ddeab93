"""Vocabularies: texts to numbers of words and back, by a tokenizer that is learned and kept."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
from tokenizers import Regex, Tokenizer, models, normalizers, pre_tokenizers, trainers

from glassnet.errors import DataError, RunError

PADDING, UNKNOWN = 0, 1
SPECIAL = ("[padding]", "[unknown]")
"""The names of the numbers 0 and 1; no text can have them as words, for brackets stand alone."""

BREAK = r"<br\s*/?>"
"""A line break of HTML, which film reviews are full of: read as white space."""

WORD = (
    r"[\p{Han}\p{Hiragana}\p{Katakana}\p{Thai}\p{Lao}\p{Khmer}\p{Myanmar}]\p{M}*"
    r"|[\p{L}\p{M}\p{N}]+(?:['’][\p{L}\p{M}]+)*"
    r"|[^\s\p{L}\p{M}\p{N}]"
)
"""One word: a character of a script without spaces; letters and digits, with the apostrophes
inside them; or one mark of punctuation."""

HEAD = 0.25
"""Of a text that is too long this share of what is kept is its beginning; the rest is its end,
where reviews come to their verdict."""

GAP = " [...] "
"""Stands where the middle of a text was left out."""


def learn(texts: Iterable[str], size: int, least: int) -> str:
    """Learn the words of some texts.

    Args:
        texts: the training texts, and no others.
        size: the most words to know, the commonest ones; padding and unknown come on top.
        least: how often a word must occur.

    Returns:
        The tokenizer as its standard JSON; words are numbered by falling frequency, from 2 on.

    Raises:
        DataError: no word is common enough.

    Example:
        >>> Vocabulary(learn(["good film", "Good!"], size=10, least=2), longest=4).words
        ('[padding]', '[unknown]', 'good')
    """
    tokenizer = Tokenizer(models.WordLevel(unk_token=SPECIAL[UNKNOWN]))
    tokenizer.normalizer = normalizers.Sequence([normalizers.NFC(), normalizers.Lowercase()])
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence(
        [
            pre_tokenizers.Split(Regex(BREAK), "removed"),
            pre_tokenizers.Split(Regex(WORD), "removed", invert=True),
        ]
    )
    trainer = trainers.WordLevelTrainer(
        vocab_size=size + len(SPECIAL),
        min_frequency=least,
        special_tokens=list(SPECIAL),
        show_progress=False,
    )
    tokenizer.train_from_iterator((str(text) for text in texts), trainer)
    if tokenizer.get_vocab_size() == len(SPECIAL):
        raise DataError(
            f"no word occurs {least} times or more in the training texts",
            "lower --min-frequency, or give more texts",
        )
    return str(tokenizer.to_str())


class Vocabulary:
    """Keeps `contract.Vocabulary` for a tokenizer.

    Args:
        tokenizer: as `learn` gives it.
        longest: the most words of a text that are kept.

    Raises:
        RunError: the JSON is no tokenizer.
    """

    padding = PADDING
    unknown = UNKNOWN

    def __init__(self, tokenizer: str, longest: int) -> None:
        try:
            self._tokenizer = Tokenizer.from_str(tokenizer)
        except Exception as error:  # the library raises nothing more telling
            raise RunError(
                f"tokenizer.json: cannot be read ({error})", "restore the file, or train again"
            ) from None
        self._tokenizer.encode_special_tokens = True
        self.longest = longest
        numbers = self._tokenizer.get_vocab()
        self.words = tuple(sorted(numbers, key=numbers.__getitem__))

    def encode(self, texts: Sequence[str] | np.ndarray) -> np.ndarray:
        """Texts to numbers of their words: (n, longest) int32, filled up with 0 at the end.

        Of a text with more words the beginning and the end are kept, see `HEAD`.

        Example:
            >>> words = Vocabulary(learn(["a b", "b c b"], 9, 1), longest=3)
            >>> words.encode(["B a z", "c"]).tolist()
            [[2, 3, 1], [4, 0, 0]]
        """
        rows = np.zeros((len(texts), self.longest), np.int32)
        for start in range(0, len(texts), 10_000):  # bounds the memory of what comes between
            chunk = [str(text) for text in texts[start : start + 10_000]]
            for place, found in enumerate(self._tokenizer.encode_batch_fast(chunk), start):
                kept = self._kept(found.ids)
                rows[place, : len(kept)] = kept
        return rows

    def count(self, texts: Sequence[str] | np.ndarray) -> np.ndarray:
        """Numbers of words in texts, none left out: (n,) int64."""
        found = self._tokenizer.encode_batch_fast([str(text) for text in texts])
        return np.array([len(each.ids) for each in found], np.int64)

    def pieces(self, text: str) -> tuple[str, ...]:
        """The text cut before each word that is kept, see `contract.Vocabulary`.

        Example:
            >>> Vocabulary(learn(["well done"], 9, 1), longest=4).pieces("Well  done, you!")
            ('Well [...] ', ', ', 'you', '!')
        """
        begins = [start for start, _ in self._tokenizer.encode(str(text)).offsets]
        if not begins:
            return ()
        ends = [*begins[1:], len(text)]
        begins[0] = 0
        pieces = [text[start:end] for start, end in zip(begins, ends, strict=True)]
        if len(pieces) > self.longest:
            kept = self._kept(pieces)
            kept[self._head - 1] = kept[self._head - 1].rstrip() + GAP
            return tuple(kept)
        return tuple(pieces)

    @property
    def _head(self) -> int:
        return max(1, round(HEAD * self.longest))

    def _kept(self, items: list) -> list:
        if len(items) <= self.longest:
            return items
        tail = self.longest - self._head
        return items[: self._head] + items[len(items) - tail :]
