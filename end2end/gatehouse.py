"""A gateway in a temporary folder, for checks in Python. GATEHOUSE_BIN is the server."""

import contextlib
import json
import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request

MASTER_KEY = "a master key that only this check knows"
PASSWORD = "a password that only this check knows"


@contextlib.contextmanager
def gateway(folder):
    port = free_port()
    settings = {
        "GATEHOUSE__MASTER_KEY": MASTER_KEY,
        "GATEHOUSE__SERVER__LISTEN": f"127.0.0.1:{port}",
        # Wrong bearers are tried for every operation; each comes from an address of its own.
        "GATEHOUSE__SERVER__TRUSTED_PROXIES": '["127.0.0.1"]',
        "GATEHOUSE__IDENTITY__ADMIN_EMAIL": "admin@example.com",
        "GATEHOUSE__IDENTITY__ADMIN_PASSWORD": PASSWORD,
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
        yield url
    finally:
        process.terminate()
        process.wait(timeout=15)


def bearer():
    return {"authorization": f"Bearer {MASTER_KEY}"}


def fetch(url, body=None, headers=None):
    data = None if body is None else json.dumps(body).encode()
    headers = {"content-type": "application/json", **(headers or {})}
    with urllib.request.urlopen(urllib.request.Request(url, data=data, headers=headers), timeout=10) as answer:
        return json.load(answer)


def free_port():
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return free.getsockname()[1]


def wait_until_ready(process, url, log):
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline and process.poll() is None:
        try:
            with urllib.request.urlopen(f"{url}/readyz", timeout=1):
                return
        except (urllib.error.URLError, OSError):
            time.sleep(0.05)
    sys.exit(f"gatehouse did not become ready:\n{log.read_text()}")
