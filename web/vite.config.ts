import { readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { brotliCompressSync, constants, gzipSync } from "node:zlib";
import react from "@vitejs/plugin-react";
import type { Plugin } from "vite";
import { defineConfig } from "vitest/config";

let out = resolve(import.meta.dirname, "../portal/dist");

/** Text goes into the binary compressed and goes out as it lies; portal/asset.go serves it. */
function compressed(): Plugin {
  return {
    name: "compressed",
    apply: "build",
    configResolved(c) {
      out = resolve(c.root, c.build.outDir);
    },
    buildStart() {
      rmSync(join(out, "assets"), { recursive: true, force: true });
    },
    closeBundle() {
      for (const name of readdirSync(join(out, "assets"))) {
        if (!/\.(js|css|svg)$/.test(name)) continue;
        const path = join(out, "assets", name);
        const text = readFileSync(path);
        writeFileSync(path + ".gz", gzipSync(text, { level: 9 }));
        writeFileSync(path + ".br", brotliCompressSync(text, { params: { [constants.BROTLI_PARAM_QUALITY]: 11 } }));
        rmSync(path);
      }
    },
  };
}

export default defineConfig({
  plugins: [react(), compressed()],
  resolve: { alias: { "~": resolve(import.meta.dirname, "src") } },
  html: { cspNonce: "__LAZULI_NONCE__" },
  build: {
    outDir: out,
    emptyOutDir: false,
    manifest: "manifest.json",
    target: "es2023",
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    chunkSizeWarningLimit: 1500,
  },
  test: { environment: "node", include: ["src/**/*.test.{ts,tsx}"], css: false, testTimeout: 60_000 },
});
