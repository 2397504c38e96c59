import { account, call, drawerOf, idOf, openDrawer, said, signIn, tabTo, withMasterKey } from "../support/people";
import { chat, expect, firstRun, open, operator, shots, test } from "../support/test";

test.use({ settings: withMasterKey });

test("a management key: made, tried by its curl line, revoked, refused", async ({ page, gatehouse }) => {
  await firstRun(page, gatehouse);
  await call(gatehouse, "POST", "/tenants", { id: "team-alpha", name: "Team Alpha" });
  await open(page, gatehouse, "/admin/dashboard");
  await page.getByRole("navigation", { name: "Admin" }).getByRole("link", { name: "Management keys" }).click();
  await expect(page.getByText("No management keys")).toBeVisible();
  await shots(page, "14-empty");

  // What is missing is told at its field.
  await page.getByRole("button", { name: "Create management key" }).click();
  const form = page.getByRole("dialog", { name: "Create management key" });
  await form.getByRole("button", { name: "Create management key" }).click();
  await expect(form.getByLabel("Name")).toBeFocused();
  await expect(form.getByRole("group", { name: "Scopes", exact: true })).toContainText("Must be at least one");

  // A tenant takes what doesn't count there, and gives it back to choose without one.
  await form.getByLabel("Name").fill("provisioning-prod");
  await form.getByLabel("models:read", { exact: true }).check();
  await form.getByLabel("Tenant", { exact: true }).selectOption("team-alpha");
  await expect(form.getByLabel("models:read", { exact: true })).toBeDisabled();
  await expect(form.getByLabel("models:read", { exact: true })).not.toBeChecked();
  await expect(form).toContainText("don't count in a single tenant");
  await shots(page, "14-create");
  await form.getByLabel("Tenant", { exact: true }).selectOption("");
  await form.getByLabel("users:read", { exact: true }).check();
  await form.getByLabel("management_keys:read", { exact: true }).check();
  await form.getByLabel("Expires").selectOption("30");
  await form.getByRole("button", { name: "Create management key" }).click();

  // The only time that it is shown: neither Esc nor a click beside it takes it away.
  const shown = page.getByRole("dialog", { name: "provisioning-prod is ready" });
  const secret = await shown.getByLabel("Management key").innerText();
  expect(secret).toMatch(/^mk_[0-9A-Za-z]{50}$/);
  const curl = await shown.locator("pre", { hasText: "curl" }).innerText();
  const [, bearer, address] = /^curl -H "Authorization: (Bearer \S+)" (\S+)$/.exec(curl)!;
  expect(bearer).toBe(`Bearer ${secret}`);
  await expect(shown).toContainText("calls no models");
  await shots(page, "14-secret");
  await page.keyboard.press("Escape");
  await page.mouse.click(4, 4);
  await expect(shown).toBeVisible();
  await shown.getByLabel("I stored it").check();
  await shown.getByRole("button", { name: "Done" }).click();
  await expect(shown).toBeHidden();
  expect(await page.content()).not.toContain(secret.slice(15));

  // It opens what it may, and nothing else.
  const tried = await fetch(address, { headers: { authorization: bearer } });
  expect(tried.status).toBe(200);
  expect(JSON.stringify(await tried.json())).toContain(operator.email);
  const get = async (path: string) => (await fetch(gatehouse.url + path, { headers: { authorization: bearer } })).status;
  expect(await get("/admin/api/v1/models")).toBe(403);
  expect((await chat(gatehouse.url, secret)).status).toBe(401);

  // The list, by keyboard, and all that is known of it.
  const row = page.getByRole("row", { name: "provisioning-prod" });
  await expect(row).toContainText("everywhere");
  await expect(row).toContainText(operator.email);
  await expect(row).toContainText("Active");
  await page.keyboard.press("j");
  await page.keyboard.press("Enter");
  const drawer = drawerOf(page, "provisioning-prod");
  await expect(drawer).toContainText("users:read");
  await expect(drawer).toContainText("management_keys:read");
  await expect(drawer).toContainText(secret.slice(0, 15));
  await page.reload();
  await expect(drawer).toContainText("just now");
  await shots(page, "14-drawer");

  // Revoked: told what follows, and refused at once.
  await page.waitForSelector("html[data-hydrated]");
  await drawer.getByRole("button", { name: "Revoke" }).click();
  const asked = page.getByRole("dialog", { name: "Revoke provisioning-prod" });
  await expect(asked).toContainText("gets 401 from its next request on");
  await asked.getByLabel("Reason").fill("leaked");
  await shots(page, "14-revoke");
  await asked.getByRole("button", { name: "Revoke key" }).click();
  await expect(said(page, "provisioning-prod is revoked")).toBeVisible();
  await expect(drawer).toContainText("leaked");
  await expect(drawer.getByRole("button", { name: "Revoke" })).toHaveCount(0);
  expect(await get("/admin/api/v1/users")).toBe(401);

  // Out of the list until one asks for it; its history says by whom.
  await expect(row).toHaveCount(0);
  await page.keyboard.press("Escape");
  await page.getByRole("link", { name: "show them" }).click();
  await expect(row).toContainText("Revoked");
  await openDrawer(page, "provisioning-prod");
  await drawer.getByRole("link", { name: "History in the audit log" }).click();
  await expect(page.getByRole("table")).toContainText("management_key.revoke");
  await expect(page.getByRole("table")).toContainText("management_key.create");
});

