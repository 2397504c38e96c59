import type { Page } from "@playwright/test";
import { expect, shot } from "./test";

/** Issues a key on the Console; answers its secret and the curl line, which are shown this one time. */
export async function createKey(page: Page, name: string): Promise<{ secret: string; curl: string }> {
  await page.getByRole("button", { name: "Create API key" }).first().click();
  const form = page.getByRole("dialog", { name: "Create API key" });
  await form.getByLabel("Name", { exact: true }).fill(name);
  await shot(page, "02-create");
  await form.getByRole("button", { name: "Create API key" }).click();

  const shown = page.getByRole("dialog", { name: `${name} is ready` });
  const secret = await shown.getByLabel("API key").innerText();
  expect(secret).toMatch(/^rk_prod_[0-9A-Za-z]{50}$/);
  const curl = await shown.locator("pre", { hasText: "curl" }).innerText();
  await shot(page, "02-secret");

  // Neither Esc nor a click beside it takes the only copy away.
  await page.keyboard.press("Escape");
  await page.mouse.click(4, 4);
  await expect(shown).toBeVisible();
  await shown.getByLabel("I stored it").check();
  await shown.getByRole("button", { name: "Done" }).click();
  await expect(shown).toBeHidden();
  return { secret, curl };
}
