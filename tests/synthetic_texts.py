"""Findings about a network that reads texts, made from a seed in an instant."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

import numpy as np
from synthetic import cloud, provenance

from glassnet.findings import (
    CurvePanel,
    Curves,
    Examples,
    Heatmap,
    HighlightedText,
    HighlightedTexts,
    Scatter,
    ScatterPanel,
    Series,
    Table,
)

CLASSES = ("negative", "positive")
ENGLISH = (
    "It isn't the masterpiece that the posters promise, and the first half hour drags badly. But "
    'then the two leads meet - "by accident", of course - and what follows is warm, sharp and '
    "surprisingly funny."
)
GERMAN = (
    "Ein langatmiger, humorloser Film, dessen Verfilmungsrechtestreitigkeiten aufregender waren "
    "als jede einzelne Szene. Schade um die großartige Musik!"
)
CHINESE = "这部电影的画面很美，音乐也好听，可惜故事太无聊，演员的表演也不自然。我不会再看第二遍。"
ARABIC = "هذا الفيلم رائع جدا، والتمثيل ممتاز، لكن النهاية (The End) كانت مملة بعض الشيء."
HTML = (
    'Two stars.<br /><br />The <b>plot</b> & the "twist" are a script\'s <script>alert(1)</script>.'
)
LONG = " ".join([ENGLISH, "Nobody in this town keeps a promise, least of all the weather."] * 9)


def pieces_of(text: str) -> tuple[str, ...]:
    """The text cut before each word and sign; letters of scripts without spaces are words."""
    blank = re.sub(r"<br />", lambda found: " " * len(found.group()), text)
    word = r"[\u4e00-\u9fff]|[^\W\u4e00-\u9fff]+(?:['’]\w+)?|[^\w\s]"
    begins = [found.start() for found in re.finditer(word, blank)]
    ends = [*begins[1:], len(text)]
    return tuple(text[start:end] for start, end in zip([0, *begins[1:]], ends, strict=True))


def highlighted_text(
    text: str = ENGLISH,
    seed: int = 0,
    caption: str = "positive, taken for negative (91.3 %)",
    note: str = "",
) -> HighlightedText:
    pieces = pieces_of(text)
    values = np.random.default_rng(seed).standard_t(2, len(pieces)) * 0.3
    return HighlightedText(pieces=pieces, values=values, caption=caption, note=note)


def highlighted_texts(
    *text_blocks: HighlightedText, name: str = "occlusion", **changes: Any
) -> HighlightedTexts:
    finding = HighlightedTexts(
        name=name,
        section="texts",
        title="A few words carry the answer: without them it turns",
        summary="Leaving out the three strongest words turns 61.4 % of 500 answers.",
        provenance=provenance(500, seed=0),
        texts=text_blocks or (highlighted_text(note="log-odds of the answer: +2.41"),),
        low_label="speaks for negative",
        high_label="speaks for positive",
        value_label="change of the log-odds of positive when the word is left out (nats)",
    )
    return replace(finding, **changes)


def languages() -> HighlightedTexts:
    texts = (ENGLISH, GERMAN, CHINESE, ARABIC, HTML)
    return highlighted_texts(
        *(
            highlighted_text(text, seed, note=f"log-odds: {seed - 2:+d}.20" if seed % 2 else "")
            for seed, text in enumerate(texts)
        ),
        highlighted_text(LONG, 7, "negative, right (99.2 %)", "log-odds: -4.83"),
        name="languages",
    )


def word_curve(text: str = ENGLISH, panels: int = 1, name: str = "reading") -> Curves:
    """What the network thinks after each word."""
    words = tuple(piece.strip() for piece in pieces_of(text))
    x = np.arange(len(words), dtype=float)
    drift = np.cumsum(np.random.default_rng(1).standard_t(2, (panels, len(words))) * 0.4, axis=1)
    return Curves(
        name=name,
        section="texts",
        title="It makes up its mind at one word",
        summary="After the word the log-odds of positive go from -0.8 to +1.9.",
        provenance=provenance(1),
        x_label="word, in the order of reading",
        panels=tuple(
            CurvePanel(
                y_label=label,
                series=(Series(label="positive", role="valid", x=x, y=drift[index]),),
                mark=None,
            )
            for index, label in enumerate(("log-odds (nats)", "unit 12 (value)")[:panels])
        ),
        x_names=words,
    )


def reliability() -> Curves:
    x = np.linspace(0.05, 0.95, 10)
    series = Series(label="test", role="test", x=x, y=x**1.3)
    return Curves(
        name="reliability",
        section="result",
        title="It is a little surer than it should be",
        summary="The expected calibration error is 4.1 %.",
        provenance=provenance(),
        x_label="probability given",
        panels=(CurvePanel(y_label="share that is right", series=(series,), mark=None),),
        diagonal=True,
    )


def units(rows: int = 24, text: str = LONG, columns: int = 60) -> Heatmap:
    """The values of units over the words of a text."""
    words = tuple(piece.strip() for piece in pieces_of(text))[:columns]
    noise = np.random.default_rng(3).normal(size=(rows, len(words))) * 0.15
    values = np.clip(np.cumsum(noise, axis=1), -1, 1)
    return Heatmap(
        name="units",
        section="texts",
        title="Some units remember one word to the end of the text",
        summary=f"{rows} of 128 units, those that change most.",
        provenance=provenance(1),
        values=values,
        scale=values / np.abs(values).max(),
        row_names=tuple(f"unit {5 * row + 3}" for row in range(rows)),
        column_names=words,
        row_label="unit of the last recurrent layer",
        column_label="word, in the order of reading",
        unit="value",
        diverging=True,
    )


def neighbours() -> Table:
    return Table(
        name="neighbours",
        section="words",
        title="Words that are used alike lie beside each other",
        summary="The nearest words by cosine, of 12,000.",
        provenance=provenance(0, split=""),
        columns=("word", "nearest words", "similarity"),
        formats=("", "", ".3f"),
        rows=(
            ("dreadful", "awful, terrible, horrible, atrocious, abysmal, appalling, lousy", 0.91),
            ("charming", "delightful, lovely, engaging, winning, sweet, endearing, warm", 0.87),
            ("Donaudampfschifffahrtsgesellschaft", "Schifffahrt, Gesellschaft", 0.5),
        ),
    )


def text_examples(count: int = 200, name: str = "examples") -> Examples:
    """Texts that points stand for."""
    labels = np.arange(count) % 2
    predicted = np.where(np.arange(count) % 17 == 3, 1 - labels, labels)
    texts = (ENGLISH, GERMAN, CHINESE, ARABIC, HTML, LONG)
    return Examples(
        name=name,
        ids=np.arange(count, dtype=np.int64) * 3,
        images=None,
        labels=labels,
        predicted=predicted,
        confidence=np.linspace(0.5, 1, count).astype(np.float32),
        class_names=CLASSES,
        texts=tuple(texts[index % len(texts)] for index in range(count)),
    )


def texts_apart(count: int = 200, name: str = "texts") -> Scatter:
    labels = np.arange(count) % 2
    return Scatter(
        name=name,
        section="layers",
        title="Positive and negative texts come apart in the last layer",
        summary="Of the ten nearest neighbours 84.1 % share the class.",
        provenance=provenance(count, seed=0),
        panels=(
            ScatterPanel(
                label="pooled",
                points=cloud(labels, 2, 4.0, 3),
                x_label="",
                y_label="",
                note="neighbours of the same class: 84.1 %",
                numbers={"neighbours": 0.841},
            ),
        ),
        labels=labels,
        class_names=CLASSES,
        examples="examples",
    )
