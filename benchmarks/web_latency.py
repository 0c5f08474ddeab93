"""Latency of the page's requests over HTTP on loopback, beside torch's own forward pass.

    python benchmarks/web_latency.py RUN [RUN ...] --out benchmarks/results/web-latency.csv

The server runs as a process of its own, as `glassnet web` starts it. Of each run, whatever its
kind, 200 requests are sent one after the other on one connection (`predict` and `inspect` of a
classifier, `decode` and `encode` of a generator), after the maps are prepared and a few requests
have warmed the network up. Inputs are test examples in turn; texts are those of 8 to 80 words.
Then 200 predictions are requested at once. The yardstick is the forward pass of the same inputs,
one at a time, with torch alone in this process. Measure while nothing else computes.
"""

from __future__ import annotations

import argparse
import base64
import csv
import http.client
import itertools
import json
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import torch

import glassnet as gn
from glassnet import png
from glassnet.contract import Family, Modality

N_REQUESTS = 200
WARM_UP = 10
N_CLIENTS = 50
"""Connections over which the requests at once are sent."""

Body = dict[str, Any]


@contextmanager
def served(runs: Path) -> Iterator[int]:
    """The port of a server of the page, while the block runs."""
    command = [sys.executable, "-m", "glassnet", "web", "--runs", str(runs)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout
            address = next(line for line in process.stdout if "http://" in line)
            yield int(address.partition("127.0.0.1:")[2].partition("/")[0])
        finally:
            process.terminate()


class Client:
    """One connection to the server."""

    def __init__(self, port: int) -> None:
        self.connection = http.client.HTTPConnection("127.0.0.1", port, timeout=600)

    def request(self, path: str, body: Body | None = None) -> tuple[int, Any]:
        """Status and content of an answer."""
        content = None if body is None else json.dumps(body)
        headers = {"Content-Type": "application/json"} if content else {}
        self.connection.request("POST" if content else "GET", path, content, headers)
        answer = self.connection.getresponse()
        return answer.status, json.loads(answer.read())


def encoded(image: np.ndarray) -> str:
    """The image as a PNG file in base64."""
    return base64.b64encode(png.encode(image)).decode()


def examples(run: gn.TrainedRun) -> np.ndarray:
    """Test examples, in the order of the file; texts that are neither short nor long."""
    inputs = run.data.test.inputs
    if run.modality == Modality.TEXTS:
        lengths = run.vocabulary.count(inputs)
        inputs = inputs[(lengths >= 8) & (lengths <= 80)]
    return inputs[:N_REQUESTS]


def requests_of(run: gn.TrainedRun, inputs: np.ndarray) -> dict[str, list[Body]]:
    """The bodies of the requests of a run, by the last part of their address."""
    if run.modality == Modality.TEXTS:
        texts = [str(text) for text in inputs]
        return {
            "predict": [{"texts": [text]} for text in texts],
            "inspect": [{"text": text} for text in texts],
        }
    files = [encoded(image) for image in inputs]
    if run.family == Family.GENERATOR:
        codes = run.encode(inputs)
        return {
            "decode": [{"codes": [code.tolist()]} for code in codes],
            "encode": [{"images": [file], "drawn": True} for file in files],
        }
    return {
        "predict": [{"images": [file], "drawn": True} for file in files],
        "inspect": [{"image": file, "drawn": True} for file in files],
    }


def milliseconds(call: Callable[[Any], Any], inputs: list[Any]) -> np.ndarray:
    """The time of each of `N_REQUESTS` calls, after a few that are not counted."""
    times = []
    for each in itertools.islice(itertools.cycle(inputs), N_REQUESTS + WARM_UP):
        began = time.perf_counter()
        call(each)
        times.append(1000 * (time.perf_counter() - began))
    return np.array(times[WARM_UP:])


def forward_pass(run: gn.TrainedRun, inputs: np.ndarray) -> np.ndarray:
    """Milliseconds of torch's forward pass of each input."""
    tensors = [run.model.inputs_of(inputs[k : k + 1])[:] for k in range(len(inputs))]
    with torch.inference_mode():
        return milliseconds(run.model.forward, tensors)


def at_once(port: int, path: str, bodies: list[Body]) -> float:
    """Requests per second if `N_REQUESTS` are sent at once; all must be answered."""
    clients = [Client(port) for _ in range(N_CLIENTS)]

    def send(client: Client, mine: list[Body]) -> list[int]:
        return [client.request(path, body)[0] for body in mine]

    wanted = list(itertools.islice(itertools.cycle(bodies), N_REQUESTS))
    began = time.perf_counter()
    with ThreadPoolExecutor(N_CLIENTS) as threads:
        parts = [wanted[k::N_CLIENTS] for k in range(N_CLIENTS)]
        statuses = list(itertools.chain(*threads.map(send, clients, parts)))
    assert statuses == [200] * N_REQUESTS
    return N_REQUESTS / (time.perf_counter() - began)


def measure(run: gn.TrainedRun, port: int) -> Iterator[dict[str, object]]:
    """The rows of one run."""
    client, address, inputs = Client(port), f"/api/runs/{run.name}", examples(run)
    while client.request(f"{address}/maps")[1]["state"] == "preparing":
        time.sleep(1)

    def row(what: str, times: np.ndarray) -> dict[str, object]:
        low, high = np.percentile(times, (50, 95))
        return {
            "run": run.name,
            "request": what,
            "n": len(times),
            "p50_ms": f"{low:.1f}",
            "p95_ms": f"{high:.1f}",
        }

    yield row("torch forward", forward_pass(run, inputs))
    for what, bodies in requests_of(run, inputs).items():

        def send(body: Body, path: str = f"{address}/{what}") -> None:
            status, content = client.request(path, body)
            assert status == 200, content

        yield row(what, milliseconds(send, bodies))
        if what == "predict":
            rate = at_once(port, f"{address}/{what}", bodies)
            yield {
                "run": run.name,
                "request": "predict, all at once",
                "n": N_REQUESTS,
                "per_second": f"{rate:.0f}",
            }


def main() -> None:
    """Measure the runs and write the rows."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("runs", nargs="+", type=Path, help="folders of runs, in one folder")
    parser.add_argument("--out", type=Path, required=True)
    options = parser.parse_args()
    rows = []
    with served(options.runs[0].resolve().parent) as port:
        for path in options.runs:
            for row in measure(gn.load(path), port):
                print(*row.values(), flush=True)
                rows.append(row)
    with options.out.open("w", newline="") as stream:
        names = ["run", "request", "n", "p50_ms", "p95_ms", "per_second"]
        writer = csv.DictWriter(stream, names, lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)


if __name__ == "__main__":
    main()
