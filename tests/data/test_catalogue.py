from __future__ import annotations

import dataclasses

import pytest

from glassnet.data.catalogue import CATALOGUE, Entry, Mirror, Wheel

every_entry = pytest.mark.parametrize("entry", CATALOGUE.values(), ids=CATALOGUE)


@every_entry
def test_an_entry_says_all_that_a_reader_asks(entry: Entry) -> None:
    for field in dataclasses.fields(entry):
        assert getattr(entry, field.name), field.name
    assert entry.citation.endswith(".")
    assert len(set(entry.class_names)) == len(entry.class_names)


@every_entry
def test_sizes_agree_with_the_numbers_of_examples(entry: Entry) -> None:
    counts = (entry.n_train, entry.n_train, entry.n_test, entry.n_test)
    expected = [
        16 + count * 28 * 28 if "images" in file.name else 8 + count
        for file, count in zip(entry.files, counts, strict=True)
    ]
    assert [file.size for file in entry.files] == expected


@every_entry
def test_hashes_are_sha256_and_addresses_take_a_file_name(entry: Entry) -> None:
    hashes = [file.sha256 for file in entry.files]
    for source in entry.sources:
        if isinstance(source, Mirror):
            assert source.url.startswith("http")
            assert source.url.endswith("/")
        if isinstance(source, Wheel):
            assert "==" in source.requirement
            hashes.append(source.sha256)
    assert len(set(hashes)) == len(hashes)
    assert all(len(bytes.fromhex(value)) == 32 for value in hashes)


def test_entries_cannot_be_changed() -> None:
    with pytest.raises(dataclasses.FrozenInstanceError):
        CATALOGUE["mnist"].name = "other"  # type: ignore[misc]
