from __future__ import annotations

from typing import Any

import pytest

from glassnet.stats.over_seeds import as_json, over_seeds


def results(accuracy: float, **more: Any) -> dict[str, Any]:
    return {"headline": "accuracy", "accuracy": accuracy} | more


def test_an_interval_stays_within_what_can_be() -> None:
    accuracy, error = over_seeds(
        {0: results(0.8, calibration_error=0.01), 1: results(1.0, calibration_error=0.03)}
    )
    low, high = accuracy.interval() or (0, 0)
    assert low == 0
    assert high == 100
    low, high = error.interval() or (1, 1)
    assert low == 0
    assert high == pytest.approx(2 + 12.7062 * 2**0.5 / 2**0.5, rel=1e-4)
    assert str(error) == "2.00 ± 1.41 points"


def test_what_not_all_seeds_have_is_left_out() -> None:
    (only,) = over_seeds({0: results(0.8, kl=1.0), 1: results(0.9), 2: results(0.9, kl=True)})
    assert only.measure.key == "accuracy"
    assert list(only.values) == [0, 1, 2]


def test_the_headline_of_another_task_is_the_main_result() -> None:
    bleu = {"headline": "bleu", "numbers": [["BLEU", "31", "points"]]}
    main, kl = over_seeds({k: bleu | {"bleu": 31.0 + k, "kl": 1.0} for k in range(3)})
    assert (main.measure.name, main.mean, main.sd) == ("BLEU", 32, 1)
    assert kl.interval() == (1, 1)
    assert as_json([main])["bleu"]["values"] == {"0": 31, "1": 32, "2": 33}


def test_one_seed_has_a_mean_alone() -> None:
    (only,) = over_seeds({3: results(0.5)})
    assert (only.mean, only.sd, only.interval()) == (50, None, None)
    assert str(only) == "50.00 %"
    assert over_seeds({}) == []
