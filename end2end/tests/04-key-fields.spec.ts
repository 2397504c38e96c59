import type { Locator, Page } from "@playwright/test";
import { chat, codeOf, expect, firstRun, open, operator, shots, test } from "../support/test";

const dev = { name: "Dana Developer", email: "dana@example.com", password: "a long enough password" };

/** Reads the secret on show and puts it away. */
async function store(page: Page, title: string): Promise<string> {
  const shown = page.getByRole("dialog", { name: title });
  const secret = await shown.getByLabel("API key").innerText();
  await shown.getByLabel("I stored it").check();
  await shown.getByRole("button", { name: "Done" }).click();
  await expect(shown).toBeHidden();
  return secret;
}

/** Opens a section of a form and answers it. */
async function section(form: Locator, title: string): Promise<Locator> {
  const section = form.locator("details.fold", { has: form.page().locator(`summary:has-text("${title}")`) });
  if ((await section.getAttribute("open")) === null) await section.locator("summary").click();
  return section;
}

async function createKey(page: Page, name: string): Promise<string> {
  await page.getByRole("button", { name: "Create API key" }).click();
  const form = page.getByRole("dialog", { name: "Create API key" });
  await form.getByLabel("Name", { exact: true }).fill(name);
  await form.getByRole("button", { name: "Create API key" }).click();
  return store(page, `${name} is ready`);
}

async function drawerOf(page: Page, name: string): Promise<Locator> {
  await page.getByRole("link", { name, exact: true }).click();
  return page.getByRole("region", { name, exact: true });
}

