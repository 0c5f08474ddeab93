from __future__ import annotations

import os
from pathlib import Path

import pytest
from image_samples import class_folders, save_noise

from glassnet.data.folders import find
from glassnet.data.images import decode
from glassnet.data.problems.problem import REFUSAL
from glassnet.data.split_names import SplitNames
from glassnet.errors import DataError, UsageError

SKIPPED = "skipped {} files or folders that are hidden or not images{}, such as {}"


def listed(root: Path) -> list[tuple[str, str, str]]:
    return [(item.name, item.label, item.split) for item in find(root).items]


def notes(root: Path) -> list[str]:
    return [problem.text for problem in find(root).problems]


def test_a_folder_per_class(tmp_path: Path) -> None:
    class_folders(tmp_path, "cat", "dog", n=2)
    save_noise(tmp_path / "cat" / "at home" / "x.JPEG")
    assert listed(tmp_path) == [
        ("cat/0.png", "cat", "train"),
        ("cat/1.png", "cat", "train"),
        ("cat/at home/x.JPEG", "cat", "train"),
        ("dog/0.png", "dog", "train"),
        ("dog/1.png", "dog", "train"),
    ]
    assert notes(tmp_path) == []
    assert find(tmp_path).items[2].path == tmp_path / "cat" / "at home" / "x.JPEG"


def test_a_folder_without_classes(tmp_path: Path) -> None:
    save_noise(tmp_path / "b.png")
    save_noise(tmp_path / "a.webp")
    assert listed(tmp_path) == [("a.webp", "image", "train"), ("b.png", "image", "train")]


@pytest.mark.parametrize(
    ("train", "valid", "test"), [("train", "valid", "test"), ("Training", "val", "Testing")]
)
def test_split_folders(tmp_path: Path, train: str, valid: str, test: str) -> None:
    for part in (train, valid, test):
        class_folders(tmp_path / part, "cat", n=1)
    assert {(label, part) for _, label, part in listed(tmp_path)} == {
        ("cat", "train"),
        ("cat", "valid"),
        ("cat", "test"),
    }


def test_a_train_folder_alone_and_one_without_classes(tmp_path: Path) -> None:
    save_noise(tmp_path / "train" / "a.png")
    assert listed(tmp_path) == [("train/a.png", "image", "train")]


def test_train_can_be_a_class(tmp_path: Path) -> None:
    class_folders(tmp_path, "bus", "train", n=1)
    assert [label for _, label, _ in listed(tmp_path)] == ["bus", "train"]


def test_skipped_files_are_reported_in_one_note(tmp_path: Path) -> None:
    class_folders(tmp_path, "cat", n=1)
    (tmp_path / "cat" / ".DS_Store").write_text("")
    (tmp_path / "cat" / "Thumbs.db").write_text("")
    (tmp_path / "cat" / "._0.png").write_text("")
    (tmp_path / "notes.txt").write_text("")
    (tmp_path / "__MACOSX" / "cat").mkdir(parents=True)
    (tmp_path / "__cache__").mkdir()
    save_noise(tmp_path / ".hidden" / "a.png")
    os.mkfifo(tmp_path / "cat" / "pipe.png")
    assert [name for name, _, _ in listed(tmp_path)] == ["cat/0.png"]
    assert notes(tmp_path) == [SKIPPED.format(4, " (.png 1, .txt 1)", ".hidden")]
    places = find(tmp_path).problems[0].locations
    assert places == ((".hidden",), ("__cache__",), ("cat/pipe.png",), ("notes.txt",))


def test_files_outside_the_split_folders_are_a_warning(tmp_path: Path) -> None:
    class_folders(tmp_path, "train", "test", n=1)
    save_noise(tmp_path / "extra" / "a.png")
    (tmp_path / "empty").mkdir()
    assert [part for _, _, part in listed(tmp_path)] == ["test", "train"]
    (problem,) = find(tmp_path).problems
    assert (problem.kind, problem.severity) == ("no-split", "warning")
    assert problem.text == "1 image in no split left out (extra 1)"


