"""/composite and /composite/batch: several calls in one. Each is answered by the very operation that it names."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any
from urllib.parse import parse_qsl, unquote

import orjson

from leadsim.dialects.salesforce.errors import ApiError, refused
from leadsim.dialects.salesforce.session import Session, check_keys, object_body
from leadsim.gateway.call import Call
from leadsim.gateway.credentials import permit
from leadsim.gateway.messages import Answer, Request
from leadsim.gateway.refusal import NotPermitted

MOST_PARTS, MOST_QUERIES = 25, 5
_REFERENCE = re.compile(r"@\{\s*([A-Za-z0-9_]+)\.?([^}]*)\}")
_REFERENCE_ID = re.compile(r"[A-Za-z0-9_-]+\Z")
_FORBIDDEN = frozenset(
    {"composite", "compositeBatch", "compositeGraph", "createIngestJob", "createQueryJob", "uploadIngestData"}
)
HALTED = ApiError(
    "PROCESSING_HALTED", "The transaction was rolled back since another operation in the same transaction failed."
)
METHODS = ("GET", "POST", "PATCH", "PUT", "DELETE", "HEAD")


class _RolledBack(Exception):
    """One part of an all-or-none composite failed."""

    def __init__(self, failed: int) -> None:
        super().__init__(f"part {failed} failed")
        self.failed = failed


# --- /composite -------------------------------------------------------------------------------------------------


def composite(session: Session) -> Answer:
    """POST /composite: up to 25 calls, in order; later ones may use what earlier ones gave."""
    from leadsim.dialects.salesforce.collections import flag

    body = object_body(session.json())
    check_keys(body, ("allOrNone", "compositeRequest", "collateSubrequests"))
    parts = body.get("compositeRequest")
    if not isinstance(parts, list) or not parts or not all(isinstance(one, dict) for one in parts):
        raise refused("JSON_PARSER_ERROR", "The compositeRequest must be a list with at least one subrequest")
    if len(parts) > MOST_PARTS:
        raise refused(
            "LIMIT_EXCEEDED", f"Limit exceeded. A composite request can have at most {MOST_PARTS} subrequests."
        )
    check_parts(parts)
    answers = transaction(session, parts) if flag(body.get("allOrNone", False)) else _each(session, parts)
    return session.answer(200, {"compositeResponse": answers})


def check_parts(parts: list[dict[str, Any]]) -> None:
    """Raises ApiRefused for a part without a name of its own, or with keys that no part has."""
    seen: set[str] = set()
    for part in parts:
        check_keys(part, ("method", "url", "body", "referenceId", "httpHeaders"))
        name = part.get("referenceId")
        if not isinstance(name, str) or not _REFERENCE_ID.match(name):
            raise refused(
                "JSON_PARSER_ERROR", f"The referenceId {name!r} must be text of letters, digits and underscores"
            )
        if name in seen:
            raise refused("JSON_PARSER_ERROR", f"The referenceId {name} is not unique")
        seen.add(name)


def _each(session: Session, parts: list[dict[str, Any]]) -> list[dict[str, Any]]:
    answers: list[dict[str, Any]] = []
    known: dict[str, Any] = {}
    for part in parts:
        shown = _part(session, part, known)
        known[part["referenceId"]] = shown
        answers.append(shown)
    return answers


def transaction(session: Session, parts: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """All parts, or none: the first failure undoes what the others wrote."""
    answers: list[dict[str, Any]] = []
    known: dict[str, Any] = {}
    try:
        with session.call.org.together():
            for place, part in enumerate(parts):
                shown = _part(session, part, known)
                known[part["referenceId"]] = shown
                answers.append(shown)
                if shown["httpStatusCode"] >= 400:
                    raise _RolledBack(place)
    except _RolledBack as stopped:
        session.view.forget()
        return [
            answers[place] if place == stopped.failed else _halted(part["referenceId"])
            for place, part in enumerate(parts)
        ]
    return answers


def _halted(name: str) -> dict[str, Any]:
    return {"body": [HALTED.rest()], "httpHeaders": {}, "httpStatusCode": 400, "referenceId": name}


def _part(session: Session, part: dict[str, Any], known: Mapping[str, Any]) -> dict[str, Any]:
    name = part["referenceId"]
    try:
        url = _filled(str(part.get("url", "")), known)
        body = _filled_body(part.get("body"), known)
    except _BadReference as bad:
        error = ApiError("PROCESSING_HALTED", f"Invalid reference specified. {bad}")
        return {"body": [error.rest()], "httpHeaders": {}, "httpStatusCode": 400, "referenceId": name}
    answer = _dispatch(session, str(part.get("method", "")), url, body, part.get("httpHeaders"))
    headers = {"Location": answer.headers["location"]} if "location" in answer.headers else {}
    content = orjson.loads(answer.body) if answer.body else None
    return {"body": content, "httpHeaders": headers, "httpStatusCode": answer.status, "referenceId": name}


class _BadReference(Exception):
    """A reference leads nowhere."""


def _filled(text: str, known: Mapping[str, Any]) -> str:
    return _REFERENCE.sub(lambda found: str(_referred(found[1], found[2], known)), text)


def _filled_body(value: Any, known: Mapping[str, Any]) -> Any:
    if isinstance(value, str):
        whole = _REFERENCE.fullmatch(value)
        return _referred(whole[1], whole[2], known) if whole else _filled(value, known)
    if isinstance(value, dict):
        return {name: _filled_body(one, known) for name, one in value.items()}
    if isinstance(value, list):
        return [_filled_body(one, known) for one in value]
    return value


def _referred(name: str, path: str, known: Mapping[str, Any]) -> Any:
    """`@{newLead.id}`, `@{found.records[0].Name}`: a value of an earlier part's body."""
    if name not in known:
        raise _BadReference(f"No referenceId {name} precedes this subrequest")
    value = known[name]["body"]
    if known[name]["httpStatusCode"] >= 400:
        raise _BadReference(f"The subrequest {name} failed")
    for step, place in re.findall(r"([A-Za-z0-9_]+)|\[(\d+)\]", path):
        if place:
            if not isinstance(value, list) or int(place) >= len(value):
                raise _BadReference(f"No value at {name}.{path}")
            value = value[int(place)]
        elif isinstance(value, dict):
            match = next((key for key in value if key.lower() == step.lower()), None)
            if match is None:
                raise _BadReference(f"No value present for {step} in {name}")
            value = value[match]
        else:
            raise _BadReference(f"No value at {name}.{path}")
    return value


