import { createHmac } from "node:crypto";
import { readFile } from "node:fs/promises";
import type { Locator, Page } from "@playwright/test";
import type { Gatehouse } from "../support/gatehouse";
import { account, openDrawer, said } from "../support/people";
import { expect, firstRun, open, operator, shots, test } from "../support/test";

/** The code that an authenticator with this key shows, `steps` half minutes from now. */
function code(key: string, steps = 0): string {
  const digits = [...key.replaceAll(" ", "")].map((c) => "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567".indexOf(c));
  const bits = digits.map((digit) => digit.toString(2).padStart(5, "0")).join("");
  const secret = Buffer.from(bits.match(/.{8}/g)!.map((byte) => parseInt(byte, 2)));
  const counter = Buffer.alloc(8);
  counter.writeBigUInt64BE(BigInt(Math.floor(Date.now() / 30_000) + steps));
  const hash = createHmac("sha1", secret).update(counter).digest();
  return String((hash.readUInt32BE(hash[19] & 15) & 0x7fffffff) % 1_000_000).padStart(6, "0");
}

async function password(page: Page, gatehouse: Gatehouse, email = operator.email): Promise<void> {
  await page.context().clearCookies();
  await page.goto(`${gatehouse.url}/login`);
  await page.getByLabel("Email").fill(email);
  await page.getByLabel("Password", { exact: true }).fill(operator.password);
  await page.getByRole("button", { name: "Sign in", exact: true }).click();
}

async function secondStep(page: Page, typed: string): Promise<void> {
  await page.getByLabel("Code", { exact: true }).fill(typed);
  await page.getByRole("button", { name: "Sign in", exact: true }).click();
}

/** Proves the key that is on show; the key. */
async function prove(place: Locator): Promise<string> {
  const key = (await place.getByLabel("Key", { exact: true }).textContent())!;
  expect(key.replaceAll(" ", "")).toMatch(/^[A-Z2-7]{32}$/);
  await expect(place.getByRole("img", { name: "QR code of the key" })).toBeVisible();
  await place.getByLabel("Code", { exact: true }).fill(code(key));
  await place.getByLabel("Current password").fill(operator.password);
  await place.getByRole("button", { name: "Turn on" }).click();
  return key;
}

/** The recovery codes on show. */
async function recoveryCodes(place: Locator): Promise<string[]> {
  const list = place.getByRole("list", { name: "Recovery codes" });
  await expect(list.getByRole("listitem")).toHaveCount(10);
  return list.getByRole("listitem").allTextContents();
}

test("a second factor is set up, asked for, and turned off", async ({ page, gatehouse }) => {
  await firstRun(page, gatehouse);
  await open(page, gatehouse, "/console/settings/profile");
  const card = page.getByRole("region", { name: "Second factor" });
  await expect(card).toContainText("Off.");
  await shots(page, "08-profile-without");

  // Mistakes are told at their fields, and nothing is lost by them.
  await card.getByRole("button", { name: "Set up" }).click();
  const dialog = page.getByRole("dialog", { name: "Set up a second factor" });
  await expect(dialog.getByRole("img", { name: "QR code of the key" })).toBeVisible();
  await shots(page, "08-key");
  await dialog.getByLabel("Code", { exact: true }).fill("000000");
  await dialog.getByLabel("Current password").fill("not my password at all");
  await dialog.getByRole("button", { name: "Turn on" }).click();
  await expect(dialog.getByText("Is not the code of this moment.")).toBeVisible();
  await dialog.getByLabel("Code", { exact: true }).fill(code((await dialog.getByLabel("Key", { exact: true }).textContent())!));
  await dialog.getByRole("button", { name: "Turn on" }).click();
  await expect(dialog.getByText("Is not your current password.")).toBeVisible();
  const key = await prove(dialog);

  // The codes stay on show until they are stored.
  const codes = await recoveryCodes(dialog);
  await expect(dialog.getByRole("button", { name: "Done" })).toBeDisabled();
  await page.keyboard.press("Escape");
  await expect(dialog).toBeVisible();
  await shots(page, "08-recovery-codes");
  const [download] = await Promise.all([
    page.waitForEvent("download"),
    dialog.getByRole("link", { name: "Download" }).click(),
  ]);
  const file = await readFile((await download.path())!, "utf8");
  for (const one of codes) expect(file).toContain(one);
  await dialog.getByRole("button", { name: "Done" }).click();
  await expect(dialog).toBeHidden();
  await expect(card).toContainText("10 of 10 left");
  expect(await page.content()).not.toContain(codes[0]);
  await shots(page, "08-profile-with");

  // Signing in: a wrong code, then the next one.
  await password(page, gatehouse);
  await expect(page).toHaveURL(/\/login\/second-step/);
  await page.waitForSelector("html[data-hydrated]");
  await expect(page.getByLabel("Code", { exact: true })).toHaveAttribute("autocomplete", "one-time-code");
  await shots(page, "08-second-step");
  await secondStep(page, "000000");
  await expect(page.getByRole("alert")).toContainText("The code is wrong, or was used");
  await secondStep(page, code(key, 1));
  await expect(page).toHaveURL(/\/admin\/dashboard/);

  // And with a recovery code.
  await password(page, gatehouse);
  await page.getByRole("link", { name: "Use a recovery code" }).click();
  await secondStep(page, codes[0].toUpperCase());
  await expect(page).toHaveURL(/\/admin\/dashboard/);
  await open(page, gatehouse, "/console/settings/profile");
  await expect(card).toContainText("9 of 10 left");

  // New codes in the place of the old ones.
  await card.getByRole("button", { name: "New recovery codes" }).click();
  const ask = page.getByRole("dialog", { name: "New recovery codes" });
  await ask.getByLabel("Current password").fill(operator.password);
  await ask.getByLabel("Code", { exact: true }).fill(codes[0]);
  await ask.getByRole("button", { name: "Make new codes" }).click();
  await expect(ask.getByText("Is not the code of this moment, nor a recovery code.")).toBeVisible();
  await shots(page, "08-new-codes");
  await ask.getByLabel("Code", { exact: true }).fill(codes[1]);
  await ask.getByRole("button", { name: "Make new codes" }).click();
  const shown = page.getByRole("dialog", { name: "Recovery codes", exact: true });
  const renewed = await recoveryCodes(shown);
  await shown.getByLabel("I stored them").check();
  await shown.getByRole("button", { name: "Done" }).click();
  await expect(card).toContainText("10 of 10 left");

  await card.getByRole("button", { name: "Turn off" }).click();
  const off = page.getByRole("dialog", { name: "Turn off the second factor" });
  await off.getByLabel("Current password").fill(operator.password);
  await off.getByLabel("Code", { exact: true }).fill(renewed[0]);
  await off.getByRole("button", { name: "Turn off" }).click();
  await expect(card).toContainText("Off.");
  await password(page, gatehouse);
  await expect(page).toHaveURL(/\/admin\/dashboard/);
});

