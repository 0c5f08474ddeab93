from __future__ import annotations

import dataclasses

import pytest

from glassnet.data.sources.catalogue import CATALOGUE, Archive, Entry, Members, Mirror, Wheel

every_entry = pytest.mark.parametrize("entry", CATALOGUE.values(), ids=CATALOGUE)
images = pytest.mark.parametrize(
    "entry",
    [entry for entry in CATALOGUE.values() if entry.modality == "images"],
    ids=lambda e: e.name,
)

MAY_BE_EMPTY = {"unlabelled", "n_unlabelled", "note"}


@every_entry
def test_an_entry_is_complete(entry: Entry) -> None:
    for field in dataclasses.fields(entry):
        assert getattr(entry, field.name) or field.name in MAY_BE_EMPTY, field.name
    assert entry.modality in ("images", "texts")
    assert (entry.unlabelled is None) == (entry.n_unlabelled == 0)
    assert entry.citation.endswith(".")
    assert len(set(entry.class_names)) == len(entry.class_names)


@images
def test_sizes_match_the_numbers_of_examples(entry: Entry) -> None:
    counts = (entry.n_train, entry.n_train, entry.n_test, entry.n_test)
    expected = [
        16 + count * 28 * 28 if "images" in file.name else 8 + count
        for file, count in zip(entry.files, counts, strict=True)
    ]
    assert [file.size for file in entry.files] == expected


@every_entry
def test_hashes_are_sha256_and_urls_end_in_a_slash(entry: Entry) -> None:
    hashes = [file.sha256 for file in (*entry.files, entry.unlabelled) if file]
    for source in entry.sources:
        if isinstance(source, Mirror):
            assert source.url.startswith("http")
            assert source.url.endswith("/")
        if isinstance(source, Wheel):
            assert "==" in source.requirement
            hashes.append(source.sha256)
        if isinstance(source, Archive):
            assert source.url.startswith("http")
            assert all(isinstance(file, Members) for file in entry.files)
    assert len(set(hashes)) == len(hashes)
    assert all(len(bytes.fromhex(value)) == 32 for value in hashes)


def test_entries_cannot_be_changed() -> None:
    with pytest.raises(dataclasses.FrozenInstanceError):
        CATALOGUE["mnist"].name = "other"  # type: ignore[misc]
