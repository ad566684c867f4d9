import { useQuery, type UseQueryResult } from "@tanstack/react-query";
import { list, type Call } from "./call";
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

/** A call of Graph: the path behind its version. */
export function graph(path: string, c: Omit<Call, "url" | "resource"> = {}): Call {
  return { ...c, url: `${settings().graph}/v1.0${path}`, resource: settings().graph };
}

/** The key of the directory's parts in the query cache. */
export const graphKey = (...what: string[]): string[] => ["graph", ...what];

function useAll<T>(set: string, enabled: boolean): UseQueryResult<T[]> {
  return useQuery({ queryKey: graphKey(set), queryFn: ({ signal }) => list<T>(graph("/" + set, { query: { $top: "999" }, signal })), enabled });
}

interface DirectoryObject {
  id: string;
  roleTemplateId?: string;
}

/** Azure's id of the directory role that may change everything. */
const administrator = "62e90394-69f5-4237-9190-012177145e10";

/** What the caller may change in the directory, as Graph says; undefined until it has answered. */
export function useDirectoryRights(): { all: boolean; owned: ReadonlySet<string> } | undefined {
  return useQuery({
    queryKey: graphKey("rights"),
    queryFn: async ({ signal }) => {
      const [roles, objects] = await Promise.all([list<DirectoryObject>(graph("/me/memberOf", { signal })), list<DirectoryObject>(graph("/me/ownedObjects", { signal }))]);
      return { all: roles.some((r) => r.roleTemplateId === administrator), owned: new Set(objects.map((o) => o.id)) };
    },
    staleTime: 15_000,
  }).data;
}

/** Everything Graph lists of a kind. */
export const useUsers = (enabled = true) => useAll<User>("users", enabled);
export const useApplications = (enabled = true) => useAll<Application>("applications", enabled);
export const useServicePrincipals = (enabled = true) => useAll<ServicePrincipal>("servicePrincipals", enabled);
