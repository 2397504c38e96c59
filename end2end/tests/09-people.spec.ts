import { readFile } from "node:fs/promises";
import { account, call, openDrawer, said, tabTo, withMasterKey } from "../support/people";
import { chat, expect, firstRun, open, operator, shots, test } from "../support/test";

test.use({ settings: withMasterKey });

test("a colleague joins: account, role, tenant; and is found again", async ({ page, gatehouse }) => {
  await firstRun(page, gatehouse);
  await call(gatehouse, "POST", "/tenants", { id: "search-lab", name: "Search Lab" });
  await open(page, gatehouse, "/admin/users");
  await page.getByRole("button", { name: "Create user" }).click();
  const form = page.getByRole("dialog", { name: "Create user" });
  await form.getByLabel("Name").fill("Ada Lovelace");
  await form.getByLabel("Email").fill(operator.email);
  await form.getByRole("button", { name: "Create user" }).click();
  await expect(form.getByLabel("Email")).toBeFocused();
  await expect(form).toContainText("Is taken by another account.");
  await shots(page, "09-user-form");
  await form.getByLabel("Email").fill("ada@example.com");
  await form.getByLabel("Organization Unit").fill("Research");
  await form.getByRole("button", { name: "Create user" }).click();
  await expect(said(page, "Ada Lovelace is created")).toBeVisible();

  // The role: what comes and goes is told before it is saved.
  const ada = page.locator(".drawer");
  await expect(ada).toContainText("Research");
  await ada.getByRole("button", { name: "Edit role" }).click();
  const role = page.getByRole("dialog", { name: "Edit role of Ada Lovelace" });
  await expect(role).toContainText("Everywhere, now: user.");
  await role.getByLabel("Role", { exact: true }).selectOption("super_admin");
  await expect(role).toContainText("also to you");
  await role.getByLabel("Role", { exact: true }).selectOption("billing_admin");
  const effect = role.getByRole("status", { name: "What this changes" });
  await expect(effect).toContainText("budgets:*");
  await shots(page, "09-edit-role");
  await role.getByLabel("Reason").fill("watches costs");
  await role.getByRole("button", { name: "Change role" }).click();
  await expect(said(page, "has the role billing_admin")).toBeVisible();
  await expect(ada).toContainText("billing_admin");

  // A tenant, and a role that counts only there.
  await ada.getByRole("button", { name: "Add to a tenant" }).click();
  const join = page.getByRole("dialog", { name: "Add Ada Lovelace to a tenant" });
  await join.getByLabel("Tenant").selectOption("search-lab");
  await join.getByRole("button", { name: "Add to tenant" }).click();
  await expect(said(page, "a member of Search Lab")).toBeVisible();
  await ada.getByRole("button", { name: "Give role in Search Lab" }).click();
  await expect(role).toContainText("In search-lab, now: none.");
  await role.getByLabel("Role", { exact: true }).selectOption("user_admin");
  await expect(effect).toContainText("memberships:*");
  await role.getByRole("button", { name: "Change role" }).click();
  await expect(ada.getByRole("listitem").filter({ hasText: "Search Lab" })).toContainText("user_admin");
  await expect(page.getByRole("row", { name: "Ada Lovelace" })).toContainText("+1");
  await shots(page, "09-user-drawer");

  // Parts of the drawer are addresses.
  await ada.getByRole("link", { name: "Identities" }).click();
  await expect(page).toHaveURL(/[?&]tab=identities/);
  await page.reload();
  await expect(ada).toContainText("nobody signs in through an identity provider");
  await ada.getByRole("link", { name: "Keys" }).click();
  await expect(ada).toContainText("0 keys");

  // And away again: the question tells what is lost.
  await open(page, gatehouse, "/admin/users?tenant=search-lab");
  await openDrawer(page, "Ada Lovelace");
  await ada.getByRole("button", { name: "Take user_admin in Search Lab away" }).click();
  const take = page.getByRole("dialog", { name: "Take user_admin away" });
  await expect(take.getByRole("status", { name: "What this changes" })).toContainText("memberships:*");
  await take.getByRole("button", { name: "Take role away" }).click();
  await expect(said(page, "The role is taken away")).toBeVisible();
  await expect(ada.getByRole("listitem").filter({ hasText: "Search Lab" })).not.toContainText("user_admin");
});

