"""The JSON API: what it answers, whom it refuses, and trainings that it starts."""

from __future__ import annotations

import base64
import http.client
import json
import os
import shlex
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Generator, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from itertools import takewhile
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from generators import generator
from serving import Site, served

import glassnet as gn
from glassnet import png
from glassnet.cli import main
from glassnet.runs import step_rows
from glassnet.runs.folder import Run, all_runs
from glassnet.web import app, deletions, events, serve, trainings
from glassnet.web.summaries import Summaries

SECOND = 10**9


@pytest.fixture
def root(tmp_path: Path) -> Path:
    (tmp_path / "runs").mkdir(exist_ok=True)
    return tmp_path / "runs"


@pytest.fixture
def site(root: Path) -> Iterator[Site]:
    with served(root) as site:
        yield site


@pytest.fixture
def small_program(launcher: Path, digits: str, monkeypatch: pytest.MonkeyPatch) -> str:
    """Trainings of the server know the small data set; gives its name."""
    monkeypatch.setattr(trainings, "PROGRAM", (sys.executable, str(launcher)))
    monkeypatch.setenv("OMP_NUM_THREADS", "1")
    return digits


def until(happened: Callable[[], Any], seconds: float = 300) -> Any:
    end = time.monotonic() + seconds
    while not (found := happened()):
        assert time.monotonic() < end, "it does not happen"
        time.sleep(0.05)
    return found


def test_an_empty_folder_has_no_runs(site: Site) -> None:
    assert site.ask("/api").json["name"] == "glassnet"
    assert site.ask("/api/runs").json == []
    tasks = site.ask("/api/tasks").json
    assert set(tasks["lstm"]["data"]) == {"imdb", "movie-snippets"}
    assert {"default", "paper"} <= set(tasks["cnn"]["presets"])
    epochs = next(each for each in tasks["cnn"]["options"] if each["name"] == "epochs")
    assert epochs["default"] > 0
    assert not [each for each in tasks["cnn"]["options"] if each["name"] == "data"]


def test_a_run_with_its_curves_and_findings(trained: Run, site: Site) -> None:
    gn.load(trained.path).explain(points=40, methods=["pca"], draw=False)
    (described,) = site.ask("/api/runs").json
    assert described["name"] == trained.name
    assert described["state"] == "finished"
    assert described["numbers"][0]["value"] == trained.info["results"]["test"]["numbers"][0][1]
    assert site.ask(f"/api/runs/{trained.name}").json["info"]["seed"] == 0
    curves = site.ask(f"/api/runs/{trained.name}/curves").json
    assert curves["epochs"]["valid_loss"] == trained.read_metrics()["valid_loss"].tolist()
    assert set(curves["steps"]) >= {"step", "epochs", "loss", "accuracy"}
    listed = site.ask(f"/api/runs/{trained.name}/findings").json
    names = {each["name"] for each in listed}
    assert {"scores", "confusion-matrix", "pca"} <= names
    matrix = site.ask(f"/api/runs/{trained.name}/findings/confusion-matrix").json
    assert np.sum(matrix["values"]) == 300
    assert matrix["title"] == next(e["title"] for e in listed if e["name"] == "confusion-matrix")


def test_predictions_are_those_of_the_network(trained: Run, site: Site) -> None:
    model = gn.load(trained.path)
    images = np.asarray(model.data.test.inputs[:5])
    files = [base64.b64encode(png.encode(image)).decode() for image in images]
    files[1] = f"data:image/png;base64,{files[1]}"
    answer = site.ask(f"/api/runs/{trained.name}/predict", {"images": files})
    assert answer.status == 200
    expected = model.predict_proba(images)
    for found, row in zip(answer.json["predictions"], expected, strict=True):
        assert list(found["probabilities"].values()) == pytest.approx(row, abs=1e-5)
        assert found["class"] == model.class_names[row.argmax()]
        assert found["probability"] == max(found["probabilities"].values())


