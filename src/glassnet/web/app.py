"""The server's addresses: the page, its files, and the JSON API."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable
from contextlib import aclosing, asynccontextmanager
from functools import cache
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING, Any

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.responses import FileResponse, Response, StreamingResponse
from starlette.routing import Route

from glassnet.contract import Family
from glassnet.errors import GlassnetError
from glassnet.runs import environment
from glassnet.web import cells, events, parts, summaries
from glassnet.web.comparisons import Comparisons
from glassnet.web.deletions import Deletions
from glassnet.web.guard import Guard
from glassnet.web.networks import Networks, TooBusy
from glassnet.web.predictions import Predictions
from glassnet.web.preparations import Preparations
from glassnet.web.responses import json_of, json_response, of_error, plain, problem
from glassnet.web.trainings import Trainings, described_tasks
from glassnet.web.uploads import Uploads

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.types import ASGIApp, Receive, Scope, Send

    from glassnet.api.trained_run import TrainedRun
    from glassnet.web.preparations import Report

    Handler = Callable[[Request], Awaitable[Response]]

MAX_STREAMS = 100
"""Open streams of events at most; more are answered with 503."""

REPORT_POLICY = (
    "default-src 'none'; img-src data:; style-src 'unsafe-inline'; script-src 'unsafe-inline'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
"""Of a report, whose own policy, in the file, allows its one script alone."""

TYPES = {
    ".css": "text/css",
    ".js": "text/javascript",
    ".html": "text/html",
    ".svg": "image/svg+xml",
}
"""Extensions of the page's files, and their types."""


def create(
    root: Path,
    hosts: frozenset[str] | None,
    token: str | None = None,
    is_ending: Callable[[], bool] = lambda: False,
    has_spare: bool = False,
) -> ASGIApp:
    """The application.

    Args:
        root: the folder of the runs.
        hosts: as for `Guard`.
        token: as for `Guard`.
        is_ending: whether the server is about to end, which ends the streams of events.
        has_spare: as for `Trainings`.
    """
    server = _Server(root, is_ending, has_spare)
    app = Starlette(
        routes=server.routes(),
        lifespan=server.lifespan,
        exception_handlers={
            GlassnetError: _glassnet_error,
            HTTPException: _http_error,
            Exception: _defect,
        },
    )
    return Guard(app, hosts, token)


