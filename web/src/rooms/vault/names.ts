/** What may be wrong with the name of a vault: the first rule it breaks. */
export type NameProblem = "length" | "start" | "end" | "letters" | "hyphens";

/** The rules of a vault's name, as vault/names.go has them. */
export function vaultNameProblem(name: string): NameProblem | undefined {
  if (/[^a-zA-Z0-9-]/.test(name)) return "letters";
  if (!/^[a-zA-Z]/.test(name)) return "start";
  if (name.includes("--")) return "hyphens";
  if (name.length < 3 || name.length > 24) return "length";
  if (name.endsWith("-")) return "end";
  return undefined;
}

/** Whether a secret may have the name: 1 to 127 letters, digits and hyphens. */
export function secretNameOk(name: string): boolean {
  return /^[0-9a-zA-Z-]{1,127}$/.test(name);
}

/** How many bytes a secret's value may have. */
export const maxValue = 25 * 1024;

/** Whether a value is too long for a secret: bytes count, not letters. */
export function tooLong(value: string): boolean {
  return new TextEncoder().encode(value).length > maxValue;
}

/** The name and the version in a secret's id, "https://v.vault.d/secrets/name/version". */
export function secretOf(id: string): { name: string; version: string } {
  const [, name = "", version = ""] = new URL(id).pathname.split("/").filter(Boolean).map(decodeURIComponent);
  return { name, version };
}

/** Unix seconds of what a datetime-local field holds, in the browser's zone; undefined for an empty one. */
export function toUnix(local: string): number | undefined {
  const ms = local ? new Date(local).getTime() : NaN;
  return Number.isNaN(ms) ? undefined : Math.floor(ms / 1000);
}

/** What a datetime-local field shows for Unix seconds. */
export function toLocal(unix: number | undefined): string {
  if (unix === undefined) return "";
  const d = new Date(unix * 1000);
  const two = (n: number) => String(n).padStart(2, "0");
  return `${d.getFullYear()}-${two(d.getMonth() + 1)}-${two(d.getDate())}T${two(d.getHours())}:${two(d.getMinutes())}`;
}

/** What a version's attributes say of it now. */
export function stateOf(a: { enabled?: boolean; nbf?: number; exp?: number }, now: number): "disabled" | "expired" | "early" | "enabled" {
  if (a.enabled === false) return "disabled";
  if (a.exp !== undefined && a.exp <= now) return "expired";
  return a.nbf !== undefined && a.nbf > now ? "early" : "enabled";
}

/** Unix seconds as az takes a time. */
export function stamp(unix: number): string {
  return new Date(unix * 1000).toISOString().replace(".000Z", "Z");
}
