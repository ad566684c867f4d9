// The article's third way, click by click, in a real browser against a real cloud:
//   node e2e/article.mjs '{"portal","user","password","lazuli","data","program","shots"}'
// Leaves a picture of each step in shots. Ends with 0 when everything was as it must be; the last line says what was not.
import { execFileSync } from "node:child_process";
import { shot, signIn } from "./browser.mjs";
import { must, walkThrough } from "./walk.mjs";

const c = JSON.parse(process.argv[2]);
const registry = c.registry ?? "articlereg";
async function articlePath({ context, page, walk }) {
  const button = (name, exact = false) => page.getByRole("button", { name, exact });
  const menuLink = (name) => page.getByRole("navigation", { name: "Resource menu" }).getByRole("link", { name });
  const field = (name) => page.getByRole("textbox", { name, exact: true });
  const done = (title) => page.locator("[data-note=done]").filter({ hasText: title }).first();
  const copied = () => page.evaluate(() => navigator.clipboard.readText());
  await walk("home", async () => {
    await signIn(page, c.portal, c.user, c.password);
    await page.getByRole("heading", { name: "Services", level: 2 }).waitFor();
  });
  await walk("create-registry", async () => {
    await page.locator("#content").getByRole("link", { name: "Container registries" }).click();
    await page.getByRole("heading", { level: 1, name: "Container registries" }).waitFor(); // the page before has a button with this name too
    await page.getByRole("button", { name: "Create" }).first().click();
    await button("Create new").click();
    await page.getByPlaceholder("Name of the new group").fill("article-rg");
    await field("Registry name").fill(registry);
    await page.getByText("This name is free.").waitFor();
  });
  await walk("registry-made", async () => {
    await button("Create", true).click();
    const note = done(`Create container registry “${registry}”`);
    await note.waitFor({ timeout: 60_000 });
    await note.getByRole("link", { name: "Go to resource" }).click();
    await page.getByRole("heading", { level: 1, name: registry }).waitFor();
    await page.getByText(`${registry}.azurecr.`).first().waitFor();
  });
  const server = await page.getByText(new RegExp(`^${registry}\\.azurecr\\.`)).first().innerText();
  execFileSync(c.lazuli, ["push", "--data", c.data, "--port", "80", "--command", "/aci-helloworld", c.program, `${server}/aci-helloworld:v1`], { stdio: ["ignore", "ignore", "inherit"] });

  await walk("access-keys", async () => {
    await menuLink("Access keys").click();
    const admin = page.getByRole("switch", { name: "Admin user" });
    await admin.waitFor();
    must("the admin user is on before it was switched on", !(await admin.isChecked()));
    await admin.click();
    await field("Username").waitFor();
    must("the user name is not the registry's", (await field("Username").inputValue()) === registry);
  });
  const second = page.getByLabel("password2", { exact: true });
  const before = await second.inputValue();
  await walk("password", async () => {
    await button("Show: password", true).click();
    const first = page.getByLabel("password", { exact: true });
    must("the password is still covered", (await first.getAttribute("type")) === "text");
    await button("Copy to clipboard: password", true).click();
    must("the password was not copied", (await copied()) === (await first.inputValue()) && (await copied()).length >= 20);
    await button("Regenerate: password2").click();
    await page.getByRole("alertdialog").getByRole("button", { name: "Regenerate" }).click();
    await page.waitForFunction(([old]) => ![...document.querySelectorAll("input")].some((i) => i.value === old), [before]);
  });
  await walk("repositories", async () => {
    await menuLink("Repositories").click();
    await page.getByRole("link", { name: "aci-helloworld" }).waitFor();
  });
  await walk("tag-menu", async () => {
    await page.getByRole("link", { name: "aci-helloworld" }).click();
    await button("More actions: v1").waitFor();
    await page.getByRole("row").filter({ hasText: "v1" }).last().click({ button: "right" });
    await page.getByRole("menuitem", { name: "Run instance" }).waitFor();
  });
  await walk("form", async () => {
    await page.getByRole("menuitem", { name: "Run instance" }).click();
    await page.getByText("Filled in from the admin user of").waitFor();
    must("the image is not filled in", (await field("Container image").inputValue()) === `${server}/aci-helloworld:v1`);
    must("the credentials are not filled in", (await page.getByLabel(/^Password/).inputValue()).length >= 20);
    await field("Container name").fill("aci-portal");
    await field("DNS name label").fill("article-portal");
    await page.getByText("This label is free.").waitFor();
    await button("Add a variable").click();
    await field("Name 1").fill("GREETING");
    await field("Value 1").fill("from the portal");
  });
  await walk("command", async () => {
    await page.locator("#content").getByRole("button", { name: "View as CLI" }).click();
    await page.getByRole("region", { name: "The same as a command" }).getByText("az container create").waitFor();
  });
  await page.getByRole("button", { name: "Close" }).click();
  await walk("group", async () => {
    await button("Create", true).click();
    await page.locator("[data-note=running]").filter({ hasText: "aci-portal" }).first().waitFor({ timeout: 5_000 }).catch(() => undefined); // it may be quicker than that
    const note = done("Create container instance “aci-portal”");
    await note.waitFor({ timeout: 60_000 });
    await note.getByRole("link", { name: "Go to resource" }).click();
    await page.getByRole("heading", { level: 1, name: "aci-portal" }).waitFor();
    await page.locator("[data-tone=good]", { hasText: "Running" }).first().waitFor();
    must("the URL is not the resource's id", new RegExp("/resource/subscriptions/[0-9a-f-]+/resourceGroups/article-rg/providers/Microsoft.ContainerInstance/containerGroups/aci-portal$").test(page.url()));
  });
  await walk("page-of-the-group", async () => {
    const [tab] = await Promise.all([context.waitForEvent("page"), page.getByRole("link", { name: /^article-portal\.eastus/ }).click()]);
    await tab.waitForLoadState();
    must("the group's page does not greet: " + (await tab.innerText("body")), /container/i.test(await tab.innerText("body")));
    await shot(tab, c.shots, "fqdn");
    await tab.close();
  });
  await afterwards({ page, walk });
}

