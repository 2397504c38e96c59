import { SayingProvider } from "../support/idp";
import { account, call, drawerOf, said, signIn, tabTo, withMasterKey } from "../support/people";
import { expect, firstRun, open, operator, shots, test } from "../support/test";
import { freePort } from "../support/upstream";

test.use({ settings: withMasterKey });

const secret = "canary-secret-of-the-provider";

test("an identity provider: made, checked, changed, deleted", async ({ page, gatehouse }) => {
  await firstRun(page, gatehouse);
  await open(page, gatehouse, "/admin/dashboard");
  await page.getByRole("navigation", { name: "Admin" }).getByRole("link", { name: "Single sign-on" }).click();
  await expect(page.getByText("No identity providers yet")).toBeVisible();
  await page.getByText("With Okta").click();
  await expect(page.locator("pre", { hasText: `${gatehouse.url}/login/sso/okta/callback` })).toBeVisible();
  await page.getByText("With Auth0").click();
  await shots(page, "17-empty");

  // The product fills in what is usual; what is wrong is told beside its field, which gets the focus.
  await page.getByRole("button", { name: "Create identity provider" }).click();
  const form = page.getByRole("dialog", { name: "Create identity provider" });
  await expect(form.getByLabel("Name", { exact: true })).toHaveValue("okta");
  await form.getByLabel("Product").selectOption("keycloak");
  await expect(form.getByLabel("Name", { exact: true })).toHaveValue("keycloak");
  await expect(form.getByLabel("Issuer")).toHaveAttribute("placeholder", /realms/);
  await expect(form).toContainText(`${gatehouse.url}/login/sso/keycloak/callback`);
  await form.getByLabel("Issuer").fill("http://idp.example.com");
  await form.getByLabel("Client ID").fill("gatehouse");
  await form.getByRole("button", { name: "Create identity provider" }).click();
  await expect(form.getByLabel("Issuer")).toBeFocused();
  await expect(form.getByLabel("Issuer")).toHaveAttribute("aria-invalid", "true");
  await shots(page, "17-provider-form");
  const port = await freePort();
  await form.getByLabel("Issuer").fill(`http://127.0.0.1:${port}`);
  await form.getByLabel("Client secret").fill(secret);
  await form.getByLabel("Allowed domains").fill("example.com, example.org");
  await form.getByText("Scopes, claims, network").click();
  await form.getByLabel("Allow private addresses").check();
  await form.getByRole("button", { name: "Create identity provider" }).click();
  await expect(said(page, "keycloak is created")).toBeVisible();
  await expect(page).toHaveURL(/[?&]provider=keycloak/);
  const drawer = drawerOf(page, "Keycloak");
  await expect(drawer).toContainText(`${gatehouse.url}/login/sso/keycloak/backchannel-logout`);
  await expect(drawer).toContainText("example.com, example.org");

  // Nobody listens there: said by step, with what to do.
  await drawer.getByRole("button", { name: "Check", exact: true }).click();
  await expect(drawer).toContainText("People can't sign in");
  await expect(drawer.getByRole("listitem").filter({ hasText: "Discovery document" })).toContainText("Is the address right");
  await expect(drawer.getByRole("link", { name: "Try sign-in" })).toHaveAttribute("href", /\/login\/sso\/keycloak\?purpose=test$/);
  await shots(page, "17-provider-drawer");

  // The secret stays and is never shown; the name is part of addresses and stays as well.
  await drawer.getByRole("button", { name: "Edit" }).click();
  const edit = page.getByRole("dialog", { name: "Edit Keycloak" });
  await expect(edit.getByLabel("Name", { exact: true })).toHaveAttribute("readonly", "");
  await expect(edit.getByLabel("Client secret", { exact: true })).toHaveAttribute("placeholder", /leave empty to keep/);
  await edit.getByLabel("Button", { exact: true }).fill("Company sign-in");
  await edit.getByLabel("People can sign in with it").uncheck();
  await edit.getByRole("button", { name: "Save" }).click();
  await expect(said(page, "keycloak is saved")).toBeVisible();
  await expect(page.getByRole("row", { name: "Company sign-in" })).toContainText("Off");
  await open(page, gatehouse, "/admin/sso?provider=keycloak");
  expect(await page.content()).not.toContain(secret);

  // Passwords can't be switched off by who came with one.
  await page.getByRole("link", { name: "Close" }).click();
  await page.getByRole("button", { name: "Switch off" }).click();
  const off = page.getByRole("dialog", { name: "Switch password sign-in off" });
  await expect(off).toContainText("gatehouse user allow-passwords");
  await off.getByRole("button", { name: "Switch off" }).click();
  await expect(off.getByRole("alert")).toContainText("Sign in with an identity provider");
  await shots(page, "17-passwords");
  await off.getByRole("button", { name: "Cancel" }).click();

  // Deleted, with what that means.
  await page.getByRole("table").getByRole("link", { name: "Company sign-in" }).click();
  await drawerOf(page, "Company sign-in").getByRole("button", { name: "Delete" }).click();
  const remove = page.getByRole("dialog", { name: "Delete keycloak" });
  await expect(remove).toContainText("sessions that were begun with it end");
  await shots(page, "17-provider-delete");
  await remove.getByRole("button", { name: "Delete identity provider" }).click();
  await expect(said(page, "keycloak is deleted")).toBeVisible();
  await expect(page.getByText("No identity providers yet")).toBeVisible();
});

