from __future__ import annotations

from hypothesis import given, strategies as st

from glassnet.class_labels import MAX_WIDTH, class_labels, shortened, width

FAMILY = "👨‍👩‍👧"


def test_long_names_keep_beginning_and_end() -> None:
    names = [f"Photographs of the species number {k}" for k in range(12)]
    labels = class_labels(names)
    assert labels[:2] == ("Photographs of the…number 0", "Photographs of the…number 1")
    assert len(set(labels)) == 12


def test_scripts_accents_and_emoji_stay_whole() -> None:
    thai = "ภาษาไทยที่ยาวมากสำหรับชื่อของประเภทหนึ่งในข้อมูล"
    assert width(shortened(thai)) <= MAX_WIDTH
    assert shortened("猫" * 40).startswith("猫" * 9 + "…")
    assert shortened(FAMILY * 30).count(FAMILY) == (MAX_WIDTH - 1) // 2
    assert shortened("cafe\u0301") == "cafe\u0301"


def test_names_are_on_one_line() -> None:
    assert class_labels(["a\nb", "a\tb", " ", "x\u2028y"]) == ("a b", "a b (1)", "(empty)", "x y")


def test_short_names_are_unchanged() -> None:
    names = ("T-shirt/top", "Ankle boot", "0")
    assert class_labels(names) == names


@given(st.lists(st.text(), max_size=8))
def test_labels_fit_and_have_no_breaks(names: list[str]) -> None:
    for label in class_labels(names):
        assert width(label) > 0 or label
        assert width(label) <= MAX_WIDTH
        assert len(label.splitlines()) == 1
