import { expect, firstRun, hydrated, open, test } from "../support/test";

// Files of the page's code. `split_users` is what only the users' page needs.
const users = /split_users\.\w+\.wasm$/;

test("each area's code comes with its first page, once, and without a new document", async ({ page, gatehouse }) => {
  await firstRun(page, gatehouse);
  const fetched: string[] = [];
  page.on("request", (request) => fetched.push(request.url()));
  await open(page, gatehouse, "/admin/roles");
  expect(fetched.filter((url) => users.test(url))).toEqual([]);
  const documents = fetched.length && fetched.filter((url) => url.endsWith("/admin/roles")).length;

  const menu = page.getByRole("navigation");
  for (let round = 0; round < 2; round++) {
    await menu.getByRole("link", { name: "Users", exact: true }).click();
    await expect(page.getByRole("heading", { name: "Users", level: 1 })).toBeVisible();
    await menu.getByRole("link", { name: "Roles", exact: true }).click();
    await expect(page.getByRole("heading", { name: "Roles", level: 1 })).toBeVisible();
  }
  expect(fetched.filter((url) => users.test(url))).toHaveLength(1);
  expect(fetched.filter((url) => url.endsWith("/admin/roles"))).toHaveLength(documents);
  expect(fetched.filter((url) => url.endsWith("/admin/users"))).toEqual([]);
});

test("code that is gone, as after an update, is fetched with a new document", async ({
  page,
  gatehouse,
  complaints,
}) => {
  await firstRun(page, gatehouse);
  await open(page, gatehouse, "/admin/roles");
  let refused = 0;
  await page.route(users, async (route) => {
    // Asked for when the click comes, and again before the document is left.
    if (new URL(page.url()).pathname === "/admin/users") return route.continue();
    refused++;
    return route.fulfill({ status: 404 });
  });
  await page.getByRole("navigation").getByRole("link", { name: "Users", exact: true }).click();
  await expect(page).toHaveURL(/\/admin\/users$/);
  await hydrated(page);
  await expect(page.getByRole("heading", { name: "Users", level: 1 })).toBeVisible();
  expect(refused).toBeGreaterThan(0);
  complaints.splice(0).forEach((complaint) => expect(complaint).toMatch(/split_users\.\w+\.wasm.*404|404 .*split_users/));
});
