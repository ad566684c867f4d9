import { existsSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import { chromium } from "playwright-core";

/** Chromium as Debian packages it; CHROMIUM names another. */
export const executable = process.env.CHROMIUM ?? ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"].find(existsSync);

/** A browser that sends every name of the cloud to this machine and takes its certificate. */
export async function open({ dark = false, lang = "en-GB", width = 1440, height = 900 } = {}) {
  if (!executable) throw new Error("there is no Chromium on this machine; install it, or set CHROMIUM to its path");
  const browser = await chromium.launch({ executablePath: executable, args: ["--no-sandbox", "--host-resolver-rules=MAP *.localhost 127.0.0.1", "--no-proxy-server"] });
  const context = await browser.newContext({ ignoreHTTPSErrors: true, colorScheme: dark ? "dark" : "light", locale: lang, reducedMotion: "reduce", viewport: { width, height }, permissions: ["clipboard-read", "clipboard-write"] });
  const page = await context.newPage();
  page.setDefaultTimeout(45_000);
  return { browser, context, page };
}

/** Everything the page complains of: its errors, and what its policy has refused. */
export function complaints(page) {
  const heard = [];
  page.on("pageerror", (e) => heard.push(`error: ${e.message}`));
  // A network device that comes or goes breaks requests off, which the portal repeats; and a refusal by the API is not a fault of the page.
  const expected = /ERR_NETWORK_CHANGED|responded with a status of 4/;
  page.on("console", (m) => m.type() === "error" && !expected.test(m.text()) && heard.push(`console: ${m.text()} ${m.location().url}`));
  return heard;
}

/** Signs in on the login's own page and waits for the portal. */
export async function signIn(page, portal, user, password) {
  await page.goto(portal);
  await page.getByLabel("User name").fill(user);
  await page.getByLabel("Password").fill(password);
  await page.getByRole("button", { name: "Sign in" }).click();
  await page.waitForURL((u) => u.origin === new URL(portal).origin && u.pathname !== "/signed-in");
  await page.locator("#content").waitFor();
}

/** Keeps a picture. */
export async function shot(page, dir, name) {
  mkdirSync(dir, { recursive: true });
  await page.screenshot({ path: join(dir, name + ".png") });
}
