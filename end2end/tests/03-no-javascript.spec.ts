import { expect, firstRun, operator, shot, test } from "../support/test";

// The server renders every page whole; what changes something is a form.
test.use({ javaScriptEnabled: false });

test("set-up, lists and filters work without JavaScript", async ({ page, gatehouse }) => {
  await firstRun(page, gatehouse);

  await page.goto(`${gatehouse.url}/admin/users?q=olive`);
  await expect(page.getByRole("row", { name: operator.email })).toHaveCount(1);
  await shot(page, "03-users");

  await page.goto(`${gatehouse.url}/admin/users?q=nobody-of-this-name`);
  await expect(page.getByRole("row", { name: operator.email })).toHaveCount(0);

  await page.goto(`${gatehouse.url}/console/settings/api-keys`);
  await expect(page.getByRole("heading", { name: "API keys" })).toBeVisible();
});