def test_requests_at_once_are_answered_together(
    text_classifier: Run, site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    texts = [f"the film was {word} number {k}" for k in range(100) for word in ("good", "bad")]
    expected = gn.load(text_classifier.path).predict_proba(texts)
    path = f"/api/runs/{text_classifier.name}/predict"
    site.ask(path, {"texts": texts[:1]})  # loads the network
    with ThreadPoolExecutor(50) as threads:
        answers = list(threads.map(lambda text: site.ask(path, {"texts": [text]}), texts))
    assert {answer.status for answer in answers} == {200}
    positive = [answer.json["predictions"][0]["probabilities"]["positive"] for answer in answers]
    assert positive == pytest.approx(expected[:, 1], abs=1e-5)


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ({}, "predicts images"),
        ({"images": []}, "predicts images"),
        ({"images": ["%"]}, "not in base64"),
        ({"images": [base64.b64encode(b"no image").decode()]}, "image: unknown image format"),
        ({"images": ["QQ=="] * 300}, "300 images are too many"),
        ({"texts": ["a"]}, "predicts images"),
    ],
)
def test_inputs_that_cannot_be_used(trained: Run, site: Site, body: Any, message: str) -> None:
    answer = site.ask(f"/api/runs/{trained.name}/predict", body)
    assert answer.status == 400
    assert message in answer.json["error"]
    assert answer.json["hint"]


def test_bodies_that_are_none(trained: Run, site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    path = f"/api/runs/{trained.name}/predict"
    assert site.ask(path, b"{", Content_Type="application/json").status == 400
    assert site.ask(path, b"[1]", Content_Type="application/json").status == 400
    assert site.ask(path, b"[" * 100_000, Content_Type="application/json").status == 400
    assert site.ask(path, b"a=1", Content_Type="application/x-www-form-urlencoded").status == 415
    assert site.ask(path, b" " * (33 << 20), Content_Type="application/json").status == 413
    assert site.ask(path, method="DELETE").status == 405


@pytest.mark.parametrize(
    "path",
    [
        *("/api/runs/none", "/api/runs/..%2f..%2fetc", "/api/runs/%2fetc%2fpasswd"),
        *("/api/runs/.hidden", "/api/runs/a/b/c", "/api/runs/../secret/curves"),
        *("/runs/..%2fsecret/report", "/static/..%2fapp.py", "/static/none.js", "/none"),
    ],
)
def test_nothing_outside_the_runs_is_read(trained: Run, site: Site, root: Path, path: str) -> None:
    secret = root.parent / "secret"
    secret.mkdir()
    (secret / "run.json").write_bytes(trained.info_file.read_bytes())
    (secret / "report.html").write_text("secret")
    (root / ".hidden").symlink_to(secret)
    answer = site.ask(path)
    assert answer.status == 404
    assert "secret" not in answer.body.decode().replace("../secret", "")


def test_a_link_out_of_the_folder_is_no_run(trained: Run, site: Site, root: Path) -> None:
    trained.path.rename(root.parent / "elsewhere")
    (root / "linked").symlink_to(root.parent / "elsewhere")
    assert site.ask("/api/runs/linked").status == 404


@pytest.mark.parametrize(
    "headers",
    [
        {"Host": "evil.example"},
        {"Host": "evil.example:80"},
        {"Origin": "http://evil.example"},
        {"Origin": "null"},
        {"Sec_Fetch_Site": "cross-site"},
    ],
)
def test_other_sites_are_refused(site: Site, root: Path, headers: dict[str, str]) -> None:
    for path, body in (("/api/runs", None), ("/api/train", {"task": "cnn"})):
        answer = site.ask(path, body, **headers)
        assert answer.status == 403
        assert answer.json["error"]
    assert all_runs(root) == []


def test_the_own_page_and_links_to_it_are_served(site: Site) -> None:
    assert site.ask("/api/runs", Origin=site.address).status == 200
    host = f"localhost:{site.port}"
    assert site.ask("/", Host=host).status == 200
    assert site.ask("/", Sec_Fetch_Site="cross-site", Sec_Fetch_Mode="navigate").status == 200


def test_every_answer_has_its_headers(site: Site) -> None:
    for path in ("/", "/api/runs", "/none", "/static/web.js", "/static/palette.css"):
        headers = site.ask(path).headers
        policy = headers["content-security-policy"]
        assert "default-src 'none'" in policy
        assert "unsafe-eval" not in policy
        assert "frame-ancestors 'none'" in policy
        assert headers["x-content-type-options"] == "nosniff"
        assert "access-control-allow-origin" not in headers


def test_a_server_for_other_machines_needs_its_token(root: Path) -> None:
    with served(root, token="secret-token") as site:
        assert site.ask("/api/runs").status == 403
        assert site.ask("/?token=wrong").status == 403
        page = site.ask("/?token=secret-token")
        assert page.status == 200
        cookie = page.headers["set-cookie"]
        assert "HttpOnly" in cookie
        assert "SameSite=Strict" in cookie
        assert site.ask("/api/runs", Cookie=cookie.split(";")[0]).status == 200
        assert site.ask("/api/runs", Authorization="Bearer secret-token").status == 200
        assert site.ask("/api/runs", Cookie="glassnet-token=é").status == 403


def test_defects_are_not_shown(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(summaries: Any) -> None:
        raise ZeroDivisionError("the secret of the server")

    monkeypatch.setattr(app.summaries.Summaries, "all", fail)
    answer = site.ask("/api/runs")
    assert answer.status == 500
    assert "secret" not in answer.body.decode()
    assert answer.json["error"] == "a defect of glassnet"


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ({}, "no task ''"),
        ({"task": "cmn"}, "no task 'cmn'"),
        ({"task": "cnn", "preset": "slow"}, "slow"),
        ({"task": "cnn", "data": "mnits"}, "mnits"),
        ({"task": "cnn", "data": "/etc"}, "not a data set of the catalogue"),
        ({"task": "cnn", "data": "./photos"}, "not a data set of the catalogue"),
        ({"task": "cnn", "name": "../x"}, "not a name for a run"),
        ({"task": "cnn", "options": {"data": "/etc"}}, "options"),
        ({"task": "cnn", "options": {"epochs": -1}}, "epochs"),
        ({"task": "cnn", "options": {"epoch": 1}}, "epoch"),
        ({"task": "cnn", "options": {"epochs": "--help"}}, "epochs"),
        ({"task": ["cnn"]}, "must be a text"),
    ],
)
def test_trainings_that_cannot_start(site: Site, root: Path, body: Any, message: str) -> None:
    answer = site.ask("/api/train", body)
    assert answer.status == 400, answer.json
    assert message in answer.json["error"]
    assert list(root.iterdir()) == []


