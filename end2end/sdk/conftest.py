"""A gateway of its own for the tests, on a free port, in a temporary folder."""

import json
import os
import socket
import subprocess
import time
import urllib.error
import urllib.request

import pytest

MASTER_KEY = "a master key that only these tests know"


class Gateway:
    """A running gateway and its Admin API."""

    def __init__(self, url):
        self.url = url

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
        return self.admin("POST", f"/auth-keys/{key['id']}/revoke", {"reason": "test"})


@pytest.fixture(scope="session")
def gateway(tmp_path_factory):
    folder = tmp_path_factory.mktemp("gatehouse")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    config = folder / "gatehouse.yaml"
    config.write_text(f"master_key: {MASTER_KEY}\nserver:\n  listen: 127.0.0.1:{port}\n")
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
        yield Gateway(url)
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