test("an operator issues a narrow key to somebody else, and narrows it further", async ({ page, gatehouse }) => {
  await firstRun(page, gatehouse);
  const create = ["user", "create", "--email", dev.email, "--name", dev.name];
  await gatehouse.command(create, `${dev.password}\n`);
  await open(page, gatehouse, "/admin/api-keys");
  await page.getByRole("button", { name: "Create API key" }).click();
  const form = page.getByRole("dialog", { name: "Create API key" });
  await shots(page, "04-create-closed");
  await form.getByLabel("Name", { exact: true }).fill("support-bot");

  // People are offered while one types.
  await form.getByLabel("Owner").pressSequentially("dana");
  await expect(form.locator("datalist option")).toHaveAttribute("value", dev.email);
  await form.getByLabel("Owner").fill(dev.email);
  await form.getByLabel("User path").fill("/support/bot");
  await form.getByLabel("Tags").fill("team=support, cost-center=42,");

  const reach = await section(form, "What it may call");
  await reach.getByRole("group", { name: "Actions", exact: true }).getByLabel("Only these").check();
  await reach.getByLabel("chat.completions").check();
  await reach.getByRole("group", { name: "Models", exact: true }).getByLabel("Only these").check();
  await reach.getByLabel("Allowed models").fill("echo, gpt 4,");
  await expect(reach.getByText("“gpt 4” must be a model's name")).toBeVisible();
  await shots(page, "04-create-reach");
  await reach.getByRole("button", { name: "Remove gpt 4" }).click();
  await expect(reach.getByLabel("Allowed models")).toBeFocused();

  // What is wrong is told at its field, and its section opens.
  const limits = await section(form, "Limits");
  await limits.getByLabel("Tokens per day").fill("lots");
  await limits.locator("summary").click();
  const identity = await section(form, "Identity");
  await identity.getByLabel("Require an identity").check();
  await form.getByRole("button", { name: "Create API key" }).click();
  const tokens = limits.getByLabel("Tokens per day");
  await expect(tokens).toBeVisible();
  await expect(tokens).toBeFocused();
  await expect(tokens).toHaveAttribute("aria-invalid", "true");
  await expect(tokens).toHaveAccessibleDescription(/whole number/);
  await expect(identity.getByLabel("Require an identity")).toHaveAccessibleDescription(/would refuse every request/i);
  await shots(page, "04-create-errors");
  await tokens.fill("1,000,000");
  await identity.getByLabel("Read the X-User-Email header").check();
  await identity.getByRole("group", { name: "E-mail domains" }).getByLabel("Only these").check();
  await identity.getByLabel("Allowed domains").fill("example.com");
  await identity.getByLabel("Keys from a JWKS URL").check();
  await identity.getByRole("group", { name: "E-mail domains" }).scrollIntoViewIfNeeded();
  await shots(page, "04-create-identity");
  await identity.getByLabel("Not accepted").check();
  await form.getByRole("button", { name: "Create API key" }).click();
  const secret = await store(page, "support-bot is ready");

  const row = page.getByRole("row", { name: "support-bot" });
  await expect(row).toContainText(dev.email);
  const from = { "x-user-email": "customer@example.com", "x-conversation-id": "ticket-7" };
  expect(await codeOf(await chat(gatehouse.url, secret))).toBe("identity_required");
  expect((await chat(gatehouse.url, secret, {}, from)).status).toBe(200);
  const other = { "x-user-email": "customer@elsewhere.example" };
  expect(await codeOf(await chat(gatehouse.url, secret, {}, other))).toBe("identity_domain_not_allowed");

  const drawer = await drawerOf(page, "support-bot");
  await expect(async () => {
    await page.reload();
    await expect(drawer).toContainText("customer@example.com", { timeout: 500 });
  }).toPass();
  await expect(drawer).toContainText("ticket-7");
  await expect(drawer).toContainText("required, by header, example.com");
  await expect(drawer).toContainText("1,000,000 tokens a day");
  await expect(drawer).toContainText("team=support");
  await shots(page, "04-drawer");

  await drawer.getByRole("button", { name: "Edit" }).click();
  const edit = page.getByRole("dialog", { name: "Edit support-bot" });
  await expect(edit.getByLabel("Name", { exact: true })).toHaveValue("support-bot");
  await expect(edit.getByLabel("User path")).toHaveValue("/support/bot");
  await expect(edit.getByLabel("Owner")).toHaveCount(0);
  const narrower = await section(edit, "What it may call");
  await expect(narrower.getByLabel("chat.completions")).toBeChecked();
  await narrower.getByLabel("Denied models").fill("ec*");
  await shots(page, "04-edit");
  await edit.getByRole("button", { name: "Save" }).click();
  await expect(page.getByRole("status").filter({ hasText: "support-bot is saved" })).toBeVisible();
  await expect(drawer).toContainText("Denied models");
  const refused = await chat(gatehouse.url, secret, {}, from);
  expect(refused.status).toBe(403);
  expect(await codeOf(refused)).toBe("model_not_allowed");

  // What was typed and not saved is forgotten.
  await drawer.getByRole("button", { name: "Edit" }).click();
  await edit.getByLabel("Name", { exact: true }).fill("another name");
  await edit.getByRole("button", { name: "Cancel" }).click();

  // Nothing else changed: the form sent only what differs.
  await expect(drawer).toContainText("required, by header, example.com");
  await drawer.getByRole("button", { name: "Edit" }).click();
  await expect(edit.getByLabel("Name", { exact: true })).toHaveValue("support-bot");
  await edit.getByRole("button", { name: "Save" }).click();
  await expect(page.getByRole("status").filter({ hasText: "Nothing was changed" })).toBeVisible();

  await drawer.getByRole("button", { name: "Revoke key" }).click();
  const revoke = page.getByRole("dialog", { name: "Revoke support-bot" });
  await revoke.getByLabel("Reason").fill("replaced");
  await revoke.getByLabel("Type the key's name to confirm").fill("support-bot");
  await shots(page, "04-revoke");
  await revoke.getByRole("button", { name: "Revoke key" }).click();
  await expect(page.getByRole("status").filter({ hasText: "is revoked" })).toContainText("0 requests cut on 1 of 1 node");
});

