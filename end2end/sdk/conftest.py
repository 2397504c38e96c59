"""A gateway and an upstream of their own for the tests, on free ports, in a temporary folder."""

import json
import os
import pathlib
import socket
import subprocess
import time
import urllib.error
import urllib.request

import pytest

MASTER_KEY = "a master key that only these tests know"
END2END = pathlib.Path(__file__).parent.parent


class Gateway:
    """A running gateway and its Admin API."""

    def __init__(self, url, upstream):
        self.url = url
        self.upstream = upstream

    def admin(self, method, path, body=None):
        request = urllib.request.Request(
            f"{self.url}/admin/api/v1{path}",
            method=method,
            data=None if body is None else json.dumps(body).encode(),
            headers={"authorization": f"Bearer {MASTER_KEY}", "content-type": "application/json"},
        )
        with urllib.request.urlopen(request, timeout=10) as answer:
            return json.load(answer)

    def create_key(self, **fields):
        """Issues a key of the tenant `default`; the answer holds the secret."""
        return self.admin("POST", "/auth-keys", {"tenant_id": "default", **fields})

    def revoke_key(self, key):
        return self.admin("DELETE", f"/auth-keys/{key['id']}", {"reason": "test"})


def free_port():
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return free.getsockname()[1]


@pytest.fixture(scope="session")
def upstream():
    """An OpenAI-compatible server that nobody here wrote; its address."""
    port = free_port()
    process = subprocess.Popen(
        ["node", "upstream/aimock.mjs", str(port)], cwd=END2END, stdout=subprocess.PIPE, text=True
    )
    try:
        assert process.stdout.readline().strip() == "ready"
        yield f"http://127.0.0.1:{port}/v1"
    finally:
        process.terminate()
        process.wait(timeout=15)


@pytest.fixture(scope="session")
def gateway(tmp_path_factory, upstream):
    folder = tmp_path_factory.mktemp("gatehouse")
    port = free_port()
    config = folder / "gatehouse.yaml"
    config.write_text(
        json.dumps(  # JSON is YAML
            {
                "master_key": MASTER_KEY,
                "server": {"listen": f"127.0.0.1:{port}"},
                "providers": [
                    {
                        "name": "mock",
                        "kind": "openai_compatible",
                        "base_url": upstream,
                        "api_key": "the upstream's own key",
                        "allow_private_addresses": True,
                    }
                ],
                "models": [
                    {"name": "mocked", "targets": [{"provider": "mock", "upstream_model": "gpt-4o-mini"}]}
                ],
            }
        )
    )
    with open(folder / "log", "wb") as log:
        process = subprocess.Popen(
            [os.environ["GATEHOUSE_BIN"], "serve", "--config", config],
            cwd=folder,
            stdout=log,
            stderr=subprocess.STDOUT,
        )
    try:
        url = f"http://127.0.0.1:{port}"
        wait_until_ready(process, url, folder / "log")
        yield Gateway(url, upstream)
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
