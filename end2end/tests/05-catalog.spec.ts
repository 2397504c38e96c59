import { account, call, drawerOf, signIn, withMasterKey } from "../support/people";
import { chat, codeOf, expect, firstRun, open, shots, test } from "../support/test";
import { Upstream } from "../support/upstream";

const credential = "canary-credential-of-the-upstream";

test.use({ settings: withMasterKey });

let upstream: Upstream;
test.beforeEach(async () => {
  upstream = await Upstream.start();
});
test.afterEach(async () => upstream.stop());

test("from an upstream's address to a rule that forbids it", async ({ page, gatehouse }) => {
  await firstRun(page, gatehouse);
  await open(page, gatehouse, "/admin/providers");
  await expect(page.getByRole("row", { name: "echo" })).toContainText("from configuration");

  // A provider: what is wrong is told beside its field, which gets the focus.
  await page.getByRole("button", { name: "Create provider" }).click();
  const form = page.getByRole("dialog", { name: "Create provider" });
  await form.getByLabel("Kind").selectOption("openai_compatible");
  await form.getByRole("button", { name: "Create provider" }).click();
  await expect(form.getByLabel("Name")).toBeFocused();
  await expect(form.getByLabel("Name")).toHaveAttribute("aria-invalid", "true");
  await form.getByLabel("Name").fill("local");
  await form.getByLabel("Address", { exact: true }).fill("ftp://nowhere");
  await form.getByRole("button", { name: "Create provider" }).click();
  await expect(form.getByLabel("Address", { exact: true })).toBeFocused();
  await shots(page, "05-provider-form");
  await form.getByLabel("Address", { exact: true }).fill(upstream.url);
  await form.getByLabel("Credential").fill(credential);
  await form.getByRole("button", { name: "Create provider" }).click();
  await expect(page.getByRole("status").filter({ hasText: "local is created" })).toBeVisible();
  await expect(page).toHaveURL(/[?&]provider=local/);
  const provider = drawerOf(page, "local");
  await expect(provider).toContainText("public addresses only");

  // Its address is a private one: refused until that is allowed. The credential stays and is never shown.
  await provider.getByRole("button", { name: "Test connection" }).click();
  await expect(provider).toContainText("Connection fails");
  await provider.getByRole("button", { name: "Edit" }).click();
  const edit = page.getByRole("dialog", { name: "Edit local" });
  await expect(edit.getByLabel("Credential", { exact: true })).toHaveValue("");
  await expect(edit.getByLabel("Credential", { exact: true })).toHaveAttribute("placeholder", /leave empty to keep/);
  await edit.getByLabel("Allow private addresses").check();
  await edit.getByRole("button", { name: "Save" }).click();
  await expect(provider).toContainText("private and loopback");
  await provider.getByRole("button", { name: "Test connection" }).click();
  await expect(provider).toContainText("Connection works");
  await shots(page, "05-provider-drawer");
  await open(page, gatehouse, "/admin/providers?provider=local");
  await expect(drawerOf(page, "local").getByText("Set", { exact: true })).toBeVisible();
  expect(await page.content()).not.toContain(credential);

  // A model on it.
  await open(page, gatehouse, "/admin/models");
  await page.getByRole("button", { name: "Create model" }).click();
  const modelForm = page.getByRole("dialog", { name: "Create model" });
  await modelForm.getByLabel("Name").fill("team/llama");
  await modelForm.getByRole("button", { name: "Create model" }).click();
  const target = modelForm.getByRole("group", { name: "Target 1" });
  await expect(target.getByLabel("Provider")).toBeFocused();
  await expect(target).toContainText("Must be chosen.");
  await target.getByLabel("Provider").selectOption("local");
  await target.getByLabel("Upstream model").fill("gpt-4o");
  await modelForm.getByLabel("Labels").fill("eu-hosted, small");
  await modelForm.getByLabel("Input, USD per 1 M tokens", { exact: true }).fill("2.50");
  await modelForm.getByLabel("Output, USD per 1 M tokens", { exact: true }).fill("ten");
  await modelForm.getByRole("button", { name: "Create model" }).click();
  await expect(modelForm.getByLabel("Output, USD per 1 M tokens", { exact: true })).toBeFocused();
  await shots(page, "05-model-form");
  await modelForm.getByLabel("Output, USD per 1 M tokens", { exact: true }).fill("10");
  await modelForm.getByLabel("Context, tokens").fill("128,000");
  await modelForm.getByRole("button", { name: "Create model" }).click();
  await expect(page).toHaveURL(/[?&]model=team%2Fllama/);
  const row = page.getByRole("row", { name: "team/llama" });
  await expect(row).toContainText("$2.50 / $10.00");
  await expect(row).toContainText("128,000");
  await expect(row).toContainText("Closed");

  // A key calls it, and the drawer knows.
  const { secret } = await call(gatehouse, "POST", "/auth-keys", { name: "checkout", user_path: "/team/alpha" });
  const answer = await chat(gatehouse.url, secret, { model: "team/llama" });
  expect(answer.status).toBe(200);
  expect((await answer.json()).choices[0].message.content).toBe("Hello from upstream.");
  await open(page, gatehouse, "/admin/models?model=team/llama");
  const model = drawerOf(page, "team/llama");
  await expect(model).toContainText("1 working key permits it");
  await expect(model).toContainText("No access rule restricts it");
  await expect(model.getByRole("link", { name: "checkout" })).toBeVisible();
  await shots(page, "05-model-drawer");

  // A provider that is in use stays.
  await open(page, gatehouse, "/admin/providers?provider=local");
  await expect(page.getByRole("row", { name: /^local/ })).toContainText("team/llama");
  await drawerOf(page, "local").getByRole("button", { name: "Delete" }).click();
  const remove = page.getByRole("dialog", { name: "Delete local" });
  await remove.getByRole("button", { name: "Delete provider" }).click();
  await expect(remove.getByRole("alert")).toContainText("team/llama");
  await shots(page, "05-provider-delete");
  await remove.getByRole("button", { name: "Cancel" }).click();

  // A rule on the path above the key's forbids it.
  await open(page, gatehouse, "/admin/access-rules");
  await expect(page.getByText("No access rules yet")).toBeVisible();
  await page.getByRole("button", { name: "Create access rule" }).click();
  const ruleForm = page.getByRole("dialog", { name: "Create access rule" });
  await ruleForm.getByLabel("About").selectOption("user_path");
  await ruleForm.getByLabel("User path", { exact: true }).fill("/team");
  await ruleForm.getByLabel("Only some models").check();
  await ruleForm.getByLabel("Allowed models").fill("echo, !!");
  await ruleForm.getByLabel("Requests per minute").fill("600");
  await ruleForm.getByRole("button", { name: "Create access rule" }).click();
  await expect(ruleForm.getByLabel("Allowed models")).toBeFocused();
  await shots(page, "05-rule-form");
  await ruleForm.getByLabel("Allowed models").fill("echo*");
  await ruleForm.getByRole("button", { name: "Create access rule" }).click();
  const words = "Everything at and below /team may call echo* only, at most 600 requests a minute together.";
  await expect(page.getByRole("row", { name: "/team and below" })).toContainText(words);
  const refused = await chat(gatehouse.url, secret, { model: "team/llama" });
  expect(refused.status).toBe(403);
  expect(await codeOf(refused)).toBe("model_not_allowed");
  await shots(page, "05-rule-drawer");
  await open(page, gatehouse, "/admin/models?model=team/llama");
  await expect(model.getByRole("link", { name: "/team and below" })).toBeVisible();
  await expect(model).toContainText("No working key may call it");

  // Changed and deleted, each counts from the next request.
  await model.getByRole("link", { name: "/team and below" }).click();
  const rule = drawerOf(page, "/team and below");
  await rule.getByRole("button", { name: "Edit" }).click();
  const ruleEdit = page.getByRole("dialog", { name: "Edit access rule" });
  await expect(ruleEdit.getByLabel("Allowed models")).toHaveValue("echo*");
  await ruleEdit.getByLabel("Allowed models").fill("echo*, team/*");
  await ruleEdit.getByRole("button", { name: "Save" }).click();
  await expect(rule).toContainText("echo* or team/* only");
  expect((await chat(gatehouse.url, secret, { model: "team/llama" })).status).toBe(200);
  await rule.getByRole("button", { name: "Delete" }).click();
  await page.getByRole("dialog", { name: /^Delete the rule/ }).getByRole("button", { name: "Delete rule" }).click();
  await expect(page.getByText("No access rules yet")).toBeVisible();
  await expect(page).toHaveURL(/\/admin\/access-rules$/);
});

