import AxeBuilder from "@axe-core/playwright";
import { type BrowserContext, type Page, expect, test as base } from "@playwright/test";
import { mkdir } from "node:fs/promises";
import { Gatehouse } from "./gatehouse";

export { expect };

/** The account that `firstRun` makes. */
export const operator = {
  name: "Olive Operator",
  email: "olive@example.com",
  password: "correct horse battery staple",
};

/** Every test has a fresh gateway and fails on anything that a page complains about. */
export const test = base.extend<{
  gatehouse: Gatehouse;
  /** `GATEHOUSE__…` variables of the gateway. */
  settings: Record<string, string>;
  /** What pages complained about so far; a test that expects something takes it out. */
  complaints: string[];
}>({
  settings: [{}, { option: true }],
  gatehouse: async ({ settings }, use) => {
    const gatehouse = await Gatehouse.start(settings);
    await use(gatehouse);
    await gatehouse.stop();
  },
  complaints: async ({}, use) => use([]),
  context: async ({ context, complaints }, use) => {
    collectComplaints(context, complaints);
    await use(context);
    expect(complaints, "console errors and warnings, page errors, failed requests").toEqual([]);
  },
});

function collectComplaints(context: BrowserContext, complaints: string[]): void {
  context.on("console", (message) => {
    if (["error", "warning"].includes(message.type())) {
      complaints.push(`${message.type()}: ${message.text()} (${message.location().url})`);
    }
  });
  context.on("weberror", (error) => complaints.push(`page error: ${error.error().message}`));
  context.on("requestfailed", (request) => {
    const reason = request.failure()?.errorText ?? "";
    // Pages cancel requests by design: a newer search, an event stream left behind.
    if (reason !== "net::ERR_ABORTED") complaints.push(`${request.method()} ${request.url()}: ${reason}`);
  });
}

/** Opens a page and waits until it answers to clicks. */
export async function open(page: Page, gatehouse: Gatehouse, path: string): Promise<void> {
  await page.goto(gatehouse.url + path);
  await hydrated(page);
}

/** Opens the set-up link and makes the first account, which is then signed in and on the Console. */
export async function firstRun(page: Page, gatehouse: Gatehouse): Promise<void> {
  await page.goto(gatehouse.setupLink);
  await page.getByLabel("Name").fill(operator.name);
  await page.getByLabel("Email").fill(operator.email);
  await page.getByLabel("Password", { exact: true }).fill(operator.password);
  await page.getByRole("button", { name: "Create account" }).click();
  await expect(page).toHaveURL(/\/console$/);
}

/** Waits until the page answers to clicks. The server's HTML is there earlier. */
export async function hydrated(page: Page): Promise<void> {
  await page.waitForSelector("html[data-hydrated]");
}

/** One chat message with a key, as a client sends it. */
export function chat(
  url: string,
  secret: string,
  body: object = {},
  headers: Record<string, string> = {},
): Promise<Response> {
  return fetch(`${url}/v1/chat/completions`, {
    method: "POST",
    headers: { authorization: `Bearer ${secret}`, "content-type": "application/json", ...headers },
    body: JSON.stringify({ model: "echo", messages: [{ role: "user", content: "hello" }], ...body }),
  });
}

/** The code of a refusal: of the data path's error, or of a problem. */
export async function codeOf(response: Response): Promise<string> {
  return (await response.json()).error.code;
}

/** Saves what a page looks like: light, dark, and on a phone, and asks axe what it has against each. */
export async function shots(page: Page, name: string): Promise<void> {
  const size = page.viewportSize()!;
  await accessible(page, name);
  for (const scheme of ["light", "dark"] as const) {
    await page.emulateMedia({ colorScheme: scheme });
    if (scheme === "dark") await accessible(page, `${name}, dark`, ["color-contrast"]);
    await shot(page, `${name}-${scheme}`, false);
  }
  await page.setViewportSize({ width: 360, height: 740 });
  await accessible(page, `${name}, on a phone`, ["target-size", "scrollable-region-focusable"]);
  expect(await page.evaluate(() => document.documentElement.scrollWidth), name).toBeLessThanOrEqual(360);
  await shot(page, `${name}-phone`, false);
  await page.setViewportSize(size);
  await page.emulateMedia({ colorScheme: "light" });
}

/** Fails on anything that axe has against the page by WCAG 2.2 AA and its best practices, or by some rules only. */
async function accessible(page: Page, name: string, rules?: string[]): Promise<void> {
  const tags = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"];
  const axe = new AxeBuilder({ page });
  const { violations } = await (rules ? axe.withRules(rules) : axe.withTags(tags)).analyze();
  const told = violations.map(({ id, help, nodes }) => `${id}: ${help}: ${nodes.map(({ html }) => html).join(" ")}`);
  expect(told, name).toEqual([]);
}

/** Saves what the page looks like in `screenshots/`. */
export async function shot(page: Page, name: string, fullPage = true): Promise<void> {
  await mkdir("screenshots", { recursive: true });
  await page.screenshot({ path: `screenshots/${name}.png`, fullPage });
}
