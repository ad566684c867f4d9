// A key vault in the portal, from its form to its end: node e2e/vault.mjs '{"portal","user","password","shots","group","vault","reader","readerPassword"}'
// The group is there; the reader may read it and has no role for secrets.
import { signIn } from "./browser.mjs";
import { must, walkThrough } from "./walk.mjs";

const c = JSON.parse(process.argv[2]);
const id = `${c.group}/providers/Microsoft.KeyVault/vaults/${c.vault}`;
const secrets = `${c.portal}/resource${id}/secrets`;
const value = "first-Value-4711";
const second = "second\nof two lines";

async function vault({ page, walk }) {
  const h1 = (name) => page.getByRole("heading", { level: 1, name, exact: true });
  const button = (name) => page.getByRole("button", { name, exact: true });
  const done = (text) => page.locator("[data-note=done]", { hasText: text }).first().waitFor();
  const more = async (row, entry) => {
    await button(`More actions: ${row}`).click();
    await page.getByRole("menuitem", { name: entry, exact: true }).click();
  };
  /** Presses the button of the dialog that is open. */
  const confirm = (name) => page.getByRole("alertdialog").getByRole("button", { name, exact: true }).click();

  await walk("name-rules", async () => {
    await signIn(page, c.portal, c.user, c.password);
    await page.goto(`${c.portal}/create/Microsoft.KeyVault/vaults?group=${c.group.split("/").pop()}`);
    const name = page.getByRole("textbox", { name: "Key vault name" });
    await name.fill("two--hyphens");
    await page.getByText("No two hyphens in a row.").waitFor();
    await name.fill("9lives");
    await page.getByText("It begins with a letter.").waitFor();
    await name.fill(c.vault);
    await page.getByText("This name is free.").waitFor();
    const days = page.getByRole("textbox", { name: /Days to keep/ });
    await days.fill("5");
    await page.getByText("A whole number from 7 to 90.").waitFor();
    await days.fill("7");
  });
  await walk("same-as-az", async () => {
    await button("View as CLI").click();
    await page.getByText("az keyvault create").waitFor();
    await button("Close").click();
  });
  await walk("vault", async () => {
    await button("Create").click();
    await done(c.vault);
    await page.goto(`${c.portal}/resource${id}`);
    await h1(c.vault).waitFor();
    await page.getByText("7 days").waitFor();
  });
  await walk("no-secrets", async () => {
    await page.goto(secrets);
    await page.getByText("No secrets yet").waitFor();
  });
  await walk("secret-form", async () => {
    await button("Create a secret").first().click();
    await page.getByRole("textbox", { name: "Secret name" }).fill("bad_name");
    await page.getByText("Letters, digits and hyphens only, at most 127.").waitFor();
    await page.getByRole("textbox", { name: "Secret name" }).fill("pull-pwd");
    await page.getByRole("textbox", { name: "Secret value" }).fill(value);
    await page.getByRole("textbox", { name: "Content type" }).fill("password");
    await button("View as CLI").click();
    must("the command shows the value", !(await page.getByRole("region", { name: "The same as a command" }).textContent()).includes(value));
    await button("Close").click();
  });
  await walk("secret", async () => {
    await button("Create").click();
    await button("Show value").waitFor();
    must("the value is shown without a click", !(await page.content()).includes(value));
  });
  await walk("value", async () => {
    await button("Show value").click();
    await page.getByText(value).waitFor();
    await button("Copy to clipboard").last().click();
    must("the value was not copied", (await page.evaluate(() => navigator.clipboard.readText())) === value);
  });
  await walk("second-version", async () => {
    await button("New version").click();
    await page.getByRole("textbox", { name: "Secret value" }).fill(second);
    await page.getByLabel("Expiration date").fill("2035-01-02T03:04");
    await button("Create").click();
    await page.getByRole("row").nth(2).waitFor();
    must("there are not two versions", (await page.getByRole("row").count()) === 3);
    await button("Show value").click();
    await page.getByText("of two lines").waitFor();
  });
  await walk("disabled", async () => {
    await page.getByRole("switch", { name: "Enabled" }).click();
    await page.getByRole("definition").filter({ hasText: "Disabled" }).waitFor();
    await page.reload();
    await button("Show value").click();
    await page.getByText("not allowed on a disabled secret").waitFor();
    await page.getByRole("switch", { name: "Enabled" }).click();
    await page.getByRole("definition").filter({ hasText: "Enabled" }).waitFor();
  });
  await walk("deleted-secret", async () => {
    await page.goto(secrets);
    await more("pull-pwd", "Delete");
    await confirm("Delete");
    await page.getByText("No secrets yet").waitFor();
    await button("Manage deleted secrets").click();
    await button("More actions: pull-pwd").waitFor();
  });
  await walk("recovered-secret", async () => {
    await more("pull-pwd", "Recover");
    await page.getByText("No deleted secrets").waitFor();
    await button("Back to the secrets").click();
    await page.getByRole("link", { name: "pull-pwd" }).waitFor();
  });
  await walk("access-by-roles", async () => {
    await page.getByRole("link", { name: "Access to secrets" }).click();
    await page.getByText("Key Vault Administrator").first().waitFor();
  });
  await walk("refused", async () => {
    await page.getByTitle(/^Account/).click();
    await button("Sign out").click();
    await page.waitForURL((u) => u.hostname.startsWith("login."));
    await signIn(page, c.portal, c.reader, c.readerPassword);
    await page.goto(secrets);
    await page.getByText("You may not see this vault's secrets").waitFor();
    await page.getByText("Key Vault Secrets User").waitFor();
    await page.getByRole("link", { name: "Access control (IAM)" }).first().waitFor();
    must("who has no role may make a secret", (await button("Create a secret").getAttribute("aria-disabled")) === "true");
  });
  await walk("back-as-owner", async () => {
    await page.getByTitle(/^Account/).click();
    await button("Sign out").click();
    await page.waitForURL((u) => u.hostname.startsWith("login."));
    await signIn(page, c.portal, c.user, c.password);
  });
  await walk("access-by-policies", async () => {
    await page.goto(`${c.portal}/resource${id}/access`);
    await button("Use access policies").click();
    await confirm("Use access policies");
    await page.getByText("No access policy yet").waitFor();
    await page.goto(secrets);
    await page.getByText("You need the secret permission “list”.").waitFor();
    await page.getByRole("link", { name: "Access to secrets of this vault" }).click();
    await button("Add access policy").click();
    await button("Myself").click();
    await button("Save").click();
    await page.getByText("get, list").waitFor();
    await page.goto(secrets);
    await page.getByRole("link", { name: "pull-pwd" }).waitFor();
  });
  await walk("deleted-vault", async () => {
    await page.goto(`${c.portal}/resource${id}`);
    await button("Delete").click();
    await confirm("Delete");
    await done(`Delete key vault “${c.vault}”`);
    await page.goto(c.portal + "/deleted-vaults");
    await more(c.vault, "Recover");
    await confirm("Recover");
    await page.getByText("Nothing deleted").waitFor();
    await page.goto(secrets);
    await page.getByRole("link", { name: "pull-pwd" }).waitFor();
  });
  await walk("purged", async () => {
    await page.goto(`${c.portal}/resource${id}`);
    await button("Delete").click();
    await confirm("Delete");
    await done(`Delete key vault “${c.vault}”`);
    await page.goto(c.portal + "/deleted-vaults");
    await more(c.vault, "Purge");
    await page.getByRole("alertdialog").getByRole("textbox").fill(c.vault);
    await confirm("Purge");
    await page.getByText("Nothing deleted").waitFor();
  });
}

await walkThrough(c.shots, {}, vault);