async function afterwards({ page, walk }) {
  const button = (name, exact = false) => page.getByRole("button", { name, exact });
  const menuLink = (name) => page.getByRole("navigation", { name: "Resource menu" }).getByRole("link", { name });
  const done = (title) => page.locator("[data-note=done]").filter({ hasText: title }).first();

  await walk("events", async () => {
    await menuLink("Containers").click();
    await page.getByRole("table", { name: "Events" }).getByText("Started").first().waitFor();
  });
  await walk("logs", async () => {
    await page.getByRole("tab", { name: "Logs" }).click();
    await page.getByRole("log").getByText(/\S/).first().waitFor();
  });
  await walk("console", async () => {
    await page.getByRole("tab", { name: "Connect" }).click();
    await page.getByRole("combobox", { name: "Start-up command" }).fill(c.command);
    await button("Connect", true).click();
    await button("Disconnect").waitFor();
    await page.waitForFunction(() => document.activeElement?.closest(".xterm") && document.querySelector(".xterm-rows").textContent.trim() !== ""); // it has the focus, and the shell its prompt
    await page.keyboard.type(c.typed);
    await page.keyboard.press("Enter");
    await page.locator(".xterm-rows, .xterm-accessibility").getByText(c.shown).first().waitFor();
  });
  await walk("stopped", async () => {
    await menuLink("Overview").click();
    await button("Stop", true).click();
    await page.getByRole("alertdialog").getByRole("button", { name: "Stop" }).click();
    await page.locator("[data-tone=idle]", { hasText: "Stopped" }).first().waitFor({ timeout: 60_000 });
  });
  await walk("started-again", async () => {
    await button("Start", true).click();
    await page.locator("[data-tone=good]", { hasText: "Running" }).first().waitFor({ timeout: 60_000 });
  });
  await walk("restarted", async () => {
    await button("Restart", true).click();
    await page.getByRole("alertdialog").getByRole("button", { name: "Restart" }).click();
    await done("Restart container group “aci-portal”").waitFor({ timeout: 60_000 });
  });
  await walk("deleted", async () => {
    await button("Delete", true).click();
    await page.getByRole("alertdialog").getByRole("button", { name: "Delete" }).click();
    await done("Delete “aci-portal”").waitFor({ timeout: 60_000 });
  });
}

await walkThrough(c.shots, {}, articlePath);
