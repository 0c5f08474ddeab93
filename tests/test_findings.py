from __future__ import annotations

import dataclasses
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from glassnet import findings
from glassnet.errors import RunError
from glassnet.findings import Record

PROVENANCE = findings.Provenance(
    run="cnn-mnist-1", checkpoint="best", split="test", n=3, seed=None, command="glassnet explain"
)
HEAD: dict[str, Any] = {"title": "Zwölf", "summary": "It is 12 %.", "provenance": PROVENANCE}
RNG = np.random.default_rng(0)
IMAGES = RNG.integers(0, 255, (3, 5, 4), np.uint8)
LABELS = np.array([0, 1, 1])

RECORDS: list[Record] = [
    findings.Curves(
        name="training",
        section="training",
        x_label="epoch",
        panels=(
            findings.CurvePanel(
                y_label="loss",
                series=(
                    findings.Series(label="a", role="train", x=np.arange(3.0), y=RNG.random(3)),
                    findings.Series(label="b", role="valid", x=np.arange(3.0), y=RNG.random(3)),
                ),
                mark=findings.Mark(x=1.0, y=0.1, label="0.1"),
            ),
            findings.CurvePanel(y_label="accuracy (%)", series=(), mark=None),
        ),
        **HEAD,
    ),
    findings.Scatter(
        name="pca",
        section="layers",
        panels=(
            findings.ScatterPanel(
                label="pool1",
                points=RNG.random((3, 2), np.float32),
                x_label="component 1",
                y_label="",
                note="90 %",
                numbers={"share": 0.9, "dimensions": 12.0},
            ),
        ),
        labels=LABELS,
        class_names=("0", "1"),
        examples="examples",
        **HEAD,
    ),
    findings.Animation(
        name="animation",
        section="dynamics",
        tracks=(
            findings.AnimationTrack(
                method="tsne",
                layer="pool1",
                panels=(
                    findings.ScatterPanel(
                        label="epoch 0",
                        points=RNG.random((3, 2), np.float32),
                        note="80 %",
                        numbers={"share": 0.8},
                        neighbours_kept=np.array([0.1, 0.9, 1.0], np.float32),
                        distorted=np.array([0]),
                    ),
                    findings.ScatterPanel(
                        label="epoch 3",
                        points=RNG.random((3, 2), np.float32),
                        note="90 %; moved 12 %",
                        numbers={"share": 0.9, "movement": 0.12},
                    ),
                ),
                scales=(2.5, 3.0),
                captions=("10-NN 80 %", "10-NN 90 %"),
                drift=0.01,
                drift_note="1 % is its own",
            ),
            findings.AnimationTrack(
                method="pca",
                layer="pool1",
                panels=tuple(
                    findings.ScatterPanel(
                        label=label,
                        points=RNG.random((3, 2), np.float32),
                        note="",
                        numbers={},
                    )
                    for label in ("epoch 0", "epoch 3")
                ),
                scales=(1.0, 1.0),
                captions=("", ""),
                drift=None,
                drift_note="",
            ),
        ),
        epochs=(0, 3),
        lead=0,
        labels=LABELS,
        class_names=("0", "1"),
        examples="examples",
        places=np.array([0, 4, 2]),
        **HEAD,
    ),
    findings.Scatter(
        name="tsne",
        section="layers",
        panels=(
            findings.ScatterPanel(
                label="pool1",
                points=RNG.random((3, 2), np.float32),
                x_label="",
                y_label="",
                note="90 %",
                numbers={"share": 0.9},
                quality_scores=(
                    findings.QualityScore(
                        name="neighbours_kept",
                        value=0.64,
                        low=0.6,
                        high=0.68,
                        formatted="64.0 %",
                        n=3,
                        n_neighbors=10,
                    ),
                ),
                neighbours_kept=np.array([0.1, 0.9, 0.92], np.float32),
                distorted=np.array([0]),
            ),
        ),
        labels=LABELS,
        class_names=("0", "1"),
        examples="examples",
        **HEAD,
    ),
    findings.ImageGallery(
        name="worst",
        section="mistakes",
        images=IMAGES,
        captions=("a", "b", "c"),
        probabilities=RNG.random((3, 2), np.float32),
        labels=LABELS,
        predicted=1 - LABELS,
        class_names=("0", "1"),
        **HEAD,
    ),
    findings.ImageGallery(
        name="plain",
        section="result",
        images=np.stack([IMAGES] * 3, axis=-1),
        captions=(),
        probabilities=None,
        labels=None,
        predicted=None,
        class_names=(),
        **HEAD,
    ),
    findings.ImageGrid(
        name="drawn",
        section="samples",
        images=np.stack([IMAGES[None]] * 2),
        frame_names=("1", "2"),
        frame_label="epoch",
        row_names=(),
        column_names=("a", "", "c"),
        row_label="",
        column_label="style",
        **HEAD,
    ),
    findings.Bars(
        name="kl",
        section="latent-space",
        names=("0", "1"),
        values=np.array([1.5, 0.0]),
        low=np.array([1.4, 0.0]),
        high=np.array([1.6, 0.0]),
        muted=np.array([False, True]),
        muted_label="unused",
        reference=1.0,
        reference_label="a nat",
        x_label="latent dimension",
        y_label="KL (nats)",
        **HEAD,
    ),
    findings.Bars(
        name="plain-bars",
        section="latent-space",
        names=("0",),
        values=np.array([1.5]),
        low=None,
        high=None,
        muted=None,
        muted_label="",
        reference=None,
        reference_label="",
        x_label="",
        y_label="",
        **HEAD,
    ),
    findings.Heatmap(
        name="confusion",
        section="mistakes",
        values=np.array([[1, 2], [3, 4]]),
        scale=np.array([[0.1, 0.2], [0.3, 1.0]]),
        row_names=("0", "1"),
        column_names=("0", "1"),
        row_label="true",
        column_label="predicted",
        unit="examples",
        **HEAD,
    ),
    findings.HighlightedTexts(
        name="attribution",
        section="texts",
        texts=(
            findings.HighlightedText(
                pieces=("Well ", "done, ", "Zoë!"),
                values=np.array([0.5, -0.25, 0.0]),
                caption="positive",
                note="",
            ),
        ),
        low_label="against",
        high_label="for",
        value_label="log-odds (nats)",
        **HEAD,
    ),
    findings.Examples(
        name="sentences",
        ids=np.array([3, 1, 4]),
        images=None,
        labels=LABELS,
        predicted=LABELS,
        confidence=RNG.random(3, np.float32),
        class_names=("0", "1"),
        texts=("one", "two", "“drei”"),
    ),
    findings.Table(
        name="classes",
        section="mistakes",
        columns=("class", "n", "share"),
        formats=("", ",d", ".2f"),
        rows=(
            ("0", 1, findings.Interval(value=0.5, low=0.4, high=0.6)),
            ("1", None, findings.Interval(low=0.9, high=1.0)),
        ),
        **HEAD,
    ),
    findings.Examples(
        name="unsaid",
        ids=np.array([3, 1, 4]),
        images=IMAGES,
        labels=LABELS,
        predicted=None,
        confidence=None,
        class_names=("0", "1"),
    ),
    findings.Diagram(
        name="network",
        section="network",
        input_shape=(1, 28, 28),
        layers=(
            findings.Layer(
                name="conv",
                family="conv",
                kind="convolution 5×5",
                shape=(3, 28, 28),
                parameters=75,
            ),
        ),
        links=((0, 1), (1, 2)),
        **HEAD,
    ),
    findings.Examples(
        name="examples",
        ids=np.array([3, 1, 4]),
        images=IMAGES,
        labels=LABELS,
        predicted=LABELS,
        confidence=RNG.random(3, np.float32),
        class_names=("0", "1"),
    ),
]


