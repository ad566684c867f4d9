import { FluentProvider } from "@fluentui/react-components";
import { useEffect, useMemo, useState } from "react";
import { RouterProvider } from "react-router";
import { dark, light, LookContext, type Look } from "~/kit/theme";
import { LangContext, preferred, type Lang } from "~/kit/words";
import { makeRouter } from "./router";

/** A setting of this browser: nothing secret, so it may outlive the page. */
function useSetting<T extends string>(key: string, initial: T): [T, (v: T) => void] {
  const [value, setValue] = useState<T>(() => (localStorage.getItem(key) as T | null) ?? initial);
  return [value, (v) => { localStorage.setItem(key, v); setValue(v); }];
}

function useSystemDark(): boolean {
  const query = useMemo(() => matchMedia("(prefers-color-scheme: dark)"), []);
  const [is, setIs] = useState(query.matches);
  useEffect(() => {
    const on = () => setIs(query.matches);
    query.addEventListener("change", on);
    return () => query.removeEventListener("change", on);
  }, [query]);
  return is;
}

/** The portal: language and look around the pages. */
export function App() {
  const [router] = useState(makeRouter);
  const [lang, setLang] = useSetting<Lang>("lazuli.lang", preferred(navigator.languages));
  const [look, setLook] = useSetting<Look>("lazuli.look", "system");
  const system = useSystemDark();
  const isDark = look === "dark" || (look === "system" && system);
  useEffect(() => {
    document.documentElement.lang = lang;
    document.documentElement.style.colorScheme = isDark ? "dark" : "light";
  }, [lang, isDark]);
  return (
    <LangContext.Provider value={{ lang, setLang }}>
      <LookContext.Provider value={{ look, dark: isDark, setLook }}>
        <FluentProvider theme={isDark ? dark : light} style={{ height: "100%" }}>
          <RouterProvider router={router} />
        </FluentProvider>
      </LookContext.Provider>
    </LangContext.Provider>
  );
}