# --- /composite/batch -------------------------------------------------------------------------------------------


def batch(session: Session) -> Answer:
    """POST /composite/batch: up to 25 calls that know nothing of each other."""
    from leadsim.dialects.salesforce.collections import flag

    body = object_body(session.json())
    check_keys(body, ("batchRequests", "haltOnError"))
    parts = body.get("batchRequests")
    if not isinstance(parts, list) or not parts or not all(isinstance(one, dict) for one in parts):
        raise refused("JSON_PARSER_ERROR", "The batchRequests must be a list with at least one subrequest")
    if len(parts) > MOST_PARTS:
        raise refused("LIMIT_EXCEEDED", f"Limit exceeded. A batch can have at most {MOST_PARTS} subrequests.")
    halt = flag(body.get("haltOnError", False))
    results: list[dict[str, Any]] = []
    failed = False
    for part in parts:
        check_keys(part, ("method", "url", "richInput", "binaryPartName", "binaryPartNameAlias"))
        if failed and halt:
            error = ApiError("BATCH_PROCESSING_HALTED", "Batch processing halted per request")
            results.append({"statusCode": 412, "result": [error.rest()]})
            continue
        answer = _dispatch(
            session, str(part.get("method", "")), _absolute(str(part.get("url", ""))), part.get("richInput"), None
        )
        failed = failed or answer.status >= 400
        results.append({"statusCode": answer.status, "result": orjson.loads(answer.body) if answer.body else None})
    return session.answer(200, {"hasErrors": failed, "results": results})


def _absolute(url: str) -> str:
    """A batch's addresses begin with the version: v59.0/sobjects/Lead."""
    return url if url.startswith("/services/") else f"/services/data/{url.lstrip('/')}"


# --- one part ---------------------------------------------------------------------------------------------------


def _dispatch(session: Session, method: str, url: str, body: Any, headers: Any) -> Answer:
    """Ask the dialect itself, as the same user, in the same step."""
    call = session.call
    dialect = call.site.dialect
    if method.upper() not in METHODS:
        return _refusal(ApiError("METHOD_NOT_ALLOWED", f"HTTP Method '{method}' not allowed."))
    request = _request(session, method.upper(), url, body, headers)
    wanted = dialect.wanted(request, call.org.kind)
    if wanted.login == "none" or wanted.operation in _FORBIDDEN or not request.path.startswith("/services/data/"):
        return _refusal(ApiError("INVALID_OPERATION", f"{url} can't be called in a composite request"))
    try:
        login = call.site.login_of(call.user)
        if login is not None:
            permit(login, wanted.permission)
    except NotPermitted as refusal:
        return dialect.refuse(refusal, request)
    part: Call = replace(call, request=request, wanted=wanted, targets=dialect.targets(wanted, request))
    return dialect.answer(part)


def _refusal(error: ApiError) -> Answer:
    return Answer(error.status, orjson.dumps([error.rest()]), {"content-type": "application/json;charset=UTF-8"})


def _request(session: Session, method: str, url: str, body: Any, headers: Any) -> Request:
    path, _, query = url.partition("?")
    own = {"host": session.header("host"), "content-type": "application/json"}
    if isinstance(headers, dict):
        own.update({str(name).lower(): str(value) for name, value in headers.items()})
    return Request(
        method=method, path=unquote(path), segments=tuple(unquote(part) for part in path.split("/")[1:]),
        query=parse_qsl(query, keep_blank_values=True), headers=own, body=b"" if body is None else orjson.dumps(body),
        actor=session.request.actor, peer=session.request.peer, org=session.call.site.name, raw_path=path,
        scheme=session.request.scheme,
    )  # fmt: skip