def same(one: Any, other: Any) -> bool:
    """Equal in kind, text, numbers, and the arrays' types and values."""
    if type(one) is not type(other):
        return False
    if isinstance(one, np.ndarray):
        return one.dtype == other.dtype and np.array_equal(one, other)
    if dataclasses.is_dataclass(one):
        fields = dataclasses.fields(one)
        return all(same(getattr(one, f.name), getattr(other, f.name)) for f in fields)
    if isinstance(one, tuple):
        return len(one) == len(other) and all(map(same, one, other))
    return bool(one == other)


def by_name(record: Record) -> str:
    return record.name


def test_every_kind_is_tested() -> None:
    assert {type(record) for record in RECORDS} == set(findings.KINDS.values())


@pytest.mark.parametrize("record", RECORDS, ids=by_name)
def test_a_record_is_read_back_as_it_was_saved(record: Record, tmp_path: Path) -> None:
    path = findings.save(record, tmp_path)
    assert path == tmp_path / f"{record.name}.json"
    assert same(findings.load(path), record)


@pytest.mark.parametrize("record", RECORDS, ids=by_name)
def test_equal_records_give_equal_bytes(record: Record, tmp_path: Path) -> None:
    findings.save(record, tmp_path / "one")
    findings.save(findings.load(tmp_path / "one" / f"{record.name}.json"), tmp_path / "two")
    for path in (tmp_path / "one").iterdir():
        assert path.read_bytes() == (tmp_path / "two" / path.name).read_bytes()