test("a breaker opens in sight when its upstream is gone, and the second target answers", async ({ page, gatehouse }) => {
  await firstRun(page, gatehouse);
  const local = { name: "local", kind: "openai_compatible", base_url: upstream.url, allow_private_addresses: true };
  await call(gatehouse, "POST", "/providers", local);
  const targets = [{ provider: "local", upstream_model: "gpt-4o" }];
  await call(gatehouse, "POST", "/models", { name: "llama", targets });
  const { secret } = await call(gatehouse, "POST", "/auth-keys", { name: "checkout" });

  await open(page, gatehouse, "/admin/models?model=llama");
  const model = drawerOf(page, "llama");
  await model.getByRole("button", { name: "Edit" }).click();
  const edit = page.getByRole("dialog", { name: "Edit llama" });
  await edit.getByRole("button", { name: "Add target" }).click();
  const second = edit.getByRole("group", { name: "Target 2" });
  await second.getByLabel("Provider").selectOption("echo");
  await second.getByLabel("Upstream model").fill("echo");
  await edit.getByRole("group", { name: "Target 1" }).getByLabel("Weight").fill("3");
  await edit.getByRole("button", { name: "Move target 2 up" }).click();
  await expect(edit.getByRole("group", { name: "Target 1" }).getByLabel("Upstream model")).toHaveValue("echo");
  await edit.getByRole("button", { name: "Move target 2 up" }).click();
  await shots(page, "05-model-targets");
  await edit.getByRole("button", { name: "Save" }).click();
  await expect(model).toContainText("75 %");
  await expect(model).toContainText("25 %");

  await upstream.stop();
  for (let call = 0; call < 8; call++) {
    const answer = await chat(gatehouse.url, secret, { model: "llama" });
    expect(answer.status).toBe(200);
  }
  // The open page finds out by itself.
  const row = page.getByRole("row", { name: "llama" });
  await expect(row).toContainText(/Open/, { timeout: 15_000 });
  await expect(row).toContainText(/5 failures, retry in \d+ s/);
  await expect(model).toContainText("Open");
  await shots(page, "05-breaker-open");
});

