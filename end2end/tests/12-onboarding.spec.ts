import type { Page } from "@playwright/test";
import type { Gatehouse } from "../support/gatehouse";
import { createKey } from "../support/keys";
import { account, call, drawerOf, openDrawer, said, signIn, withMasterKey } from "../support/people";
import { chat, codeOf, expect, firstRun, hydrated, open, operator, shots, test } from "../support/test";

// An operator's work of a week, each task as one test: who is here, what may they do, who has which key, which keys
// does nobody need, who has left.

test.use({ settings: { ...withMasterKey, GATEHOUSE__ECHO__OPTIONS__CHUNK_DELAY_MS: "20" } });

/** Makes a key of somebody by the Admin API; its secret. */
async function keyOf(gatehouse: Gatehouse, owner: string, name: string): Promise<string> {
  return (await call(gatehouse, "POST", "/auth-keys", { name, owner })).secret;
}

/** The names of the keys in the order of the list. */
async function namesInOrder(page: Page): Promise<string[]> {
  return page.getByRole("table").getByRole("rowheader").allInnerTexts();
}

test("confirm that a user is registered", async ({ page, gatehouse }) => {
  await firstRun(page, gatehouse);
  for (const name of ["dana", "erik", "frida"]) await account(gatehouse, `${name}@example.com`);
  await open(page, gatehouse, "/admin");
  await page.getByRole("link", { name: "Users", exact: true }).first().click();
  for (const column of ["Name", "Email", "Role", "Organization Unit", "Last Sign-In", "Status"]) {
    await expect(page.getByRole("columnheader", { name: column })).toBeVisible();
  }

  // By address, by status, by role; and somebody who isn't there.
  await page.getByRole("searchbox").fill("dana@");
  await expect(page.getByRole("table").getByRole("row")).toHaveCount(2);
  await page.getByRole("search").getByLabel("Status").selectOption("inactive");
  await expect(page.getByText("No user matches")).toBeVisible();
  await page.getByRole("link", { name: "Clear filters" }).click();
  await page.getByRole("search").getByLabel("Role").selectOption("super_admin");
  await expect(page.getByRole("table").getByRole("row")).toHaveCount(2);
  await expect(page.getByRole("row", { name: operator.name })).toBeVisible();
  await open(page, gatehouse, "/admin/users?q=dana");

  // The whole profile, and what they did.
  await chat(gatehouse.url, await keyOf(gatehouse, "dana@example.com", "cursor-local-dana"));
  const dana = await openDrawer(page, "dana@example.com");
  for (const fact of ["Registered", "Last Sign-In", "Active"]) await expect(dana).toContainText(fact);
  await dana.getByRole("link", { name: "Activity" }).click();
  await expect(async () => {
    await page.reload();
    await expect(dana).toContainText("Called echo", { timeout: 500 });
  }).toPass();
  await shots(page, "12-user-activity");
});

test("assign a role, which counts from the next request", async ({ page, gatehouse, browser, complaints }) => {
  await firstRun(page, gatehouse);
  await account(gatehouse, "dana@example.com");
  const theirs = await browser.newPage();
  await signIn(theirs, gatehouse, "dana@example.com");
  await theirs.goto(`${gatehouse.url}/admin/providers`);
  await expect(theirs.getByRole("alert")).toContainText("needs the permission providers:read");

  await open(page, gatehouse, "/admin/users?q=dana");
  const dana = await openDrawer(page, "dana@example.com");
  await dana.getByRole("button", { name: "Edit role" }).click();
  const form = page.getByRole("dialog", { name: "Edit role of dana@example.com" });
  await form.getByLabel("Role", { exact: true }).selectOption("provider_admin");
  await expect(form.getByRole("status", { name: "What this changes" })).toContainText("providers:*");
  await form.getByRole("button", { name: "Change role" }).click();
  await expect(said(page, "has the role provider_admin")).toBeVisible();

  // The session that was there before.
  await theirs.goto(`${gatehouse.url}/admin/providers`);
  await expect(theirs.getByRole("heading", { name: "Providers", level: 1 })).toBeVisible();
  await expect(theirs.getByRole("alert")).toHaveCount(0);
  await theirs.context().close();
  expect(complaints).toEqual([]);
});