class _Server:
    def __init__(self, root: Path, is_ending: Callable[[], bool], has_spare: bool) -> None:
        self.root = root
        self.networks, self.trainings = Networks(), Trainings(root, has_spare=has_spare)
        self.predictions = Predictions(self.networks)
        self.maps = Preparations(_maps_of)
        self.summaries, self.deletions = summaries.Summaries(root), Deletions(root)
        self.uploads, self.comparisons = Uploads(root), Comparisons(root)
        self.feeds = events.Feeds(root, self._described, self.trainings.newest, is_ending)
        self.streams = 0

    def routes(self) -> list[Route]:
        get, post = ["GET"], ["POST"]
        return [
            Route("/", self.page, methods=get),
            Route("/static/{name}", self.file, methods=get),
            Route("/runs/{run:path}/report", self.report, methods=get),
            Route("/runs/{run:path}/parts", self.parts, methods=get),
            Route("/runs/{run:path}/parts/{part}", self.part, methods=get),
            Route("/runs/{run:path}/figures/{name}", self.figure, methods=get),
            Route("/api", self.about, methods=get),
            Route("/api/tasks", self.tasks, methods=get),
            Route("/api/runs", self.runs, methods=get),
            Route("/api/events", self.all_events, methods=get),
            Route("/api/train", self.train, methods=post),
            Route("/api/trainings", self.started, methods=get),
            Route("/api/compare", self.compare, methods=post),
            Route("/comparisons/{key}", self.comparison, methods=get),
            Route("/api/uploads", self.uploaded, methods=get),
            Route("/api/uploads", self.begin_upload, methods=post),
            Route("/api/uploads/{upload}/files/{name:path}", self.upload, methods=["PUT"]),
            Route("/api/uploads/{upload}/check", self.check_upload, methods=post),
            Route("/api/uploads/{upload}/delete", self.delete_upload, methods=post),
            Route("/api/runs/{run:path}/events", self.run_events, methods=get),
            Route("/api/runs/{run:path}/curves", self.curves, methods=get),
            Route("/api/runs/{run:path}/findings", self.findings, methods=get),
            Route("/api/runs/{run:path}/findings/{finding}", self.finding, methods=get),
            Route("/api/runs/{run:path}/examples", self.examples, methods=get),
            Route("/api/runs/{run:path}/predict", self.predict, methods=post),
            Route("/api/runs/{run:path}/network", self.network, methods=get),
            Route("/api/runs/{run:path}/maps", self.prepared_maps, methods=get),
            Route("/api/runs/{run:path}/inspect", self.inspect, methods=post),
            Route("/api/runs/{run:path}/decode", self.decode, methods=post),
            Route("/api/runs/{run:path}/encode", self.encode, methods=post),
            Route("/api/runs/{run:path}/resume", self.resume, methods=post),
            Route("/api/runs/{run:path}/stop", self.stop, methods=post),
            Route("/api/runs/{run:path}/delete", self.delete, methods=post),
            Route("/api/runs/{run:path}/restore", self.restore, methods=post),
            Route("/api/runs/{run:path}", self.run, methods=get),
        ]

    @asynccontextmanager
    async def lifespan(self, app: Starlette) -> AsyncIterator[None]:
        try:
            yield
        finally:
            self.networks.close()
            self.maps.close()
            self.deletions.close()
            self.uploads.close()
            await self.comparisons.close()
            await self.trainings.close()

    async def page(self, request: Request) -> Response:
        return Response(_files()["index.html"], media_type="text/html")

    async def file(self, request: Request) -> Response:
        name = request.path_params["name"]
        if name not in _files():
            raise HTTPException(404, "there is no such file")
        return Response(_files()[name], media_type=TYPES[Path(name).suffix])

    async def report(self, request: Request) -> Response:
        run = self._run(request)
        if not run.report.is_file():
            return problem(404, f"{run.name} has no report", f"glassnet report {run.name}")
        headers = {"Content-Security-Policy": REPORT_POLICY}
        return FileResponse(run.report, media_type="text/html", headers=headers)

    async def parts(self, request: Request) -> Response:
        run, name = self._run(request), request.path_params["run"]
        return json_response(await asyncio.to_thread(parts.titles, run, name))

    async def part(self, request: Request) -> Response:
        run, name = self._run(request), request.path_params["run"]
        html = await asyncio.to_thread(parts.render, run, name, request.path_params["part"])
        return Response(html, media_type="text/html")

    async def figure(self, request: Request) -> Response:
        run, name = self._run(request), request.path_params["name"]
        return FileResponse(parts.figure_file(run, name), filename=name)

    async def about(self, request: Request) -> Response:
        return json_response({"name": "glassnet", "version": environment.versions()["glassnet"]})

    async def tasks(self, request: Request) -> Response:
        self.trainings.prepare()  # whoever asks is about to train
        return json_response(await asyncio.to_thread(described_tasks))

    async def runs(self, request: Request) -> Response:
        return json_response(await asyncio.to_thread(self._described))

    async def run(self, request: Request) -> Response:
        run = self._run(request)
        return json_response(
            summaries.summary(run, request.path_params["run"]) | {"info": run.info}
        )

    async def curves(self, request: Request) -> Response:
        return json_response(await asyncio.to_thread(summaries.curves, self._run(request)))

    async def findings(self, request: Request) -> Response:
        return json_response(await asyncio.to_thread(summaries.findings_of, self._run(request)))

    async def finding(self, request: Request) -> Response:
        run, name = self._run(request), request.path_params["finding"]
        return json_response(await asyncio.to_thread(summaries.finding, run, name))

    async def examples(self, request: Request) -> Response:
        run, query = self._run(request), request.query_params
        classes = (query.get(name, "") for name in ("true", "predicted"))
        return json_response(await asyncio.to_thread(cells.cell, run, *classes))

    async def predict(self, request: Request) -> Response:
        run, content = self._run(request), await json_of(request)
        return json_response(await self.predictions.predict(run.path.resolve(), content))

    async def network(self, request: Request) -> Response:
        run = await self.networks.load(self._run(request).path.resolve())
        from glassnet.web.inspection import network_info  # torch is imported in its thread by now

        return json_response(network_info(run))

    async def prepared_maps(self, request: Request) -> Response:
        prepared = await asyncio.to_thread(self.maps.of, self._run(request).path.resolve())
        if prepared.result is None:
            return json_response(prepared.state(), 200 if prepared.error else 202)
        maps = await asyncio.to_thread(lambda: plain(prepared.result.described()))
        return json_response(prepared.state() | maps)

    async def inspect(self, request: Request) -> Response:
        path, content = self._run(request).path.resolve(), await json_of(request)
        run = await self.networks.load(path)
        from glassnet.web.inspection import inspect

        maps = self.maps.of(path).result
        return json_response(await self.networks.call(inspect, run, maps, content))

    async def decode(self, request: Request) -> Response:
        path, content = self._run(request).path.resolve(), await json_of(request)
        run = await self.networks.load(path)
        from glassnet.web.generation import decode

        maps = self.maps.of(path).result
        return json_response(await self.networks.call(decode, run, maps, content))

    async def encode(self, request: Request) -> Response:
        content = await json_of(request)
        run = await self.networks.load(self._run(request).path.resolve())
        from glassnet.web.generation import encode

        return json_response(await self.networks.call(encode, run, content))

    async def train(self, request: Request) -> Response:
        content = await json_of(request)
        upload = content.get("upload")
        path = self.uploads.path(str(upload)) if upload else None
        return json_response(self.trainings.start(content, path).described(), 202)

    async def compare(self, request: Request) -> Response:
        return json_response(self.comparisons.compare((await json_of(request)).get("runs")))

    async def comparison(self, request: Request) -> Response:
        headers = {"Content-Security-Policy": REPORT_POLICY}
        path = self.comparisons.page(request.path_params["key"])
        return FileResponse(path, media_type="text/html", headers=headers)

    async def uploaded(self, request: Request) -> Response:
        return json_response(await asyncio.to_thread(self.uploads.all))

    async def begin_upload(self, request: Request) -> Response:
        return json_response(self.uploads.begin((await json_of(request)).get("name")), 201)

    async def upload(self, request: Request) -> Response:
        upload, name = request.path_params["upload"], request.path_params["name"]
        return json_response(await self.uploads.write(upload, name, request.stream()), 201)

    async def check_upload(self, request: Request) -> Response:
        return json_response(await self.uploads.check(request.path_params["upload"]))

    async def delete_upload(self, request: Request) -> Response:
        upload = request.path_params["upload"]
        await asyncio.to_thread(self.uploads.delete, upload)
        return json_response({"upload": upload, "state": "deleted"})

    async def started(self, request: Request) -> Response:
        return json_response([each.described() for each in self.trainings.all])

    async def resume(self, request: Request) -> Response:
        run = self._run(request)
        return json_response(
            self.trainings.resume(run, request.path_params["run"]).described(), 202
        )

    async def stop(self, request: Request) -> Response:
        name = request.path_params["run"]
        if not self.trainings.stop(name):
            return problem(409, f"no training of {name} was started here", "stop it where it runs")
        return json_response({"run": name, "state": "stopping"}, 202)

    async def delete(self, request: Request) -> Response:
        name = request.path_params["run"]
        if self.trainings.is_active(name):
            return problem(409, f"{name} is being trained, or about to be", "stop it first")
        return json_response(await self.deletions.delete(name))

    async def restore(self, request: Request) -> Response:
        return json_response(self.deletions.restore(request.path_params["run"]))

    async def all_events(self, request: Request) -> Response:
        return self._stream(self.feeds.of_all(_last_id(request)))

    async def run_events(self, request: Request) -> Response:
        return self._stream(self.feeds.of_run(request.path_params["run"], _last_id(request)))

    def _stream(self, source: AsyncGenerator[bytes]) -> Response:
        if self.streams >= MAX_STREAMS:
            refused = problem(503, "too many pages follow this server", "close one of them")
            refused.headers["Connection"] = "close"  # so that it does not occupy a descriptor
            return refused
        return _Stream(self, source)

    def _described(self) -> list[dict[str, Any]]:
        """The runs, and before them the trainings that have no run folder yet."""
        found = self.summaries.all()
        there = {each["name"] for each in found}
        started = [each.described() for each in reversed(self.trainings.all)]
        return [each for each in started if each["run"] not in there] + found

    def _run(self, request: Request) -> Any:
        return summaries.find(self.root, request.path_params["run"])


