import { expect, firstRun, hydrated, open, operator, shot, test } from "../support/test";

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
  await expect(page.getByRole("alert")).toContainText("wrong");
  await page.getByLabel("Password", { exact: true }).fill(operator.password);
  await page.getByRole("button", { name: "Sign in", exact: true }).click();
  await expect(page).toHaveURL(/\/admin\/users$/);
});

test("every page in both themes and on a phone, without a sideways scroll", async ({ page, gatehouse }) => {
  await firstRun(page, gatehouse);
  const pages = {
    dashboard: "/admin/dashboard",
    users: "/admin/users",
    "api-keys": "/admin/api-keys",
    models: "/admin/models",
    providers: "/admin/providers",
    "access-rules": "/admin/access-rules",
    console: "/console",
    "own-usage": "/console/usage",
    "own-models": "/console/models",
    "own-keys": "/console/settings/api-keys",
    profile: "/console/settings/profile",
  };
  for (const [name, path] of Object.entries(pages)) {
    for (const scheme of ["light", "dark"] as const) {
      await page.emulateMedia({ colorScheme: scheme });
      await page.setViewportSize({ width: 1280, height: 800 });
      await open(page, gatehouse, path);
      await shot(page, `pages-${name}-${scheme}`);
    }
    await page.setViewportSize({ width: 360, height: 740 });
    await page.reload();
    await hydrated(page);
    expect(await page.evaluate(() => document.documentElement.scrollWidth), name).toBeLessThanOrEqual(360);
    await shot(page, `pages-${name}-phone`);
  }
});

test("signing out ends the session", async ({ page, gatehouse }) => {
  await firstRun(page, gatehouse);
  await hydrated(page);
  await page.getByRole("button", { name: "Sign out" }).click();
  await expect(page).toHaveURL(/\/login/);
  await page.goto(`${gatehouse.url}/console`);
  await expect(page).toHaveURL(/\/login/);
});
