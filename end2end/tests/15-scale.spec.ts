import { expect, firstRun, open, shots, test } from "../support/test";

// As many rows as an operator of a large company has, when the proofs run; in between, as many as fill the pages.
const whole = process.env.GATEHOUSE_PROVE === "1";
const [people, keys, tenants] = whole ? [100_000, 1_000_000, 200] : [2_000, 10_000, 60];
/** From asking for a page to its answering to clicks, with its rows, in milliseconds. */
const bound = 1_500;

const lists = ["/admin/api-keys", "/admin/users", "/admin/tenants", "/admin/audit"];
/** What an operator does with a list; each is another question to the database. */
const questions = [
  "/admin/api-keys?q=nightly",
  "/admin/api-keys?sort=last_used_at",
  "/admin/api-keys?unused=90&sort=last_used_at",
  "/admin/users?q=an",
  "/admin/users?sort=-last_sign_in_at",
];

test("lists of many rows open at once, and look as they should", async ({ page, gatehouse, browser, complaints }) => {
  test.setTimeout(whole ? 900_000 : 120_000);
  await firstRun(page, gatehouse);
  const size = ["--users", people, "--keys", keys, "--tenants", tenants, "--days", 7, "--requests-per-day", 5_000];
  await gatehouse.offline(["dev", "seed", "--add", ...size.map(String)]);

  const took: Record<string, number> = {};
  const state = await page.context().storageState();
  for (const path of lists) {
    // A browser that has nothing yet of the page's code.
    const context = await browser.newContext({ storageState: state });
    const visit = await context.newPage();
    visit.on("pageerror", (error) => complaints.push(error.message));
    const began = performance.now();
    await open(visit, gatehouse, path);
    await expect(visit.getByRole("table").getByRole("row").nth(1)).toBeVisible();
    took[path] = Math.round(performance.now() - began);
    await context.close();
  }

  // The first rounds fill what the database keeps in memory, up to its bounds.
  const all = [...questions, ...lists];
  const memory: number[] = [];
  for (let round = 0; round < (whole ? 6 : 2); round++) {
    for (const path of all) {
      await open(page, gatehouse, path);
      await expect(page.getByRole("table").getByRole("row").nth(1)).toBeVisible();
    }
    memory.push(await gatehouse.memory());
  }

  for (const path of lists) {
    await open(page, gatehouse, path);
    await shots(page, `15-many-${path.split("/").at(-1)}`);
  }
  const each = lists.map((path) => `${path} ${took[path]} ms`).join(", ");
  console.log(
    `PROOF pages of ${keys} keys and ${people} people in Chromium, nothing cached: interactive after ${each}; ` +
      `resident after each ${all.length} pages: ${memory.join(", ")} MB`,
  );
  if (whole) {
    expect(Math.max(...Object.values(took)), each).toBeLessThan(bound);
    expect(memory.at(-1)! - memory.at(-3)!, `${memory}`).toBeLessThan(30);
  }
});
