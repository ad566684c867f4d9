import { useQuery } from "@tanstack/react-query";
import type { Write } from "~/kit/write";
import type { Envelope } from "~/wire/arm";
import { ApiError, call, send, type Call } from "~/wire/call";
import { keyOf, parseId } from "~/wire/id";
import { tokenFor } from "~/wire/session";
import { settings } from "~/wire/settings";
import type { Credentials, ManifestAttributes, RegistryProperties, RepositoryProperties, TagAttributes, Usage } from "~/wire/zz_registry";

export const registryType = "Microsoft.ContainerRegistry/registries";
export const registryVersion = "2023-07-01";

/** A registry as the control plane shows it: it always has a login server, and the hall adds the state. */
export type Registry = Envelope<RegistryProperties & { loginServer: string; provisioningState: string }>;

const version = { "api-version": registryVersion };

/** The admin user's name and passwords; the API refuses while the admin user is off. */
export function useCredentials(id: string, enabled: boolean) {
  return useQuery({
    queryKey: keyOf(id, "credentials"),
    queryFn: () => call<Credentials>({ method: "POST", url: `${id}/listCredentials`, query: version }),
    enabled,
    gcTime: 0,
    retry: false,
  });
}

/** What the registry takes of the disk. */
export function useUsage(id: string) {
  return useQuery({ queryKey: keyOf(id, "usage"), queryFn: () => call<{ value: Usage[] }>({ url: `${id}/listUsages`, query: version }).then((u) => u.value) });
}

// Tokens of registries' own token services, by server and scope. Memory only.
const held = new Map<string, { value: Promise<string>; expires: number }>();

const lifetime = 60_000;

/** A token that is held already, or the one that fetch brings. Who asks while it is on its way waits for the same. */
function keep(key: string, fetch: () => Promise<string>): Promise<string> {
  const have = held.get(key);
  if (have && have.expires > Date.now()) return have.value;
  const value = fetch();
  held.set(key, { value, expires: Date.now() + lifetime });
  value.catch(() => held.delete(key));
  return value;
}

function refreshToken(server: string): Promise<string> {
  return keep(server, async () => (await call<{ refresh_token: string }>({
    method: "POST", url: `https://${server}/oauth2/exchange`, resource: "",
    body: new URLSearchParams({ grant_type: "access_token", service: server, access_token: await tokenFor(settings().resourceManager) }),
  })).refresh_token);
}

function registryToken(server: string, scope: string): Promise<string> {
  return keep(`${server} ${scope}`, async () => (await call<{ access_token: string }>({
    method: "POST", url: `https://${server}/oauth2/token`, resource: "",
    body: new URLSearchParams({ grant_type: "refresh_token", service: server, scope, refresh_token: await refreshToken(server) }),
  })).access_token);
}

/** A call of a registry's own API, with a token of its own token service for the scope. */
async function data<T>(server: string, scope: string, c: Call) {
  try {
    return await send<T>({ ...c, url: `https://${server}${c.url}`, bearer: () => registryToken(server, scope) });
  } catch (e) {
    if (e instanceof ApiError && e.status === 401) for (const key of [server, `${server} ${scope}`]) held.delete(key);
    throw e;
  }
}

const reading = (repository: string) => `repository:${repository}:metadata_read,pull`;

/** Follows the Link headers of a registry's lists. */
async function pages<T, R>(server: string, scope: string, url: string, rows: (v: T) => R[] | undefined | null): Promise<R[]> {
  const out: R[] = [];
  for (let next: string | undefined = url; next; ) {
    const answer: { value: T; headers: Headers } = await data<T>(server, scope, { url: next });
    out.push(...(rows(answer.value) ?? []));
    next = /<([^>]+)>;\s*rel="?next"?/.exec(answer.headers.get("link") ?? "")?.[1];
  }
  return out;
}

/** The names of a registry's repositories. */
export function useRepositories(id: string, server: string) {
  return useQuery({
    queryKey: keyOf(id, "repositories"),
    queryFn: () => pages<{ repositories: string[] | null }, string>(server, "registry:catalog:*", "/acr/v1/_catalog?n=500", (v) => v.repositories),
    enabled: server !== "",
  });
}

