// Takes pictures of pages, for eyes: node e2e/look.mjs [--dark] [--ko] PORTAL USER PASSWORD FOLDER PATH...
import { complaints, open, shot, signIn } from "./browser.mjs";

const flags = process.argv.slice(2).filter((a) => a.startsWith("--"));
const [portal, user, password, dir, ...paths] = process.argv.slice(2).filter((a) => !a.startsWith("--"));
const { browser, page } = await open({ dark: flags.includes("--dark"), lang: flags.includes("--ko") ? "ko-KR" : "en-GB" });
const heard = complaints(page);
try {
  await signIn(page, portal, user, password);
  for (const [i, path] of paths.entries()) {
    await page.goto(portal + path);
    await page.locator("#content h1").first().waitFor();
    await page.waitForLoadState("networkidle");
    await shot(page, dir, `${i}`);
  }
} catch (e) {
  await shot(page, dir, "failed");
  console.log(String(e));
} finally {
  await browser.close();
}
for (const h of new Set(heard)) console.log(h);