def test_the_json_file_is_readable_and_contains_no_array(tmp_path: Path) -> None:
    body = json.loads(findings.save(RECORDS[1], tmp_path).read_text(encoding="utf-8"))
    assert body["kind"] == "Scatter"
    assert body["title"] == "Zwölf"
    assert body["panels"][0]["points"] == {"array": "panels.0.points"}


def test_nothing_is_pickled(tmp_path: Path) -> None:
    for record in RECORDS:
        findings.save(record, tmp_path)
    for path in tmp_path.glob("*.npz"):
        with np.load(path, allow_pickle=False) as stored:
            assert all(array.dtype != object for array in stored.values())


def test_a_record_without_arrays_has_no_npz(tmp_path: Path) -> None:
    findings.save(RECORDS[-2], tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["network.json"]


def test_saving_a_record_without_arrays_deletes_old_arrays(tmp_path: Path) -> None:
    diagram = RECORDS[-2]
    assert isinstance(diagram, findings.Diagram)
    findings.save(RECORDS[0], tmp_path)
    renamed = dataclasses.replace(diagram, name="training")
    assert same(findings.load(findings.save(renamed, tmp_path)), renamed)
    assert [path.name for path in tmp_path.iterdir()] == ["training.json"]


def test_a_number_that_json_cannot_represent_is_refused(tmp_path: Path) -> None:
    table = findings.Table(
        name="a",
        section="result",
        columns=("x",),
        formats=("",),
        rows=((float("nan"),),),
        **HEAD,
    )
    with pytest.raises(ValueError, match="JSON"):
        findings.save(table, tmp_path)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    "text",
    [
        *("", "{", "[]", "{}", "\xff\xfe"),
        *('{"kind": "Poem"}', '{"kind": "Scatter"}', '{"kind": "Scatter", "name": 3}'),
    ],
)
def test_a_damaged_json_file_is_an_error_of_two_lines(text: str, tmp_path: Path) -> None:
    path = findings.save(RECORDS[1], tmp_path)
    path.write_bytes(text.encode("latin-1"))
    with pytest.raises(RunError, match=r"pca\.json: cannot be read") as caught:
        findings.load(path)
    assert len(str(caught.value).splitlines()) == 2


@pytest.mark.parametrize("share", [None, 0.0, 0.5, 0.9])
def test_damaged_or_missing_arrays_are_refused(share: float | None, tmp_path: Path) -> None:
    path = findings.save(RECORDS[1], tmp_path)
    arrays = path.with_suffix(".npz")
    content = arrays.read_bytes()
    arrays.unlink()
    if share is not None:
        arrays.write_bytes(content[: int(share * len(content))])
    with pytest.raises(RunError, match=r"pca\.json: cannot be read"):
        findings.load(path)


def test_a_flipped_bit_in_the_arrays_is_refused(tmp_path: Path) -> None:
    """The archive's checksums find a flipped bit anywhere in the numbers."""
    path = findings.save(RECORDS[2], tmp_path)
    content = bytearray(path.with_suffix(".npz").read_bytes())
    content[len(content) // 3] ^= 0xFF
    path.with_suffix(".npz").write_bytes(content)
    with pytest.raises(RunError):
        findings.load(path)


def test_pickled_arrays_are_refused(tmp_path: Path) -> None:
    path = findings.save(RECORDS[1], tmp_path)
    np.savez(path.with_suffix(".npz"), labels=np.array([{}], object), allow_pickle=True)
    with pytest.raises(RunError):
        findings.load(path)


def test_a_missing_finding_is_refused(tmp_path: Path) -> None:
    with pytest.raises(RunError, match="there is no such finding"):
        findings.load(tmp_path / "none.json")


def test_findings_are_ordered_by_section_kind_and_name(tmp_path: Path) -> None:
    for record in RECORDS:
        findings.save(record, tmp_path)
    assert list(findings.load_all(tmp_path)) == [
        "plain",
        "network",
        "training",
        "drawn",
        "kl",
        "plain-bars",
        "attribution",
        "pca",
        "tsne",
        "animation",
        "confusion",
        "classes",
        "worst",
        "examples",
        "sentences",
        "unsaid",
    ]
    assert findings.load_all(tmp_path / "none") == {}


def test_the_interval_of_a_mean_lies_half_a_width_to_either_side() -> None:
    claim = findings.mean("KL", 20.5, 0.25, "{:.1f} ± {:.2f} nats", 100)
    assert (claim.low, claim.value, claim.high) == (20.25, 20.5, 20.75)
