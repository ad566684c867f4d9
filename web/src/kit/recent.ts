import { parseId, type ResourceId } from "~/wire/id";

const key = "lazuli.recent";
const most = 12;

/** A resource that was looked at in this browser. */
export interface Recent {
  id: ResourceId;
  seen: number;
}

interface Stored {
  id: string;
  seen: number;
}

function stored(): Stored[] {
  try {
    return JSON.parse(localStorage.getItem(key) ?? "[]") as Stored[];
  } catch {
    return [];
  }
}

/** The resources looked at last: names only, nothing secret. */
export function recent(): Recent[] {
  return stored().flatMap((s) => {
    const id = parseId(s.id);
    return id ? [{ id, seen: s.seen }] : [];
  });
}

/** Puts a resource at the top of the recent ones. */
export function remember(id: string): void {
  const others = stored().filter((s) => s.id.toLowerCase() !== id.toLowerCase());
  localStorage.setItem(key, JSON.stringify([{ id, seen: Date.now() }, ...others].slice(0, most)));
}

/** Forgets a resource that is gone. */
export function forget(id: string): void {
  localStorage.setItem(key, JSON.stringify(stored().filter((s) => s.id.toLowerCase() !== id.toLowerCase())));
}
