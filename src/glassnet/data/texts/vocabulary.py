"""Vocabularies: a word tokenizer trained on texts, which encodes them as numbers."""

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Literal

import numpy as np
from tokenizers import Regex, Tokenizer, models, normalizers, pre_tokenizers, trainers

from glassnet.errors import DataError, RunError
from glassnet.scripts import CHARACTER

PADDING, UNKNOWN = 0, 1
SPECIAL_TOKENS = ("[padding]", "[unknown]")
"""The names of the numbers 0 and 1; they cannot be words, as brackets are words of their own."""

LINE_BREAK = r"<br\s*/?>"
"""A line break in HTML, which is frequent in film reviews; read as white space."""

HTML_BREAK = re.compile(LINE_BREAK, re.IGNORECASE)

SCRIPTS = r"\p{Han}\p{Hiragana}\p{Katakana}\u30fc\uff70\p{Thai}\p{Lao}\p{Khmer}\p{Myanmar}"
"""Scripts that do not set words apart by spaces, with the sound marks of Japanese."""

WORD = (
    rf"[{SCRIPTS}&&[\p{{L}}\p{{M}}\p{{N}}]]\p{{M}}*"
    rf"|[\p{{L}}\p{{M}}\p{{N}}&&[^{SCRIPTS}]]+(?:['’][\p{{L}}\p{{M}}&&[^{SCRIPTS}]]+)*"
    r"|[^\s\p{L}\p{M}\p{N}]"
)
"""One word: a character of a script without spaces; letters and digits of others, with the
apostrophes between them; or one punctuation mark."""

FREQUENT = 100
"""Number of the most frequent words with a letter that show whether words are characters."""

HEAD = 0.25
"""Share of a truncated text that is taken from its start; the rest is its end, where reviews come
to their verdict."""

GAP = " [...] "
"""Marks the place where the middle of a text is truncated."""

CHUNK = 1000
"""Number of texts that are encoded at a time, which limits the memory."""


def train_tokenizer(texts: Iterable[str], vocab_size: int, min_frequency: int) -> str:
    """Train a word tokenizer.

    Args:
        texts: the training texts, and no others.
        vocab_size: maximum number of words, the most frequent ones; the special tokens for padding
            and unknown words are not counted.
        min_frequency: how often a word must occur.

    Returns:
        The tokenizer as its standard JSON; words are numbered by falling frequency, from 2.

    Raises:
        DataError: no word is frequent enough.

    Example:
        >>> tokenizer = train_tokenizer(["good film", "Good!"], vocab_size=10, min_frequency=2)
        >>> Vocabulary(tokenizer, max_length=4).words
        ('[padding]', '[unknown]', 'good')
    """
    tokenizer = Tokenizer(models.WordLevel(unk_token=SPECIAL_TOKENS[UNKNOWN]))
    tokenizer.normalizer = normalizers.Sequence([normalizers.NFC(), normalizers.Lowercase()])
    tokenizer.pre_tokenizer = _pre_tokenizer()
    trainer = trainers.WordLevelTrainer(
        vocab_size=vocab_size + len(SPECIAL_TOKENS),
        min_frequency=min_frequency,
        special_tokens=list(SPECIAL_TOKENS),
        show_progress=False,
    )
    tokenizer.train_from_iterator((str(text) for text in texts), trainer)
    if tokenizer.get_vocab_size() == len(SPECIAL_TOKENS):
        raise DataError(
            f"no word occurs {min_frequency} times or more in the training texts",
            "lower --min-frequency, or give more texts",
        )
    return str(tokenizer.to_str())


def has_word(text: str) -> bool:
    """Whether a text has a word in the sense of every tokenizer here: a letter, digit or sign.

    Texts without one are left out of training, and get no prediction.

    Example:
        >>> [has_word(text) for text in ("well", "?!", " ", "<BR />")]
        [True, True, False, False]
    """
    rest = HTML_BREAK.sub("", text) if "<" in text else text
    # \w is a word for Python and Oniguruma alike; what is white space differs in rare characters.
    return bool(re.search(r"\w", rest)) or bool(_pre_tokenizer().pre_tokenize_str(text.lower()))


def _pre_tokenizer() -> pre_tokenizers.PreTokenizer:
    return pre_tokenizers.Sequence(
        [
            pre_tokenizers.Split(Regex(LINE_BREAK), "removed"),
            pre_tokenizers.Split(Regex(WORD), "removed", invert=True),
        ]
    )


