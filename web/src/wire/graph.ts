import { useQuery, type UseQueryResult } from "@tanstack/react-query";
import { call, type Call } from "./call";
import { settings } from "./settings";

/** Microsoft Graph: the directory of users, applications and service principals. */

/** A secret of an application or service principal; its text comes once, with the answer that made it. */
export interface PasswordCredential {
  keyId: string;
  displayName: string | null;
  hint: string;
  startDateTime: string;
  endDateTime: string;
  secretText: string | null;
}

export interface Application {
  id: string;
  appId: string;
  displayName: string;
  createdDateTime: string;
  signInAudience: string;
  identifierUris: string[];
  passwordCredentials: PasswordCredential[];
}

export interface ServicePrincipal {
  id: string;
  appId: string;
  displayName: string;
  servicePrincipalType: "Application" | "ManagedIdentity";
  accountEnabled: boolean;
  createdDateTime: string;
}

export interface User {
  id: string;
  displayName: string;
  userPrincipalName: string;
  accountEnabled: boolean;
  createdDateTime: string;
}

/** An object of the directory as getByIds shows it. */
export interface DirectoryObject {
  "@odata.type": string;
  id: string;
  displayName?: string;
  userPrincipalName?: string;
  appId?: string;
  servicePrincipalType?: string;
}

/** A call of Graph: the path behind its version. */
export function graph(path: string, c: Omit<Call, "url" | "resource"> = {}): Call {
  return { ...c, url: `${settings().graph}/v1.0${path}`, resource: settings().graph };
}

interface Page<T> {
  value: T[];
  "@odata.nextLink"?: string;
}

async function all<T>(c: Call): Promise<T[]> {
  const out: T[] = [];
  for (let next: Call | undefined = c; next; ) {
    const page: Page<T> = await call<Page<T>>(next);
    out.push(...page.value);
    const link: string | undefined = page["@odata.nextLink"];
    next = link ? { ...c, url: link, query: undefined } : undefined;
  }
  return out;
}

/** The key of the directory's parts in the query cache. */
export const graphKey = (...what: string[]): string[] => ["graph", ...what];

function useAll<T>(set: string, enabled: boolean): UseQueryResult<T[]> {
  return useQuery({ queryKey: graphKey(set), queryFn: ({ signal }) => all<T>(graph("/" + set, { query: { $top: "999" }, signal })), enabled });
}

/** Everything Graph lists of a kind. */
export const useUsers = (enabled = true) => useAll<User>("users", enabled);
export const useApplications = (enabled = true) => useAll<Application>("applications", enabled);
export const useServicePrincipals = (enabled = true) => useAll<ServicePrincipal>("servicePrincipals", enabled);

const most = 1000;

/** The objects of these ids, by id; those that are gone are not in it. */
export function useObjects(ids: string[]): UseQueryResult<Map<string, DirectoryObject>> {
  const wanted = [...new Set(ids)].sort();
  return useQuery({
    queryKey: graphKey("byIds", ...wanted),
    queryFn: async ({ signal }) => {
      const found = new Map<string, DirectoryObject>();
      for (let i = 0; i < wanted.length; i += most) {
        const page = await call<Page<DirectoryObject>>(graph("/directoryObjects/getByIds", { method: "POST", body: { ids: wanted.slice(i, i + most), types: ["user", "servicePrincipal"] }, signal }));
        for (const o of page.value) found.set(o.id, o);
      }
      return found;
    },
    enabled: wanted.length > 0,
    staleTime: 30_000,
  });
}