test("keys of one tenant, and who may not make any", async ({ page, gatehouse }) => {
  await firstRun(page, gatehouse);
  await call(gatehouse, "POST", "/tenants", { id: "team-alpha", name: "Team Alpha" });
  const made = (name: string, tenant_id: string | null) =>
    call(gatehouse, "POST", "/management-keys", { name, tenant_id, permissions: ["keys:read"] });
  const { secret } = await made("alpha-audit", "team-alpha");
  await made("everywhere-audit", null);
  const look = ["management_keys:read", "users:read"];
  await call(gatehouse, "POST", "/roles", { name: "looker", title: "Looker", permissions: look });
  const make = ["management_keys:*", "keys:read"];
  await call(gatehouse, "POST", "/roles", { name: "maker", title: "Maker", permissions: make });
  for (const role of ["looker", "maker"]) {
    await account(gatehouse, `${role}@example.com`);
    const id = await idOf(page, gatehouse, `${role}@example.com`);
    await call(gatehouse, "PUT", `/users/${id}/role`, { role });
  }

  // The tenant of the sidebar narrows the list, and is the form's first choice.
  await open(page, gatehouse, "/admin/management-keys?tenant=team-alpha#create");
  const form = page.getByRole("dialog", { name: "Create management key" });
  await expect(form.getByLabel("Tenant", { exact: true })).toHaveValue("team-alpha");
  await form.getByRole("button", { name: "Cancel" }).click();
  await expect(page.getByRole("table").getByRole("row")).toHaveCount(2);
  await page.getByRole("link", { name: "Remove filter Tenant: team-alpha" }).click();
  await expect(page.getByRole("table").getByRole("row")).toHaveCount(3);
  await shots(page, "14-list");

  // Who only reads is offered nothing to do.
  await signIn(page, gatehouse, "looker@example.com");
  await open(page, gatehouse, "/admin/management-keys");
  const drawer = await openDrawer(page, "alpha-audit");
  await expect(drawer).toContainText("team-alpha");
  await expect(drawer).toContainText(secret.slice(0, 15));
  await expect(page.getByRole("button", { name: "Create management key" })).toHaveCount(0);
  await expect(drawer.getByRole("button", { name: "Revoke" })).toHaveCount(0);

  // Who makes them gives no more than they hold. By keyboard alone.
  await signIn(page, gatehouse, "maker@example.com");
  await open(page, gatehouse, "/admin/management-keys");
  await tabTo(page, page.getByRole("button", { name: "Create management key" }));
  await page.keyboard.press("Enter");
  await expect(form.getByLabel("Name")).toBeFocused();
  await page.keyboard.type("by-keyboard");
  await expect(form.getByLabel("users:read", { exact: true })).toBeDisabled();
  await tabTo(page, form.getByLabel("keys:read", { exact: true }));
  await page.keyboard.press("Space");
  await shots(page, "14-create-lacking");
  await page.keyboard.press("Enter");
  await expect(page.getByRole("dialog", { name: "by-keyboard is ready" })).toContainText("/admin/api/v1/auth-keys");
});
