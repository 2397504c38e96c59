import type { Locator, Page } from "@playwright/test";
import type { Gatehouse } from "./gatehouse";
import { expect, open, operator } from "./test";

/** For a gateway whose tests prepare things by the Admin API. */
export const masterKey = "a key for this test only";
export const withMasterKey = { GATEHOUSE__MASTER_KEY: masterKey };

/** A call of the Admin API with the master key; its answer, which is as the API documents it. */
export async function call(gatehouse: Gatehouse, method: string, path: string, body?: object): Promise<any> {
  const answer = await fetch(`${gatehouse.url}/admin/api/v1${path}`, {
    method,
    headers: { authorization: `Bearer ${masterKey}`, "content-type": "application/json" },
    body: body && JSON.stringify(body),
  });
  expect(answer.ok, await answer.clone().text()).toBe(true);
  return answer.json();
}

/** Makes an account with the operator's password. */
export async function account(gatehouse: Gatehouse, email: string, role = "user"): Promise<void> {
  await gatehouse.command(["user", "create", "--email", email, "--role", role], `${operator.password}\n`);
}

/** Signs an account in that `account` made, whoever was signed in before. */
export async function signIn(page: Page, gatehouse: Gatehouse, email: string): Promise<void> {
  await page.context().clearCookies();
  await page.goto(`${gatehouse.url}/login`);
  await page.getByLabel("Email").fill(email);
  await page.getByLabel("Password", { exact: true }).fill(operator.password);
  await page.getByRole("button", { name: "Sign in", exact: true }).click();
  await expect(page).toHaveURL(/\/(admin|console)/);
}

/** The id of an account, as the address of its drawer has it. */
export async function idOf(page: Page, gatehouse: Gatehouse, email: string): Promise<string> {
  await open(page, gatehouse, `/admin/users?q=${email}`);
  const href = await page.getByRole("table").getByRole("link", { name: email }).getAttribute("href");
  return new URL(href!, gatehouse.url).searchParams.get("user")!;
}

/** What the page says at its edge after an action. */
export function said(page: Page, words: string | RegExp): Locator {
  return page.getByRole("status").filter({ hasText: words });
}

/** The drawer with this heading. */
export function drawerOf(page: Page, name: string): Locator {
  return page.getByRole("region", { name, exact: true });
}

/** Opens the drawer of a row by its name in the list. */
export async function openDrawer(page: Page, name: string): Promise<Locator> {
  await page.getByRole("table").getByRole("link", { name, exact: true }).click();
  const drawer = page.locator(".drawer");
  await expect(drawer.getByRole("heading", { level: 2 })).toBeFocused();
  return drawer;
}

/** Presses Tab until the focus is there. */
export async function tabTo(page: Page, target: Locator): Promise<void> {
  for (let pressed = 0; pressed < 60; pressed++) {
    if (await target.evaluate((element) => element === document.activeElement)) return;
    await page.keyboard.press("Tab");
  }
  throw new Error("Tab doesn't lead there");
}