test("a standard key has no lists, and the server's refusals stand at their fields", async ({ page, gatehouse }) => {
  await firstRun(page, gatehouse);
  await open(page, gatehouse, "/admin/api-keys");
  await page.getByRole("button", { name: "Create API key" }).click();
  const form = page.getByRole("dialog", { name: "Create API key" });
  await form.getByLabel("Name", { exact: true }).fill("everything");
  await form.getByLabel("Owner").fill("nobody@example.com");
  const reach = await section(form, "What it may call");
  await reach.getByRole("group", { name: "Providers" }).getByLabel("Only these").check();
  await reach.getByLabel("Allowed providers").fill("nowhere");
  await form.getByRole("button", { name: "Create API key" }).click();
  await expect(form.getByLabel("Owner")).toHaveAccessibleDescription(/There is no user with this id or e-mail address/);
  await expect(reach.getByLabel("Allowed providers")).toHaveAccessibleDescription(/no provider nowhere/);

  await form.getByLabel("Kind").selectOption("standard");
  await expect(form.getByLabel("Owner")).toHaveCount(0);
  await expect((await section(form, "What it may call")).getByLabel("Allowed providers")).toHaveCount(0);
  await expect(form).toContainText("so it has no lists of its own");
  await shots(page, "04-create-standard");
  await form.getByRole("button", { name: "Create API key" }).click();
  const secret = await store(page, "everything is ready");
  expect(secret).toMatch(/^sk_prod_/);
  expect((await chat(gatehouse.url, secret)).status).toBe(200);

  // The next form is empty again; a second standard key is refused in words.
  await page.getByRole("button", { name: "Create API key" }).click();
  await expect(form.getByLabel("Name", { exact: true })).toHaveValue("");
  await form.getByLabel("Name", { exact: true }).fill("once more");
  await form.getByLabel("Kind").selectOption("standard");
  await form.getByRole("button", { name: "Create API key" }).click();
  await expect(form.getByRole("alert")).toContainText("already has an active standard key");
});

test.describe("with a slow model", () => {
  test.use({ settings: { GATEHOUSE__ECHO__OPTIONS__CHUNK_DELAY_MS: "50", GATEHOUSE__ECHO__OPTIONS__CHUNKS: "400" } });

  test("rotating: both secrets work for the grace, and none of the old without", async ({ page, gatehouse }) => {
    await firstRun(page, gatehouse);
    await open(page, gatehouse, "/console/settings/api-keys");
    const first = await createKey(page, "checkout-service-prod");
    const short = { max_tokens: 1 };
    const drawer = await drawerOf(page, "checkout-service-prod");

    await drawer.getByRole("button", { name: "Rotate" }).click();
    const dialog = page.getByRole("dialog", { name: "Rotate checkout-service-prod" });
    await expect(dialog.getByLabel("24 hours", { exact: false })).toBeChecked();
    await shots(page, "04-rotate");
    await dialog.getByRole("button", { name: "Rotate key" }).click();
    const shown = page.getByRole("dialog", { name: "checkout-service-prod has a new secret" });
    await expect(shown).toContainText("The old secret works until");
    await shots(page, "04-rotated");
    const second = await store(page, "checkout-service-prod has a new secret");
    expect(second.slice(0, 20)).toBe(first.slice(0, 20));
    expect(second).not.toBe(first);

    const old = drawer.getByRole("listitem").filter({ hasText: "Secret 1" });
    const present = drawer.getByRole("listitem").filter({ hasText: "Secret 2" });
    await expect(old).toContainText("last used never");
    for (const secret of [first, second]) {
      const answer = await chat(gatehouse.url, secret, { ...short, stream: true });
      expect(answer.status).toBe(200);
      await answer.body!.cancel();
    }
    await expect(async () => {
      await page.reload();
      await expect(old).toContainText("last used just now", { timeout: 500 });
      await expect(present).toContainText("last used just now", { timeout: 500 });
    }).toPass();
    await expect(old).toContainText("old secret works until");
    await expect(present).toContainText("in force");
    await shots(page, "04-secrets");

    const stream = await chat(gatehouse.url, second, { stream: true });
    expect(stream.status).toBe(200);
    const text = stream.text();
    await page.locator("html[data-hydrated]").waitFor();
    await drawer.getByRole("button", { name: "Rotate" }).click();
    await expect(dialog).toContainText("A key has at most two secrets");
    await dialog.getByLabel("Not at all", { exact: false }).check();
    await dialog.getByRole("button", { name: "Rotate key" }).click();
    await expect(shown).toContainText("1 request cut on 1 of 1 node");
    const third = await store(page, "checkout-service-prod has a new secret");
    const events = (await text).trimEnd().split("\n\n");
    expect(JSON.parse(events.at(-1)!.replace(/^data: /, "")).error.code).toBe("key_expired");
    for (const secret of [first, second]) {
      expect((await chat(gatehouse.url, secret, short)).status).toBe(401);
    }
    const answer = await chat(gatehouse.url, third, { ...short, stream: true });
    expect(answer.status).toBe(200);
    await answer.body!.cancel();
  });
});

