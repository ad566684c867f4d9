/** How long a secret lives: so many days, or to a day that is typed. */
export const lifetimes = ["90", "180", "365", "730", "custom"] as const;
export type Lifetime = (typeof lifetimes)[number];

const day = 86_400_000;

/** The moment a secret ends: days from now, or the end of a day ("2030-01-31"). Undefined for what is no day, or has passed. */
export function endOf(lifetime: Lifetime, typed: string, now: number): string | undefined {
  if (lifetime !== "custom") return stamp(now + Number(lifetime) * day);
  const at = /^\d{4}-\d{2}-\d{2}$/.test(typed) ? Date.parse(typed + "T23:59:59Z") : NaN;
  return at > now && new Date(at).toISOString().startsWith(typed) ? stamp(at) : undefined;
}

function stamp(at: number): string {
  return new Date(at).toISOString().replace(/\.\d+Z$/, "Z");
}

/** How a secret stands. */
export type Standing = "valid" | "soon" | "expired";

const soon = 30 * day;

/** Whether a secret has ended, or ends within a month. */
export function standingOf(end: string, now: number): Standing {
  const left = Date.parse(end) - now;
  return left <= 0 ? "expired" : left < soon ? "soon" : "valid";
}

/** How the secret stands that a program would sign in with: the one that lasts longest. Undefined without any. */
export function bestStanding(ends: string[], now: number): Standing | undefined {
  const all = ends.map((end) => standingOf(end, now));
  return (["valid", "soon", "expired"] as const).find((s) => all.includes(s));
}

const kinds = ["ABCDEFGHJKLMNPQRSTUVWXYZ", "abcdefghijkmnopqrstuvwxyz", "23456789", "-_.~!*"];
const length = 20;

/** A password of every kind of character, none of which looks like another. random fills an array with random numbers, as crypto.getRandomValues does. */
export function newPassword(random: (into: Uint32Array<ArrayBuffer>) => unknown): string {
  const numbers = new Uint32Array(2 * length);
  random(numbers);
  const pick = (from: string, i: number) => from[numbers[i]! % from.length]!;
  const out = Array.from({ length }, (_, i) => pick(kinds[i] ?? kinds.join(""), i));
  for (let i = length - 1; i > 0; i--) {
    const j = numbers[length + i]! % (i + 1);
    [out[i], out[j]] = [out[j]!, out[i]!];
  }
  return out.join("");
}
