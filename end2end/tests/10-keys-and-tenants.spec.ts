import type { Page } from "@playwright/test";
import { call, said, withMasterKey } from "../support/people";
import { chat, expect, firstRun, open, operator, shots, test } from "../support/test";

test.use({
  settings: {
    ...withMasterKey,
    GATEHOUSE__ECHO__OPTIONS__CHUNK_DELAY_MS: "50",
  },
});

async function createTenant(page: Page, slug: string, name: string): Promise<void> {
  await page.getByRole("button", { name: "Create tenant" }).click();
  const form = page.getByRole("dialog", { name: "Create tenant" });
  await form.getByLabel("Slug").fill(slug);
  await form.getByLabel("Name").fill(name);
  await form.getByRole("button", { name: "Create tenant" }).click();
  await expect(page.getByRole("region", { name, exact: true })).toBeVisible();
}

test("a tenant is made, gets people, and is suspended while a stream runs", async ({ page, gatehouse }) => {
  await firstRun(page, gatehouse);
  await gatehouse.command(["user", "create", "--email", "dana@example.com", "--name", "Dana"], `${operator.password}\n`);
  await open(page, gatehouse, "/admin/tenants");
  await page.getByRole("button", { name: "Create tenant" }).click();
  const form = page.getByRole("dialog", { name: "Create tenant" });
  await form.getByLabel("Slug").fill("Team Alpha");
  await form.getByRole("button", { name: "Create tenant" }).click();
  await expect(form.getByLabel("Slug")).toBeFocused();
  await form.getByRole("button", { name: "Cancel" }).click();
  await createTenant(page, "team-alpha", "Team Alpha");
  const drawer = page.getByRole("region", { name: "Team Alpha", exact: true });

  // Somebody joins.
  await drawer.getByLabel("Add somebody").pressSequentially("dana");
  await expect(drawer.locator("datalist option")).toHaveAttribute("value", "dana@example.com");
  await drawer.getByLabel("Add somebody").fill("dana@example.com");
  await drawer.getByRole("button", { name: "Add to tenant" }).click();
  await expect(drawer.getByRole("listitem")).toContainText("dana@example.com");
  await shots(page, "10-tenant");

  const { secret } = await call(gatehouse, "POST", "/auth-keys", { name: "checkout", tenant_id: "team-alpha" });
  const content = "word ".repeat(2000);
  const stream = await chat(gatehouse.url, secret, { stream: true, messages: [{ role: "user", content }] });
  const text = stream.text();
  await drawer.getByRole("button", { name: "Suspend" }).click();
  const asked = page.getByRole("dialog", { name: "Suspend Team Alpha" });
  await asked.getByLabel("Reason").fill("unpaid");
  await shots(page, "10-suspend");
  await asked.getByRole("button", { name: "Suspend tenant" }).click();
  await expect(said(page, "is suspended")).toContainText("1 request cut on 1 of 1 node");
  const events = (await text).trimEnd().split("\n\n");
  expect(JSON.parse(events.at(-1)!.replace(/^data: /, "")).error.code).toBe("tenant_suspended");
  await expect(page.getByRole("row", { name: "Team Alpha" })).toContainText("Suspended");

  // And works again.
  await drawer.getByRole("button", { name: "Activate" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Activate tenant" }).click();
  await expect(said(page, "is active")).toBeVisible();
  expect((await chat(gatehouse.url, secret)).status).toBe(200);

  // Who leaves is told what they lose.
  await drawer.getByRole("button", { name: "Remove dana@example.com" }).click();
  const leaving = page.getByRole("dialog", { name: /Remove dana/ });
  await expect(leaving).toContainText("They have no keys here.");
  await leaving.getByRole("button", { name: "Remove from tenant" }).click();
  await expect(drawer).toContainText("Nobody is in it yet");
});

test("a tenant is deleted with all that is in it, after its slug was typed", async ({ page, gatehouse }) => {
  await firstRun(page, gatehouse);
  await call(gatehouse, "POST", "/tenants", { id: "team-beta", name: "Team Beta" });
  const { secret } = await call(gatehouse, "POST", "/auth-keys", { name: "batch", tenant_id: "team-beta" });
  await open(page, gatehouse, "/admin/tenants?slug=team-beta&tenant=team-beta");
  await expect(page.getByRole("row", { name: "default" })).toHaveCount(0);
  await page.getByRole("region", { name: "Team Beta" }).getByRole("button", { name: "Delete" }).click();
  const asked = page.getByRole("dialog", { name: "Delete Team Beta" });
  await expect(asked).toContainText("1 key is revoked for good");
  const confirm = asked.getByRole("button", { name: "Delete tenant" });
  await expect(confirm).toBeDisabled();
  await asked.getByLabel("Type the tenant's slug to confirm").fill("team-beta");
  await shots(page, "10-delete");
  await confirm.click();
  await expect(said(page, "team-beta is deleted")).toBeVisible();
  await expect(page).toHaveURL(/\/admin\/tenants$/);
  await expect(page.getByRole("row", { name: "default" })).toHaveCount(1);
  await expect(page.getByRole("row", { name: "Team Beta" })).toHaveCount(0);
  expect((await chat(gatehouse.url, secret)).status).toBe(401);
});

test("many keys are revoked at once, with a result for each", async ({ page, gatehouse }) => {
  await firstRun(page, gatehouse);
  for (let nth = 10; nth < 40; nth++) await call(gatehouse, "POST", "/auth-keys", { name: `batch-${nth}` });
  const { secret } = await call(gatehouse, "POST", "/auth-keys", { name: "in-use" });
  await chat(gatehouse.url, secret);
  await expect(async () => {
    await open(page, gatehouse, "/admin/api-keys?sort=-last_used_at");
    await expect(page.getByRole("row", { name: "in-use" })).toContainText("just now", { timeout: 500 });
  }).toPass();

  // From one to another with Shift, then all.
  await page.goto(`${gatehouse.url}/admin/api-keys?sort=name`);
  await page.waitForSelector("html[data-hydrated]");
  await page.getByLabel("Select batch-12").click();
  await page.getByLabel("Select batch-15").click({ modifiers: ["Shift"] });
  await expect(said(page, "4 keys selected")).toBeVisible();
  await page.getByLabel("Select all on this page").check();
  await expect(said(page, "31 keys selected")).toBeVisible();
  await shots(page, "10-selected");
  await page.getByRole("button", { name: "Revoke selected" }).click();
  const asked = page.getByRole("dialog", { name: "Revoke 31 keys" });
  await asked.getByLabel("Reason").fill("clean-up");
  const confirm = asked.getByRole("button", { name: "Revoke keys" });
  await expect(confirm).toBeDisabled();
  await asked.getByLabel("Confirmation").fill("revoke 31");
  await shots(page, "10-bulk-asked");
  await confirm.click();
  await expect(asked.getByText("31 of 31 done.")).toBeVisible();
  await expect(asked.getByRole("row", { name: "in-use" })).toContainText("Revoked");
  await shots(page, "10-bulk-done");
  await asked.getByRole("button", { name: "Done" }).click();
  await expect(page.getByText("31 revoked keys are hidden")).toBeVisible();
  await expect(page.getByRole("region", { name: "Selected keys" })).toHaveCount(0);
});

test("views, filters and columns of the list, which this browser keeps", async ({ page, gatehouse }) => {
  await firstRun(page, gatehouse);
  const soon = new Date(Date.now() + 3 * 86_400_000).toISOString();
  await call(gatehouse, "POST", "/auth-keys", { name: "ends-soon", expires_at: soon, environment: "sandbox" });
  await call(gatehouse, "POST", "/auth-keys", { name: "stays" });
  await open(page, gatehouse, "/admin/api-keys");
  const views = page.getByRole("navigation", { name: "Views" });
  await expect(views.getByRole("link", { name: "All keys" })).toHaveAttribute("aria-current", "page");
  await views.getByRole("link", { name: "Expiring" }).click();
  await expect(page.getByRole("row", { name: "stays" })).toHaveCount(0);
  await expect(page.getByRole("row", { name: "ends-soon" })).toHaveCount(1);
  await views.getByRole("link", { name: "Stale keys" }).click();
  await expect(page.getByText("No key matches these filters")).toBeVisible();
  await views.getByRole("link", { name: "All keys" }).click();
  await page.getByRole("combobox", { name: "Environment" }).selectOption("sandbox");
  await expect(page.getByRole("row", { name: "stays" })).toHaveCount(0);

  await page.locator("summary", { hasText: "Columns" }).click();
  await page.getByRole("checkbox", { name: "Expires" }).check();
  await page.getByRole("checkbox", { name: "Compact rows" }).check();
  await expect(page.getByRole("columnheader", { name: "Expires" })).toBeVisible();
  await shots(page, "10-columns");
  await page.reload();
  await page.waitForSelector("html[data-hydrated]");
  await expect(page.getByRole("columnheader", { name: "Expires" })).toBeVisible();
});

test("a key is found and revoked with the keyboard alone", async ({ page, gatehouse }) => {
  await firstRun(page, gatehouse);
  await call(gatehouse, "POST", "/auth-keys", { name: "leaked-key" });
  await call(gatehouse, "POST", "/auth-keys", { name: "other-key" });
  await open(page, gatehouse, "/admin/api-keys");
  await page.keyboard.press("/");
  await page.keyboard.type("leaked");
  await expect(page.getByRole("row", { name: "other-key" })).toHaveCount(0);
  await page.getByLabel("Select leaked-key").focus();
  await page.keyboard.press("Space");
  await page.getByRole("button", { name: "Revoke selected" }).focus();
  await page.keyboard.press("Enter");
  await page.keyboard.press("Tab");
  const asked = page.getByRole("dialog", { name: "Revoke 1 key" });
  await asked.getByLabel("Reason").focus();
  await page.keyboard.type("leaked");
  await page.keyboard.press("Tab");
  await page.keyboard.press("Tab");
  await expect(asked.getByRole("button", { name: "Revoke keys" })).toBeFocused();
  await page.keyboard.press("Enter");
  await expect(asked.getByText("1 of 1 done.")).toBeVisible();
});
