/** What portal/portal.go writes into the page: the addresses of this cloud. */
export interface Settings {
  resourceManager: string;
  login: string;
  graph: string;
  vaultSuffix: string;
  registrySuffix: string;
  clientId: string;
  tenant: string;
  domain: string;
  /** Where names of container groups answer to plain HTTP: ":8080", "" on port 80, "off" when they do not. */
  httpPort: string;
}

let read: Settings | undefined;

/** The cloud's addresses. Throws when the page was not served by a cloud. */
export function settings(): Settings {
  if (!read) {
    const text = document.querySelector<HTMLMetaElement>('meta[name="lazuli"]')?.content ?? "";
    if (!text.startsWith("{")) throw new Error("This page was not served by a Lazuli cloud: it holds no addresses.");
    read = JSON.parse(text) as Settings;
  }
  return read;
}
