import { useQuery } from "@tanstack/react-query";
import type { Write } from "~/kit/write";
import { call } from "~/wire/call";
import { graph, graphKey, type Application, type PasswordCredential, type ServicePrincipal, type User } from "~/wire/graph";
import { appPage } from "./links";

/** One application, by its object id. */
export function useApplication(id: string) {
  return useQuery({ queryKey: graphKey("applications", id), queryFn: ({ signal }) => call<Application>(graph("/applications/" + id, { signal })) });
}

/** The service principal of an application, by the application's own id; undefined if it has none. */
export function usePrincipalOf(appId: string | undefined) {
  return useQuery({
    queryKey: graphKey("servicePrincipals", "of", appId ?? ""),
    queryFn: async ({ signal }) => (await call<{ value: ServicePrincipal[] }>(graph("/servicePrincipals", { query: { $filter: `appId eq '${appId}'` }, signal }))).value[0] ?? null,
    enabled: appId !== undefined,
  });
}

// All of the directory is read again after a write: what is deleted may take a service principal with it.
const touches = [graphKey()];

type GraphCall = Write["call"];
const post = (path: string, body: object) => graph(path, { method: "POST", body }) as GraphCall;
const remove = (path: string) => graph(path, { method: "DELETE" }) as GraphCall;

/** Registers an application. */
export function createAppWrite(name: string, title: string): Write {
  return { call: post("/applications", { displayName: name }), title, cli: ["az", "ad", "app", "create", "--display-name", name], touches };
}

/** Gives an application the service principal that it signs in as. */
export function createPrincipalWrite(appId: string, title: string): Write {
  return { call: post("/servicePrincipals", { appId }), title, cli: ["az", "ad", "sp", "create", "--id", appId], touches };
}

/** Gives an application another name for people. */
export function renameAppWrite(app: Application, name: string, title: string): Write {
  return { call: graph("/applications/" + app.id, { method: "PATCH", body: { displayName: name } }) as GraphCall, title, cli: ["az", "ad", "app", "update", "--id", app.appId, "--display-name", name], page: appPage(app.id), touches };
}

/** Deletes an application, and its service principal with it. */
export function deleteAppWrite(app: Application, title: string): Write {
  return { call: remove("/applications/" + app.id), title, cli: ["az", "ad", "app", "delete", "--id", app.appId], touches };
}

/** Deletes a service principal. */
export function deletePrincipalWrite(p: ServicePrincipal, title: string): Write {
  return { call: remove("/servicePrincipals/" + p.id), title, cli: ["az", "ad", "sp", "delete", "--id", p.id], touches };
}

/** Makes a secret of an application. The answer holds its text, this once. */
export function addSecretWrite(app: Application, description: string, end: string, title: string): Write {
  return {
    call: post(`/applications/${app.id}/addPassword`, { passwordCredential: { ...(description && { displayName: description }), endDateTime: end } }),
    title,
    cli: ["az", "ad", "app", "credential", "reset", "--id", app.appId, "--append", ...(description ? ["--display-name", description] : []), "--end-date", end],
    page: appPage(app.id),
    touches,
  };
}

/** Takes a secret away. */
export function removeSecretWrite(app: Application, secret: PasswordCredential, title: string): Write {
  return {
    call: post(`/applications/${app.id}/removePassword`, { keyId: secret.keyId }),
    title,
    cli: ["az", "ad", "app", "credential", "delete", "--id", app.appId, "--key-id", secret.keyId],
    touches,
  };
}

/** Makes a user. */
export function createUserWrite(name: string, principalName: string, password: string, title: string): Write {
  return {
    call: post("/users", { accountEnabled: true, displayName: name, userPrincipalName: principalName, mailNickname: principalName.split("@")[0], passwordProfile: { password } }),
    title,
    cli: ["az", "ad", "user", "create", "--display-name", name, "--user-principal-name", principalName, "--password", password],
    secrets: [password],
    touches,
  };
}

/** Gives a user another password. The sign-ins made with the old one end. */
export function resetPasswordWrite(user: User, password: string, title: string): Write {
  return {
    call: graph("/users/" + user.id, { method: "PATCH", body: { passwordProfile: { password, forceChangePasswordNextSignIn: false } } }) as GraphCall,
    title,
    cli: ["az", "ad", "user", "update", "--id", user.userPrincipalName, "--password", password, "--force-change-password-next-sign-in", "false"],
    secrets: [password],
    touches,
  };
}

/** Lets a user sign in, or not. */
export function enableUserWrite(user: User, on: boolean, title: string): Write {
  return { call: graph("/users/" + user.id, { method: "PATCH", body: { accountEnabled: on } }) as GraphCall, title, cli: ["az", "ad", "user", "update", "--id", user.userPrincipalName, "--account-enabled", String(on)], touches };
}

/** Deletes a user. */
export function deleteUserWrite(user: User, title: string): Write {
  return { call: remove("/users/" + user.id), title, cli: ["az", "ad", "user", "delete", "--id", user.userPrincipalName], touches };
}
