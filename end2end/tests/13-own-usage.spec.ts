import { readFile } from "node:fs/promises";
import { createKey } from "../support/keys";
import { account, signIn } from "../support/people";
import { chat, expect, firstRun, hydrated, open, shots, test } from "../support/test";

test("a developer sees what their own keys used, by model and by key, and takes it out", async ({ page, gatehouse }) => {
  await firstRun(page, gatehouse);
  await hydrated(page);
  await page.getByRole("navigation", { name: "Console" }).getByRole("link", { name: "Usage", exact: true }).click();
  await expect(page).toHaveURL(/\/console\/usage$/);
  await expect(page.getByText("No requests in the last 7 days")).toBeVisible();
  await shots(page, "13-usage-empty");
  await page.getByRole("main").getByRole("link", { name: "Quick start" }).click();
  await expect(page).toHaveURL(/\/console$/);

  await open(page, gatehouse, "/console/settings/api-keys");
  const first = await createKey(page, "checkout-service-prod");
  const second = await createKey(page, "nightly-eval");
  for (const { secret } of [first, first, second]) {
    const answer = await chat(gatehouse.url, secret);
    expect(answer.status).toBe(200);
    await answer.text();
  }
  const figures = (name: string | RegExp) => page.getByRole("row", { name }).getByRole("cell");
  await expect(async () => {
    await open(page, gatehouse, "/console/usage");
    await expect(figures(/^echo/).first()).toHaveText("3", { timeout: 500 });
    // Read by itself, so perhaps a moment earlier.
    const chart = page.getByRole("img", { name: /^Your requests per day, last 7 days; at most 3 on one day/ });
    await expect(chart).toBeVisible({ timeout: 500 });
  }).toPass();
  await expect(page.locator("figure.chart rect:not(.errors)")).toHaveCount(7);

  // Period and grouping are in the address: they stay when it is loaded anew, and Back takes the last one off.
  await page.getByLabel("Period", { exact: true }).selectOption("24h");
  await expect(page).toHaveURL(/[?&]period=24h/);
  await expect(page.getByRole("heading", { name: "Requests, last 24 hours" })).toBeVisible();
  await expect(page.locator("figure.chart rect:not(.errors)")).toHaveCount(24);
  await page.getByLabel("Group by", { exact: true }).selectOption("key");
  await expect(page).toHaveURL(/[?&]by=key/);
  await expect(figures("checkout-service-prod").first()).toHaveText("2");
  await page.reload();
  await hydrated(page);
  await expect(page.getByLabel("Period", { exact: true })).toHaveValue("24h");
  await expect(page.getByLabel("Group by", { exact: true })).toHaveValue("key");
  await expect(figures("checkout-service-prod").first()).toHaveText("2");
  await expect(figures("nightly-eval").first()).toHaveText("1");
  await expect(figures("Total").first()).toHaveText("3");
  await shots(page, "13-usage");

  const download = page.waitForEvent("download");
  await page.getByRole("link", { name: "Export CSV" }).click();
  const file = await download;
  expect(file.suggestedFilename()).toMatch(/^gatehouse-usage-\d{4}-\d\d-\d\d\.csv$/);
  const [head, ...lines] = (await readFile(await file.path(), "utf8")).trimEnd().split("\r\n");
  expect(head).toBe("key_id,key,requests,errors,input_tokens,cached_input_tokens,output_tokens,cost_usd");
  expect(lines.map((line) => line.split(",").slice(1, 4))).toEqual([
    ["checkout-service-prod", "2", "0"],
    ["nightly-eval", "1", "0"],
  ]);

  await page.goBack();
  await expect(page.getByLabel("Group by", { exact: true })).toHaveValue("model");
  await expect(figures(/^echo/).first()).toHaveText("3");

  // Another account has used nothing, whatever its address says.
  await account(gatehouse, "dev@example.com");
  await signIn(page, gatehouse, "dev@example.com");
  await open(page, gatehouse, "/console/usage?period=90d&by=key&tenant=default");
  await expect(page.getByText("No requests in the last 90 days")).toBeVisible();
});
