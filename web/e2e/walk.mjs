import { complaints, open, shot } from "./browser.mjs";
import { findings } from "./axe.mjs";

/** A walk through the portal: named steps, each with a picture and axe's word, and what was wrong at the end. */
export async function walkThrough(shots, options, path) {
  const { browser, context, page } = await open(options);
  const heard = complaints(page);
  const wrong = [];
  let step = 0;
  const walk = async (name, f) => {
    const began = Date.now();
    await f();
    const n = String(++step).padStart(2, "0");
    const took = Date.now() - began;
    wrong.push(...(await findings(page)).map((w) => `${name}: ${w}`));
    await shot(page, shots, `${n}-${name}`);
    console.log(`${n} ${name} ${took} ms`);
  };
  try {
    await path({ context, page, walk });
  } catch (e) {
    await shot(page, shots, "failed").catch(() => undefined);
    wrong.push(`after step ${step}: ${e.message}`);
  } finally {
    await browser.close();
  }
  wrong.push(...new Set(heard));
  for (const w of wrong) console.log(`wrong: ${w}`);
  process.exitCode = wrong.length > 0 ? 1 : 0;
}

/** Throws when something is not as it must be. */
export function must(what, is) {
  if (!is) throw new Error(what);
}