test("each role sees what the table lets it see", async ({ page, gatehouse }) => {
  await firstRun(page, gatehouse);
  const create = page.getByRole("main").getByRole("button", { name: /^Create/ });
  const links = page.getByRole("navigation", { name: "Admin" }).getByRole("link");

  await account(gatehouse, "model@example.com", "model_admin");
  await signIn(page, gatehouse, "model@example.com");
  await open(page, gatehouse, "/admin/models?model=echo");
  await expect(create).toHaveText("Create model");
  await expect(drawerOf(page, "echo")).toContainText("Seeing the keys needs keys:read");
  await open(page, gatehouse, "/admin/providers?provider=echo");
  await expect(drawerOf(page, "echo")).toContainText("built in");
  await expect(create).toHaveCount(0);
  await expect(page.getByRole("button", { name: "Test connection" })).toHaveCount(0);
  await expect(links).toHaveText(["Dashboard", "Models", "Providers"]);

  await account(gatehouse, "provider@example.com", "provider_admin");
  await signIn(page, gatehouse, "provider@example.com");
  await open(page, gatehouse, "/admin/providers");
  await expect(create).toHaveText("Create provider");
  await open(page, gatehouse, "/admin/models?model=echo");
  await expect(create).toHaveCount(0);
  await expect(drawerOf(page, "echo")).toContainText("keys under a money budget are refused");
  await expect(links).toHaveText(["Dashboard", "Models", "Providers"]);
});

test("lists are searched, and what isn't allowed says who can grant it", async ({ page, gatehouse, complaints }) => {
  await firstRun(page, gatehouse);
  for (const name of ["eu-one", "us-two"]) await call(gatehouse, "POST", "/providers", { name, kind: "echo" });
  await open(page, gatehouse, "/admin/providers");
  await page.keyboard.press("/");
  await page.keyboard.type("eu-");
  await expect(page).toHaveURL(/[?&]q=eu-/);
  await expect(page.getByRole("row", { name: "us-two" })).toHaveCount(0);
  await page.keyboard.press("Enter");
  await page.getByRole("searchbox").blur();
  await page.keyboard.press("j");
  await page.keyboard.press("Enter");
  await expect(drawerOf(page, "eu-one")).toBeVisible();
  await page.keyboard.press("Escape");
  await expect(drawerOf(page, "eu-one")).toHaveCount(0);
  await expect(page.getByRole("link", { name: "eu-one" })).toBeFocused();
  await page.getByRole("searchbox").fill("nothing of this name");
  await expect(page.getByText("No provider matches this search")).toBeVisible();
  await page.getByRole("link", { name: "Clear filters" }).click();
  await expect(page.getByRole("row", { name: "us-two" })).toBeVisible();

  await account(gatehouse, "bill@example.com", "billing_admin");
  await signIn(page, gatehouse, "bill@example.com");
  for (const path of ["providers", "models", "access-rules"]) {
    await open(page, gatehouse, `/admin/${path}`);
    await expect(page.getByRole("alert")).toContainText("A super_admin can give you a role");
    await expect(page.getByRole("main").getByRole("button", { name: /^Create/ })).toHaveCount(0);
  }
  // Chromium reports each page's own status, 403 Forbidden.
  complaints.splice(0).forEach((complaint) => expect(complaint).toContain("403"));
});
