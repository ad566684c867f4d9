import { useQueryClient, type QueryKey } from "@tanstack/react-query";
import { useCallback } from "react";
import type { Call } from "~/wire/call";
import { complete } from "~/wire/operation";
import { keyOf, parsePath } from "~/wire/id";
import { useNotify } from "./notify";

/** One change of the cloud: the request, how it is called, and the command line that does the same. */
export interface Write {
  call: Call & { method: "PUT" | "PATCH" | "POST" | "DELETE" };
  /** "Create container group 'web'": the title of its notification. */
  title: string;
  /** The same as an az command, in words: ["az", "acr", "update", "--name", "r"]. */
  cli: string[];
  /** The page of the result, for the notification's link. */
  page?: string;
  /** Values in it that are covered when it is shown. */
  secrets?: string[];
  /** Cached answers that are stale afterwards, beside those of the resource and what it is in. */
  touches?: QueryKey[];
}

/** Runs writes: a notification with progress, then every cached answer it touches is read again. */
export function useWrite(): <T>(w: Write) => Promise<T> {
  const cache = useQueryClient();
  const notify = useNotify();
  return useCallback(
    async <T>(w: Write): Promise<T> => {
      const note = notify.begin(w.title, w);
      const stale = () => Promise.all([...keysOf(w), ...(w.touches ?? [])].map((queryKey) => cache.invalidateQueries({ queryKey })));
      try {
        const value = await complete<T>(w.call, (o) => {
          note.progress(o.status, o.percentComplete);
          void cache.invalidateQueries({ queryKey: keysOf(w)[0] ?? [] });
        });
        await stale();
        note.done();
        return value;
      } catch (e) {
        note.failed(e);
        await stale();
        throw e;
      }
    },
    [cache, notify],
  );
}

/** The keys a write at the control plane makes stale: its resource, and the lists of what that is in. */
function keysOf(w: Write): string[][] {
  const found = parsePath(w.call.url.split("?")[0] ?? "");
  if (!found) return [];
  const { id, subscription, group } = found.id;
  const keys = [keyOf(id)];
  for (const scope of [`/subscriptions/${subscription}`, group && `/subscriptions/${subscription}/resourceGroups/${group}`, "/subscriptions"]) {
    if (!scope) continue;
    for (const what of ["resources", "groups", "kind"]) keys.push(keyOf(scope, what));
  }
  return keys;
}

/** The text with every secret covered. */
export function masked(text: string, secrets: string[]): string {
  return secrets.filter(Boolean).reduce((t, secret) => t.replaceAll(secret, "••••••"), text);
}

/** Words of a command as one line for a shell: what needs quotes gets them. */
export function shellLine(words: string[]): string {
  return words.map((w) => (/^[A-Za-z0-9_@%+=:,./-]+$/.test(w) ? w : `'${w.replaceAll("'", `'\\''`)}'`)).join(" ");
}

/** The command over several lines, an option on each. */
export function shellLines(words: string[]): string {
  const lines: string[][] = [[]];
  for (const w of words) {
    if (w.startsWith("--") && lines.length > 0) lines.push([]);
    lines[lines.length - 1]!.push(w);
  }
  return lines.map(shellLine).join(" \\\n    ");
}
