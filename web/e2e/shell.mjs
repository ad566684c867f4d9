// Cloud Shell as its user sees it:
//   node e2e/shell.mjs '{"portal","user","password","shots","group"}'
import { signIn } from "./browser.mjs";
import { must, walkThrough } from "./walk.mjs";

const c = JSON.parse(process.argv[2]);

async function shell({ page, walk }) {
  const dock = page.getByRole("region", { name: "Cloud Shell" });
  const toggle = page.getByRole("button", { name: "Cloud Shell", exact: true });
  // What the terminal shows is read as a screen reader does.
  const shows = (text) => page.waitForFunction((t) => [...document.querySelectorAll("#dock .xterm-accessibility-tree > div")].some((row) => row.textContent.includes(t)), text);
  const open = () => dock.getByText("Connected", { exact: true }).waitFor();
  const type = async (line) => { await page.keyboard.type(line); await page.keyboard.press("Enter"); };

  await walk("open", async () => {
    await signIn(page, c.portal, c.user, c.password);
    await toggle.focus();
    await page.keyboard.press("Enter");
    await open();
    await shows("]$");
  });
  await walk("az-as-the-user", async () => {
    await type("az group list -o table | grep shell; az account show --query user.name -o tsv");
    await shows(c.user);
    await shows(c.group);
  });
  await walk("other-page", async () => {
    await type("here=stay; echo kept > note.txt");
    await page.getByRole("link", { name: "Lazuli" }).click();
    await page.getByRole("button", { name: "Show portal menu" }).click();
    await page.getByRole("link", { name: "Resource groups" }).first().click();
    await page.getByRole("heading", { level: 1, name: "Resource groups" }).waitFor();
    await page.getByLabel(/^Terminal of Cloud Shell/).focus();
    await type("echo the same $here''ed");
    await shows("the same stayed");
  });
  await walk("by-keyboard", async () => {
    await page.keyboard.press("F6");
    must("F6 does not leave the terminal", await dock.getByRole("button", { name: "Restart Cloud Shell" }).evaluate((b) => b === document.activeElement));
    const grip = dock.getByRole("separator", { name: "Height of Cloud Shell" });
    const before = Number(await grip.getAttribute("aria-valuenow"));
    await grip.focus();
    await page.keyboard.press("PageUp");
    must("the dock is not higher", Number(await grip.getAttribute("aria-valuenow")) === before + 120);
    await page.getByLabel(/^Terminal of Cloud Shell/).focus();
    await page.waitForTimeout(400); // until the terminal knows
    await type("echo $LINES rows");
    const rows = await page.evaluate(() => document.querySelectorAll("#dock .xterm-accessibility-tree > div").length);
    await shows(`${rows} rows`);
  });
  await walk("hidden-and-back", async () => {
    await dock.getByRole("button", { name: "Minimise" }).click();
    await dock.waitFor({ state: "hidden" });
    await page.keyboard.press("Enter"); // the focus is on the button in the bar
    await dock.waitFor();
    await type("echo $here-again");
    await shows("stay-again");
  });
  await walk("light-and-dark", async () => {
    await dock.getByRole("button", { name: "Maximise" }).click();
    await dock.getByRole("button", { name: "Font size" }).click();
    await page.getByRole("menuitemradio", { name: "Large" }).click();
    await page.keyboard.press("Escape");
    await dock.getByRole("button", { name: "Restore size" }).click();
    await page.getByRole("button", { name: "Settings" }).click();
    await page.getByRole("menuitemradio", { name: "Dark" }).click();
    await page.keyboard.press("Escape");
    await page.getByLabel(/^Terminal of Cloud Shell/).focus();
    await type("clear; ls -l --color; az group show -n " + c.group + " -o yaml");
    await shows("provisioningState");
  });
  await walk("left", async () => {
    await type("exit");
    await dock.getByText("The shell was left.").first().waitFor();
    await dock.getByRole("button", { name: "Reconnect" }).click();
    await open();
  });
  await walk("closed-and-opened", async () => {
    await dock.getByRole("button", { name: "Close Cloud Shell" }).click();
    await dock.waitFor({ state: "detached" });
    await toggle.click();
    await open();
    await type("cat note.txt");
    await shows("kept");
  });
  await walk("restarted", async () => {
    await dock.getByRole("button", { name: "Restart Cloud Shell" }).click();
    await page.getByRole("alertdialog").getByRole("button", { name: "Restart" }).click();
    await dock.getByText("Requesting a Cloud Shell…").waitFor();
    await open();
    await type("echo again; cat note.txt");
    await shows("kept");
  });
  await walk("korean", async () => {
    await page.getByRole("button", { name: "Settings" }).click();
    await page.getByRole("menuitemradio", { name: "한국어" }).click();
    await page.keyboard.press("Escape");
    await dock.getByText("연결됨", { exact: true }).waitFor();
  });
}

await walkThrough(c.shots, {}, shell);
