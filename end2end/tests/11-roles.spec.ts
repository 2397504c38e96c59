import { account, call, idOf, openDrawer, said, signIn, withMasterKey } from "../support/people";
import { expect, firstRun, open, operator, shots, test } from "../support/test";

test.use({ settings: withMasterKey });

test("a role of one's own: from the matrix to who has it", async ({ page, gatehouse }) => {
  await firstRun(page, gatehouse);
  await open(page, gatehouse, "/admin/roles");
  await expect(page.getByRole("table").getByRole("row")).toHaveCount(8);
  await expect(page.getByRole("row", { name: "Super admin" })).toContainText("1 person");
  await shots(page, "11-roles");

  // All of them side by side.
  await page.getByRole("navigation", { name: "Views" }).getByRole("link", { name: "Matrix" }).click();
  const matrix = page.getByRole("table", { name: "What each role may do" });
  await expect(matrix.getByRole("columnheader")).toHaveCount(8);
  await expect(matrix.getByRole("row", { name: "Budgets" })).toContainText("all");
  await shots(page, "11-role-matrix");
  await page.getByRole("navigation", { name: "Views" }).getByRole("link", { name: "List" }).click();

  // What a built-in one may do, and that it stays as it is.
  const billing = await openDrawer(page, "Billing admin");
  await expect(billing.getByRole("row", { name: "Budgets" }).getByText("yes")).toHaveCount(2);
  await expect(billing.getByRole("row", { name: "Providers" }).getByText("yes")).toHaveCount(0);
  await expect(billing.getByRole("row", { name: "Guardrails" })).toContainText("reserved");
  await expect(billing.getByRole("button", { name: "Edit" })).toHaveCount(0);
  await shots(page, "11-role-drawer");

  // A copy of it, with one permission more.
  await billing.getByRole("button", { name: "Copy" }).click();
  const form = page.getByRole("dialog", { name: "Create role" });
  await expect(form.getByLabel("usage:read")).toBeChecked();
  await form.getByRole("button", { name: "Create role" }).click();
  await expect(form.getByLabel("Name")).toBeFocused();
  await form.getByLabel("Title").fill("Cost watcher");
  await form.getByLabel("Name").fill("cost-watcher");
  await form.getByLabel("usage:export").check();
  await shots(page, "11-role-form");
  await form.getByRole("button", { name: "Create role" }).click();
  await expect(said(page, "Cost watcher is created")).toBeVisible();
  await expect(page).toHaveURL(/[?&]open=cost-watcher/);

  // Somebody has it: a change tells about whom it is before it is saved.
  await account(gatehouse, "dev@example.com");
  const dev = await idOf(page, gatehouse, "dev@example.com");
  await call(gatehouse, "PUT", `/users/${dev}/role`, { role: "cost-watcher" });
  await open(page, gatehouse, "/admin/roles?open=cost-watcher");
  const own = page.locator(".drawer");
  await own.getByRole("button", { name: "Edit" }).click();
  const edit = page.getByRole("dialog", { name: "Edit Cost watcher" });
  await expect(edit).toContainText("No permission comes or goes");
  await edit.getByLabel("audit:read").check();
  await edit.getByLabel("usage:export").uncheck();
  const effect = edit.getByRole("status", { name: "What this changes" });
  await expect(effect).toContainText("1 person");
  await expect(effect).toContainText("audit:read");
  await expect(effect).toContainText("usage:export");
  await shots(page, "11-role-effect");
  await edit.getByRole("button", { name: "Save" }).click();
  await expect(said(page, "it counts from the next request")).toBeVisible();
  await expect(own.getByRole("row", { name: "Audit" }).getByText("yes")).toHaveCount(1);

  // It can't go while somebody has it.
  await own.getByRole("button", { name: "Delete" }).click();
  const remove = page.getByRole("dialog", { name: "Delete Cost watcher" });
  await remove.getByRole("button", { name: "Delete role" }).click();
  await expect(remove.getByRole("alert")).toContainText("global role of 1");
  await remove.getByRole("button", { name: "Cancel" }).click();

  // Who has it is one link away, on a list that others filter too.
  await own.getByRole("link", { name: "1 person" }).click();
  await expect(page).toHaveURL(/\/admin\/users\?role=cost-watcher/);
  await expect(page.locator("#filter-role")).toHaveValue("cost-watcher");
  await expect(page.getByRole("table").getByRole("row")).toHaveCount(2);
  await expect(page.getByRole("row", { name: "dev@example.com" })).toContainText("cost-watcher");
});

test("who may give what: pages and buttons follow the viewer's rights", async ({ page, gatehouse, complaints }) => {
  await firstRun(page, gatehouse);
  await account(gatehouse, "ursula@example.com", "user_admin");
  await account(gatehouse, "rita@example.com");
  await account(gatehouse, "nobody@example.com");
  const role = { name: "role-maker", title: "Role maker", permissions: ["roles:*", "users:read"] };
  await call(gatehouse, "POST", "/roles", role);
  const rita = await idOf(page, gatehouse, "rita@example.com");
  await call(gatehouse, "PUT", `/users/${rita}/role`, { role: "role-maker" });

  // A user_admin reads roles but makes none, and leaves a super_admin alone.
  await signIn(page, gatehouse, "ursula@example.com");
  await open(page, gatehouse, "/admin/roles?open=user_admin");
  await expect(page.getByRole("button", { name: "Create role" })).toHaveCount(0);
  await expect(page.locator(".drawer").getByRole("button", { name: "Copy" })).toHaveCount(0);
  await open(page, gatehouse, "/admin/users?q=olive");
  const olive = await openDrawer(page, operator.name);
  await expect(olive.getByRole("button", { name: "Edit role" })).toBeDisabled();
  await expect(olive).toContainText("Only a super_admin changes a super_admin.");

  // Who makes roles gives only what they hold.
  await signIn(page, gatehouse, "rita@example.com");
  await open(page, gatehouse, "/admin/roles");
  await page.getByRole("button", { name: "Create role" }).click();
  const form = page.getByRole("dialog", { name: "Create role" });
  await expect(form.getByLabel("users:read", { exact: true })).toBeEnabled();
  await expect(form.getByLabel("keys:write", { exact: true })).toBeDisabled();
  await expect(form).toContainText("nobody gives more than they have");
  await shots(page, "11-role-form-lacking");

  // Who may neither is told who can help.
  await signIn(page, gatehouse, "nobody@example.com");
  await open(page, gatehouse, "/admin/roles");
  await expect(page.getByRole("alert")).toContainText("needs the permission roles:read");
  complaints.splice(0).forEach((complaint) => expect(complaint).toContain("403"));
});