def test_names_of_all_kinds(tmp_path: Path) -> None:
    for name in ("猫/ä 1.png", "猫/é'\".png", "Hund und Katze/a;b,c.png"):
        save_noise(tmp_path / name)
    save_noise(Path(os.fsdecode(os.fsencode(tmp_path) + b"/\xff\n/a.png")))
    assert [label for _, label, _ in listed(tmp_path)] == [
        "Hund und Katze",
        "猫",
        "猫",
        "\ufffd\ufffd",
    ]


def test_links_out_of_the_folder_are_refused(tmp_path: Path) -> None:
    root = class_folders(tmp_path / "photos", "cat", n=1)
    (root / "cat" / "again.png").symlink_to("0.png")
    (root / "cat" / "loop").symlink_to(root)
    (root / "cat" / "gone.png").symlink_to("nothing.png")
    (root / "cat" / "circle.png").symlink_to("circle.png")
    assert [name for name, _, _ in listed(root)] == ["cat/0.png", "cat/again.png"]
    assert "skipped 3" in notes(root)[0]
    outside = save_noise(tmp_path / "secret.png")
    for target in (outside, tmp_path):
        (root / "cat" / "link.png").symlink_to(target)
        refusal, *_ = find(root).problems
        assert refusal.severity == REFUSAL
        assert refusal.text == f"{root}: 1 path leading out of it: cat/link.png"
        with pytest.raises(DataError, match="leading out of it"):
            decode.read_listing(find(root), None, None)
        (root / "cat" / "link.png").unlink()


def test_folders_that_are_not_a_data_set_are_refused(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="no images in it"):
        find(tmp_path)
    save_noise(tmp_path / "cat" / "0.png")
    save_noise(tmp_path / "beside.png")
    save_noise(tmp_path / "another.png")
    with pytest.raises(DataError, match=r"2 images are outside the class folders: another\.png, b"):
        find(tmp_path)


def test_files_outside_the_class_folders_are_left_out_and_reported(tmp_path: Path) -> None:
    class_folders(tmp_path, "cat", n=2)
    save_noise(tmp_path / "beside.png")
    assert [label for _, label, _ in listed(tmp_path)] == ["cat", "cat"]
    assert notes(tmp_path) == ["1 image outside the class folders left out: beside.png"]


def test_empty_class_and_split_folders_are_reported(tmp_path: Path) -> None:
    class_folders(tmp_path / "train", "cat", "dog", n=1)
    for name in ("train/lion/deep", "train/cat/deep", "test/cat", "extra"):
        (tmp_path / name).mkdir(parents=True)
    assert {(label, part) for _, label, part in listed(tmp_path)} == {
        ("cat", "train"),
        ("dog", "train"),
    }
    assert notes(tmp_path) == ["2 folders without images left out: test, train/lion"]


def test_a_split_without_classes_is_left_out_and_reported(tmp_path: Path) -> None:
    class_folders(tmp_path / "train", "cat", "dog", n=2)
    for k in range(9):
        save_noise(tmp_path / "test" / f"{k}.png")
    assert {part for _, _, part in listed(tmp_path)} == {"train"}
    assert notes(tmp_path) == [
        "the test split, which has no classes, left out: test/0.png, test/1.png, test/2.png and 6 "
        "more"
    ]


@pytest.mark.parametrize("around", ["photos", "data/set v2", "./"])
@pytest.mark.parametrize("parts", [("",), ("train", "test")])
def test_a_folder_around_everything_is_not_a_class(
    tmp_path: Path, around: str, parts: tuple[str, ...]
) -> None:
    for part in parts:
        class_folders(tmp_path / around / part, "cat", "dog", n=1)
    (tmp_path / "read me.md").write_text("by nobody")
    found = {(label, part) for _, label, part in listed(tmp_path)}
    assert found == {(label, part or "train") for label in ("cat", "dog") for part in parts}
    wrapped = (
        [f"all images are in {around}, which is not read as a class"] if around != "./" else []
    )
    assert notes(tmp_path)[:-1] == wrapped


def test_a_single_class_is_not_a_wrapper(tmp_path: Path) -> None:
    save_noise(tmp_path / "cat" / "at home" / "a.png")
    save_noise(tmp_path / "cat" / "b.png")
    assert {label for _, label, _ in listed(tmp_path)} == {"cat"}
    (tmp_path / "cat" / "b.png").unlink()
    assert {label for _, label, _ in listed(tmp_path)} == {"cat"}


