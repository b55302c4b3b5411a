"""`leadproof up --crm salesforce`: a real process that serves a Salesforce org, its connector, and any client."""

from __future__ import annotations

import json
import os
import signal
import socket
import ssl
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlencode, urlsplit

import pytest

from leadproof.serving import Running, ServingRefused, find_running
from leadproof.serving.options import STATE_FILE
from leadproof.systems.ports import Write
from leadproof.transports.http import Http
from leadproof.transports.protocol import Request
from tests.harness.cli import in_process

PROGRAM = [sys.executable, "-c", "from leadproof.cli import main; main()"]
CLIENTLESS = [sys.executable, "-c", """
from leadproof.systems import registry
known = registry.dialects
registry.dialects = lambda side: [one for one in known(side) if one != "salesforce"]
from leadproof.cli import main
main()
"""]  # fmt: skip
CREDENTIALS = {
    "username", "password", "security_token", "client_id", "client_secret", "instance_url", "api_version",
}  # fmt: skip


def leadproof(folder: Path, *arguments: str, program: list[str] = PROGRAM) -> subprocess.CompletedProcess[str]:
    """One command to its end, in a process of its own."""
    return subprocess.run([*program, *arguments], cwd=folder, capture_output=True, text=True, timeout=60, check=False)


@contextmanager
def up(
    folder: Path, *arguments: str, program: list[str] = PROGRAM
) -> Iterator[tuple[subprocess.Popen[str], dict[str, Any]]]:
    """A serving process and its JSON line; ended at the latest with the block."""
    command = [*program, "up", "--crm", "salesforce", "--json", *arguments]
    process = subprocess.Popen(command, cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    try:
        assert process.stdout is not None
        line = process.stdout.readline()
        assert line, process.communicate()[1]
        yield process, json.loads(line)
    finally:
        if process.poll() is None:
            process.kill()
            process.communicate()


def grant(crm: dict[str, Any], form: dict[str, str]) -> tuple[int, dict[str, Any]]:
    """What a token request is answered."""
    body = urlencode(form).encode()
    headers = {"content-type": "application/x-www-form-urlencoded"}
    with closing(Http(crm["url"])) as wire:
        response = wire.send(Request("POST", "/services/oauth2/token", (), headers, body))
    return response.status, json.loads(response.body)


def test_a_salesforce_org_is_served_with_its_connector(tmp_path: Path) -> None:
    """In an empty folder: the shipped recipe, Salesforce's own credentials, and a connector that fills and syncs it:
    install adds the link fields, a prospect becomes a lead with the owner that the org's rule gives, and the commands
    of a running sandbox reach the org as they reach a native one. Ctrl-C ends it."""
    with up(tmp_path) as (process, line):
        assert (line["crm"]["dialect"], line["marketing"]["dialect"]) == ("salesforce", "native")
        assert line["connector"]["url"].startswith("http://127.0.0.1:")
        crm, login = line["crm"], line["crm"]["credentials"]
        assert set(login) == CREDENTIALS
        assert login["instance_url"] == crm["url"]
        key = {"client_id": login["client_id"], "client_secret": login["client_secret"]}
        password = login["password"] + login["security_token"]
        status, by_password = grant(
            crm, {"grant_type": "password", "username": login["username"], "password": password, **key}
        )
        assert (status, by_password["instance_url"]) == (200, crm["url"])
        assert grant(crm, {"grant_type": "client_credentials", **key})[0] == 200
        assert grant(crm, {"grant_type": "client_credentials", **key, "client_secret": "no"})[0] == 400

        running = find_running(tmp_path / STATE_FILE)
        assert running.to_json() == line
        assert running.install() == ["Lead.MarketingId__c", "Contact.MarketingId__c"]
        assert running.install() == []
        person = {"email": "nord@lead.example", "last_name": "Nord", "company": "Acme", "country": "NO"}
        with closing(running.open_marketing()) as marketing, closing(running.open_crm()) as leads:
            (made,) = marketing.write([Write("create", "prospect", values=person)])
            assert [report["stopped"] for report in running.sync(until_quiet=True)] == [None, None]
            (lead,) = leads.find("Lead", None, ["MarketingId__c", "Company"])
            owner = next(one.user_name for one in leads.users() if one.id == lead.owner)
            assert (lead.values, owner) == (
                {"MarketingId__c": made.id, "Company": "Acme"}, "nordic.sales@my-crm.example",
            )  # fmt: skip

        assert in_process.leadproof("sync", cwd=tmp_path).returncode == 0
        assert in_process.leadproof("reset", cwd=tmp_path).returncode == 0
        with closing(running.open_crm()) as leads:
            assert list(leads.find("Lead", None, [])) == []
        process.send_signal(signal.SIGINT)
        _, errors = process.communicate(timeout=30)
    assert (process.returncode, errors) == (130, "")


def test_an_org_without_a_client_is_served_and_the_rest_says_so(tmp_path: Path) -> None:
    """A dialect that no client of ours speaks, as one of a package of others may be: the org is served to the clients
    that there are, without a connector and with the reason; what would need a client is RUN818; reset still works."""
    with up(tmp_path, program=CLIENTLESS) as (process, line):
        assert line["connector"] is None
        assert line["crm"]["dialect"] == "salesforce"
        assert in_process.leadproof("reset", cwd=tmp_path).returncode == 0
        told = leadproof(tmp_path, "sync", program=CLIENTLESS)
        assert (told.returncode, told.stderr.partition(":")[0]) == (3, "RUN818")
        with pytest.raises(ServingRefused, match="without a connector") as refused:
            find_running(tmp_path / STATE_FILE).sync()
        assert (refused.value.code, refused.value.exit_code) == ("RUN818", 3)
        process.send_signal(signal.SIGINT)
        _, errors = process.communicate(timeout=30)
    assert process.returncode == 130
    assert errors.count("\n") == 1
    assert "There is no client for salesforce yet" in errors
    told = leadproof(tmp_path, "up", "--crm", "salesforce", "--sync-every", "1s", program=CLIENTLESS)
    assert (told.returncode, told.stderr.partition(":")[0]) == (3, "RUN818")


def test_the_folders_own_recipe_and_what_cannot_be_served(tmp_path: Path) -> None:
    """A recipe here is taken before the shipped one; a side that the vendor does not have is refused before anything
    is served."""
    assert in_process.leadproof("init", cwd=tmp_path).returncode == 0
    own = tmp_path / "salesforce.recipe.yaml"
    own.write_text(own.read_text().replace("sync@my-crm.example", "robot@my-crm.example"))
    with up(tmp_path) as (_, line):
        assert line["crm"]["credentials"]["username"] == "robot@my-crm.example"
    told = in_process.leadproof("up", "--marketing", "salesforce", cwd=tmp_path)
    assert (told.returncode, told.stderr.partition(":")[0]) == (2, "CFG870")


def test_a_state_file_without_a_connector_is_read_back(tmp_path: Path) -> None:
    """What is printed is what the other commands read."""
    with up(tmp_path, program=CLIENTLESS) as (_, line):
        assert Running.from_json(json.loads(json.dumps(line))).to_json() == line


# --- through the proxy ----------------------------------------------------------------------------

WALK = """
import json, os
from simple_salesforce import Salesforce
told = lambda name: os.environ["LEADPROOF_CRM_" + name]
by_soap = Salesforce(
    username=told("USERNAME"), password=told("PASSWORD"), security_token=told("SECURITY_TOKEN"), domain="login",
)
my_domain = told("INSTANCE_URL").removeprefix("https://").removesuffix(".salesforce.com")
crm = Salesforce(consumer_key=told("CLIENT_ID"), consumer_secret=told("CLIENT_SECRET"), domain=my_domain)
lead = crm.Lead.create({"LastName": "Nord", "Company": "Acme", "Country": "NO"})["id"]
owner = by_soap.query(f"SELECT Owner.Username FROM Lead WHERE Id = '{lead}'")["records"][0]["Owner"]["Username"]
print(json.dumps([my_domain, owner]))
"""


def proxied(line: dict[str, Any], request: bytes) -> tuple[int, str]:
    """What the proxy answers to a request's head: status and body."""
    address = urlsplit(line["proxy"])
    with socket.create_connection((address.hostname, address.port), timeout=30) as wire:
        wire.sendall(request)
        answer = b""
        while piece := wire.recv(65536):
            answer += piece
    head, _, body = answer.partition(b"\r\n\r\n")
    return int(head.split()[1]), body.decode()


@pytest.mark.parametrize("how", ["env", "exec"])
def test_an_unmodified_client_finds_the_sandbox_at_the_vendors_own_hosts(tmp_path: Path, how: str) -> None:
    """simple-salesforce, given nothing but the environment: the one of the JSON line, or that of --exec. It logs in
    at its built-in host and at the org's own, and the assignment rule of the shipped recipe chose the owner."""
    if how == "exec":
        done = leadproof(tmp_path, "up", "--crm", "salesforce", "--tls", "--exec", "--", sys.executable, "-c", WALK)
        assert done.returncode == 0, done.stderr
        found = done.stdout
    else:
        with up(tmp_path, "--tls") as (_, line):
            names = {f"LEADPROOF_CRM_{name}".upper(): value for name, value in line["crm"]["credentials"].items()}
            environment = {"PATH": os.environ["PATH"], **line["env"], **names}
            walk = [sys.executable, "-c", WALK]
            found = subprocess.run(walk, env=environment, capture_output=True, text=True, timeout=60, check=True).stdout
    assert json.loads(found) == ["my-crm.my", "nordic.sales@my-crm.example"]


def test_the_proxy_leads_nowhere_else(tmp_path: Path) -> None:
    """Hosts of others, other ports, names that only look alike and requests without a tunnel are refused by name; a
    client that does not trust our authority gets no answer; the end is clean while connections are open."""
    with up(tmp_path, "--tls") as (process, line):
        assert line["env"]["HTTPS_PROXY"] == line["env"]["https_proxy"] == line["proxy"]
        assert line["env"]["REQUESTS_CA_BUNDLE"] == line["ca"]
        assert "BEGIN CERTIFICATE" in Path(line["ca"]).read_text()
        assert "PRIVATE KEY" not in Path(line["ca"]).read_text()
        assert line["crm"]["credentials"]["instance_url"] == "https://my-crm.my.salesforce.com"
        assert find_running(tmp_path / STATE_FILE).to_json() == line
        for target in (
            "example.com:443", "login.salesforce.com:22", "evil-login.salesforce.com:443", "my.salesforce.com:443",
            "login.salesforce.com.evil.example:443", "127.0.0.1:443", ":443", "",
        ):  # fmt: skip
            status, text = proxied(line, f"CONNECT {target} HTTP/1.1\r\nHost: {target}\r\n\r\n".encode())
            assert (status, "leads only to itself" in text) == (403, True), target
        status, text = proxied(line, b"GET http://login.salesforce.com/ HTTP/1.1\r\nHost: login.salesforce.com\r\n\r\n")
        assert (status, "only opens tunnels" in text) == (403, True)
        assert proxied(line, b"hello\r\n\r\n")[0] == 400
        assert proxied(line, b"CONNECT login.salesforce.com:443 HTTP/1.1\r\n\r\nGET / HTTP/1.1\r\n\r\n")[0] == 400
        assert proxied(line, b"GET / HTTP/1.1\r\nx: " + b"x" * 20_000)[0] == 431

        address = urlsplit(line["proxy"])
        idle = socket.create_connection((address.hostname, address.port), timeout=30)
        stranger = socket.create_connection((address.hostname, address.port), timeout=30)
        with idle, stranger:
            stranger.sendall(b"CONNECT login.salesforce.com:443 HTTP/1.1\r\n\r\n")
            assert stranger.recv(4096).startswith(b"HTTP/1.1 200")
            with pytest.raises(ssl.SSLCertVerificationError):
                ssl.create_default_context().wrap_socket(stranger, server_hostname="login.salesforce.com")
            process.send_signal(signal.SIGTERM)
            _, errors = process.communicate(timeout=30)
    assert process.returncode == 0
    assert errors == ""
    assert not Path(line["ca"]).exists()


def test_exec_ends_with_the_commands_own_code(tmp_path: Path) -> None:
    """The command's exit code is ours, its output alone is on stdout, the sandbox is gone afterwards; a command that
    does not exist is RUN819, and a missing one a usage error."""
    see = "import os; print(os.environ['LEADPROOF_MARKETING_URL'], 'HTTPS_PROXY' in os.environ); raise SystemExit(7)"
    quiet = {name: value for name, value in os.environ.items() if name.upper() != "HTTPS_PROXY"}
    command = [*PROGRAM, "up", "--exec", "--", sys.executable, "-c", see]
    done = subprocess.run(
        command, cwd=tmp_path, env=quiet, capture_output=True, text=True, timeout=60, check=False
    )  # fmt: skip
    assert done.returncode == 7, done.stderr
    assert done.stdout.startswith("http://127.0.0.1:")
    assert done.stdout.endswith(" False\n")
    assert not (tmp_path / STATE_FILE).exists()
    told = leadproof(tmp_path, "up", "--exec", "--", "./no-such-program")
    assert (told.returncode, "RUN819" in told.stderr) == (3, True)
    assert in_process.leadproof("up", "--exec", cwd=tmp_path).returncode == 2
    assert in_process.leadproof("up", "surplus", cwd=tmp_path).returncode == 2


@pytest.mark.parametrize(
    ("handler", "code"), [("signal.SIG_DFL", 128 + signal.SIGTERM), ("lambda *_: sys.exit(5)", 5)], ids=["none", "own"]
)
def test_a_request_to_end_is_the_commands_to_heed(tmp_path: Path, handler: str, code: int) -> None:
    """SIGTERM, as a CI sends it, is passed on: the command ends as it likes, its code is ours, as a shell tells it, and
    the sandbox is gone."""
    waiting = f"import signal, sys; signal.signal(signal.SIGTERM, {handler}); print('up', flush=True); signal.pause()"
    command = [*PROGRAM, "up", "--exec", "--", sys.executable, "-c", waiting]
    process = subprocess.Popen(command, cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    try:
        assert process.stdout is not None
        assert process.stdout.readline() == "up\n", process.communicate()[1]
        assert (tmp_path / STATE_FILE).exists()
        process.send_signal(signal.SIGTERM)
        errors = process.communicate(timeout=60)[1]
    finally:
        process.kill()
        process.wait()
    assert (process.returncode, "Traceback" in errors) == (code, False), errors
    assert not (tmp_path / STATE_FILE).exists()
