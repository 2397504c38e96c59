import { readFile } from "node:fs/promises";
import type { Locator, Page } from "@playwright/test";
import type { Gatehouse } from "../support/gatehouse";
import { account, call, drawerOf, signIn, withMasterKey } from "../support/people";
import { expect, firstRun, hydrated, open, operator, shot, shots, test } from "../support/test";

test.use({ settings: withMasterKey });

/** A key that was issued, changed and revoked; its id. */
async function keyWithHistory(gatehouse: Gatehouse): Promise<string> {
  const { id } = await call(gatehouse, "POST", "/auth-keys", { name: "=checkout", description: "before" });
  await call(gatehouse, "PATCH", `/auth-keys/${id}`, {
    name: "checkout-service-prod",
    description: "after",
    rate_limits: { requests_per_minute: 60 },
  });
  await call(gatehouse, "POST", `/auth-keys/${id}/revoke`, { reason: "leaked in a ticket" });
  return id;
}

/** The row about an action. */
function row(page: Page, action: string): Locator {
  return page.getByRole("row").filter({ hasText: action });
}

test("who did what to a key, and that nobody touched the log", async ({ page, gatehouse }) => {
  await firstRun(page, gatehouse);
  const id = await keyWithHistory(gatehouse);

  // From the key to its history.
  await open(page, gatehouse, `/admin/api-keys?status=all&key=${id}`);
  await page.getByRole("link", { name: "History in the audit log" }).click();
  await expect(page).toHaveURL(new RegExp(`/admin/audit\\?target_type=key&target_id=${id}`));
  await expect(page.getByRole("table").getByRole("row")).toHaveCount(5);
  await shots(page, "06-audit");

  // What was changed, field by field.
  await row(page, "key.update").getByRole("link").click();
  await expect(page).toHaveURL(/[?&]row=\d+/);
  const changed = drawerOf(page, "key.update");
  await expect(changed.getByRole("heading", { level: 2 })).toBeFocused();
  const name = changed.getByRole("row").filter({ hasText: "name" });
  await expect(name.getByRole("cell")).toHaveText(["=checkout", "checkout-service-prod"]);
  const limit = changed.getByRole("row").filter({ hasText: "rate_limits.requests_per_minute" });
  await expect(limit.getByRole("cell")).toHaveText(["nothing", "60"]);
  await expect(changed).toContainText("master key");
  await shots(page, "06-audit-drawer");
  await page.keyboard.press("Escape");
  await expect(changed).toHaveCount(0);
  await expect(row(page, "key.update").getByRole("link")).toBeFocused();

  // A drawer that is opened by its address comes alive, and leads to the object.
  await row(page, "key.revoke").getByRole("link").click();
  await expect(drawerOf(page, "key.revoke")).toContainText("leaked in a ticket");
  await page.reload();
  await hydrated(page);
  await drawerOf(page, "key.revoke").getByRole("link", { name: "checkout-service-prod" }).click();
  await expect(page.getByRole("region", { name: "checkout-service-prod" })).toContainText("Revoked");

  // The chain holds, and the shell says the same.
  await open(page, gatehouse, "/admin/audit");
  await page.getByRole("button", { name: "Verify the chain" }).click();
  await expect(page.getByRole("status").filter({ hasText: "Intact" })).toContainText("rows checked");
  const head = await page.locator(".verify .hash").textContent();
  expect(await gatehouse.command(["audit", "verify"], "")).toContain(head);
  await shots(page, "06-audit-verified");
});

