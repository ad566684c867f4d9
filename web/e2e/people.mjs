// The portal as different people use it, on a cloud with many resource groups and a reader:
//   node e2e/people.mjs '{"portal","user","password","shots","reader","readerPassword","group"}'
import { signIn } from "./browser.mjs";
import { must, walkThrough } from "./walk.mjs";

const c = JSON.parse(process.argv[2]);
const registry = `${c.portal}/resource${c.group}/providers/Microsoft.ContainerRegistry/registries/peoplereg`;

/** Everything that browser storage holds. */
const stored = (page) => page.evaluate(() => JSON.stringify([{ ...localStorage }, { ...sessionStorage }, document.cookie]));

async function people({ page, walk }) {
  const h1 = (name) => page.getByRole("heading", { level: 1, name, exact: true });
  const groups = c.portal + "/browse/Microsoft.Resources/resourceGroups";

  await walk("back-after-reload", async () => {
    await signIn(page, c.portal, c.user, c.password);
    await page.reload();
    await h1("Home").waitFor();
    must("the browser keeps a token: " + (await stored(page)), !/eyJ|refresh/i.test(await stored(page)));
    const ready = await page.evaluate(() => Math.round(performance.now()));
    console.log(`   interactive ${ready} ms after the last navigation began`);
  });
  await walk("long-list", async () => {
    await page.goto(groups);
    await page.getByText(/^30\d items$/).waitFor();
    must("the whole list is drawn", (await page.getByRole("row").count()) < 80);
    await page.getByRole("table", { name: "Resource groups" }).focus();
    await page.keyboard.press("End");
    await page.getByRole("link", { name: "people-299" }).waitFor();
  });
  await walk("sort-and-filter", async () => {
    await page.getByRole("button", { name: "Name" }).click();
    must("not sorted downwards", (await page.getByRole("columnheader", { name: "Name" }).getAttribute("aria-sort")) === "descending");
    await page.getByRole("searchbox", { name: /Resource groups/ }).fill("people-123");
    await page.getByText(/^1 of 30\d items$/).waitFor();
  });
  await walk("row-menu-by-keyboard", async () => {
    await page.getByRole("link", { name: "people-123" }).focus();
    await page.keyboard.press("Shift+F10");
    await page.getByRole("menuitem", { name: "Open" }).waitFor();
    await page.keyboard.press("ArrowDown");
    await page.keyboard.press("ArrowUp");
    await page.keyboard.press("Enter");
    await h1("people-123").waitFor();
  });
  await walk("search-by-keyboard", async () => {
    await page.keyboard.press("/");
    await page.keyboard.type("peoplereg");
    await page.getByRole("option", { name: /peoplereg/ }).waitFor();
    await page.keyboard.press("Enter");
    await h1("peoplereg").waitFor();
  });
  await walk("link-of-azures-portal", async () => {
    await page.goto("about:blank");
    await page.goto(`${c.portal}/#@some.tenant/resource${c.group}/tags`);
    await h1("people-000 | Tags").waitFor();
  });
  await walk("tags", async () => {
    await page.getByRole("button", { name: "Add a tag" }).click();
    await page.getByLabel("Name 1").fill("team");
    await page.getByLabel("Value 1").fill("blue");
    await page.getByRole("button", { name: "Save" }).click();
    await page.locator("[data-note=done]", { hasText: "people-000" }).first().waitFor();
    await page.getByRole("link", { name: "Overview" }).click();
    await page.getByText("team: blue").waitFor();
  });
  await walk("nowhere", async () => {
    await page.goto(c.portal + "/no/such/page");
    await page.getByText("There is no page at this address").waitFor();
  });
  await walk("not-there", async () => {
    await page.goto(`${c.portal}/resource${c.group}/providers/Microsoft.ContainerRegistry/registries/gone`);
    await page.getByText("ResourceNotFound").waitFor();
  });
  await walk("refusal-in-the-apis-words", async () => {
    await page.goto(`${c.portal}/create/Microsoft.ContainerInstance/containerGroups?group=people-000&image=nginx`);
    await page.getByRole("textbox", { name: "Number of cores" }).fill("1000");
    await page.getByRole("button", { name: "Create", exact: true }).click();
    await page.locator("[data-note=failed]", { hasText: "1000 CPU" }).first().waitFor();
  });
  await walk("role-given", async () => {
    await page.goto(registry + "/accessControl");
    await page.getByRole("button", { name: "Add role assignment" }).click();
    await page.getByRole("combobox", { name: "Role" }).click();
    await page.getByRole("option", { name: "AcrPull" }).first().click();
    await page.getByRole("combobox", { name: "Member" }).click();
    await page.keyboard.type("Rita");
    await page.getByRole("option", { name: /Rita Reader/ }).click();
    await page.getByRole("button", { name: "Assign" }).click();
    await page.getByRole("row").filter({ hasText: "AcrPull" }).filter({ hasText: "Rita Reader" }).waitFor();
  });
  await walk("role-taken", async () => {
    await page.getByRole("row").filter({ hasText: "AcrPull" }).filter({ hasText: "Rita Reader" }).getByRole("button", { name: /More actions/ }).click();
    await page.getByRole("menuitem", { name: "Remove" }).click();
    await page.getByRole("alertdialog").getByRole("button", { name: "Remove" }).click();
    await page.getByRole("row").filter({ hasText: "AcrPull" }).filter({ hasText: "Rita Reader" }).waitFor({ state: "detached" });
  });
  await walk("korean-and-dark", async () => {
    await page.goto(registry);
    await h1("peoplereg").waitFor();
    await page.getByRole("button", { name: "Settings" }).click();
    await page.getByRole("menuitemradio", { name: "한국어" }).click();
    await page.keyboard.press("Escape");
    await page.getByRole("link", { name: "액세스 키" }).waitFor();
    await page.getByRole("button", { name: "설정" }).click();
    await page.getByRole("menuitemradio", { name: "어둡게" }).click();
    await page.keyboard.press("Escape");
    must("the page does not say that it is Korean", (await page.evaluate(() => document.documentElement.lang)) === "ko");
    must("the page is not dark", (await page.evaluate(() => getComputedStyle(document.documentElement).colorScheme)) === "dark");
  });
  await readOnly({ page, walk });
}

