import { expect, firstRun, operator, shot, test } from "../support/test";

test("the set-up link makes the first account, once", async ({ page, gatehouse }) => {
  await firstRun(page, gatehouse);
  await shot(page, "01-after-setup");

  await page.goto(`${gatehouse.url}/admin/users`);
  const row = page.getByRole("row", { name: operator.email });
  await expect(row).toContainText(operator.name);
  await expect(row).toContainText("Active");
  await shot(page, "01-users");

  await page.context().clearCookies();
  await page.goto(gatehouse.setupLink);
  await expect(page.getByRole("button", { name: "Create account" })).toHaveCount(0);
});

test("signing in leads to the page that was asked for", async ({ page, gatehouse }) => {
  await firstRun(page, gatehouse);
  await page.context().clearCookies();

  await page.goto(`${gatehouse.url}/admin/users`);
  await expect(page).toHaveURL(/\/login/);
  await shot(page, "01-login");
  await page.getByLabel("Email").fill(operator.email);
  await page.getByLabel("Password", { exact: true }).fill(operator.password);
  await page.getByRole("button", { name: "Sign in", exact: true }).click();
  await expect(page).toHaveURL(/\/admin\/users/);
});