test("the role mapping: rules by keyboard, tried before they are saved", async ({ page, gatehouse }) => {
  await firstRun(page, gatehouse);
  const idp = { name: "okta", title: "Okta", preset: "okta", issuer: "https://example.okta.com", client_id: "0oa1" };
  await call(gatehouse, "POST", "/identity-providers", idp);
  await call(gatehouse, "POST", "/tenants", { id: "alpha", name: "Alpha" });
  await open(page, gatehouse, "/admin/roles");
  await page.getByRole("navigation", { name: "Views" }).getByRole("link", { name: "SSO mapping" }).click();
  await expect(page).toHaveURL(/\/admin\/sso\?tab=mapping/);
  await expect(page.getByText("No rules: roles and tenants are given by hand")).toBeVisible();
  const rule = (number: number) => page.getByRole("group", { name: `Rule ${number}`, exact: true });

  // By keyboard alone.
  await tabTo(page, page.getByRole("button", { name: "Add rule" }));
  await page.keyboard.press("Enter");
  await expect(rule(1).getByLabel("Claim")).toBeFocused();
  await page.keyboard.type("groups");
  await tabTo(page, rule(1).getByLabel("Value"));
  await page.keyboard.type("helpdesk");
  await tabTo(page, page.getByRole("button", { name: "Add rule" }));
  await page.keyboard.press("Enter");
  await expect(rule(2).getByLabel("Claim")).toBeFocused();
  await page.keyboard.type("https://gatehouse/roles");
  await rule(2).getByLabel("Must be").selectOption("exists");
  await expect(rule(2).getByLabel("Value")).toBeHidden();
  await rule(2).getByRole("combobox", { name: "Role", exact: true }).selectOption("billing_admin");

  // A rule that gives nothing is told at its place.
  await page.getByRole("button", { name: "Save mapping" }).click();
  await expect(rule(1)).toContainText("This rule gives nothing");
  await expect(rule(1).getByRole("combobox", { name: "Role", exact: true })).toBeFocused();
  await rule(1).getByRole("combobox", { name: "Role", exact: true }).selectOption("user_admin");
  await rule(1).getByLabel("Tenants", { exact: true }).fill("alpha");
  await rule(1).getByLabel("Roles in tenants").fill("nowhere: model_admin");

  // Up and down; the focus stays with the rule.
  await rule(2).getByRole("button", { name: "Move rule 2 up" }).focus();
  await page.keyboard.press("Enter");
  await expect(rule(1).getByLabel("Claim")).toHaveValue("https://gatehouse/roles");
  await expect(rule(1).getByRole("button", { name: "Move rule 1 down" })).toBeFocused();
  await page.getByRole("button", { name: "Save mapping" }).click();
  await expect(rule(2)).toContainText("There is no tenant nowhere");
  await shots(page, "17-mapping-wrong");
  await rule(2).getByLabel("Roles in tenants").fill("");

  // Tried as it stands here, saved or not.
  const simulator = page.getByRole("region", { name: "Simulator" });
  await expect(simulator.getByLabel("Identity provider")).toHaveValue("okta");
  await simulator.getByLabel("Claims").fill("{ oops");
  await simulator.getByRole("button", { name: "Try", exact: true }).click();
  await expect(simulator).toContainText("Must be a JSON object");
  await simulator.getByLabel("Claims").fill('{ "groups": ["staff", "helpdesk"] }');
  await simulator.getByRole("button", { name: "Try", exact: true }).click();
  await expect(simulator).toContainText("Rule 2 makes them user_admin; member of alpha.");
  await expect(rule(1)).toContainText("The claim isn't there");
  await expect(rule(2)).toContainText("Holds");
  await expect(rule(2)).toContainText("The claim says staff, helpdesk");
  await shots(page, "17-simulator");
  await simulator.getByLabel("Claims").fill('{ "groups": ["staff"] }');
  await expect(simulator).toContainText("Something was changed since");
  await page.getByLabel("When no rule decides a role").selectOption("deny");
  await simulator.getByRole("button", { name: "Try", exact: true }).click();
  await expect(simulator).toContainText("No rule decides a role: the sign-in is refused.");
  await expect(rule(2)).toContainText("Doesn't hold");

  await expect(page.getByText("Not saved yet.")).toBeVisible();
  await page.getByRole("button", { name: "Save mapping" }).click();
  await expect(said(page, "The role mapping is saved")).toBeVisible();
  await expect(page.getByText("As saved.")).toBeVisible();
  await page.reload();
  await expect(rule(1).getByLabel("Claim")).toHaveValue("https://gatehouse/roles");
  await expect(rule(2).getByRole("combobox", { name: "Role", exact: true })).toHaveValue("user_admin");
  await expect(page.getByLabel("When no rule decides a role")).toHaveValue("deny");

  // Removed by keyboard: the focus goes on.
  await page.waitForSelector("html[data-hydrated]");
  await rule(1).getByRole("button", { name: "Remove rule 1" }).focus();
  await page.keyboard.press("Enter");
  await expect(rule(1).getByLabel("Claim")).toHaveValue("groups");
  await expect(rule(1).getByRole("button", { name: "Remove rule 1" })).toBeFocused();
  await page.keyboard.press("Enter");
  await expect(page.getByRole("button", { name: "Add rule" })).toBeFocused();
});