/** Who may read and nothing else. */
async function readOnly({ page, walk }) {
  await walk("sign-out", async () => {
    await page.evaluate(() => localStorage.clear());
    await page.reload();
    await page.getByTitle(/^Account/).click();
    await page.getByRole("button", { name: "Sign out" }).click();
    await page.waitForURL((u) => u.hostname.startsWith("login."));
  });
  await walk("reader", async () => {
    await signIn(page, c.portal, c.reader, c.readerPassword);
    await page.goto(registry + "/accessKeys");
    await page.getByText("You may see the registry, but not its passwords.").waitFor();
    must("a reader may turn the admin user off", await page.getByRole("switch", { name: "Admin user" }).isDisabled());
  });
  await walk("reader-may-not-delete", async () => {
    await page.getByRole("link", { name: "Overview" }).click();
    const remove = page.getByRole("button", { name: "Delete" });
    await page.waitForFunction(() => [...document.querySelectorAll("[role=toolbar] button")].some((b) => b.textContent === "Delete" && b.getAttribute("aria-disabled") === "true"));
    await remove.focus();
    await page.getByText("You need the permission Microsoft.ContainerRegistry/registries/delete here.").waitFor();
  });
  await walk("reader-may-not-administer", async () => {
    await page.goto(c.portal + "/directory/users");
    const add = page.getByRole("button", { name: "New user" });
    await page.waitForFunction(() => [...document.querySelectorAll("button")].some((b) => b.textContent === "New user" && b.getAttribute("aria-disabled") === "true"));
    await add.focus();
    await page.getByText("Only administrators of the directory may do this").waitFor();
  });
  await walk("reader-may-not-create", async () => {
    await page.goto(c.portal + "/create/Microsoft.Resources/resourceGroups");
    await page.getByRole("textbox", { name: "Name", exact: true }).fill("not-for-me");
    const create = page.getByRole("button", { name: "Create", exact: true });
    await page.waitForFunction(() => [...document.querySelectorAll("button")].some((b) => b.textContent === "Create" && b.getAttribute("aria-disabled") === "true"));
    await create.focus();
    await page.getByText("You need the permission Microsoft.Resources/subscriptions/resourceGroups/write here.").waitFor();
  });
}

await walkThrough(c.shots, {}, people);