test("an admin takes it off somebody who lost it", async ({ page, gatehouse, browser }) => {
  await firstRun(page, gatehouse);
  await account(gatehouse, "dev@example.com");
  const theirs = await browser.newPage();
  await password(theirs, gatehouse, "dev@example.com");
  await expect(theirs).toHaveURL(/\/console/);
  await open(theirs, gatehouse, "/console/settings/profile");
  await theirs.getByRole("button", { name: "Set up" }).click();
  const dialog = theirs.getByRole("dialog", { name: "Set up a second factor" });
  await prove(dialog);
  await recoveryCodes(dialog);

  await open(page, gatehouse, "/admin/users?q=dev@example.com");
  const drawer = await openDrawer(page, "dev@example.com");
  await expect(drawer).toContainText("Second factor");
  await shots(page, "08-drawer");
  await drawer.getByRole("button", { name: "Reset second factor" }).click();
  const ask = page.getByRole("dialog", { name: "Reset the second factor of dev@example.com" });
  await shots(page, "08-reset");
  await ask.getByRole("button", { name: "Reset second factor" }).click();
  await expect(said(page, "The second factor is off; 1 session ended.")).toBeVisible();
  await expect(drawer.getByRole("button", { name: "Reset second factor" })).toHaveCount(0);
  await password(theirs, gatehouse, "dev@example.com");
  await expect(theirs).toHaveURL(/\/console/);
  await theirs.close();
});

test.describe("where everybody must have one", () => {
  test.use({ settings: { GATEHOUSE__IDENTITY__REQUIRE_SECOND_FACTOR: "everyone" } });

  test("nothing opens before it is set up", async ({ page, gatehouse }) => {
    await page.goto(gatehouse.setupLink);
    await page.getByLabel("Name").fill(operator.name);
    await page.getByLabel("Email").fill(operator.email);
    await page.getByLabel("Password", { exact: true }).fill(operator.password);
    await page.getByRole("button", { name: "Create account" }).click();
    await expect(page).toHaveURL(/\/second-factor\?next=/);
    await open(page, gatehouse, "/admin/users?q=olive");
    await expect(page).toHaveURL(/\/second-factor\?next=/);
    const main = page.getByRole("main");
    await expect(main.getByRole("img", { name: "QR code of the key" })).toBeVisible();
    await shots(page, "08-required");
    await prove(main);
    await recoveryCodes(main);
    await main.getByLabel("I stored them").check();
    await main.getByRole("button", { name: "Done" }).click();
    await expect(page).toHaveURL(/\/admin\/users\?q=olive/);
    await expect(page.getByRole("row", { name: operator.email })).toHaveCount(1);
  });
});

test.describe("without JavaScript", () => {
  test.use({ javaScriptEnabled: false });

  test("the second step is a form", async ({ browser, page, gatehouse, complaints }) => {
    // Setting it up takes scripts; somebody did that elsewhere.
    const scripted = await browser.newContext({ javaScriptEnabled: true });
    const other = await scripted.newPage();
    await firstRun(other, gatehouse);
    await open(other, gatehouse, "/console/settings/profile");
    await other.getByRole("button", { name: "Set up" }).click();
    const dialog = other.getByRole("dialog", { name: "Set up a second factor" });
    const key = await prove(dialog);
    await recoveryCodes(dialog);
    await scripted.close();

    await password(page, gatehouse);
    await expect(page).toHaveURL(/\/login\/second-step/);
    await secondStep(page, "000000");
    await expect(page.getByRole("alert")).toContainText("The code is wrong, or was used");
    await secondStep(page, code(key, 1));
    await expect(page).toHaveURL(/\/admin\/dashboard/);
    complaints.splice(0).forEach((complaint) => expect(complaint).toMatch(/\.js: csp$|\.wasm was preloaded/));
  });
});