test("who only reads tries rules and changes nothing", async ({ page, gatehouse }) => {
  await firstRun(page, gatehouse);
  const rules = [{ claim: "groups", value: "staff", role: "user" }];
  await call(gatehouse, "PUT", "/role-mappings", { rules });
  await account(gatehouse, "people@example.com", "user_admin");
  await signIn(page, gatehouse, "people@example.com");
  await open(page, gatehouse, "/admin/sso");
  await expect(page.getByText("No identity providers yet")).toBeVisible();
  await expect(page.getByRole("button", { name: "Create identity provider" })).toHaveCount(0);
  await expect(page.getByRole("button", { name: "Switch off" })).toHaveCount(0);
  await page.getByRole("link", { name: "Role mapping" }).click();
  const rule = page.getByRole("group", { name: "Rule 1" });
  await expect(rule.getByLabel("Claim")).toBeDisabled();
  await expect(page.getByRole("button", { name: "Save mapping" })).toHaveCount(0);
  const simulator = page.getByRole("region", { name: "Simulator" });
  await simulator.getByLabel("Claims").fill('{ "groups": "staff" }');
  await simulator.getByRole("button", { name: "Try", exact: true }).click();
  await expect(simulator).toContainText("Rule 1 makes them user.");
  await simulator.getByLabel("Or take the last sign-in of").fill("people@example.com");
  await simulator.getByRole("button", { name: "Take their claims" }).click();
  await expect(simulator).toContainText("Never signed in through an identity provider");
  await shots(page, "17-mapping-read-only");

  // Whose rights don't reach that far doesn't find the page.
  await account(gatehouse, "bill@example.com", "billing_admin");
  await signIn(page, gatehouse, "bill@example.com");
  await expect(page.getByRole("navigation", { name: "Admin" }).getByRole("link", { name: "Single sign-on" })).toHaveCount(0);
});

