import { expect, firstRun, operator, shot, test } from "../support/test";

// The server renders every page whole; what changes something is a form.
test.use({ javaScriptEnabled: false, settings: { GATEHOUSE__MASTER_KEY: "a key for this test only" } });

test("set-up, sign-in, lists and filters work without JavaScript", async ({ page, gatehouse, complaints }) => {
  await firstRun(page, gatehouse);
  await page.context().clearCookies();
  await page.goto(`${gatehouse.url}/admin/users`);
  await page.getByLabel("Email").fill(operator.email);
  await page.getByLabel("Password", { exact: true }).fill(operator.password);
  await page.getByRole("button", { name: "Sign in", exact: true }).click();
  await expect(page).toHaveURL(/\/admin\/users/);
  const row = page.getByRole("row", { name: operator.email });
  await expect(row).toHaveCount(1);
  await shot(page, "03-users");

  await page.goto(`${gatehouse.url}/admin/users?q=nobody-of-this-name`);
  await expect(row).toHaveCount(0);

  await fetch(`${gatehouse.url}/admin/api/v1/auth-keys`, {
    method: "POST",
    headers: { authorization: "Bearer a key for this test only", "content-type": "application/json" },
    body: JSON.stringify({ name: "nightly-eval", owner: operator.email }),
  });
  await page.goto(`${gatehouse.url}/admin/api-keys?q=nightly`);
  await expect(page.getByRole("row", { name: "nightly-eval" })).toContainText("Active");
  await page.getByRole("link", { name: "nightly-eval" }).click();
  await expect(page.getByRole("region", { name: "nightly-eval" })).toContainText(operator.email);
  await shot(page, "03-api-keys");

  await page.goto(`${gatehouse.url}/console/settings/api-keys`);
  await expect(page.getByRole("row", { name: "nightly-eval" })).toHaveCount(1);

  await page.goto(`${gatehouse.url}/admin/models`);
  await expect(page.getByText("Changing anything here needs JavaScript.")).toBeVisible();
  await page.getByRole("link", { name: "echo", exact: true }).click();
  await expect(page.getByRole("region", { name: "echo" })).toContainText("Closed");
  await page.goto(`${gatehouse.url}/admin/providers?provider=echo`);
  await expect(page.getByRole("region", { name: "echo" })).toContainText("built in");
  await page.goto(`${gatehouse.url}/console/models?q=ech`);
  await expect(page.getByRole("row", { name: "echo" })).toHaveCount(1);

  // A browser without scripts reports the ones that it left out, and nothing else.
  complaints.splice(0).forEach((complaint) => expect(complaint).toMatch(/\.js: csp$|\.wasm was preloaded/));
});