def train(site: Site, data: str, **options: Any) -> str:
    fixed = {"channels": [8, 16, 16], "batch_size": 50, "device": "cpu", "threads": 1}
    body = {"task": "cnn", "data": data, "options": fixed | options}
    answer = site.ask("/api/train", body)
    assert answer.status == 202, answer.json
    return str(answer.json["run"])


def read_events(site: Site, path: str, last: str = "") -> Generator[tuple[str, str, Any]]:
    """Kind, id and value of each event, until the stream ends."""
    connection = http.client.HTTPConnection("127.0.0.1", site.port, timeout=120)
    connection.request("GET", path, headers={"Last-Event-ID": last} if last else {})
    response = connection.getresponse()
    assert response.status == 200
    fields: dict[str, str] = {}
    try:
        for line in response:
            name, _, value = line.decode().rstrip("\n").partition(": ")
            if name and value:
                fields[name] = value
            elif not line.strip() and "data" in fields:
                yield fields["event"], fields["id"], json.loads(fields["data"])
                fields = {}
    finally:
        connection.close()


def test_a_training_is_followed_to_its_end(site: Site, small_program: str, root: Path) -> None:
    name = train(site, small_program, epochs=3)
    assert name == "cnn-digits"
    seen = list(read_events(site, f"/api/runs/{name}/events"))
    epochs = [value for kind, _, value in seen if kind == "epoch"]
    assert [value["epoch"] for value in epochs] == [1, 2, 3]
    steps = [value["step"] for kind, _, value in seen if kind == "step"]
    assert steps == sorted(set(steps))
    assert seen[-1][0] == "end"
    states = [value["state"] for kind, _, value in seen if kind == "run"]
    assert states[-1] == "finished"
    assert Run.open(root / name).info["results"]["test"]["accuracy"] > 0.6
    # A page that slept since the second epoch gets the third one alone.
    last = next(number for kind, number, value in seen if kind == "epoch" and value["epoch"] == 2)
    again = [
        value
        for kind, _, value in read_events(site, f"/api/runs/{name}/events", last)
        if kind == "epoch"
    ]
    assert [value["epoch"] for value in again] == [3]