@pytest.mark.parametrize(
    ("train", "test"),
    [
        ("seg_train", "seg_test"),
        ("train2017", "val2017"),
        ("My-Training images", "My-Test images"),
        ("train/train", "test/test"),
        ("seg_train/seg_train", "seg_test/seg_test"),
    ],
)
def test_split_folders_with_longer_names(tmp_path: Path, train: str, test: str) -> None:
    class_folders(tmp_path / train, "cat", "dog", n=1)
    class_folders(tmp_path / test, "cat", "dog", n=1)
    class_folders(tmp_path, "seg_pred", n=1)
    assert {(label, part) for _, label, part in listed(tmp_path)} == {
        (label, part)
        for label in ("cat", "dog")
        for part in ("train", "valid" if "val" in test else "test")
    }
    assert notes(tmp_path) == ["1 image in no split left out (seg_pred 1)"]


def test_class_names_can_contain_split_names(tmp_path: Path) -> None:
    class_folders(tmp_path, "train station", "test tube", "bus", n=1)
    assert {label for _, label, _ in listed(tmp_path)} == {"train station", "test tube", "bus"}


def test_a_missing_training_split_is_refused(tmp_path: Path) -> None:
    class_folders(tmp_path, "test/cat", "valid/cat", n=1)
    with pytest.raises(DataError, match="there is no train folder"):
        find(tmp_path)
    (tmp_path / "train" / "cat").mkdir(parents=True)
    with pytest.raises(DataError, match=r"train: no images in it"):
        find(tmp_path)


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_a_folder_without_permission_is_refused(tmp_path: Path) -> None:
    root = class_folders(tmp_path, "cat", n=1)
    (root / "cat").chmod(0)
    with pytest.raises(DataError, match="cat: cannot be read"):
        find(root)
    (root / "cat").chmod(0o700)


EVALUATION = ["dev", "Dev", "eval", "evaluation", "holdout", "held-out", "development", "dev_set"]


@pytest.mark.parametrize("name", EVALUATION)
def test_an_evaluation_folder_is_the_test_split_where_there_is_no_other(
    tmp_path: Path, name: str
) -> None:
    class_folders(tmp_path / "train", "cat", "dog", n=1)
    class_folders(tmp_path / name, "cat", "dog", n=1)
    assert {part for _, _, part in listed(tmp_path)} == {"train", "test"}
    assert notes(tmp_path)[0].startswith("folders read as splits: ")
    class_folders(tmp_path / "test", "cat", "dog", n=1)
    parts = {name.split("/")[0]: part for name, _, part in listed(tmp_path)}
    assert parts == {"train": "train", name: "valid", "test": "test"}


def test_of_two_evaluation_folders_one_is_the_test_split(tmp_path: Path) -> None:
    for part in ("train", "dev", "eval"):
        class_folders(tmp_path / part, "cat", n=1)
    parts = {name.split("/")[0]: part for name, _, part in listed(tmp_path)}
    assert parts == {"train": "train", "dev": "valid", "eval": "test"}


@pytest.mark.parametrize(
    ("train", "test"),
    [
        ("entrenamiento", "prueba"),
        ("训练集", "测试集"),
        ("train_data", "test_data"),
        ("treino", "teste"),
    ],
)
def test_names_of_splits_in_other_languages(tmp_path: Path, train: str, test: str) -> None:
    class_folders(tmp_path / train, "a", "b", n=1)
    class_folders(tmp_path / test, "a", "b", n=1)
    assert {(label, part) for _, label, part in listed(tmp_path)} == {
        (label, part) for label in "ab" for part in ("train", "test")
    }


@pytest.mark.parametrize(
    ("first", "other"),
    [("set1", "set2"), ("2019", "2020"), ("train", "extra"), ("labo", "terrain")],
)
def test_siblings_with_the_same_folders_are_no_classes(
    tmp_path: Path, first: str, other: str
) -> None:
    class_folders(tmp_path / first, "cat", "dog", "cow", n=2)
    class_folders(tmp_path / other, "cat", "dog", n=1)
    with pytest.raises(DataError, match="contain the same folders") as caught:
        find(tmp_path)
    assert f"--splits train={first},test={other}" in caught.value.hint
    splits = SplitNames.parse(f"train={first},test={other}")
    items = find(tmp_path, split_names=splits).items
    assert {(item.label, item.split) for item in items} == {
        *((label, "train") for label in ("cat", "dog", "cow")),
        *((label, "test") for label in ("cat", "dog")),
    }
    items = find(tmp_path, split_names=SplitNames.parse("none")).items
    assert {item.label for item in items} == {first, other}


