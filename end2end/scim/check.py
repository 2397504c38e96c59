"""scim2-tester over the SCIM server, on a gateway in a temporary folder: discovery, and of users and groups everything
that their schemas name, made, read, replaced, patched and deleted. GATEHOUSE_BIN is the server. No check may fail.
"""

import collections
import pathlib
import sys
import tempfile

from httpx2 import Client
from scim2_client.engines.httpx2 import SyncSCIMClient
from scim2_tester import Status, check_server

sys.path.insert(0, str(pathlib.Path(__file__).parent.parent))

from gatehouse import bearer, fetch, gateway  # noqa: E402


def main():
    with tempfile.TemporaryDirectory(prefix="gatehouse-scim-") as folder:
        with gateway(pathlib.Path(folder)) as url:
            results = check(url)
    counts = collections.Counter(result.status for result in results)
    # Skipped is what the server says it doesn't have.
    fine = {Status.SUCCESS, Status.COMPLIANT, Status.ACCEPTABLE, Status.SKIPPED}
    failed = [result for result in results if result.status not in fine]
    for result in failed:
        print(f"{result.status.name} {result.title} {result.resource_type or ''}: {result.reason}\n    {result.data}")
    told = ", ".join(f"{count} {status.name.lower()}" for status, count in counts.items())
    if failed or counts[Status.SUCCESS] < 50:
        sys.exit(f"scim2-tester: {told}")
    print(f"PROOF scim2-tester: {told}")


def check(url):
    token = fetch(f"{url}/admin/api/v1/scim-clients", {"name": "scim2-tester"}, bearer())["secret"]
    with Client(base_url=f"{url}/scim/v2", headers={"Authorization": f"Bearer {token}"}) as http:
        client = SyncSCIMClient(http)
        client.discover()
        return check_server(client)


if __name__ == "__main__":
    main()