test("a test sign-in shows the claims, and whose role a rule decides says so", async ({ page, gatehouse }) => {
  const idp = await SayingProvider.start();
  try {
    await firstRun(page, gatehouse);
    await call(gatehouse, "POST", "/identity-providers", idp.registration("company"));
    idp.claims = { sub: "ada-1", email: "ada@example.com", email_verified: true, name: "Ada", groups: ["helpdesk"] };

    // Right in every step; then a sign-in that makes nothing.
    await open(page, gatehouse, "/admin/sso?provider=company");
    const drawer = drawerOf(page, "Company");
    await drawer.getByRole("button", { name: "Check", exact: true }).click();
    await expect(drawer).toContainText("People can sign in");
    await shots(page, "17-provider-checked");
    await drawer.getByRole("link", { name: "Try sign-in" }).click();
    const tested = page.getByRole("region", { name: "Test sign-in with company" });
    await expect(tested).toContainText("would make a new account");
    await expect(tested).toContainText("ada@example.com");
    await page.waitForSelector("html[data-hydrated]");
    await shots(page, "17-tested");

    // Its claims are what the simulator begins with.
    await tested.getByRole("link", { name: "Try the role mapping on them" }).click();
    const simulator = page.getByRole("region", { name: "Simulator" });
    await expect(simulator).toContainText("From the test sign-in with company.");
    await page.getByRole("button", { name: "Add rule" }).click();
    const rule = page.getByRole("group", { name: "Rule 1", exact: true });
    await rule.getByLabel("Claim").fill("groups");
    await rule.getByLabel("Value").fill("helpdesk");
    await rule.getByRole("combobox", { name: "Role", exact: true }).selectOption("user_admin");
    await simulator.getByRole("button", { name: "Try", exact: true }).click();
    await expect(simulator).toContainText("Rule 1 makes them user_admin.");
    await page.getByRole("button", { name: "Save mapping" }).click();
    await expect(said(page, "The role mapping is saved")).toBeVisible();

    // Ada comes, and has the role; on the page it is locked, with what decides it.
    await page.context().clearCookies();
    await page.goto(`${gatehouse.url}/login`);
    await page.getByRole("link", { name: "Company", exact: true }).click();
    await expect(page).toHaveURL(/\/admin\/users/);
    await signIn(page, gatehouse, operator.email);
    await open(page, gatehouse, "/admin/users?q=ada@example.com");
    await page.getByRole("table").getByRole("link", { name: "Ada", exact: true }).click();
    const ada = drawerOf(page, "Ada");
    await expect(ada).toContainText("Managed by rule 1 of company");
    await shots(page, "17-managed");
    await ada.getByRole("button", { name: "Edit role" }).click();
    const form = page.getByRole("dialog", { name: "Edit role of Ada" });
    await expect(form).toContainText("their next sign-in would overwrite what is set here");
    await expect(form.getByRole("button", { name: "Change role" })).toBeDisabled();
    await shots(page, "17-managed-edit");
    await form.getByRole("button", { name: "Cancel" }).click();

    // What the provider said of her goes into the simulator.
    await open(page, gatehouse, "/admin/sso?tab=mapping");
    await simulator.getByLabel("Or take the last sign-in of").fill("ada@example.com");
    await simulator.getByRole("button", { name: "Take their claims" }).click();
    await expect(simulator.getByLabel("Claims")).toHaveValue(/"helpdesk"/);
    await expect(simulator).toContainText("From the last sign-in of ada@example.com with company.");
    await simulator.getByRole("button", { name: "Try", exact: true }).click();
    await expect(rule).toContainText("Holds");
  } finally {
    await idp.stop();
  }
});

test("nobody saves a mapping that would lock them out", async ({ page, gatehouse }) => {
  const idp = await SayingProvider.start();
  try {
    await firstRun(page, gatehouse);
    await call(gatehouse, "POST", "/identity-providers", idp.registration("company"));
    const rules = [{ claim: "groups", value: "admins", role: "super_admin" }];
    await call(gatehouse, "PUT", "/role-mappings", { rules });
    idp.claims = { sub: "ada-1", email: "ada@example.com", email_verified: true, name: "Ada", groups: ["admins"] };
    await page.context().clearCookies();
    await page.goto(`${gatehouse.url}/login?next=${encodeURIComponent("/admin/sso?tab=mapping")}`);
    await page.getByRole("link", { name: "Company", exact: true }).click();
    await expect(page).toHaveURL(/\/admin\/sso\?tab=mapping/);
    await page.waitForSelector("html[data-hydrated]");
    const rule = page.getByRole("group", { name: "Rule 1", exact: true });
    await rule.getByRole("combobox", { name: "Role", exact: true }).selectOption("user");
    await page.getByRole("button", { name: "Save mapping" }).click();
    const refused = page.getByRole("form", { name: "Rules" }).getByRole("alert");
    await expect(refused).toContainText("Rule 1 would make you user at your next sign-in with company");
    await expect(page.getByText("Not saved yet.")).toBeVisible();
    await shots(page, "17-locked-out");

    // Who came through a provider may switch passwords off, and on again.
    await open(page, gatehouse, "/admin/sso");
    await page.getByRole("button", { name: "Switch off" }).click();
    await page.getByRole("dialog").getByRole("button", { name: "Switch off" }).click();
    await expect(said(page, "Password sign-in is off")).toBeVisible();
    await expect(page.getByText("Everybody signs in through an identity provider")).toBeVisible();
    await page.getByRole("button", { name: "Switch on" }).click();
    await page.getByRole("dialog").getByRole("button", { name: "Switch on" }).click();
    await expect(said(page, "Password sign-in is on")).toBeVisible();
  } finally {
    await idp.stop();
  }
});