test("a developer issues a key on the Console and makes the first call", async ({ page, gatehouse }) => {
  await firstRun(page, gatehouse);
  await account(gatehouse, "dana@example.com");
  await signIn(page, gatehouse, "dana@example.com");
  await page.getByRole("link", { name: "API keys", exact: true }).first().click();
  await page.waitForSelector("html[data-hydrated]");
  const { secret } = await createKey(page, "rag-experiment-staging");
  await expect(page.getByRole("row", { name: "rag-experiment-staging" })).toContainText("Active");
  const answer = await chat(gatehouse.url, secret);
  expect(answer.status).toBe(200);
  expect((await answer.json()).choices[0].message.content).toBeTruthy();

  // Only one's own are there.
  await expect(page.getByRole("columnheader", { name: "Owner" })).toHaveCount(0);
});

test("find a leaked key and revoke it, whoever it belongs to", async ({ page, gatehouse }) => {
  await firstRun(page, gatehouse);
  await account(gatehouse, "dana@example.com");
  await account(gatehouse, "erik@example.com");
  const leaked = await keyOf(gatehouse, "dana@example.com", "checkout-service-prod");
  const other = await keyOf(gatehouse, "erik@example.com", "nightly-eval");
  await open(page, gatehouse, "/admin/api-keys");
  for (const column of ["Name", "Owner", "Key Prefix", "Created", "Last Used", "Status"]) {
    await expect(page.getByRole("columnheader", { name: column })).toBeVisible();
  }

  // By its owner, then by what was found of it in a log.
  await page.getByRole("combobox", { name: "Owner:" }).fill("dana@example.com");
  await page.keyboard.press("Enter");
  await expect(page).toHaveURL(/[?&]owner=usr_/);
  await expect(page.getByRole("link", { name: "Remove filter Owner: dana@example.com" })).toBeVisible();
  await expect(page.getByRole("row", { name: "nightly-eval" })).toHaveCount(0);
  await shots(page, "12-keys-of-owner");
  await page.getByRole("link", { name: "Remove filter Owner: dana@example.com" }).click();
  await page.getByRole("searchbox").fill(leaked.slice(0, 14));
  await expect(page.getByRole("row", { name: "nightly-eval" })).toHaveCount(0);

  // Used before, and in use right now.
  await (await chat(gatehouse.url, leaked)).text();
  const content = "word ".repeat(2000);
  const stream = await chat(gatehouse.url, leaked, { stream: true, messages: [{ role: "user", content }] });
  const text = stream.text();
  const drawer = await openDrawer(page, "checkout-service-prod");
  for (const fact of ["dana@example.com", "Routing", "Usage"]) await expect(drawer).toContainText(fact);
  await expect(async () => {
    await page.reload();
    await hydrated(page);
    await expect(drawer).toContainText("1 request", { timeout: 1_000 });
  }).toPass();
  await drawer.getByRole("button", { name: "Revoke" }).click();
  const asked = page.getByRole("dialog", { name: "Revoke checkout-service-prod" });
  await asked.getByLabel("Reason").fill("seen in a public log");
  await asked.getByLabel("Type the key's name to confirm").fill("checkout-service-prod");
  await asked.getByRole("button", { name: "Revoke key" }).click();
  await expect(said(page, "is revoked")).toContainText("1 request cut on 1 of 1 node");
  expect(await text).toContain("key_revoked");
  const refused = await chat(gatehouse.url, leaked);
  expect(refused.status).toBe(401);
  expect(await codeOf(refused)).toBe("key_revoked");
  expect((await chat(gatehouse.url, other)).status).toBe(200);

  // Who did it and why.
  await page.getByRole("link", { name: "History in the audit log" }).click();
  await page.getByRole("row").filter({ hasText: "key.revoke" }).getByRole("link").first().click();
  await expect(drawerOf(page, "key.revoke")).toContainText("seen in a public log");
  await expect(drawerOf(page, "key.revoke")).toContainText(operator.email);
  await shots(page, "12-who-revoked");
});

