"""Answers of the server as JSON; an error has the two lines that the command line prints."""

from __future__ import annotations

import json
import math
from typing import TYPE_CHECKING, Any

import numpy as np
from starlette.exceptions import HTTPException
from starlette.responses import Response

from glassnet.errors import FetchError, GlassnetError, RunError, UserError
from glassnet.visible import all_visible

if TYPE_CHECKING:
    from starlette.requests import Request

MAX_BODY = 32 << 20
"""Bytes of a request's body at most."""


def json_response(value: Any, status: int = 200) -> Response:
    """The value as JSON; NaN and infinity, which JSON does not have, become null."""
    content = json.dumps(plain(value), ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    return Response(content, status, media_type="application/json")


def problem(status: int, message: str, hint: str) -> Response:
    """An error: what is wrong, and what to do."""
    return json_response({"error": all_visible(message), "hint": all_visible(hint)}, status)


def of_error(error: GlassnetError) -> Response:
    """An error that glassnet raises: 400 for one that the user can fix, 404 for a missing run.

    `field` names the field of a form that it is about.
    """
    status = 404 if isinstance(error, RunError) else 400 if isinstance(error, UserError) else 500
    lines = {"error": all_visible(error.message), "hint": all_visible(error.hint)}
    if field := getattr(error, "field", ""):
        lines["field"] = all_visible(field)
    return json_response(lines, 502 if isinstance(error, FetchError) else status)


def plain(value: Any) -> Any:
    """The value in JSON's types.

    Example:
        >>> plain({"a": np.array([1.0, np.nan])})
        {'a': [1.0, None]}
    """
    if isinstance(value, np.ndarray | np.generic):
        value = value.tolist()
    if isinstance(value, dict):
        return {str(name): plain(item) for name, item in value.items()}
    if isinstance(value, tuple | list):
        return [plain(item) for item in value]
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return value


async def body_of(request: Request, limit: int = MAX_BODY) -> bytes:
    """The body of a request.

    Raises:
        HTTPException: it is larger than the limit; the rest is not read.
    """
    parts, size = [], 0
    async for part in request.stream():
        size += len(part)
        if size > limit:
            raise HTTPException(413, f"the request has more than {limit >> 20} MiB")
        parts.append(part)
    return b"".join(parts)


async def json_of(request: Request, limit: int = MAX_BODY) -> dict[str, Any]:
    """The JSON object that a request has as its body.

    Raises:
        HTTPException: it is something else, or too large.
    """
    if request.headers.get("content-type", "").partition(";")[0].strip() != "application/json":
        raise HTTPException(415, "the body must be JSON: Content-Type: application/json")
    try:
        value = json.loads(await body_of(request, limit))
    except (ValueError, RecursionError):
        raise HTTPException(400, "the body is no JSON") from None
    if not isinstance(value, dict):
        raise HTTPException(400, "the body must be a JSON object")
    return value
