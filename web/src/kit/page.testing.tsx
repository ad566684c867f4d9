import { FluentProvider } from "@fluentui/react-components";
import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { render } from "@testing-library/react";
import type { ReactElement } from "react";
import { createMemoryRouter, RouterProvider } from "react-router";
import { vi } from "vitest";
import { light } from "./theme";
import { LangContext, type Lang } from "./words";

// What jsdom has not, for it lays nothing out.
class Watcher {
  observe() {}
  unobserve() {}
  disconnect() {}
}
Object.assign(globalThis, { ResizeObserver: Watcher, IntersectionObserver: Watcher });
for (const [name, pixels] of [["clientWidth", 900], ["clientHeight", 600]] as const) Object.defineProperty(Element.prototype, name, { configurable: true, get: () => pixels });
Element.prototype.scrollIntoView = () => undefined;

/** What a cloud answers to one request: a body, or a status with one. */
export type Answers = (method: string, url: URL, body: unknown) => unknown;

/** Shows a page as the portal does, before a cloud that gives these answers; what is asked of it is collected. An answer of undefined is 404. */
export function show(page: ReactElement, { path = "/", lang = "en" as Lang, answers = (() => undefined) as Answers } = {}) {
  const asked: { method: string; path: string; body: unknown }[] = [];
  vi.stubGlobal("fetch", async (to: string, init: RequestInit = {}) => {
    const url = new URL(to);
    const body: unknown = typeof init.body === "string" ? JSON.parse(init.body) : undefined;
    asked.push({ method: init.method ?? "GET", path: url.pathname, body });
    const answer = answers(init.method ?? "GET", url, body);
    const json = answer === undefined ? { error: { code: "NotFound", message: "nothing at " + url.pathname } } : answer;
    return new Response(JSON.stringify(json), { status: answer === undefined ? 404 : 200, headers: { "content-type": "application/json" } });
  });
  document.head.innerHTML = `<meta name="lazuli">`;
  document.querySelector("meta")!.content = JSON.stringify({ resourceManager: "https://management.d", graph: "https://graph.d", login: "https://login.d", vaultSuffix: "vault.d", domain: "d", tenant: "t", httpPort: "" });
  const router = createMemoryRouter([{ path: "*", element: page }], { initialEntries: [path] });
  const shown = render(
    <QueryClientProvider client={new QueryClient({ defaultOptions: { queries: { retry: false } } })}>
      <LangContext.Provider value={{ lang, setLang: () => undefined }}>
        <FluentProvider theme={light}><RouterProvider router={router} /></FluentProvider>
      </LangContext.Provider>
    </QueryClientProvider>,
  );
  return { ...shown, asked, router };
}

/** The permissions of whoever may do these actions. */
export const permitted = (...actions: string[]) => ({ value: [{ actions, notActions: [], dataActions: actions, notDataActions: [] }] });
