import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { createKey } from "../support/keys";
import { chat, expect, firstRun, open, operator, shot, test } from "../support/test";

const run = promisify(execFile);

test("a developer issues a key, pastes its curl line, sees its use and revokes it", async ({ page, gatehouse }) => {
  await firstRun(page, gatehouse);
  await open(page, gatehouse, "/console/settings/api-keys");
  const { secret, curl } = await createKey(page, "checkout-service-prod");
  const row = page.getByRole("row", { name: "checkout-service-prod" });
  await expect(row).toContainText("Active");
  await expect(row).toContainText("never");
  await open(page, gatehouse, "/console/settings/api-keys");
  expect(await page.content()).not.toContain(secret.slice(20));

  const { stdout } = await run("bash", ["-c", curl]);
  expect(stdout).toContain("data: [DONE]");
  expect(stdout).toContain('"content":"Hello"');

  await expect(async () => {
    await open(page, gatehouse, "/console/settings/api-keys");
    await expect(row).toContainText("just now", { timeout: 500 });
  }).toPass();
  await row.getByRole("link", { name: "checkout-service-prod" }).click();
  const drawer = page.getByRole("region", { name: "checkout-service-prod" });
  await expect(drawer).toContainText("1 request in 24 h");
  await shot(page, "02-drawer");

  await drawer.getByRole("button", { name: "Revoke" }).click();
  const dialog = page.getByRole("dialog", { name: "Revoke checkout-service-prod" });
  await dialog.getByLabel("Reason").fill("no longer needed");
  const confirm = dialog.getByRole("button", { name: "Revoke key" });
  // Asked for because the key was used in the last 24 hours.
  await expect(confirm).toBeDisabled();
  await dialog.getByLabel("Type the key's name to confirm").fill("checkout-service-prod");
  await shot(page, "02-revoke");
  await confirm.click();
  await expect(page.getByRole("status").filter({ hasText: "is revoked" })).toContainText("0 requests cut on 1 of 1 node");

  const refused = await chat(gatehouse.url, secret);
  expect(refused.status).toBe(401);
  expect((await refused.json()).error.code).toBe("key_revoked");
  await open(page, gatehouse, "/console/settings/api-keys?status=revoked");
  await expect(row).toContainText("Revoked");
});

test.describe("with a slow model", () => {
  test.use({ settings: { GATEHOUSE__ECHO__OPTIONS__CHUNK_DELAY_MS: "50", GATEHOUSE__ECHO__OPTIONS__CHUNKS: "400" } });

  test("revoking in the page cuts a running stream with an error event", async ({ page, gatehouse }) => {
    await firstRun(page, gatehouse);
    await open(page, gatehouse, "/console/settings/api-keys");
    const { secret } = await createKey(page, "nightly-eval");
    const stream = await chat(gatehouse.url, secret, { stream: true });
    expect(stream.status).toBe(200);
    const text = stream.text();

    await page.getByRole("link", { name: "nightly-eval" }).click();
    await page.getByRole("region", { name: "nightly-eval" }).getByRole("button", { name: "Revoke" }).click();
    const dialog = page.getByRole("dialog", { name: "Revoke nightly-eval" });
    await dialog.getByLabel("Reason").fill("leaked");
    // Its one request still runs: nothing of it was written down that would ask for the name.
    await expect(dialog.getByLabel("Type the key's name to confirm")).toBeHidden();
    await dialog.getByRole("button", { name: "Revoke key" }).click();
    await expect(page.getByRole("status").filter({ hasText: "is revoked" })).toContainText("1 request cut on 1 of 1 node");

    const events = (await text).trimEnd().split("\n\n");
    expect(JSON.parse(events.at(-1)!.replace(/^data: /, "")).error.code).toBe("key_revoked");
    expect(events).not.toContain("data: [DONE]");
  });
});

test("an operator finds keys by name, owner and prefix", async ({ page, gatehouse }) => {
  await firstRun(page, gatehouse);
  await open(page, gatehouse, "/console/settings/api-keys");
  const { secret } = await createKey(page, "billing-export");
  await createKey(page, "search-index");

  await open(page, gatehouse, "/admin/api-keys");
  const search = page.getByRole("searchbox");
  const wanted = page.getByRole("row", { name: "billing-export" });
  const other = page.getByRole("row", { name: "search-index" });
  for (const [words, both] of [
    ["billing", false],
    ["%", null],
    [secret.slice(0, 14), false],
    [operator.name, true],
  ] as const) {
    await search.fill(words);
    await expect(page).toHaveURL(/[?&]q=/);
    await expect(wanted).toHaveCount(both === null ? 0 : 1);
    await expect(other).toHaveCount(both ? 1 : 0);
  }
  await shot(page, "02-admin-search");

  // A pasted key never leaves the browser whole.
  const sent: string[] = [];
  page.on("request", (request) => sent.push(request.url() + (request.postData() ?? "")));
  await search.fill(secret);
  await expect(wanted).toHaveCount(1);
  await expect(other).toHaveCount(0);
  expect(sent.join()).not.toContain(secret.slice(20));
});
