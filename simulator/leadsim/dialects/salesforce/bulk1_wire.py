"""Bulk API 1.0 on the wire: what is said of a job in XML or JSON, a batch's text, answers and refusals in both."""

from __future__ import annotations

from typing import Any
from xml.sax.saxutils import escape

import orjson

from leadsim.dialects.salesforce.bulk1_query import OPERATIONS
from leadsim.dialects.salesforce.charsets import CharsetRefused, text_of
from leadsim.dialects.salesforce.errors import ApiError
from leadsim.dialects.salesforce.ids import read_id
from leadsim.dialects.salesforce.session import Session
from leadsim.dialects.salesforce.state import Job
from leadsim.dialects.salesforce.xmltree import XmlRefused, local_name, namespace_of, read_xml
from leadsim.gateway.messages import Answer
from leadsim.gateway.strictness import LaxJson, check_json

NAMESPACE = "http://www.force.com/2009/06/asyncapi/dataload"
XML, JSON = "application/xml;charset=UTF-8", "application/json;charset=UTF-8"
OF_GATEWAY = {
    "INVALID_SESSION_ID": "InvalidSessionId", "JSON_PARSER_ERROR": "ClientInputError",
    "REQUEST_LIMIT_EXCEEDED": "ExceededQuota", "UNSUPPORTED_MEDIA_TYPE": "ClientInputError",
}  # fmt: skip
CONTENTS = {"CSV": "text/csv", "JSON": "application/json"}

KINDS = ("application/json", "application/xml", "text/xml", "")
"""What a job may be described in; where nothing is said, XML is read."""


class BulkRefused(Exception):
    """A refused call of Bulk 1.0."""

    def __init__(self, code: str, text: str, status: int = 400) -> None:
        super().__init__(text)
        self.code = code
        self.text = text
        self.status = status


def error_answer(error: ApiError, status: int) -> Answer:
    """A refusal by the gateway, as XML: the client may not have said yet that it speaks JSON."""
    return refusal(OF_GATEWAY.get(error.code, error.code), error.message, status, json=False)


def refusal(code: str, text: str, status: int, *, json: bool) -> Answer:
    if json:
        return Answer(status, orjson.dumps({"exceptionCode": code, "exceptionMessage": text}), {"content-type": JSON})
    body = (
        f'<?xml version="1.0" encoding="UTF-8"?><error xmlns="{NAMESPACE}">'
        f"<exceptionCode>{escape(code)}</exceptionCode><exceptionMessage>{escape(text)}</exceptionMessage></error>"
    )
    return Answer(status, body.encode(), {"content-type": XML})


def speaks_json(session: Session) -> bool:
    sent = session.header("content-type") if session.request.method == "POST" else session.header("accept")
    if "json" in sent:
        return True
    if "xml" in sent or "csv" in sent:
        return False
    job = session.state.jobs.get(read_id(session.call.params.get("job", "")) or "")
    return job is not None and job.info.get("contentType") == "JSON"


def job_body(session: Session) -> dict[str, str]:
    body, said = session.request.body, session.header("content-type")
    kind = said.partition(";")[0].strip().lower()
    if kind not in KINDS:
        raise BulkRefused("InvalidJob", f"Unsupported content type: {kind}")
    if kind == CONTENTS["JSON"]:
        try:
            plain = text_of(body, said).encode()
            read = orjson.loads(plain)
            check_json(plain)
        except (orjson.JSONDecodeError, LaxJson, CharsetRefused):
            raise BulkRefused("InvalidJob", "Unable to parse Job") from None
        if not isinstance(read, dict):
            raise BulkRefused("InvalidJob", "Unable to parse Job")
        return {str(name): str(value) for name, value in read.items() if value is not None}
    try:
        root = read_xml(body)
    except XmlRefused:
        raise BulkRefused("InvalidJob", "Unable to parse Job") from None
    names = [one.tag for one in root]
    foreign = any(namespace_of(one) != NAMESPACE or len(one) for one in root)
    if root.tag != f"{{{NAMESPACE}}}jobInfo" or foreign or len(set(names)) < len(names):
        raise BulkRefused("InvalidJob", "Unable to parse Job")
    return {local_name(one): (one.text or "").strip() for one in root}


def batch_text(session: Session, job: Job) -> str:
    """A batch's text. Raises BulkRefused for another format than the job's, and what is not in its encoding."""
    said = session.header("content-type")
    kind = said.partition(";")[0]
    wanted = CONTENTS[job.info["contentType"]]
    # A query is text, whatever it is said to be.
    if kind.strip().lower() != wanted and job.info["operation"] not in OPERATIONS:
        raise BulkRefused("InvalidBatch", f"The batch of a {job.info['contentType']} job must be {wanted}, not {kind}")
    try:
        return text_of(session.request.body, said)
    except CharsetRefused as unfit:
        raise BulkRefused("InvalidBatch", f"The batch is not encoded in {unfit.charset}") from None


def show(session: Session, name: str, values: dict[str, Any], status: int) -> Answer:
    if speaks_json(session):
        return Answer(status, orjson.dumps(values), {"content-type": JSON})
    return Answer(status, document(name, elements(values)), {"content-type": XML})


def elements(values: dict[str, Any]) -> str:
    return "".join(f"<{name}>{escape(str(value))}</{name}>" for name, value in values.items())


def document(name: str, inside: str) -> bytes:
    return f'<?xml version="1.0" encoding="UTF-8"?><{name} xmlns="{NAMESPACE}">{inside}</{name}>'.encode()


def file_answer(text: str, job: Job) -> Answer:
    kind = JSON if job.info["contentType"] == "JSON" else "text/csv"
    return Answer(200, text.encode(), {"content-type": kind})
