"""schemathesis over the Admin API's own document, on a gateway in a temporary folder, once for each kind of caller.

GATEHOUSE_BIN is the server; GATEHOUSE_PROVE makes it the full size. Each operation is called with its example, with
what its schema permits and with what it doesn't, and in chains (make, read, change, remove); each answer must have a
status, a type, a form and headers that the document names, and none may be a 5xx.
"""

import json
import os
import pathlib
import re
import subprocess
import sys
import tempfile
import urllib.error
import urllib.parse
import urllib.request

import jsonschema_rs

HERE = pathlib.Path(__file__).parent
sys.path.insert(0, str(HERE.parent))

from gatehouse import MASTER_KEY, PASSWORD, bearer, fetch, gateway  # noqa: E402

PROVING = "GATEHOUSE_PROVE" in os.environ
# Of each operation and phase.
EXAMPLES = 200 if PROVING else 5
ALL_PHASES = "examples,coverage,fuzzing,stateful"
# Each with the credential that it has. Most of what a user sends is refused before it is looked at.
CALLERS = {
    "super_admin": ("bearer", ALL_PHASES),
    "user": ("session", ALL_PHASES if PROVING else "examples,fuzzing"),
}


def main():
    with tempfile.TemporaryDirectory(prefix="gatehouse-openapi-") as folder:
        folder = pathlib.Path(folder)
        with gateway(folder) as url:
            document = fetch(f"{url}/admin/api/openapi.json")
            examples_are_valid(document)
            seed(url)
            credentials = {"GATEHOUSE_BEARER": MASTER_KEY, "GATEHOUSE_SESSION": session(url, folder)}
            calls = {}
            for caller, (scheme, phases) in CALLERS.items():
                path = folder / f"{caller}.json"
                path.write_text(json.dumps(for_scheme(closed(document), scheme)))
                calls[caller] = check(caller, phases, path, url, credentials)
    done = ", ".join(f"{count} calls as {caller}" for caller, count in calls.items())
    print(f"PROOF Admin API by its document: {done}; every check of schemathesis holds")


def check(caller, phases, document, url, credentials):
    """How many calls were made; ends the run if an answer wasn't what it should be."""
    print(f"--- as {caller}, {EXAMPLES} examples of each operation and phase", flush=True)
    command = [
        *(pathlib.Path(sys.executable).parent / "schemathesis", "--config-file", HERE / "schemathesis.toml"),
        *("run", document, "--url", url, "--max-examples", EXAMPLES, "--seed", 1, "--no-color"),
        *("--phases", phases),
        # Browsers say it of our own pages; with a bearer it doesn't count.
        *("--header", f"Origin: {url}"),
    ]
    environment = {**os.environ, **credentials, "SCHEMATHESIS_HOOKS": "hooks", "PYTHONPATH": str(HERE)}
    command = [str(word) for word in command]
    generated = None
    with subprocess.Popen(command, cwd=document.parent, env=environment, stdout=subprocess.PIPE, text=True) as run:
        for line in run.stdout:
            print(line, end="", flush=True)
            generated = re.search(r"(\d+) generated", line) or generated
    if run.returncode != 0:
        sys.exit(f"failed as {caller}")
    return int(generated[1])


def for_scheme(document, scheme):
    """The document for who has this kind of credential and no other."""
    schemes = document["components"]["securitySchemes"]
    components = {**document["components"], "securitySchemes": {scheme: schemes[scheme]}}
    security = [{scheme: []}]
    paths = {}
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            accepted = operation.get("security", document["security"])
            if security[0] in accepted:
                paths.setdefault(path, {})[method] = {**operation, "security": security}
    return {**document, "security": security, "components": components, "paths": paths}


def closed(document):
    """The document with every object closed: an answer with a field that it doesn't name is a fault."""
    def close(schema):
        if isinstance(schema, dict):
            if "properties" in schema:
                schema.setdefault("additionalProperties", False)
            for value in schema.values():
                close(value)
        elif isinstance(schema, list):
            for value in schema:
                close(value)

    close(document["components"]["schemas"])
    return document


def examples_are_valid(document):
    """Each example of a request or an answer is one that its schema permits."""
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            parts = [operation.get("requestBody", {}), *operation["responses"].values()]
            for part in parts:
                content = part.get("content", {}).get("application/json", {})
                if "example" in content:
                    schema = {**content["schema"], "components": document["components"]}
                    try:
                        jsonschema_rs.Draft202012Validator(schema).validate(content["example"])
                    except jsonschema_rs.ValidationError as error:
                        sys.exit(f"{method} {path}: the example is not valid: {error}")


def seed(url):
    """What the examples of the document speak of."""
    provider = {"name": "openai-primary", "kind": "openai_compatible", "base_url": f"{url}/v1"}
    for path, new in [("tenants", {"id": "team-alpha", "name": "Team Alpha"}), ("providers", provider)]:
        fetch(f"{url}/admin/api/v1/{path}", new, bearer())


def session(url, folder):
    """The session of somebody with the role `user`."""
    words = ["user", "create", "--email", "dev@example.com", "--role", "user"]
    subprocess.run([os.environ["GATEHOUSE_BIN"], *words], cwd=folder, input=PASSWORD.encode(), check=True)
    form = urllib.parse.urlencode({"email": "dev@example.com", "password": PASSWORD, "next": ""}).encode()
    request = urllib.request.Request(f"{url}/api/session/sign-in", data=form, headers={"origin": url})
    with urllib.request.urlopen(request, timeout=10) as answer:
        cookie = answer.headers["set-cookie"].split(";")[0]
    # Known, and without rights: what follows would prove nothing about a stranger.
    try:
        fetch(f"{url}/admin/api/v1/users", headers={"cookie": cookie})
    except urllib.error.HTTPError as error:
        assert error.code == 403, error
    return cookie.split("=", 1)[1]


if __name__ == "__main__":
    main()
