from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from glassnet.contract import Split, Splits
from glassnet.data.texts.strings import string_array
from glassnet.data.texts.vocabulary import Vocabulary
from glassnet.tasks import load
from glassnet.tasks.lstm.presets import PRESETS


def splits(n_words: int, classes: int) -> Splits:
    """As many words, each twice."""
    texts = [f"w{number}" for number in range(n_words)] * 2
    split = Split(string_array(texts), np.arange(len(texts)) % classes, np.arange(len(texts)))
    return Splits("words", split, split, split, tuple(map(str, range(classes))), "")


@pytest.mark.parametrize(
    ("classes", "chosen", "words"), [(2, 0, 10_000), (3, 0, 30_000), (2, 50, 50), (3, 50, 50)]
)
def test_more_classes_have_more_words_unless_somebody_chose_their_number(
    classes: int, chosen: int, words: int
) -> None:
    task, config = load("lstm"), replace(PRESETS["default"], vocab_size=chosen)
    signature = task.signature(splits(30_001, classes), config)
    special = 2
    assert len(Vocabulary(signature.vocabulary, 1).words) == words + special