test("filters are the address, and the files have what they show", async ({ page, gatehouse }) => {
  await firstRun(page, gatehouse);
  const id = await keyWithHistory(gatehouse);
  await open(page, gatehouse, "/admin/audit");

  await page.getByLabel("Action", { exact: true }).selectOption("key.create");
  await expect(page).toHaveURL(/[?&]action=key\.create/);
  await expect(page.getByRole("table").getByRole("row")).toHaveCount(2);
  await page.getByRole("searchbox").fill("olive");
  await expect(page.getByText("No row matches these filters")).toBeVisible();
  await expect(page).toHaveURL(/[?&]q=olive/);
  await shots(page, "06-audit-filtered-away");
  await page.goBack();
  await page.getByRole("searchbox").fill("master key");
  await expect(row(page, "key.create")).toHaveCount(1);

  // Days, in UTC.
  await page.getByRole("link", { name: "7 days" }).click();
  await expect(page).toHaveURL(/[?&]from=\d{4}-\d\d-\d\d/);
  await expect(page.getByLabel("From", { exact: true })).not.toHaveValue("");
  await expect(row(page, "key.create")).toHaveCount(1);
  await page.getByLabel("To", { exact: true }).fill("2020-01-01");
  await page.getByLabel("To", { exact: true }).blur();
  await expect(page).toHaveURL(/[?&]to=2020-01-01/);
  await expect(page.getByText("No row matches these filters")).toBeVisible();
  await page.getByRole("link", { name: "Clear filters" }).click();
  await expect(page).toHaveURL(/\/admin\/audit$/);

  // Oldest first.
  await page.getByRole("link", { name: "Time" }).click();
  await expect(page.getByRole("columnheader", { name: "Time" })).toHaveAttribute("aria-sort", "ascending");
  await expect(page.getByRole("row").nth(1)).toContainText("link.create");

  // The file has the rows of the list, and no formula.
  await open(page, gatehouse, `/admin/audit?target_type=key&target_id=${id}`);
  const begun = page.waitForEvent("download");
  await page.getByRole("link", { name: "Export CSV" }).click();
  const download = await begun;
  expect(download.suggestedFilename()).toMatch(/^gatehouse-audit-\d{4}-\d\d-\d\d\.csv$/);
  const text = await readFile(await download.path(), "utf8");
  expect(text.trim().split("\r\n")).toHaveLength(5);
  expect(text).toContain(",'=checkout,");
  await open(page, gatehouse, "/admin/audit?action=audit.export");
  await expect(row(page, "audit.export")).toContainText(operator.email);
});

test("who may read may not take out, and who may neither is told so", async ({ page, gatehouse, complaints }) => {
  await firstRun(page, gatehouse);
  await open(page, gatehouse, "/admin/audit");
  await expect(page.getByRole("link", { name: "Export CSV" })).toBeVisible();

  await account(gatehouse, "helper@example.com", "user_admin");
  await signIn(page, gatehouse, "helper@example.com");
  await open(page, gatehouse, "/admin/audit?q=helper@example.com");
  await expect(row(page, "session.start")).toContainText("Success");
  await expect(page.getByRole("link", { name: "Export CSV" })).toHaveCount(0);
  await expect(page.getByRole("button", { name: "Verify the chain" })).toBeVisible();

  await account(gatehouse, "bill@example.com", "billing_admin");
  await signIn(page, gatehouse, "bill@example.com");
  await expect(page.getByRole("navigation", { name: "Admin" }).getByRole("link", { name: "Audit log" })).toHaveCount(0);
  await open(page, gatehouse, "/admin/audit");
  await expect(page.getByRole("alert")).toContainText("needs the permission audit:read");
  await expect(page.getByRole("button", { name: "Verify the chain" })).toHaveCount(0);
  complaints.splice(0).forEach((complaint) => expect(complaint).toContain("403"));
});

test.describe("without JavaScript", () => {
  test.use({ javaScriptEnabled: false });

  test("the log is read and taken out", async ({ page, gatehouse, complaints }) => {
    await firstRun(page, gatehouse);
    await keyWithHistory(gatehouse);
    await page.goto(`${gatehouse.url}/admin/audit`);
    await page.getByLabel("Action", { exact: true }).selectOption("key.revoke");
    await page.getByRole("button", { name: "Apply" }).click();
    await expect(page).toHaveURL(/[?&]action=key\.revoke/);
    await row(page, "key.revoke").getByRole("link").click();
    await expect(drawerOf(page, "key.revoke")).toContainText("leaked in a ticket");
    await shot(page, "06-audit-no-javascript");
    await page.getByRole("link", { name: "Close" }).click();
    const begun = page.waitForEvent("download");
    await page.getByRole("link", { name: "Export JSONL" }).click();
    const text = await readFile(await (await begun).path(), "utf8");
    expect(JSON.parse(text.trim()).detail.reason).toBe("leaked in a ticket");
    complaints.splice(0).forEach((complaint) => expect(complaint).toMatch(/\.js: csp$|\.wasm was preloaded/));
  });
});