def test_one_trains_and_the_others_wait(site: Site, small_program: str, root: Path) -> None:
    first, second = (train(site, small_program, epochs=400) for _ in range(2))
    third = train(site, small_program, epochs=1)
    assert [first, second, third] == ["cnn-digits", "cnn-digits-2", "cnn-digits-3"]
    until(lambda: (root / first / "metrics.csv").exists())
    states = {each.get("name") or each["run"]: each["state"] for each in site.ask("/api/runs").json}
    assert states == {first: "training", second: "queued", third: "queued"}
    assert site.ask(f"/api/runs/{second}/stop", {}).status == 202
    assert site.ask(f"/api/runs/{first}/stop", {}).status == 202
    until(
        lambda: (
            (root / third / "run.json").exists()
            and Run.open(root / third).info["status"] == "finished"
        )
    )
    assert Run.open(root / first).info["status"] == "interrupted"
    assert not (root / second).exists()
    assert site.ask(f"/api/runs/{first}/stop", {}).status == 409
    assert site.ask(f"/api/runs/{third}/resume", {}).status == 400


def test_a_training_that_fails_says_why(site: Site, small_program: str) -> None:
    name = train(site, small_program, epochs=1, learning_rate=1e30)
    failed = until(lambda: [e for e in site.ask("/api/runs").json if e["state"] == "failed"])
    (run,) = failed
    assert (run.get("name") or run["run"]) == name
    started = until(lambda: [e for e in site.ask("/api/trainings").json if e["error"]])[0]
    assert "the loss is" in started["error"]
    assert "learning-rate" in started["hint"]
    followed = {kind: value for kind, _, value in read_events(site, f"/api/runs/{name}/events")}
    assert followed["problem"] == {"error": started["error"], "hint": started["hint"]}


def test_a_killed_training_is_shown_and_resumed(site: Site, small_program: str, root: Path) -> None:
    name = train(site, small_program, epochs=25)
    run = until(
        lambda: (
            (root / name / "locks" / "train.json").exists()
            and (root / name / "metrics.csv").exists()
        )
    )
    holder = json.loads((root / name / "locks" / "train.json").read_text())
    os.kill(holder["process"], signal.SIGKILL)
    until(lambda: site.ask(f"/api/runs/{name}").json["state"] == "killed")
    assert run
    seen = [kind for kind, _, _ in read_events(site, f"/api/runs/{name}/events")]
    assert seen[-1] == "end"
    assert site.ask(f"/api/runs/{name}/resume", {}).status == 202
    until(lambda: site.ask(f"/api/runs/{name}").json["state"] == "finished")


def test_a_deleted_run_can_be_restored(trained: Run, site: Site, root: Path) -> None:
    files = sorted(path for path in trained.path.rglob("*") if "locks" not in path.parts)
    path = f"/api/runs/{trained.name}"
    assert site.ask(f"{path}/restore", {}).status == 404
    deleted = site.ask(f"{path}/delete", {}).json
    assert deleted == {"run": trained.name, "state": "deleted", "seconds": deletions.SECONDS}
    assert site.ask("/api/runs").json == []
    assert site.ask(path).status == 404
    assert all_runs(root) == []
    assert site.ask(f"{path}/delete", {}).status == 404
    assert site.ask(f"{path}/restore", {}).status == 200
    assert sorted(path for path in trained.path.rglob("*") if "locks" not in path.parts) == files
    assert [each["state"] for each in site.ask("/api/runs").json] == ["finished"]


def test_deleted_runs_go_with_the_server(trained: Run, root: Path) -> None:
    with served(root) as site:
        assert site.ask(f"/api/runs/{trained.name}/delete", {}).status == 200
        assert len(list(root.iterdir())) == 1
    assert list(root.iterdir()) == []


def test_a_name_that_was_given_again_is_not_overwritten(
    trained: Run, site: Site, root: Path
) -> None:
    path = f"/api/runs/{trained.name}"
    site.ask(f"{path}/delete", {})
    trained.path.mkdir()
    answer = site.ask(f"{path}/restore", {})
    assert answer.status == 400
    assert "another run" in answer.json["error"]
    trained.path.rmdir()
    assert site.ask(f"{path}/restore", {}).status == 200


@pytest.mark.parametrize("name", ["..%2fsecret", "none", ".hidden", "%2fetc", "a/b"])
def test_nothing_else_is_deleted(site: Site, root: Path, name: str) -> None:
    for folder in (root.parent / "secret", root / ".hidden"):
        folder.mkdir()
        (folder / "run.json").write_text("{}")
        (folder / "group.json").write_text("{}")
    assert site.ask(f"/api/runs/{name}/delete", {}).status in (400, 404)
    assert (root.parent / "secret").is_dir()
    assert (root / ".hidden").is_dir()