/** What the registry says of one repository. */
export function useRepository(id: string, server: string, name: string) {
  return useQuery({
    queryKey: keyOf(id, "repository", name),
    queryFn: async () => (await data<RepositoryProperties>(server, reading(name), { url: `/acr/v1/${name}` })).value,
    enabled: name !== "",
  });
}

/** The tags of a repository, the newest first. */
export function useTags(id: string, server: string, name: string) {
  return useQuery({
    queryKey: keyOf(id, "repository", name, "tags"),
    queryFn: () => pages<{ tags: TagAttributes[] | null }, TagAttributes>(server, reading(name), `/acr/v1/${name}/_tags?n=500&orderby=timedesc`, (v) => v.tags),
    enabled: name !== "",
  });
}

/** One manifest's attributes and its text. */
export function useManifest(id: string, server: string, name: string, digest: string) {
  return useQuery({
    queryKey: keyOf(id, "repository", name, "manifest", digest),
    queryFn: async () => {
      const [attributes, manifest] = await Promise.all([
        data<{ manifest: ManifestAttributes }>(server, reading(name), { url: `/acr/v1/${name}/_manifests/${digest}` }),
        data<unknown>(server, reading(name), { url: `/v2/${name}/manifests/${digest}`, headers: { Accept: manifestTypes } }),
      ]);
      return { attributes: attributes.value.manifest, manifest: manifest.value };
    },
    enabled: digest !== "",
  });
}

const manifestTypes = ["application/vnd.oci.image.manifest.v1+json", "application/vnd.oci.image.index.v1+json", "application/vnd.docker.distribution.manifest.v2+json",
  "application/vnd.docker.distribution.manifest.list.v2+json"].join(", ");

/** Turns the admin user on or off. */
export function adminWrite(id: string, on: boolean, title: string): Write {
  const at = parseId(id)!;
  return {
    call: { method: "PATCH", url: id, query: version, body: { properties: { adminUserEnabled: on } } },
    title,
    cli: ["az", "acr", "update", "--resource-group", at.group, "--name", at.name, "--admin-enabled", String(on)],
    touches: [keyOf(id, "credentials")],
  };
}

/** Makes a new password of the admin user: "password" or "password2". */
export function regenerateWrite(id: string, name: string, title: string): Write {
  const at = parseId(id)!;
  return {
    call: { method: "POST", url: `${id}/regenerateCredential`, query: version, body: { name } },
    title,
    cli: ["az", "acr", "credential", "renew", "--resource-group", at.group, "--name", at.name, "--password-name", name],
    touches: [keyOf(id, "credentials")],
  };
}

/** Deletes a tag, or with tag "" a whole repository. The call goes to the registry itself, with a token for it. */
export function deleteWrite(id: string, server: string, name: string, tag: string, title: string): Write {
  const at = parseId(id)!;
  return {
    call: {
      method: "DELETE", url: `https://${server}/acr/v1/${name}${tag ? `/_tags/${tag}` : ""}`, bearer: () => registryToken(server, `repository:${name}:delete,metadata_read`),
    },
    title,
    cli: tag ? ["az", "acr", "repository", "untag", "--name", at.name, "--image", `${name}:${tag}`] : ["az", "acr", "repository", "delete", "--name", at.name, "--repository", name, "--yes"],
    touches: [keyOf(id, "repositories"), keyOf(id, "repository", name)],
  };
}

/** Makes a registry. */
export function createWrite(id: string, body: { location: string; sku: { name: string }; properties: { adminUserEnabled: boolean } }, title: string): Write {
  const at = parseId(id)!;
  return {
    call: { method: "PUT", url: id, query: version, body },
    title,
    cli: ["az", "acr", "create", "--resource-group", at.group, "--name", at.name, "--sku", body.sku.name, "--location", body.location, ...(body.properties.adminUserEnabled ? ["--admin-enabled", "true"] : [])],
    page: "/resource" + id,
  };
}

/** Whether a registry's name is free: the API's word. */
export function useNameCheck(subscription: string, name: string) {
  return useQuery({
    queryKey: ["check", registryType, name.toLowerCase()],
    queryFn: () =>
      call<{ nameAvailable: boolean; message?: string }>({
        method: "POST", url: `/subscriptions/${subscription}/providers/Microsoft.ContainerRegistry/checkNameAvailability`, query: version, body: { name, type: registryType },
      }),
    enabled: subscription !== "" && name.length > 0,
    staleTime: 5_000,
    retry: false,
  });
}