def test_classes_with_splits_within_them(tmp_path: Path) -> None:
    for label in ("cat", "dog"):
        class_folders(tmp_path / label, "train", "test", n=1)
    assert {(label, part) for _, label, part in listed(tmp_path)} == {
        (label, part) for label in ("cat", "dog") for part in ("train", "test")
    }
    assert "within the classes" in notes(tmp_path)[0]


def test_classes_with_some_folders_of_the_same_name_stay_classes(tmp_path: Path) -> None:
    class_folders(tmp_path / "cat", "home", n=1)
    class_folders(tmp_path / "dog", "home", n=1)
    assert {label for _, label, _ in listed(tmp_path)} == {"cat", "dog"}


def test_classes_called_like_splits_can_be_read(tmp_path: Path) -> None:
    class_folders(tmp_path, "valid", "test", n=1)
    with pytest.raises(DataError, match="there is no train folder") as caught:
        find(tmp_path)
    assert "--splits none" in caught.value.hint
    items = find(tmp_path, split_names=SplitNames.parse("none")).items
    assert {item.label for item in items} == {"valid", "test"}


@pytest.mark.parametrize("inner", ["", "raw"])
def test_data_one_folder_further_down_are_not_taken_for_a_class(tmp_path: Path, inner: str) -> None:
    data = tmp_path / "repo" / "Dataset" / inner
    class_folders(data, *"0123456789", n=1)
    save_noise(tmp_path / "repo" / "Examples" / "a.png")
    (tmp_path / "repo" / "README.md").write_text("about")
    with pytest.raises(DataError, match="as a data set does") as caught:
        find(tmp_path)
    assert f"did you mean {data}?" in caught.value.hint
    assert len(find(data).items) == 10
    items = find(tmp_path, split_names=SplitNames.parse("none")).items
    assert {item.label for item in items} == {"Dataset", "Examples"}


def test_a_repository_with_splits_further_down(tmp_path: Path) -> None:
    for part in ("train", "test"):
        class_folders(tmp_path / "data" / part, "a", "b", n=2)
    class_folders(tmp_path, "docs", n=1)
    with pytest.raises(DataError, match=f"did you mean {tmp_path / 'data'}"):
        find(tmp_path)


def test_folders_that_the_user_names_must_exist(tmp_path: Path) -> None:
    class_folders(tmp_path / "set1", "cat", n=1)
    with pytest.raises(DataError, match=r"no folder 'set2', which --splits names"):
        find(tmp_path, split_names=SplitNames.parse("train=set1,test=set2"))


@pytest.mark.parametrize("option", ["train", "tran=a", "test=a", "train=", "all"])
def test_splits_that_are_none_are_refused(option: str) -> None:
    with pytest.raises(UsageError, match="--splits"):
        SplitNames.parse(option)


def test_data_deep_within_a_repository_are_not_one_class(tmp_path: Path) -> None:
    data = tmp_path / "flowers-main" / "data" / "flowers"
    class_folders(data, "rose", "tulip", n=5)
    save_noise(tmp_path / "flowers-main" / "screenshot.png")
    save_noise(tmp_path / "flowers-main" / "docs" / "img" / "a.png")
    with pytest.raises(DataError, match="all in one class, 'flowers-main'") as caught:
        find(tmp_path)
    assert f"did you mean {data}?" in caught.value.hint


def test_folders_within_all_classes_are_noted(tmp_path: Path) -> None:
    class_folders(tmp_path / "animal", "cat", "dog", n=1)
    class_folders(tmp_path / "plant", "rose", "oak", n=1)
    assert {label for _, label, _ in listed(tmp_path)} == {"animal", "plant"}
    assert notes(tmp_path) == [
        "the outermost folders are the classes; the folders in them are not: animal with cat, dog, "
        "plant with oak, rose"
    ]
