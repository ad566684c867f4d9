import { createDOMRenderer, FluentProvider, RendererProvider } from "@fluentui/react-components";
import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { StrictMode, type ReactNode } from "react";
import { createRoot } from "react-dom/client";
import { ApiError } from "~/wire/call";
import { light } from "~/kit/theme";
import { App } from "./App";
import { Refused } from "./Refused";

/** Styles need the nonce of this page's policy. */
export function nonce(): string {
  const el = document.querySelector<HTMLElement>("link[nonce], script[nonce], meta[property=csp-nonce]");
  return el?.nonce ?? "";
}

function render(what: ReactNode): void {
  const renderer = createDOMRenderer(document, { styleElementAttributes: { nonce: nonce() } });
  createRoot(document.getElementById("root")!).render(<StrictMode><RendererProvider renderer={renderer}>{what}</RendererProvider></StrictMode>);
}

/** Shows the portal. */
export function start(): void {
  const cache = new QueryClient({
    defaultOptions: {
      queries: {
        staleTime: 5_000,
        refetchOnWindowFocus: true,
        retry: (n, e) => n < 2 && (!(e instanceof ApiError) || e.status === 0 || e.status >= 500 || e.status === 429),
      },
    },
  });
  render(<QueryClientProvider client={cache}><App /></QueryClientProvider>);
}

/** Shows why nobody is signed in. */
export function refuse(message: string): void {
  render(<FluentProvider theme={light}><Refused message={message} /></FluentProvider>);
}