def test_the_end_of_the_server_stops_no_training(
    root: Path, small_program: str, launcher: Path
) -> None:
    with served(root) as site:
        name = train(site, small_program, epochs=12)
        until(lambda: (root / name / "metrics.csv").exists())
    until(lambda: Run.open(root / name).info["status"] == "finished")


def test_too_many_streams_are_refused_and_the_page_stays(
    trained: Run, site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(app, "MAX_STREAMS", 5)
    monkeypatch.setattr(events, "ENDED", ())
    answers: list[int] = []
    sockets = []
    for _ in range(20):
        each = socket.create_connection(("127.0.0.1", site.port))
        each.sendall(f"GET /api/events HTTP/1.1\r\nHost: 127.0.0.1:{site.port}\r\n\r\n".encode())
        answers.append(int(each.recv(1000).split()[1]))
        sockets.append(each)
    assert answers.count(200) == 5
    assert answers.count(503) == 15
    assert site.ask("/").status == 200
    for each in sockets:
        each.close()
    until(lambda: _opens_a_stream(site))


def test_a_thousand_streams_leave_the_page_usable(trained: Run, root: Path) -> None:
    resource = pytest.importorskip("resource")
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if hard != resource.RLIM_INFINITY and hard < 2000:
        pytest.skip(f"a process may have {hard} files open")
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, 2000), hard))
    with served_by_command(root) as site, ExitStack() as sockets:
        opened = [sockets.enter_context(_stream(site)) for _ in range(1000)]
        answers = [int(each.recv(1000).split()[1]) for each in opened]
        assert answers.count(200) == app.MAX_STREAMS
        assert answers.count(503) == 1000 - app.MAX_STREAMS
        assert [each["name"] for each in site.ask("/api/runs").json] == [trained.name]
        assert site.ask("/").status == 200
    resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


@contextmanager
def served_by_command(root: Path) -> Iterator[Site]:
    """A server that the command starts, in a process of its own."""
    command = [sys.executable, "-m", "glassnet", "web", "--port", "0", "--runs", str(root)]
    quiet = subprocess.DEVNULL
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=quiet, text=True) as process:
        assert process.stdout is not None
        try:
            yield Site(int(process.stdout.readline().strip().rstrip("/").rpartition(":")[2]))
        finally:
            process.send_signal(signal.SIGINT)
            process.wait(30)