def pad(texts_ids: Sequence[np.ndarray]) -> np.ndarray:
    """Encoded texts as one array (n, length) int64, padded with 0; the length is at least 1.

    Example:
        >>> pad([np.array([2, 3]), np.array([4])]).tolist()
        [[2, 3], [4, 0]]
    """
    rows = np.full((len(texts_ids), max([1, *map(len, texts_ids)])), PADDING, np.int64)
    for row, ids in zip(rows, texts_ids, strict=True):
        row[: len(ids)] = ids
    return rows


class Vocabulary:
    """Encodes texts with a trained tokenizer; implements `contract.Vocabulary`.

    Args:
        tokenizer: the JSON that `train_tokenizer` returns.
        max_length: maximum number of words of a text; longer texts are truncated.
        file: where the JSON is from, for errors.

    Raises:
        RunError: the JSON is not such a tokenizer.
    """

    padding = PADDING
    unknown = UNKNOWN

    def __init__(self, tokenizer: str, max_length: int, file: str = "tokenizer.json") -> None:
        try:
            self._tokenizer = Tokenizer.from_str(tokenizer)
            self._tokenizer.encode_special_tokens = True
            numbers = self._tokenizer.get_vocab()
            self.words = tuple(sorted(numbers, key=numbers.__getitem__))
            if [numbers[word] for word in self.words] != [*range(len(numbers))]:
                raise ValueError("the numbers of its words have gaps")
            if self.words[: len(SPECIAL_TOKENS)] != SPECIAL_TOKENS:
                raise ValueError(f"its first words are not {' and '.join(SPECIAL_TOKENS)}")
            self._tokenizer.encode_batch(["a word"])
        except (KeyboardInterrupt, SystemExit):
            raise
        except BaseException as error:  # the library's own, or a panic of its Rust code
            raise RunError(
                f"cannot be read as a tokenizer ({error})",
                "restore the file, or train again",
                file,
            ) from None
        self.max_length = max_length

    @property
    def unit(self) -> Literal["words", "characters"]:
        """What most of the most frequent words are; characters where no spaces separate words.

        Example:
            >>> [Vocabulary(train_tokenizer([text], 9, 1), 9).unit for text in ("a b", "很好 a")]
            ['words', 'characters']
        """
        frequent = [word for word in self.words[len(SPECIAL_TOKENS) :] if word[0].isalpha()]
        frequent = frequent[:FREQUENT]
        n_characters = sum(bool(CHARACTER.match(word)) for word in frequent)
        return "characters" if 2 * n_characters > len(frequent) else "words"

    def encode(self, texts: Sequence[str] | np.ndarray) -> list[np.ndarray]:
        """Encode texts as the numbers of their words, one array int32 each.

        A text of more than `max_length` words is truncated in its middle, see `HEAD`.

        Example:
            >>> vocabulary = Vocabulary(train_tokenizer(["a b", "b c b"], 9, 1), max_length=9)
            >>> [ids.tolist() for ids in vocabulary.encode(["B a z", "c"])]
            [[2, 3, 1], [4]]
        """
        return [np.array(self._truncated(ids), np.int32) for ids in self._token_ids(texts)]

    def count(self, texts: Sequence[str] | np.ndarray) -> np.ndarray:
        """Numbers of words of texts before truncation: (n,) int64."""
        return np.array([len(ids) for ids in self._token_ids(texts)], np.int64)

    def _token_ids(self, texts: Sequence[str] | np.ndarray) -> Iterator[list[int]]:
        for start in range(0, len(texts), CHUNK):
            chunk = [str(text) for text in texts[start : start + CHUNK]]
            yield from (encoding.ids for encoding in self._tokenizer.encode_batch_fast(chunk))

    def pieces(self, text: str) -> tuple[str, ...]:
        """A text cut before each of its encoded words, see `contract.Vocabulary`.

        Example:
            >>> Vocabulary(train_tokenizer(["well done"], 9, 1), 4).pieces("Well  done, you!")
            ('Well [...] ', ', ', 'you', '!')
        """
        starts = [start for start, _ in self._tokenizer.encode(str(text)).offsets]
        if not starts:
            return ()
        ends = [*starts[1:], len(text)]
        starts[0] = 0
        pieces = [text[start:end] for start, end in zip(starts, ends, strict=True)]
        if len(pieces) > self.max_length:
            pieces = self._truncated(pieces)
            pieces[self._head - 1] = pieces[self._head - 1].rstrip() + GAP
        return tuple(pieces)

    @property
    def _head(self) -> int:
        return max(1, round(HEAD * self.max_length))

    def _truncated(self, items: list) -> list:
        if len(items) <= self.max_length:
            return items
        tail = self.max_length - self._head
        return items[: self._head] + items[len(items) - tail :]
