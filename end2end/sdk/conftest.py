"""A gateway and an upstream of their own for the tests, on free ports, in a temporary folder."""

import json
import os
import pathlib
import socket
import subprocess
import time
import urllib.error
import urllib.request

import anthropic
import openai
import pytest

MASTER_KEY = "a master key that only these tests know"
UPSTREAM = pathlib.Path(__file__).parent.parent / "upstream"


class Gateway:
    """A running gateway and its Admin API."""

    def __init__(self, url, upstream):
        self.url = url
        self.upstream = upstream

    def admin(self, method, path, body=None):
        return fetch(method, f"{self.url}/admin/api/v1{path}", body, {"authorization": f"Bearer {MASTER_KEY}"})

    def create_key(self, **fields):
        """Issues a key of the tenant `default`; the answer holds the secret."""
        return self.admin("POST", "/auth-keys", {"tenant_id": "default", "name": "sdk", **fields})

    def revoke_key(self, key):
        return self.admin("DELETE", f"/auth-keys/{key['id']}", {"reason": "test"})

    def openai(self, secret, **options):
        return openai.OpenAI(base_url=f"{self.url}/v1", api_key=secret, **{"max_retries": 0, **options})

    def anthropic(self, secret, **options):
        return anthropic.Anthropic(base_url=self.url, api_key=secret, **{"max_retries": 0, **options})


class Upstream:
    """The providers, all in one: an OpenAI and Anthropic compatible server that nobody here wrote."""

    def __init__(self, url):
        self.url = url

    def seen(self):
        """The requests since the last call, as the providers got them."""
        return fetch("GET", f"{self.url}/seen")

    def openai(self):
        return openai.OpenAI(base_url=f"{self.url}/v1", api_key="x", max_retries=0)

    def anthropic(self):
        return anthropic.Anthropic(base_url=self.url, api_key="x", max_retries=0)


def fetch(method, url, body=None, headers=None):
    data = None if body is None else json.dumps(body).encode()
    headers = {"content-type": "application/json", **(headers or {})}
    request = urllib.request.Request(url, method=method, data=data, headers=headers)
    with urllib.request.urlopen(request, timeout=10) as answer:
        return json.load(answer)


def free_port():
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return free.getsockname()[1]


@pytest.fixture(scope="session")
def providers():
    port = free_port()
    process = subprocess.Popen(["node", UPSTREAM / "aimock.mjs", str(port)], stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout.readline().strip() == "ready"
        yield Upstream(f"http://127.0.0.1:{port}")
    finally:
        process.terminate()
        process.wait(timeout=15)


@pytest.fixture
def upstream(providers):
    """The providers, with nothing seen yet."""
    providers.seen()
    return providers


@pytest.fixture(scope="session")
def gateway(tmp_path_factory, providers):
    folder = tmp_path_factory.mktemp("gatehouse")
    port = free_port()
    settings = {
        "UPSTREAM": providers.url,
        "MASTER_KEY": MASTER_KEY,
        "GATEHOUSE_CONFIG": str(UPSTREAM / "gatehouse.yaml"),
        "GATEHOUSE__SERVER__LISTEN": f"127.0.0.1:{port}",
    }
    with open(folder / "log", "wb") as log:
        process = subprocess.Popen(
            [os.environ["GATEHOUSE_BIN"], "serve"],
            cwd=folder,
            env={**os.environ, **settings},
            stdout=log,
            stderr=subprocess.STDOUT,
        )
    try:
        url = f"http://127.0.0.1:{port}"
        wait_until_ready(process, url, folder / "log")
        yield Gateway(url, providers)
    finally:
        process.terminate()
        process.wait(timeout=15)


def wait_until_ready(process, url, log):
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline and process.poll() is None:
        try:
            with urllib.request.urlopen(f"{url}/readyz", timeout=1):
                return
        except (urllib.error.URLError, OSError):
            time.sleep(0.05)
    pytest.exit(f"gatehouse did not become ready:\n{log.read_text()}", returncode=1)


@pytest.fixture(scope="session")
def secret(gateway):
    """A key that may do everything."""
    return gateway.create_key()["secret"]


@pytest.fixture(scope="session")
def oai(gateway, secret):
    """The OpenAI SDK on the gateway."""
    with gateway.openai(secret) as client:
        yield client


@pytest.fixture(scope="session")
def claude(gateway, secret):
    """The Anthropic SDK on the gateway."""
    with gateway.anthropic(secret) as client:
        yield client


# What the gateway words itself, the SDKs' own types must accept to the letter. Usually they take what comes, which
# lets through what providers, and the mock of them, leave out.


@pytest.fixture(scope="session")
def strict_oai(gateway, secret):
    with gateway.openai(secret, _strict_response_validation=True) as client:
        yield client


@pytest.fixture(scope="session")
def strict_claude(gateway, secret):
    with gateway.anthropic(secret, _strict_response_validation=True) as client:
        yield client