def _stream(site: Site, path: str = "/api/events") -> socket.socket:
    opened = socket.create_connection(("127.0.0.1", site.port), timeout=60)
    opened.sendall(f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1:{site.port}\r\n\r\n".encode())
    return opened


def test_pages_of_one_run_share_what_is_read(
    trained: Run, site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One reader, from where it stopped; a page that comes late gets some of the old rows."""
    monkeypatch.setattr(events, "ENDED", ())
    monkeypatch.setattr(events, "MAX_ROWS", 40)
    trained.steps.unlink()
    for step in range(1, 1001):
        step_rows.append(trained.steps, {"step": step, "epochs": step / 500, "loss": 1 / step})
    n_read: list[int] = []
    read = step_rows.StepTail.read

    def counted(tail: step_rows.StepTail) -> tuple[list[dict[str, float]], bool]:
        rows, is_whole = read(tail)
        n_read.append(len(rows))
        return rows, is_whole

    monkeypatch.setattr(step_rows.StepTail, "read", counted)
    path = f"/api/runs/{trained.name}/events"
    pages = [read_events(site, path) for _ in range(5)]
    for page in pages:
        rows = takewhile(lambda event: event[0] != "run", page)
        steps = [value["step"] for kind, _, value in rows if kind == "step"]
        assert len(steps) <= 40
        assert steps[-1] == 1000
        assert steps == sorted(steps)
    step_rows.append(trained.steps, {"step": 1001, "epochs": 2.002, "loss": 0.5})
    for page in pages:
        kind, number, value = next(page)
        assert (kind, value["step"]) == ("step", 1001)
        page.close()
    assert sum(n_read) == 1001
    slept = read_events(site, path, number.replace("1001", "999"))
    assert next(slept)[2]["step"] == 1001
    slept.close()
    new = read_events(site, f"{path}?last={number}")
    assert next(new)[0] == "run"
    new.close()


def test_unchanged_runs_are_not_read_again(
    trained: Run, root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    known = Summaries(root)
    (before,) = known.all()
    opened: list[Path] = []
    open_run = Run.open

    def counted(path: Path) -> Run:
        opened.append(path)
        return open_run(path)

    monkeypatch.setattr(Run, "open", counted)
    assert known.all() == [before]
    assert opened == []
    trained.update(preset="changed")
    opened.clear()
    assert known.all()[0]["preset"] == "changed"
    assert len(opened) == 1
    trained.path.rename(root / "renamed")
    assert [each["name"] for each in known.all()] == ["renamed"]


def test_a_run_that_is_not_there_ends_its_stream(site: Site) -> None:
    found = list(read_events(site, "/api/runs/none/events"))
    assert [(kind, value["state"]) for kind, _, value in found] == [
        ("run", "missing"),
        ("end", "missing"),
    ]


def _opens_a_stream(site: Site) -> bool:
    with socket.create_connection(("127.0.0.1", site.port)) as each:
        each.sendall(f"GET /api/events HTTP/1.1\r\nHost: 127.0.0.1:{site.port}\r\n\r\n".encode())
        return b" 200 " in each.recv(1000)


def test_the_command_prints_its_address_and_ends(root: Path) -> None:
    process = subprocess.Popen(
        [sys.executable, "-m", "glassnet", "web", "--port", "0", "--runs", str(root)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    address = process.stdout.readline().strip()
    assert address.startswith("http://127.0.0.1:")
    port = int(address.rstrip("/").rpartition(":")[2])
    assert Site(port).ask("/").status == 200
    process.send_signal(signal.SIGINT)
    _, errors = process.communicate(timeout=30)
    assert process.returncode in (0, 130)
    assert "Traceback" not in errors


def test_ctrl_c_ends_the_streams_of_open_pages(root: Path) -> None:
    command = [sys.executable, "-m", "glassnet", "web", "--port", "0", "--runs", str(root)]
    pipe = subprocess.PIPE
    with subprocess.Popen(command, stdout=pipe, stderr=pipe, text=True) as process:
        assert process.stdout is not None
        port = int(process.stdout.readline().strip().rstrip("/").rpartition(":")[2])
        with _stream(Site(port)) as stream:
            assert b" 200 " in stream.recv(1000)
            process.send_signal(signal.SIGINT)
            _, errors = process.communicate(timeout=60)
    assert errors.splitlines() == ["Ctrl-C ends the page; trainings go on"]


def test_a_port_that_is_taken(capsys: pytest.CaptureFixture[str]) -> None:
    with serve.bind("127.0.0.1", 0) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(SystemExit) as caught:
            main(["web", "--port", str(port)])
    assert caught.value.code == 2
    lines = capsys.readouterr().err.splitlines()
    assert len(lines) == 2
    assert str(port) in lines[0]


def test_the_next_port_is_taken_where_one_is_in_use() -> None:
    with serve.bind("127.0.0.1", None) as first, serve.bind("127.0.0.1", None) as second:
        assert first.getsockname()[1] < second.getsockname()[1]


def test_answers_are_sent_at_once() -> None:
    """As asyncio does for sockets that name TCP: else each answer waits 40 ms for the client."""
    with serve.bind("127.0.0.1", 0) as listener:
        assert listener.proto == socket.IPPROTO_TCP


def test_threads_of_the_server_end(root: Path) -> None:
    before = threading.active_count()
    with served(root) as site:
        site.ask("/api/runs")
    until(lambda: threading.active_count() <= before + 1, 10)


PAGE = Path(__file__).parents[2] / "docs" / "web.md"


def test_the_documented_requests(
    text_classifier: Run,
    trained: Run,
    site: Site,
    root: Path,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    monkeypatch.setattr(trainings, "PROGRAM", (sys.executable, "-c", "pass"))
    generator("plain", root, tmp_path_factory).path.rename(root / "vae-mnist")
    text_classifier.path.rename(root / "lstm-movie-snippets")
    trained.path.rename(root / "cnn-fashion-mnist")
    lines = PAGE.read_text().replace("\\\n", "").splitlines()
    commands = [shlex.split(line)[1:] for line in lines if line.startswith("curl ")]
    assert len(commands) == 11
    table = "text,label\n" + "".join(f"text {k},{'ab'[k % 2]}\n" for k in range(40))
    for words in commands:
        (address,) = (word for word in words if word.startswith("http"))
        path = address.removeprefix("http://127.0.0.1:8321")
        if "-T" in words:
            answer = site.ask(path, table.encode(), "PUT")
        else:
            answer = site.ask(path, json.loads(words[-1]) if "--json" in words else None)
        assert answer.status in (200, 201, 202), (words, answer.body)