class _Stream(StreamingResponse):
    """A stream of events, which counts while it is open."""

    def __init__(self, server: _Server, source: AsyncGenerator[bytes]) -> None:
        super().__init__(source, media_type="text/event-stream")
        self.server, self.source = server, source

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send the events until they end, or the client is gone."""
        self.server.streams += 1
        try:
            async with aclosing(self.source):
                await super().__call__(scope, receive, send)
        finally:
            self.server.streams -= 1


def _last_id(request: Request) -> str:
    """The id that a client has last: a browser that reconnects sends it, a new page asks for it."""
    return request.headers.get("last-event-id") or request.query_params.get("last", "")


def _maps_of(run: TrainedRun, report: Report) -> Any:
    """The maps of a network's layers, or of a generator's codes."""
    from glassnet.web import latent_map, layer_maps, probe_calibration  # import torch

    if run.family == Family.GENERATOR:
        return latent_map.build(run, report)
    return probe_calibration.calibrated(run, layer_maps.build(run, report))


async def _glassnet_error(request: Request, error: Exception) -> Response:
    assert isinstance(error, GlassnetError)  # noqa: S101 - for the type checker
    return of_error(error)


async def _http_error(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)  # noqa: S101 - for the type checker
    hints = {404: "see docs/web.md", 405: "see docs/web.md"}
    return problem(
        error.status_code, error.detail, hints.get(error.status_code, "change the request")
    )


async def _defect(request: Request, error: Exception) -> Response:
    if isinstance(error, TooBusy):
        return problem(503, "too many requests wait", "try again in a second")
    return problem(500, "a defect of glassnet", "the terminal of the server has the details")


@cache
def _files() -> dict[str, bytes]:
    """The page's files by name: its own, and the report's styles and scripts, which it shares."""
    from glassnet.drawing.screen import theme
    from glassnet.report import page

    own = (resources.files("glassnet.web") / "static").iterdir()
    files = {path.name: path.read_bytes() for path in own if Path(path.name).suffix in TYPES}
    shared = {name: page.static(name) for name in page.STYLES}
    shared |= {"palette.css": theme.css(), "figures.js": page.script_of()}
    return files | {name: text.encode() for name, text in shared.items()}
