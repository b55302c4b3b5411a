"""Logging in, and what the org tells about itself: caller, objects, fields, users."""

from __future__ import annotations

from urllib.parse import parse_qsl

import orjson
from pydantic import ValidationError

from leadsim.dialects.native import shapes
from leadsim.dialects.native.errors import BAD_BODY, NativeRefusal, from_validation
from leadsim.engine.clock import iso
from leadsim.gateway.call import Call
from leadsim.gateway.credentials import Basic
from leadsim.gateway.messages import JSON, Answer
from leadsim.gateway.refusal import LoginRefused
from leadterms.fields import FieldSpec

NAMES = ("grant_type", "username", "client_id")


def token(call: Call, query: None, body: bytes) -> Answer:
    """POST /{org}/oauth/token: the password and client_credentials grants (RFC 6749, 4.3 and 4.4).

    A client may show its id and secret in an Authorization header instead (2.3.1)."""
    form = _form(call, body)
    if form.grant_type == "password":
        user, password = form.username, form.password
    else:
        user, password = form.client_id, form.client_secret
        shown = call.site.dialect.presented(call.request)
        if isinstance(shown, Basic) and user is None and password is None:
            user, password = shown.user, shown.password
    if user is None or password is None:
        needed = "username and password" if form.grant_type == "password" else "client_id and client_secret"
        raise NativeRefusal(BAD_BODY, f"the grant {form.grant_type} needs {needed}")
    login = call.site.credentials.prove(user, password)
    text, life_seconds = call.site.credentials.issue(login, call.now)
    call.user = login.user
    call.secrets.append(text)
    return Answer.json(
        200,
        {"access_token": text, "token_type": "Bearer", "expires_in": life_seconds},
        {"cache-control": "no-store"},
    )


def _form(call: Call, body: bytes) -> shapes.TokenForm:
    try:
        pairs = parse_qsl(body.decode("ascii"), keep_blank_values=True, strict_parsing=bool(body))
    except ValueError:
        raise NativeRefusal(BAD_BODY, "the body is no form (application/x-www-form-urlencoded)") from None
    # Whatever isn't a name may be a secret, also under a mistyped name.
    call.secrets.extend(value for name, value in pairs if name not in NAMES)
    names = [name for name, _ in pairs]
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise NativeRefusal(BAD_BODY, f"the form has {twice[0]} twice (RFC 6749, 3.2)")
    try:
        return shapes.TokenForm.model_validate(dict(pairs))
    except ValidationError as error:
        refusal = from_validation(error, BAD_BODY, "form")
        for found in refusal.problems:
            found["value"] = None
        raise refusal from None


def whoami(call: Call, query: None, body: None) -> Answer:
    """GET whoami"""
    login = call.site.login_of(call.user)
    if login is None:
        raise LoginRefused(f"{call.user} has no login")
    return Answer.json(
        200,
        {
            "user": call.user,
            "actor": call.actor,
            "address": call.address,
            "permissions": sorted(login.may),
            "quota": call.site.quota_json(call.now),
            "time": iso(call.now),
            "time_zone": call.org.settings.time_zone,
            "org": call.org.name,
            "kind": call.org.kind,
            "newest": {object: str(place) for object, place in call.org.reading.newest().items()},
            "epoch": call.org.epoch,
        },
    )


def objects(call: Call, query: shapes.ObjectsParameters, body: None) -> Answer:
    """GET objects"""
    schema = call.org.schema
    if query.with_fields:
        return Answer.json(200, {"objects": [orjson.Fragment(schema.described(id)) for id in schema.objects]})
    return Answer.json(200, {"objects": [{"id": spec.id, "label": spec.label} for spec in schema.objects.values()]})


def describe(call: Call, query: None, body: None) -> Answer:
    """GET objects/{object}"""
    return Answer(200, call.org.schema.described(call.params["object"]), {"content-type": JSON})


def add_field(call: Call, query: None, body: shapes.NewField) -> Answer:
    """POST objects/{object}/fields: 201 when it is new, 200 when the same field is there already."""
    object = call.params["object"]
    call.org.schema.get(object)
    if body.object not in (None, object):
        raise NativeRefusal(BAD_BODY, f"the field says object {body.object!r}, the path {object!r}")
    spec = FieldSpec.from_json({**body.model_dump(exclude_none=True), "object": object})
    added = call.org.add_field(spec, call.by)
    return Answer.json(201 if added else 200, call.org.schema.get(object).fields[spec.id].to_json())


def users(call: Call, query: None, body: None) -> Answer:
    """GET users"""
    return Answer.json(
        200,
        {
            "users": [
                {
                    "id": user.id, "user_name": user.user_name, "name": user.name, "email": user.email,
                    "active": user.active, "queue": user.queue,
                }
                for user in call.org.users
            ]
        },
    )  # fmt: skip
