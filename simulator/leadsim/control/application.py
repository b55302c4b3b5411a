"""The control API as a FastAPI application, with errors in the native body."""

from __future__ import annotations

from functools import cache
from typing import Any

from fastapi import Depends, FastAPI, Request
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse

from leadsim.control import orgs, record, state
from leadsim.control.errors import LabRefusal, error_body
from leadsim.control.serving import strict_body, strict_query
from leadsim.control.shapes import Error
from leadsim.engine.refusals import Refused
from leadterms.refusals import LeadtermsError

PREFIX = "/_lab"
BAD_REQUEST = "REF745"
NOTHING_HERE = "REF742"
WRONG_METHOD = "REF743"


@cache
def application() -> FastAPI:
    """The routes of every sandbox: which one is asked stands in the scope. FastAPI takes 50 ms to build them, which a
    run would otherwise pay for each scenario."""
    api = FastAPI(
        title="Leadproof: the sandbox's own API",
        version="1",
        summary="Clock, journal, faults, snapshots and orgs of a sandbox.",
        openapi_url=f"{PREFIX}/openapi.json",
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
        responses={400: {"model": Error, "description": "Something asked for is not right."}},
    )
    for router in (state.router, record.router, orgs.router):
        api.include_router(router, prefix=PREFIX, dependencies=[Depends(strict_query), Depends(strict_body)])
    _refusals(api)
    _document(api)
    return api


def _refusals(api: FastAPI) -> None:
    """Every refusal in the one error body."""

    @api.exception_handler(LabRefusal)
    async def lab(request: Request, refusal: LabRefusal) -> JSONResponse:
        kind = "gone" if refusal.status == 404 else "invalid"
        return JSONResponse(error_body(refusal.code, kind, refusal.text, refusal.fix, refusal.problems), refusal.status)

    @api.exception_handler(Refused)
    async def engine(request: Request, refused: Refused) -> JSONResponse:
        from leadsim.dialects.native.errors import detail

        return JSONResponse({"error": detail(refused)}, 400)

    @api.exception_handler(LeadtermsError)
    async def terms(request: Request, error: LeadtermsError) -> JSONResponse:
        return JSONResponse(error_body(error.code, "invalid", error.text, error.fix), 400)

    @api.exception_handler(RequestValidationError)
    async def validation(request: Request, error: RequestValidationError) -> JSONResponse:
        problems = [
            {
                "object": None, "id": None, "field": ".".join(str(part) for part in one["loc"][1:]),
                "value": None, "rule": one["type"], "message": one["msg"],
            }
            for one in error.errors()
        ]  # fmt: skip
        first = problems[0]
        text = f"the request is not what this operation reads: {first['field']}: {first['message']}"
        return JSONResponse(error_body(BAD_REQUEST, "invalid", text, f"See {PREFIX}/openapi.json", problems), 400)

    @api.exception_handler(HTTPException)
    async def nowhere(request: Request, error: HTTPException) -> JSONResponse:
        code = {404: NOTHING_HERE, 405: WRONG_METHOD}.get(error.status_code, BAD_REQUEST)
        text = f"{request.method} {request.url.path}: {error.detail}"
        return JSONResponse(
            error_body(code, "invalid", text, f"See {PREFIX}/openapi.json"),
            error.status_code,
            dict(error.headers or {}),
        )


def _document(api: FastAPI) -> None:
    """FastAPI documents 422 for what it validates; here that is 400, as the handler above answers."""
    written = api.openapi

    def openapi() -> dict[str, Any]:
        if api.openapi_schema is None:
            document = written()
            for operations in document["paths"].values():
                for operation in operations.values():
                    operation["responses"].pop("422", None)
            for name in ("HTTPValidationError", "ValidationError"):
                document["components"]["schemas"].pop(name, None)
            api.openapi_schema = document
        return api.openapi_schema

    api.openapi = openapi  # type: ignore[method-assign]
