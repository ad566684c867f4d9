import { createRequire } from "node:module";
import { readFileSync } from "node:fs";

const source = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

/** What axe finds on a page that is serious or critical: the rule, why, and where. */
export async function findings(page) {
  await page.evaluate(source);
  // What is still fading in has no contrast yet.
  await page.evaluate(() => Promise.all(document.getAnimations().filter((a) => a.effect?.getComputedTiming().endTime !== Infinity).map((a) => a.finished.catch(() => undefined))));
  // What is behind a dialog is hidden until a moment after it has closed.
  await page.waitForFunction(() => document.querySelector("[role=dialog], [role=alertdialog]") !== null || !document.getElementById("root")?.hasAttribute("aria-hidden"));
  // Fluent's focus keeper puts empty elements at the ends of its zones; they pass the focus on at once.
  const result = await page.evaluate(() => window.axe.run({ exclude: ["[data-tabster-dummy]"] }, { runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "best-practice"] }));
  return result.violations
    .filter((v) => v.impact === "serious" || v.impact === "critical")
    .flatMap((v) => v.nodes.map((n) => `${v.id}: ${v.help}: ${n.target.join(" ")}: ${(n.failureSummary ?? "").replace(/\s+/g, " ")}`));
}
