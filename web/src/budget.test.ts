import { existsSync, readFileSync, statSync } from "node:fs";
import { resolve } from "node:path";
import { expect, test } from "vitest";

const dist = resolve(import.meta.dirname, "../../portal/dist");
const budget = 400 * 1024;

interface Chunk {
  file: string;
  imports?: string[];
  dynamicImports?: string[];
  css?: string[];
}

/** The compressed bytes of what a page needs: entries and all they import, each once. */
function weight(manifest: Record<string, Chunk>, entries: string[]): number {
  const files = new Set<string>();
  const add = (key: string) => {
    const chunk = manifest[key];
    if (!chunk) throw new Error(`the bundle has no ${key}`);
    if (files.has(chunk.file)) return;
    files.add(chunk.file);
    chunk.css?.forEach((f) => files.add(f));
    chunk.imports?.forEach(add);
  };
  entries.forEach(add);
  return [...files].reduce((sum, f) => sum + statSync(resolve(dist, f + ".gz")).size, 0);
}

const built = existsSync(resolve(dist, "manifest.json"));

test.runIf(built)("the first load of home stays below 400 KiB compressed", () => {
  const manifest = JSON.parse(readFileSync(resolve(dist, "manifest.json"), "utf8")) as Record<string, Chunk>;
  const bytes = weight(manifest, ["index.html", "src/shell/start.tsx", "src/rooms/home/Home.tsx"]);
  console.log(`first load: ${(bytes / 1024).toFixed(0)} KiB compressed`);
  expect(bytes).toBeGreaterThan(50 * 1024);
  expect(bytes).toBeLessThan(budget);
});

test("at most 15 packages are in the bundle", () => {
  const pack = JSON.parse(readFileSync(resolve(import.meta.dirname, "../package.json"), "utf8")) as { dependencies: object };
  expect(Object.keys(pack.dependencies).length).toBeLessThanOrEqual(15);
});
