from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from glassnet.data.texts.vocabulary import Vocabulary, train_tokenizer
from glassnet.errors import RunError

Change = Callable[[dict[str, Any]], object]


def without_unknown_word(tokenizer: dict[str, Any]) -> None:
    tokenizer["model"]["unk_token"] = "[none]"


def with_a_gap(tokenizer: dict[str, Any]) -> None:
    tokenizer["model"]["vocab"]["b"] = 10**6


def with_a_word_first(tokenizer: dict[str, Any]) -> None:
    words = tokenizer["model"]["vocab"]
    words["[padding]"], words["b"] = words["b"], words["[padding]"]
    tokenizer["added_tokens"] = []


def without_a_model(tokenizer: dict[str, Any]) -> None:
    del tokenizer["model"]


def with_a_bad_expression(tokenizer: dict[str, Any]) -> None:
    for part in tokenizer["pre_tokenizer"]["pretokenizers"]:
        part["pattern"] = {"Regex": "(("}


@pytest.mark.parametrize(
    "change",
    [
        *(without_unknown_word, with_a_gap, with_a_word_first),
        *(without_a_model, with_a_bad_expression),
    ],
)
def test_a_broken_tokenizer_is_named(change: Change) -> None:
    tokenizer = json.loads(train_tokenizer(["a b", "b c b"], 9, 1))
    change(tokenizer)
    with pytest.raises(RunError, match=r"^run/tokenizer\.json: cannot be read as a tokenizer"):
        Vocabulary(json.dumps(tokenizer), 5, "run/tokenizer.json")


@pytest.mark.parametrize("text", ["", "null", "[]", "{}", "[" * 10_000])
def test_what_is_no_tokenizer_is_named(text: str) -> None:
    with pytest.raises(RunError, match=r"^tokenizer\.json: cannot be read as a tokenizer"):
        Vocabulary(text, 5)