test("find keys that nobody uses", async ({ page, gatehouse }) => {
  await firstRun(page, gatehouse);
  await account(gatehouse, "dana@example.com");
  const used = await keyOf(gatehouse, "dana@example.com", "in-daily-use");
  await keyOf(gatehouse, "dana@example.com", "test-of-last-spring");
  await chat(gatehouse.url, used);
  await expect(async () => {
    await open(page, gatehouse, "/admin/api-keys");
    await expect(page.getByRole("row", { name: "in-daily-use" })).toContainText("just now", { timeout: 500 });
  }).toPass();
  const order = page.getByRole("columnheader", { name: "Last Used" }).getByRole("link");
  await order.click();
  await expect(page.getByRole("columnheader", { name: "Last Used" })).toHaveAttribute("aria-sort", /.+/);
  if ((await page.getByRole("columnheader", { name: "Last Used" }).getAttribute("aria-sort")) !== "ascending") {
    await order.click();
  }
  await expect(page.getByRole("columnheader", { name: "Last Used" })).toHaveAttribute("aria-sort", "ascending");
  await expect(async () => {
    const names = await namesInOrder(page);
    expect(names[0]).toContain("test-of-last-spring");
    expect(names[1]).toContain("in-daily-use");
  }).toPass();
  await expect(page.getByRole("row", { name: "test-of-last-spring" })).toContainText("never");
  await page.getByLabel("Select test-of-last-spring").click();
  await page.getByRole("button", { name: "Revoke selected" }).click();
  const asked = page.getByRole("dialog", { name: "Revoke 1 key" });
  await asked.getByLabel("Reason").fill("unused");
  await asked.getByRole("button", { name: "Revoke keys" }).click();
  await expect(asked.getByText("1 of 1 done.")).toBeVisible();
  await asked.getByRole("button", { name: "Done" }).click();
  await expect(page.getByRole("row", { name: "test-of-last-spring" })).toHaveCount(0);
});

test("handle a leaver, keys first", async ({ page, gatehouse }) => {
  await firstRun(page, gatehouse);
  await account(gatehouse, "leaver@example.com");
  const secrets = [];
  for (const name of ["ci-old", "laptop"]) secrets.push(await keyOf(gatehouse, "leaver@example.com", name));
  await open(page, gatehouse, "/admin/users?q=leaver");
  const leaver = await openDrawer(page, "leaver@example.com");
  await leaver.getByRole("button", { name: "Offboard" }).click();
  const asked = page.getByRole("dialog", { name: "Offboard leaver@example.com" });
  await expect(asked).toContainText("2 keys to be revoked");
  await asked.getByLabel("Reason").fill("left the company");
  await asked.getByLabel("Type their e-mail address").fill("leaver@example.com");
  await asked.getByRole("button", { name: "Offboard" }).click();
  await expect(asked.getByRole("status")).toContainText("is offboarded");
  await asked.getByRole("button", { name: "Done" }).click();
  await expect(page.getByRole("row", { name: "leaver@example.com" })).toContainText("Inactive");
  for (const secret of secrets) expect((await chat(gatehouse.url, secret)).status).toBe(401);

  // Nothing of theirs is left, and the log says what went.
  await open(page, gatehouse, "/admin/api-keys?status=active");
  await expect(page.getByText("No key matches")).toBeVisible();
  await open(page, gatehouse, "/admin/audit");
  await page.getByRole("row").filter({ hasText: "user.offboard" }).getByRole("link").first().click();
  await expect(drawerOf(page, "user.offboard")).toContainText("left the company");
});
