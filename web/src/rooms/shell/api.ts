import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { ApiError, call } from "~/wire/call";

const version = { "api-version": "2023-02-01-preview" };
const consoleAt = "/providers/Microsoft.Portal/consoles/default";
const settingsAt = "/providers/Microsoft.Portal/userSettings/cloudconsole";

/** How large the letters of the terminal are. */
export type FontSize = "Small" | "Medium" | "Large";

/** A terminal that waits for its web socket. */
export interface Terminal {
  id: string;
  socketUri: string;
}

/** Gives the address of the user's console, which is started when there is none. */
export async function requestConsole(): Promise<string> {
  const made = await call<{ properties: { uri: string } }>({ method: "PUT", url: consoleAt, query: version, body: { properties: { osType: "linux" } } });
  return made.properties.uri;
}

/** Ends the user's console; their files are kept. */
export function endConsole(): Promise<unknown> {
  return call({ method: "DELETE", url: consoleAt, query: version });
}

const post = <T,>(url: string, query: Record<string, string> = {}) => call<T>({ method: "POST", url, query, body: {} });

/** Asks a console for a terminal. */
export function requestTerminal(uri: string, rows: number, cols: number): Promise<Terminal> {
  return post(`${uri}/terminals`, { rows: String(rows), cols: String(cols), version: "2019-01-01", shell: "bash" });
}

/** Tells a terminal how large it is shown. */
export function resizeTerminal(uri: string, id: string, rows: number, cols: number): Promise<unknown> {
  return post(`${uri}/terminals/${id}/size`, { rows: String(rows), cols: String(cols), version: "2019-01-01" });
}

/** Shows the console a token that is good for longer: az in it is signed in as long as the newest one. */
export function renewConsole(uri: string): Promise<unknown> {
  return post(`${uri}/accessToken`);
}

interface Settings {
  properties: { terminalSettings?: { fontSize?: FontSize } };
}

/** The size of the letters, which the cloud keeps for the user. */
export function useFontSize(): [FontSize, (s: FontSize) => void] {
  const cache = useQueryClient();
  const key = ["shell", "settings"];
  const { data } = useQuery({
    queryKey: key, staleTime: Infinity, retry: false,
    queryFn: ({ signal }) => call<Settings>({ url: settingsAt, query: version, signal }).catch((e: unknown) => {
      if (e instanceof ApiError && e.status === 404) return { properties: {} } as Settings; // nothing kept yet
      throw e;
    }),
  });
  const keep = useMutation({
    mutationFn: (fontSize: FontSize) => call<Settings>({ method: "PATCH", url: settingsAt, query: version, body: { properties: { terminalSettings: { fontSize } } } }),
    onMutate: (fontSize) => cache.setQueryData<Settings>(key, { properties: { terminalSettings: { fontSize } } }),
  });
  return [data?.properties.terminalSettings?.fontSize ?? "Medium", (s) => keep.mutate(s)];
}
