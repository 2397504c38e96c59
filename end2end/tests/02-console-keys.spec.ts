import type { Page } from "@playwright/test";
import { expect, firstRun, hydrated, operator, shot, test } from "../support/test";

/** Issues a key on the Console and returns its secret, which is shown this one time. */
async function createKey(page: Page, name: string): Promise<string> {
  await page.getByRole("button", { name: "Create key" }).first().click();
  const form = page.getByRole("dialog");
  await form.getByLabel("Name").fill(name);
  await shot(page, "02-create");
  await form.getByRole("button", { name: "Create key" }).click();

  const shown = page.getByRole("dialog");
  const secret = await shown.getByText(/^(sk|rk)_(prod|sand)_[0-9A-Za-z]{50}$/).first().innerText();
  await shot(page, "02-secret");
  await shown.getByLabel("I stored it").check();
  await shown.getByRole("button", { name: "Done" }).click();
  await expect(page.getByRole("dialog")).toHaveCount(0);
  return secret;
}

function chat(url: string, secret: string): Promise<Response> {
  return fetch(`${url}/v1/chat/completions`, {
    method: "POST",
    headers: { authorization: `Bearer ${secret}`, "content-type": "application/json" },
    body: JSON.stringify({ model: "echo", messages: [{ role: "user", content: "hello" }] }),
  });
}

test("a developer issues a key, uses it and revokes it", async ({ page, gatehouse }) => {
  await firstRun(page, gatehouse);
  await page.goto(`${gatehouse.url}/console/settings/api-keys`);
  await hydrated(page);

  const secret = await createKey(page, "checkout-service-prod");
  const row = page.getByRole("row", { name: "checkout-service-prod" });
  await expect(row).toContainText("Active");
  await page.reload();
  expect(await page.content()).not.toContain(secret);

  const answer = await chat(gatehouse.url, secret);
  expect(answer.status).toBe(200);

  await hydrated(page);
  await row.getByRole("button", { name: "Revoke" }).click();
  const dialog = page.getByRole("dialog");
  await dialog.getByLabel("Reason").fill("no longer needed");
  // Asked for because the key was used in the last 24 hours.
  await dialog.getByLabel("Key name").fill("checkout-service-prod");
  await shot(page, "02-revoke");
  await dialog.getByRole("button", { name: "Revoke key" }).click();
  await expect(row).toContainText("Revoked");

  const refused = await chat(gatehouse.url, secret);
  expect(refused.status).toBe(401);
  expect((await refused.json()).error.code).toBe("key_revoked");
});

test("an operator finds keys by name, owner and prefix", async ({ page, gatehouse }) => {
  await firstRun(page, gatehouse);
  await page.goto(`${gatehouse.url}/console/settings/api-keys`);
  await hydrated(page);
  const secret = await createKey(page, "billing-export");
  await createKey(page, "search-index");

  await page.goto(`${gatehouse.url}/admin/api-keys`);
  await hydrated(page);
  const search = page.getByRole("searchbox");
  const wanted = page.getByRole("row", { name: "billing-export" });
  const other = page.getByRole("row", { name: "search-index" });
  for (const [words, both] of [
    ["billing", false],
    [secret.slice(0, 12), false],
    [operator.name, true],
  ] as const) {
    await search.fill(words);
    await expect(page).toHaveURL(/[?&]q=/);
    await expect(wanted).toHaveCount(1);
    await expect(other).toHaveCount(both ? 1 : 0);
  }
  await shot(page, "02-admin-search");
});
