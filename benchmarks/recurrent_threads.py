"""One thread or two for an LSTM: milliseconds of a training step and of a prediction.

    python benchmarks/recurrent_threads.py --out benchmarks/results/recurrent-threads.csv

The text classifier without n-grams, in both directions, on random words; the fastest of three
rounds in turn. Measure while nothing else computes.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from glassnet import parallel

parallel.limit_libraries()  # before torch is imported

import torch  # noqa: E402
import torch.nn.functional as F  # noqa: E402
from seeds import append  # noqa: E402
from torch import Tensor  # noqa: E402

from glassnet.allocator import reuse_freed_blocks  # noqa: E402
from glassnet.runs import environment  # noqa: E402
from glassnet.tasks.lstm.network import LSTMTextClassifier  # noqa: E402

UNITS, WORDS, ROUNDS, VOCABULARY = (64, 128, 256), (20, 230), 3, 10_000
TRAINED, PREDICTED = 64, (1, 100)
"""Texts of a training step, and of predictions."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--out", type=Path, required=True)
    options = parser.parse_args()
    reuse_freed_blocks()
    torch.manual_seed(0)
    parallel.MIN_RECURRENT_OPERATIONS = 0  # the threads are those chosen here
    for described, run in cases():
        row = described | milliseconds(run)
        row |= {"processor": environment.hardware()["processor"], "torch": torch.__version__}
        print(row, flush=True)
        append(options.out, row)


def cases() -> Iterator[tuple[dict[str, object], Callable[[], object]]]:
    for units in UNITS:
        network = LSTMTextClassifier(VOCABULARY, 2, embedding_dim=128, hidden_size=units)
        optimizer = torch.optim.Adam(network.parameters())
        for length in WORDS:
            for precision in ("bf16", "32"):
                words = torch.randint(2, VOCABULARY, (TRAINED, length))

                def step(words: Tensor = words, half: bool = precision == "bf16") -> None:
                    with torch.autocast("cpu", torch.bfloat16, enabled=half):
                        logits = network(words)[:, 0].float()  # noqa: B023
                    optimizer.zero_grad()  # noqa: B023
                    F.cross_entropy(logits, words[:, 0] % 2).backward()
                    optimizer.step()  # noqa: B023

                network.train()
                yield case("training step", units, length, TRAINED, precision), step
            for n in PREDICTED:
                words = torch.randint(2, VOCABULARY, (n, length))

                def predict(words: Tensor = words) -> None:
                    with torch.inference_mode():
                        network(words)  # noqa: B023

                network.eval()
                yield case("prediction", units, length, n, "32"), predict


def case(what: str, units: int, words: int, texts: int, precision: str) -> dict[str, object]:
    return {"what": what, "units": units, "words": words, "texts": texts, "precision": precision}


def milliseconds(run: Callable[[], object]) -> dict[str, object]:
    """With one thread and with two."""
    best = {1: float("inf"), 2: float("inf")}
    for _ in range(ROUNDS):
        for threads in best:
            torch.set_num_threads(threads)
            run()
            began = time.perf_counter()
            run()
            best[threads] = min(best[threads], 1000 * (time.perf_counter() - began))
    return {"one_thread_ms": round(best[1], 2), "two_threads_ms": round(best[2], 2)}


if __name__ == "__main__":
    main()
