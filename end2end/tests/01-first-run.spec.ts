import { expect, firstRun, hydrated, open, operator, shot, shots, test } from "../support/test";

test("the set-up link makes the first account, once", async ({ page, gatehouse, complaints }) => {
  await firstRun(page, gatehouse);
  await shot(page, "01-after-setup");

  await open(page, gatehouse, "/admin/users");
  const row = page.getByRole("row", { name: operator.email });
  await expect(row).toContainText(operator.name);
  await expect(row).toContainText("Active");
  await shot(page, "01-users");

  await page.context().clearCookies();
  await page.goto(gatehouse.setupLink);
  await expect(page.getByRole("button", { name: "Create account" })).toHaveCount(0);
  // Chromium reports the page's own status, 410 Gone.
  complaints.splice(0).forEach((complaint) => expect(complaint).toContain("410"));
});

test("signing in leads to the page that was asked for", async ({ page, gatehouse }) => {
  await firstRun(page, gatehouse);
  await page.context().clearCookies();

  await open(page, gatehouse, "/admin/users");
  await expect(page).toHaveURL(/\/login\?next=/);
  await shot(page, "01-login");
  await page.getByLabel("Email").fill(operator.email);
  await page.getByLabel("Password", { exact: true }).fill("not the password");
  await page.getByRole("button", { name: "Sign in", exact: true }).click();
  await expect(page.getByRole("alert").filter({ hasText: "wrong" })).toBeVisible();
  await page.getByLabel("Password", { exact: true }).fill(operator.password);
  await page.getByRole("button", { name: "Sign in", exact: true }).click();
  await expect(page).toHaveURL(/\/admin\/users$/);
});

test("every page in both themes and on a phone: accessible, without a sideways scroll", async ({
  page,
  gatehouse,
  complaints,
}) => {
  await firstRun(page, gatehouse);
  const admin = ["dashboard", "users", "roles", "api-keys", "tenants", "models", "providers", "access-rules", "management-keys", "sso", "sso?tab=mapping", "sso?tab=scim", "sso?tab=log", "audit"];
  const own = ["/console", "/console/usage", "/console/models", "/console/settings/api-keys", "/console/settings/profile"];
  const alone = ["/setup", "/set-password"];
  for (const path of [...admin.map((name) => `/admin/${name}`), ...own, ...alone]) {
    await open(page, gatehouse, path);
    await shots(page, `pages${path.replaceAll("/", "-")}`);
  }
  // Links that don't work any more say so in their status, too.
  complaints.splice(0).forEach((complaint) => expect(complaint).toMatch(/status of 410 .*\/set(up|-password)\)/));
  await page.context().clearCookies();
  await open(page, gatehouse, "/login");
  await shots(page, "pages-login");
});

test("signing out ends the session", async ({ page, gatehouse }) => {
  await firstRun(page, gatehouse);
  await hydrated(page);
  await page.getByRole("button", { name: "Sign out" }).click();
  await expect(page).toHaveURL(/\/login/);
  await page.goto(`${gatehouse.url}/console`);
  await expect(page).toHaveURL(/\/login/);
});
