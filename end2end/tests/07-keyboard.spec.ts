import { expect, firstRun, hydrated, open, operator, shots, test } from "../support/test";

test("everything is a few letters away", async ({ page, gatehouse }) => {
  await firstRun(page, gatehouse);
  await gatehouse.command(["user", "create", "--email", "dana@example.com", "--name", "Dana Developer"], operator.password);
  await gatehouse.command(["key", "create", "--name", "checkout-service"], "");
  await hydrated(page);

  const field = page.getByRole("combobox", { name: "Page, person, key" });
  const chosen = page.getByRole("option", { selected: true });
  await page.keyboard.press("Control+k");
  await expect(field).toBeFocused();
  await expect(chosen).toHaveText(/Dashboard/);
  await shots(page, "07-palette");

  // A page, by its letters and arrows.
  await field.fill("api keys adm");
  await expect(chosen).toHaveText(/API keys/);
  await page.keyboard.press("Enter");
  await expect(page).toHaveURL(/\/admin\/api-keys$/);
  await expect(page.getByRole("heading", { level: 1, name: "API keys" })).toBeVisible();

  // A person.
  await page.keyboard.press("Control+k");
  await field.fill("dana");
  await page.getByRole("option", { name: /Dana Developer/ }).waitFor();
  await shots(page, "07-palette-found");
  await page.keyboard.press("Enter");
  await expect(page.getByRole("heading", { level: 2, name: "Dana Developer" })).toBeVisible();

  // A key, with the mouse.
  await page.keyboard.press("Control+k");
  await field.fill("checkout");
  await page.getByRole("option", { name: /checkout-service/ }).click();
  await expect(page.getByRole("heading", { level: 2, name: "checkout-service" })).toBeVisible();

  // An action: the form opens on its page.
  await page.keyboard.press("Control+k");
  await field.fill("create provider");
  await page.keyboard.press("Enter");
  await expect(page.getByRole("dialog", { name: "Create provider" })).toBeVisible();
  await page.keyboard.press("Escape");

  // Nothing at all; Esc gives the focus back.
  await page.keyboard.press("Control+k");
  await field.fill("zzzz");
  await expect(page.getByText("Nothing of that name.")).toBeVisible();
  await page.keyboard.press("Escape");
  await expect(field).toBeHidden();
});

test("a list is gone through by keys, and the keys are told", async ({ page, gatehouse }) => {
  await firstRun(page, gatehouse);
  for (const name of ["alpha", "beta"]) await gatehouse.command(["key", "create", "--name", name], "");
  await open(page, gatehouse, "/admin/api-keys?sort=name");

  await page.keyboard.press("?");
  await expect(page.getByRole("dialog", { name: "Keyboard shortcuts" })).toContainText("Search this list");
  await page.keyboard.press("Escape");

  await page.keyboard.press("j");
  await page.keyboard.press("j");
  await expect(page.getByRole("link", { name: "beta" })).toBeFocused();
  await page.keyboard.press("k");
  await page.keyboard.press("Enter");
  await expect(page.getByRole("heading", { level: 2, name: "alpha" })).toBeFocused();
  await page.keyboard.press("Escape");
  await expect(page.getByRole("link", { name: "alpha" })).toBeFocused();

  // Letters in a field are letters.
  await page.keyboard.press("/");
  await page.keyboard.type("j?k");
  await expect(page.getByRole("searchbox")).toHaveValue("j?k");
});