test("a developer's form has what is theirs to set", async ({ page, gatehouse }) => {
  await firstRun(page, gatehouse);
  await gatehouse.command(["user", "create", "--email", dev.email, "--name", dev.name], `${dev.password}\n`);
  await open(page, gatehouse, "/admin/api-keys");
  await page.getByRole("button", { name: "Create API key" }).click();
  const form = page.getByRole("dialog", { name: "Create API key" });
  await form.getByLabel("Name", { exact: true }).fill("issued-by-olive");
  await form.getByLabel("Owner").fill(dev.email);
  await form.getByRole("button", { name: "Create API key" }).click();
  await store(page, "issued-by-olive is ready");

  await page.context().clearCookies();
  await open(page, gatehouse, "/login");
  await page.getByLabel("Email").fill(dev.email);
  await page.getByLabel("Password", { exact: true }).fill(dev.password);
  await page.getByRole("button", { name: "Sign in", exact: true }).click();
  await expect(page).toHaveURL(/\/console$/);
  await open(page, gatehouse, "/console/settings/api-keys");
  await page.getByRole("button", { name: "Create API key" }).click();
  for (const label of ["Owner", "Kind", "User path", "Tags"]) {
    await expect(form.getByLabel(label)).toHaveCount(0);
  }
  await (await section(form, "Identity")).getByLabel("Keys from a JWKS URL").check();
  await expect(form.getByLabel("The host may have a private address")).toHaveCount(0);
  await form.getByLabel("Not accepted").check();
  await form.getByLabel("Name", { exact: true }).fill("from-my-laptop");
  const from = await section(form, "Where from");
  await from.getByLabel("Only from these").check();
  await from.getByLabel("Allowed addresses").fill("203.0.113.0/24");
  await shots(page, "04-developer");
  await form.getByRole("button", { name: "Create API key" }).click();
  const secret = await store(page, "from-my-laptop is ready");
  expect(await codeOf(await chat(gatehouse.url, secret))).toBe("ip_not_allowed");

  // Their own key's bounds are theirs to change, by keyboard too.
  const drawer = await drawerOf(page, "from-my-laptop");
  await drawer.getByRole("button", { name: "Edit" }).press("Enter");
  const edit = page.getByRole("dialog", { name: "Edit from-my-laptop" });
  await (await section(edit, "Where from")).getByLabel("From anywhere").check();
  await edit.getByLabel("Name", { exact: true }).press("Enter");
  await expect(page.getByRole("status").filter({ hasText: "is saved" })).toBeVisible();
  expect((await chat(gatehouse.url, secret)).status).toBe(200);

  // Those of a key that an operator issued to them are not.
  await page.keyboard.press("Escape");
  const issued = await drawerOf(page, "issued-by-olive");
  await expect(issued).toContainText(`by ${operator.email}`);
  await issued.getByRole("button", { name: "Edit" }).click();
  const theirs = page.getByRole("dialog", { name: "Edit issued-by-olive" });
  await expect(theirs).toContainText("An operator issued this key to you");
  await expect(theirs.locator("details.fold")).toHaveCount(0);
  await shots(page, "04-edit-issued");
  await theirs.getByLabel("Name", { exact: true }).fill("mine-now");
  await theirs.getByRole("button", { name: "Save" }).click();
  await expect(page.getByRole("region", { name: "mine-now" })).toBeVisible();
});
