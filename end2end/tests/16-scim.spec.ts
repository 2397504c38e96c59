import { call, drawerOf, withMasterKey } from "../support/people";
import { expect, firstRun, open, operator, shots, test } from "../support/test";

test.use({ settings: withMasterKey });

test("a SCIM client: made, its token used, what it did, revoked", async ({ page, gatehouse }) => {
  await firstRun(page, gatehouse);
  await open(page, gatehouse, "/admin/dashboard");
  await page.getByRole("navigation", { name: "Admin" }).getByRole("link", { name: "Single sign-on" }).click();
  await page.getByRole("navigation", { name: "Parts of single sign-on" }).getByRole("link", { name: "SCIM" }).click();
  await expect(page.getByText("No SCIM clients")).toBeVisible();
  await expect(page.getByRole("code").filter({ hasText: `${gatehouse.url}/scim/v2` })).toBeVisible();
  await shots(page, "16-empty");

  // What is missing is told at its field.
  await page.getByRole("button", { name: "Create SCIM client" }).click();
  const form = page.getByRole("dialog", { name: "Create SCIM client" });
  await form.getByRole("button", { name: "Create SCIM client" }).click();
  await expect(form.getByLabel("Name")).toBeFocused();
  await form.getByLabel("Name").fill("Okta");
  await form.getByLabel("Adopt accounts that are there already").check();
  await shots(page, "16-create");
  await form.getByRole("button", { name: "Create SCIM client" }).click();

  // The only time that it is shown.
  const shown = page.getByRole("dialog", { name: "Okta is ready" });
  const token = await shown.getByLabel("SCIM token").innerText();
  expect(token).toMatch(/^scim_[0-9A-Za-z]{50}$/);
  await shots(page, "16-secret");
  await page.keyboard.press("Escape");
  await expect(shown).toBeVisible();
  await shown.getByLabel("I stored it").check();
  await shown.getByRole("button", { name: "Done" }).click();
  await expect(shown).toBeHidden();
  expect(await page.content()).not.toContain(token.slice(17));

  const scim = async (method: string, path: string, body?: unknown) => {
    const headers = { authorization: `Bearer ${token}`, "content-type": "application/scim+json" };
    const answer = await fetch(`${gatehouse.url}/scim/v2${path}`, { method, headers, body: JSON.stringify(body) });
    return { status: answer.status, body: await answer.json() };
  };
  const made = await scim("POST", "/Users", { userName: "ada@example.com", displayName: "Ada" });
  expect(made.status).toBe(201);
  expect((await scim("POST", "/Users", { userName: operator.email })).status).toBe(403);
  const off = { Operations: [{ op: "Replace", path: "active", value: "False" }] };
  expect((await scim("PATCH", `/Users/${made.body.id}`, off)).body.active).toBe(false);
  const account = await call(gatehouse, "GET", `/users/${made.body.id}`);
  expect(account).toMatchObject({ status: "inactive", source: "scim" });

  // All that is known of it, and from there what it did.
  await page.getByRole("link", { name: "Okta" }).click();
  const drawer = drawerOf(page, "Okta");
  await expect(drawer).toContainText("taken over, by their e-mail address");
  await expect(drawer).toContainText(operator.email);
  await shots(page, "16-drawer");
  await drawer.getByRole("link", { name: "What it did" }).click();
  await expect(page.getByRole("row", { name: "ada@example.com" })).toHaveCount(2);
  await expect(page.getByRole("row", { name: operator.email })).toContainText("Failure 403");
  await shots(page, "16-log");
  await page.getByLabel("Result", { exact: true }).selectOption("failure");
  await expect(page.getByRole("row", { name: "ada@example.com" })).toHaveCount(0);
  await expect(page).toHaveURL(/result=failure/);

  await page.getByRole("link", { name: "SCIM", exact: true }).click();
  await page.getByRole("link", { name: "Okta" }).click();
  await drawerOf(page, "Okta").getByRole("button", { name: "Revoke" }).click();
  const asked = page.getByRole("dialog", { name: "Revoke Okta" });
  await asked.getByLabel("Reason").fill("moved to Entra");
  await shots(page, "16-revoke");
  await asked.getByRole("button", { name: "Revoke token" }).click();
  await expect(asked).toBeHidden();
  await expect(drawerOf(page, "Okta")).toContainText("moved to Entra");
  expect((await scim("GET", "/Users")).status).toBe(401);
});
