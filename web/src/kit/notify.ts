import { useQuery, useQueryClient, type QueryClient } from "@tanstack/react-query";
import { useMemo } from "react";
import { ApiError } from "~/wire/call";
import type { Write } from "./write";

/** One line of the notifications: something that runs, or has ended. */
export interface Note {
  id: number;
  title: string;
  state: "running" | "done" | "failed";
  begun: number;
  ended?: number;
  /** What the cloud says of its state, or why it failed. */
  detail?: string;
  code?: string;
  percent?: number;
  write?: Write;
  seen: boolean;
}

/** Steers one note. */
export interface Handle {
  progress(detail: string, percent?: number): void;
  done(detail?: string): void;
  failed(error: unknown): void;
}

/** Notes live in the query cache, like everything else the portal knows. */
const key = ["notes"];
let last = 0;

function change(cache: QueryClient, f: (notes: Note[]) => Note[]): void {
  cache.setQueryData<Note[]>(key, (notes) => f(notes ?? []));
}

/** Begins notes. */
export function useNotify() {
  const cache = useQueryClient();
  return useMemo(
    () => ({
      begin(title: string, write?: Write): Handle {
        const id = ++last;
        const set = (part: Partial<Note>) => change(cache, (ns) => ns.map((n) => (n.id === id ? { ...n, ...part } : n)));
        change(cache, (ns) => [{ id, title, state: "running" as const, begun: Date.now(), write, seen: false }, ...ns].slice(0, 100));
        return {
          progress: (detail, percent) => set({ detail, percent }),
          done: (detail) => set({ state: "done", ended: Date.now(), detail, percent: 100, seen: false }),
          failed: (e) => set({ state: "failed", ended: Date.now(), detail: messageOf(e), code: e instanceof ApiError ? e.code : undefined, seen: false }),
        };
      },
    }),
    [cache],
  );
}

/** All notes, the newest first, and what the panel does with them. */
export function useNotes() {
  const cache = useQueryClient();
  const { data } = useQuery<Note[]>({ queryKey: key, queryFn: () => cache.getQueryData<Note[]>(key) ?? [], initialData: [], staleTime: Infinity });
  return {
    notes: data,
    see: () => change(cache, (ns) => ns.map((n) => (n.state === "running" || n.seen ? n : { ...n, seen: true }))),
    dismiss: (id: number) => change(cache, (ns) => ns.filter((n) => n.id !== id)),
    clear: () => change(cache, (ns) => ns.filter((n) => n.state === "running")),
  };
}

/** What to show of an error. */
export function messageOf(e: unknown): string {
  return e instanceof Error ? e.message : String(e);
}