test("who leaves a tenant loses their keys there, who is deactivated loses all for as long", async ({
  page,
  gatehouse,
}) => {
  await firstRun(page, gatehouse);
  await account(gatehouse, "leaver@example.com");
  const { secret } = await call(gatehouse, "POST", "/auth-keys", { name: "old-batch", owner: "leaver@example.com" });
  expect((await chat(gatehouse.url, secret)).status).toBe(200);

  await open(page, gatehouse, "/admin/users?q=leaver");
  const leaver = await openDrawer(page, "leaver@example.com");
  await leaver.getByRole("button", { name: "Deactivate" }).click();
  const off = page.getByRole("dialog", { name: "Deactivate leaver@example.com" });
  await off.getByLabel("Reason").fill("on leave");
  await shots(page, "09-deactivate");
  await off.getByRole("button", { name: "Deactivate" }).click();
  await expect(said(page, "is Inactive")).toContainText("requests cut on 1 of 1 node");
  await expect(page.getByRole("row", { name: "leaver@example.com" })).toContainText("Inactive");
  expect((await chat(gatehouse.url, secret)).status).toBe(401);

  await leaver.getByRole("button", { name: "Activate" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Activate" }).click();
  await expect(said(page, "is Active")).toBeVisible();
  expect((await chat(gatehouse.url, secret)).status).toBe(200);

  await leaver.getByRole("button", { name: /^Remove from / }).click();
  const leave = page.getByRole("dialog", { name: /^Remove leaver@example.com from/ });
  await expect(leave).toContainText("Their 1 key here will be revoked");
  await shots(page, "09-leave-tenant");
  await leave.getByRole("button", { name: "Remove from tenant" }).click();
  await expect(said(page, "1 key revoked")).toBeVisible();
  await expect(leaver).toContainText("A member of no tenant");
  expect((await chat(gatehouse.url, secret)).status).toBe(401);
});

test("several at once, with a result for each", async ({ page, gatehouse }) => {
  await firstRun(page, gatehouse);
  for (const name of ["a", "b", "c"]) await account(gatehouse, `${name}@example.com`);
  await open(page, gatehouse, "/admin/users");
  for (const name of ["Pick a@example.com", "Pick b@example.com", `Pick ${operator.name}`]) {
    await page.getByLabel(name).check();
  }
  const bar = page.getByRole("group", { name: "Picked users" });
  await expect(bar).toContainText("3 users picked");
  await shots(page, "09-bulk");
  await bar.getByRole("button", { name: "Deactivate…" }).click();
  const dialog = page.getByRole("dialog", { name: "Deactivate 3 users" });
  await dialog.getByRole("button", { name: "Deactivate", exact: true }).click();
  await expect(dialog).toContainText("3 of 3 done, 1 failed");
  await expect(dialog.getByRole("row", { name: operator.name })).toContainText("last Active super_admin");
  await shots(page, "09-bulk-results");
  await dialog.getByRole("button", { name: "Done" }).click();
  await expect(bar).toContainText("1 user picked");

  // What filters hide is told, and one link away.
  await page.getByLabel("Status").selectOption("inactive");
  await expect(page.getByRole("table").getByRole("row")).toHaveCount(3);
  await expect(page.getByRole("caption")).toContainText("the filters hide the others");
  // The file has what the filters show.
  const file = page.waitForEvent("download");
  await page.getByRole("link", { name: "Export CSV" }).click();
  expect((await file).suggestedFilename()).toMatch(/^gatehouse-users-\d{4}-\d\d-\d\d\.csv$/);
  expect((await file).url()).toContain("/admin/api/v1/users/export?format=csv&status=inactive");
  await page.getByRole("link", { name: "Show all" }).click();
  await expect(page.getByRole("table").getByRole("row")).toHaveCount(5);
});

test("giving a role with the keyboard only", async ({ page, gatehouse }) => {
  await firstRun(page, gatehouse);
  await account(gatehouse, "dev@example.com");
  await open(page, gatehouse, "/admin/users");
  await page.keyboard.press("/");
  await page.keyboard.type("dev@");
  await expect(page.getByRole("table").getByRole("row")).toHaveCount(2);
  const link = page.getByRole("table").getByRole("link", { name: "dev@example.com" });
  await tabTo(page, link);
  await page.keyboard.press("Enter");
  await expect(page.locator(".drawer").getByRole("heading", { level: 2 })).toBeFocused();
  await tabTo(page, page.getByRole("button", { name: "Edit role" }));
  await page.keyboard.press("Enter");
  const form = page.getByRole("dialog", { name: "Edit role of dev@example.com" });
  await expect(form).toBeVisible();
  await expect(form.getByRole("option", { name: "User admin" })).toBeAttached();
  await tabTo(page, form.getByLabel("Role", { exact: true }));
  await page.keyboard.type("User admin");
  await expect(form.getByRole("status", { name: "What this changes" })).toContainText("memberships:*");
  await tabTo(page, form.getByRole("button", { name: "Change role" }));
  await page.keyboard.press("Enter");
  await expect(said(page, "has the role user_admin")).toBeVisible();
  await page.keyboard.press("Escape");
  await expect(page.locator(".drawer")).toHaveCount(0);
  await expect(link).toBeFocused();
});

test("somebody leaves for good: inventory, one confirmation, a receipt", async ({ page, gatehouse }) => {
  await firstRun(page, gatehouse);
  await account(gatehouse, "leaver@example.com");
  const { secret } = await call(gatehouse, "POST", "/auth-keys", { name: "old-batch", owner: "leaver@example.com" });
  expect((await chat(gatehouse.url, secret)).status).toBe(200);
  await open(page, gatehouse, "/admin/users?q=leaver");
  const leaver = await openDrawer(page, "leaver@example.com");
  await leaver.getByRole("link", { name: "Activity" }).click();
  await expect(page).toHaveURL(/[?&]tab=activity/);
  await expect(leaver).toContainText("Called echo");
  await shots(page, "09-activity");

  await leaver.getByRole("button", { name: "Offboard" }).click();
  const dialog = page.getByRole("dialog", { name: "Offboard leaver@example.com" });
  await expect(dialog).toContainText("1 key to be revoked");
  await expect(dialog).toContainText("old-batch");
  const offboard = dialog.getByRole("button", { name: "Offboard" });
  await expect(offboard).toBeDisabled();
  await shots(page, "09-offboard");
  await dialog.getByLabel("Type their e-mail address").fill("leaver@example.com");
  await offboard.click();
  await expect(dialog.getByRole("status")).toContainText("is offboarded");
  await expect(dialog).toContainText("requests cut on 1 of 1 node");
  await shots(page, "09-offboard-receipt");
  const begun = page.waitForEvent("download");
  await dialog.getByRole("link", { name: "Download receipt" }).click();
  const text = await readFile(await (await begun).path(), "utf8");
  expect(text).toContain("leaver@example.com");
  expect(text).toMatch(/Keys revoked +1/);
  await dialog.getByRole("button", { name: "Done" }).click();
  await expect(page.getByRole("row", { name: "leaver@example.com" })).toContainText("Inactive");
  expect((await chat(gatehouse.url, secret)).status).toBe(401);

  // Again: nothing is left to take.
  await leaver.getByRole("button", { name: "Offboard" }).click();
  await expect(dialog).toContainText("0 keys to be revoked");
  await expect(dialog).toContainText("Inactive already");
});

test("an invitation is shown once and leads in; sessions can be ended", async ({ page, gatehouse, browser }) => {
  await firstRun(page, gatehouse);
  await open(page, gatehouse, "/admin/users");
  await page.getByRole("button", { name: "Create user" }).click();
  const form = page.getByRole("dialog", { name: "Create user" });
  await form.getByLabel("Name").fill("Ada Lovelace");
  await form.getByLabel("Email").fill("ada@example.com");
  await form.getByRole("button", { name: "Create user" }).click();
  const ada = page.locator(".drawer");
  await ada.getByRole("button", { name: "Password link" }).click();
  const dialog = page.getByRole("dialog", { name: "Invitation for Ada Lovelace" });
  const link = await dialog.getByLabel("Link").textContent();
  await page.keyboard.press("Escape");
  await expect(dialog).toBeVisible();
  await dialog.getByLabel("I sent it").check();
  await dialog.getByRole("button", { name: "Done" }).click();
  expect(await page.content()).not.toContain(link!);

  const other = await (await browser.newContext()).newPage();
  await other.goto(link!);
  await expect(other.getByLabel("Email")).toHaveValue("ada@example.com");
  await other.getByLabel("Password", { exact: true }).fill(operator.password);
  await other.getByRole("button", { name: "Set password" }).click();
  await expect(other).toHaveURL(/\/console/);

  await ada.getByRole("link", { name: "Sessions" }).click();
  await expect(ada).toContainText("1 session");
  await shots(page, "09-sessions");
  await ada.getByRole("button", { name: "End all sessions" }).click();
  await expect(said(page, "1 session ended")).toBeVisible();
  await expect(ada).toContainText("Not signed in anywhere");
  await other.goto(`${gatehouse.url}/console`);
  await expect(other).toHaveURL(/\/login/);
  await other.context().close();
});

test("everybody sees and ends their own sessions", async ({ page, gatehouse, browser }) => {
  await firstRun(page, gatehouse);
  const other = await (await browser.newContext()).newPage();
  await other.goto(`${gatehouse.url}/login`);
  await other.getByLabel("Email").fill(operator.email);
  await other.getByLabel("Password", { exact: true }).fill(operator.password);
  await other.getByRole("button", { name: "Sign in", exact: true }).click();
  await expect(other).not.toHaveURL(/\/login/);

  await open(page, gatehouse, "/console/settings/profile");
  const card = page.getByRole("region", { name: "Sessions" });
  await expect(card).toContainText("2 sessions");
  const rows = card.getByRole("listitem");
  await expect(rows.filter({ hasText: "this browser" })).toHaveCount(1);
  await shots(page, "09-own-sessions");
  await rows.filter({ hasNotText: "this browser" }).getByRole("button").click();
  await expect(said(page, "1 session ended")).toBeVisible();
  await expect(rows).toHaveCount(1);
  await other.goto(`${gatehouse.url}/console`);
  await expect(other).toHaveURL(/\/login/);
  await rows.getByRole("button").click();
  await expect(page).toHaveURL(/\/login/);
  await other.context().close();
});

test("who wasn't seen for long is one filter away", async ({ page, gatehouse }) => {
  await firstRun(page, gatehouse);
  await open(page, gatehouse, "/admin/users");
  await page.getByLabel("Not seen for").selectOption("90");
  await expect(page).toHaveURL(/[?&]unseen=90/);
  await expect(page.getByText("No user matches these filters")).toBeVisible();
  await page.getByRole("link", { name: "Clear filters" }).click();
  await expect(page.getByRole("table").getByRole("row")).toHaveCount(2);
});
