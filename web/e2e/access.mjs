// Who may do what: an application with a secret, a role for it at a registry, what it may do then, roles of one's own, locks, users:
//   node e2e/access.mjs '{"portal","user","password","shots","registry","domain"}'
import { signIn } from "./browser.mjs";
import { must, walkThrough } from "./walk.mjs";

const c = JSON.parse(process.argv[2]);
const registry = `${c.portal}/resource${c.registry}`;
const pull = "Microsoft.ContainerRegistry/registries/pull/read";

async function access({ page, walk }) {
  const h1 = (name) => page.getByRole("heading", { level: 1, name, exact: true });
  const done = (text) => page.locator("[data-note=done]", { hasText: text }).first().waitFor();
  const button = (name) => page.getByRole("button", { name, exact: true });
  const textbox = (name) => page.getByRole("textbox", { name, exact: true });
  const dialog = (name) => page.getByRole("alertdialog").getByRole("button", { name, exact: true });
  const rowMenu = async (row, entry) => {
    await page.getByRole("row").filter({ hasText: row }).getByRole("button", { name: /More actions/ }).click();
    await page.getByRole("menuitem", { name: entry, exact: true }).click();
  };
  /** Types into a box that proposes, as a person does: its list opens by keys. */
  const type = async (box, text) => {
    await page.getByRole("combobox", { name: box }).fill("");
    await page.getByRole("combobox", { name: box }).pressSequentially(text);
  };
  /** Chooses a member on the page or in the drawer that is open. */
  const choose = async (name) => {
    await type("Member", name);
    await page.getByRole("option", { name: new RegExp(name) }).click();
  };

  await walk("applications", async () => {
    await signIn(page, c.portal, c.user, c.password);
    await page.goto(c.portal + "/directory/applications");
    await h1("App registrations").waitFor();
    await page.getByText(/^\d+ items?$|No application is registered yet/).first().waitFor();
  });
  await walk("application-registered", async () => {
    await button("New registration").first().click();
    await textbox("Display name").fill("Puller");
    await button("View as CLI").click();
    await page.getByText("az ad app create").waitFor();
    await page.keyboard.press("Escape");
    await button("Register").click();
    await h1("Puller").waitFor();
    await button("Copy to clipboard: Service principal").waitFor();
  });
  await walk("secret-form", async () => {
    await button("New client secret").first().click();
    await textbox("Description").fill("ci");
    await page.getByRole("combobox", { name: "Expires" }).click();
    await page.getByRole("option", { name: "After a year" }).click();
  });
  await walk("secret-shown-once", async () => {
    await button("Add").click();
    const value = await page.getByLabel("Secret value", { exact: true }).last().inputValue();
    must("the secret is too short: " + value.length, value.length >= 30);
    await page.getByRole("row").filter({ hasText: "ci" }).getByText("Valid").waitFor();
    await page.reload();
    await page.getByRole("row").filter({ hasText: "ci" }).waitFor();
    must("the secret's value is still on the page", !(await page.content()).includes(value));
  });
  await walk("service-principals", async () => {
    await page.goto(c.portal + "/directory/servicePrincipals");
    await page.getByRole("link", { name: "Puller" }).waitFor();
  });
  await walk("role-given", async () => {
    await page.goto(registry + "/accessControl");
    await button("Add role assignment").click();
    await type("Role", "pull");
    await page.getByRole("option", { name: /^AcrPull/ }).click();
    await choose("Puller");
    await button("Assign").click();
    await page.getByRole("row").filter({ hasText: "Puller" }).getByText("This resource").waitFor();
    await page.getByRole("rowheader", { name: "AcrPull (1)" }).waitFor();
  });
  await walk("access-checked", async () => {
    await page.getByRole("tab", { name: "Check access" }).click();
    await choose("Puller");
    await page.getByRole("table", { name: "Roles of Puller" }).getByText("AcrPull").waitFor();
    await type("Action", pull);
    await page.getByText(`Puller may do ${pull} here.`).waitFor();
    await type("Action", "Microsoft.ContainerRegistry/registries/push/write");
    await page.getByText("Puller may not do Microsoft.ContainerRegistry/registries/push/write here.").waitFor();
  });
  await walk("role-taken", async () => {
    await page.getByRole("tab", { name: "Role assignments" }).click();
    await rowMenu("Puller", "Remove");
    await dialog("Remove").click();
    await page.getByRole("row").filter({ hasText: "Puller" }).waitFor({ state: "detached" });
  });
  await walk("custom-role", async () => {
    await button("Add custom role").click();
    await textbox("Name").fill("Registry watcher");
    await textbox("Allowed actions").fill("Microsoft.ContainerRegistry/*/read");
    await textbox("Actions taken out").fill(pull);
    await button("Create").click();
    await done("Registry watcher");
    await page.getByRole("tab", { name: "Roles", exact: true }).click();
    await page.getByRole("searchbox", { name: /^Roles/ }).fill("watcher");
    await page.getByRole("row").filter({ hasText: "Registry watcher" }).getByText("Custom", { exact: true }).waitFor();
  });
  await walk("role-detail", async () => {
    await button("Registry watcher").click();
    await page.getByRole("region", { name: "Actions taken out" }).getByText(pull).first().waitFor();
    await button("Close").click();
  });
  await walk("custom-role-changed", async () => {
    await rowMenu("Registry watcher", "Edit");
    must("the role's actions are not filled in", (await textbox("Allowed actions").inputValue()) === "Microsoft.ContainerRegistry/*/read");
    await textbox("Actions taken out").fill("");
    await button("Save").click();
    await done("Change the custom role “Registry watcher”");
    await button("Registry watcher").click();
    await page.getByRole("region", { name: "Allowed actions" }).first().waitFor();
    must("the change is not there", (await page.getByRole("region", { name: "Actions taken out" }).count()) === 0);
    await button("Close").click();
  });
  await walk("custom-role-deleted", async () => {
    await rowMenu("Registry watcher", "Delete");
    await dialog("Delete").click();
    await page.getByText("Nothing matches the filter").waitFor();
  });
  await walk("lock-forbids", async () => {
    await page.goto(registry + "/locks");
    await button("Add a lock").first().click();
    await textbox("Lock name").fill("keep");
    await button("Save").click();
    await page.getByRole("row").filter({ hasText: "keep" }).getByText("This scope").waitFor();
    await page.getByRole("link", { name: "Overview" }).click();
    await button("Delete").click();
    await dialog("Delete").click();
    await page.locator("[data-note=failed]", { hasText: "ScopeLocked" }).first().waitFor();
  });
  await walk("lock-removed", async () => {
    await page.goto(registry + "/locks");
    await rowMenu("keep", "Remove");
    await dialog("Remove").click();
    await page.getByText("Nothing is locked here").waitFor();
  });
  await walk("user-created", async () => {
    await page.goto(c.portal + "/directory/users");
    await button("New user").click();
    await textbox("User name").fill("uma");
    await textbox("Display name").fill("Uma User");
    await button("Create").click();
    await page.getByText("The user “Uma User” was created.").waitFor();
    const password = await page.getByLabel("Password", { exact: true }).inputValue();
    must("the password is too short", password.length >= 16);
  });
  await walk("password-reset", async () => {
    const first = await page.getByLabel("Password", { exact: true }).inputValue();
    await page.getByRole("link", { name: "Users" }).click();
    await rowMenu("Uma User", "Disable account");
    await dialog("Disable account").click();
    await page.getByRole("row").filter({ hasText: "Uma User" }).getByText("Disabled").waitFor();
    await rowMenu("Uma User", "Reset password");
    await dialog("Reset password").click();
    await page.getByText("The password of “Uma User” was reset").waitFor();
    const second = await page.getByLabel("Password", { exact: true }).inputValue();
    must("the password is the same", second.length >= 16 && second !== first);
    await button("Close").click();
  });
  await walk("user-deleted", async () => {
    await rowMenu("Uma User", "Delete");
    await textbox(`Type “uma@${c.domain}” to confirm`).fill(`uma@${c.domain}`);
    await dialog("Delete").click();
    await page.getByRole("row").filter({ hasText: "Uma User" }).waitFor({ state: "detached" });
  });
  await walk("application-deleted", async () => {
    await page.goto(c.portal + "/directory/applications");
    await page.getByRole("row").filter({ hasText: "Puller" }).getByText("Valid").waitFor();
    await page.getByRole("link", { name: "Puller" }).click();
    await h1("Puller").waitFor();
    await button("Rename").click();
    await page.getByRole("alertdialog").getByRole("textbox", { name: "Display name" }).fill("Drawer");
    await dialog("Rename").click();
    await h1("Drawer").waitFor();
    await button("Delete").click();
    await dialog("Delete").click();
    await done("Drawer");
    await page.getByRole("link", { name: "Drawer" }).waitFor({ state: "detached" });
  });
}

await walkThrough(c.shots, {}, access);
