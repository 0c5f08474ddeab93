"""Texts whose script does not set words apart by spaces: each character is a token."""

from __future__ import annotations

import pytest
from languages import REVIEWS

from glassnet.data.texts.vocabulary import Vocabulary, train_tokenizer

UNSPACED = ("japanese", "chinese", "taiwan", "thai")


def vocabulary(*texts: str) -> Vocabulary:
    return Vocabulary(train_tokenizer(texts, vocab_size=1000, min_frequency=1), max_length=100)


@pytest.mark.parametrize(
    ("text", "pieces"),
    [
        ("房间很干净", ["房", "间", "很", "干", "净"]),
        ("7天酒店", ["7", "天", "酒", "店"]),
        ("iPhone手机2元", ["iPhone", "手", "机", "2", "元"]),
        ("スーパーで", ["ス", "ー", "パ", "ー", "で"]),
        ("ไม่ดีok", ["ไ", "ม่", "ดี", "ok"]),  # a vowel or tone mark belongs to its consonant
        ("it's 5G, 好!", ["it's ", "5G", ", ", "好", "!"]),
        ("한국어는 좋다", ["한국어는 ", "좋다"]),  # Korean has spaces
    ],
)
def test_characters_of_these_scripts_are_tokens_and_words_of_others_stay_whole(
    text: str, pieces: list[str]
) -> None:
    words = vocabulary(text)
    assert list(words.pieces(text)) == pieces
    assert [words.words[k] for k in words.encode([text])[0]] == [
        piece.strip().lower() for piece in pieces
    ]


@pytest.mark.parametrize("language", sorted(REVIEWS))
def test_the_unit_is_seen_in_the_texts(language: str) -> None:
    texts = REVIEWS[language]
    assert vocabulary(*texts).unit == ("characters" if language in UNSPACED else "words")
    for text in texts:
        assert "".join(vocabulary(*texts).pieces(text)) == text  # no spaces are inserted


def test_the_unit_of_a_mixed_table_is_that_of_most_texts() -> None:
    chinese = ["房间很干净 ok", "早餐不错 nice", "价格太贵"]
    assert vocabulary(*chinese).unit == "characters"
    assert vocabulary(*chinese[:1], "the room is clean and", "we liked it a lot").unit == "words"
    assert vocabulary("12 34 !").unit == "words"
