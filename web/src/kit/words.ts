import { createContext, useContext } from "react";

/** The languages of the portal. */
export type Lang = "en" | "ko";

/** A short text in both languages, for tables such as a room's manifest. */
export type Local = Record<Lang, string>;

/** The chosen language; Shell provides it. */
export const LangContext = createContext<{ lang: Lang; setLang: (l: Lang) => void }>({ lang: "en", setLang: () => undefined });

/** The language of a browser that has chosen none: Korean where it is asked for first, else English. */
export function preferred(languages: readonly string[]): Lang {
  for (const l of languages) {
    if (l.toLowerCase().startsWith("ko")) return "ko";
    if (l.toLowerCase().startsWith("en")) return "en";
  }
  return "en";
}

/** The chosen language. */
export function useLang(): Lang {
  return useContext(LangContext).lang;
}

/** Picks the language of a Local text. */
export function useLocal(): (t: Local) => string {
  const lang = useLang();
  return (t) => t[lang];
}

/** What a dictionary may hold: texts, and functions of numbers or names that make one. */
export type Dictionary = Record<string, string | ((...args: never[]) => string)>;

/** The shape that the other languages have to have. */
export type SameWords<T extends Dictionary> = { [K in keyof T]: T[K] extends string ? string : T[K] };

/**
 * Makes the hook of a room's dictionary: const useText = words({ en: {...}, ko: {...} }). A missing or superfluous Korean
 * word does not compile.
 */
export function words<T extends Dictionary>(all: { en: T; ko: SameWords<T> }): () => T {
  return () => all[useLang()] as T;
}

const locales: Record<Lang, string> = { en: "en-GB", ko: "ko-KR" };

/** A time as people read it, in the browser's zone. */
export function useTime(): (t: string | number | Date | undefined) => string {
  const lang = useLang();
  return (t) => (t === undefined || t === "" ? "" : new Intl.DateTimeFormat(locales[lang], { dateStyle: "medium", timeStyle: "medium" }).format(new Date(t)));
}

/** "3 minutes ago". */
export function useAgo(): (t: string | number | Date | undefined) => string {
  const lang = useLang();
  return (t) => (t === undefined || t === "" ? "" : ago(new Date(t).getTime(), Date.now(), lang));
}

/** The time from then to now in the largest whole unit. */
export function ago(then: number, now: number, lang: Lang): string {
  const format = new Intl.RelativeTimeFormat(locales[lang], { numeric: "auto" });
  const seconds = Math.round((then - now) / 1000);
  for (const [unit, size] of [["day", 86400], ["hour", 3600], ["minute", 60]] as const) {
    if (Math.abs(seconds) >= size) return format.format(Math.trunc(seconds / size), unit);
  }
  return format.format(seconds, "second");
}

/** 1536 is "1.5 KiB". */
export function bytes(n: number): string {
  const units = ["B", "KiB", "MiB", "GiB", "TiB"];
  let i = 0;
  while (n >= 1024 && i < units.length - 1) {
    n /= 1024;
    i++;
  }
  return `${i === 0 || n >= 100 ? Math.round(n) : n.toFixed(1)} ${units[i]}`;
}
