import { useQuery } from "@tanstack/react-query";
import type { Write } from "~/kit/write";
import type { Envelope } from "~/wire/arm";
import { call } from "~/wire/call";
import type { ContainerGroupProperties } from "~/wire/zz_container";
import { keyOf, parseId } from "~/wire/id";
import { settings } from "~/wire/settings";

export const groupKind = "Microsoft.ContainerInstance/containerGroups";
export const groupVersion = "2023-05-01";

/** A container group as the control plane shows it. */
export type ContainerGroup = Envelope<ContainerGroupProperties>;

const version = { "api-version": groupVersion };

/** The group with its instance view, read again every two seconds while it is looked at. */
export function useGroup(id: string) {
  return useQuery({ queryKey: keyOf(id), queryFn: ({ signal }) => call<ContainerGroup>({ url: id, query: version, signal }), refetchInterval: 2_000 });
}

/** The last lines of a container's log; follow reads them again every second. */
export function useLogs(id: string, container: string, tail: number, follow: boolean) {
  return useQuery({
    queryKey: keyOf(id, "logs", container, String(tail)),
    queryFn: ({ signal }) => call<{ content: string }>({ url: `${id}/containers/${container}/logs`, query: { ...version, tail: String(tail) }, signal }).then((l) => l.content),
    refetchInterval: follow ? 1_000 : false,
    retry: false,
  });
}

/** Starts a command in a container; the answer's web socket is opened once, and its first message is the password. */
export function exec(id: string, container: string, command: string, rows: number, cols: number) {
  return call<{ webSocketUri: string; password: string }>({ method: "POST", url: `${id}/containers/${container}/exec`, query: version, body: { command, terminalSize: { rows, cols } } });
}

/** stop, start and restart of a group. */
export function lifeWrite(id: string, verb: "stop" | "start" | "restart", title: string): Write {
  const at = parseId(id)!;
  return {
    call: { method: "POST", url: `${id}/${verb}`, query: version },
    title,
    cli: ["az", "container", verb, "--resource-group", at.group, "--name", at.name],
    page: "/resource" + id,
  };
}

/** Whether a DNS label is free in a region: the API's word. */
export function useLabelCheck(subscription: string, location: string, label: string, valid: boolean) {
  return useQuery({
    queryKey: ["check", "label", location, label],
    queryFn: () =>
      call<{ available: boolean }>({
        url: `/subscriptions/${subscription}/providers/Microsoft.Network/locations/${location}/CheckDnsNameAvailability`, query: { "api-version": "2023-09-01", domainNameLabel: label },
      }),
    enabled: subscription !== "" && location !== "" && valid,
    staleTime: 5_000,
    retry: false,
  });
}

interface Registry {
  name: string;
  properties: { loginServer: string; adminUserEnabled: boolean };
}

/** Sign-in at a registry of this cloud, by its admin user. */
export interface RegistryLogin {
  server: string;
  username: string;
  password: string;
}

/** The registry an image is to come from, with the admin user's name and password where that is on and the caller may see it. */
export function useRegistryLogin(registryId: string) {
  return useQuery({
    queryKey: keyOf(registryId, "login"),
    queryFn: async (): Promise<RegistryLogin & { name: string; admin: boolean }> => {
      const registry = await call<Registry>({ url: registryId, query: { "api-version": "2023-07-01" } });
      const { loginServer: server, adminUserEnabled: admin } = registry.properties;
      if (!admin) return { name: registry.name, server, admin, username: "", password: "" };
      const keys = await call<{ username: string; passwords: { value: string }[] }>({ method: "POST", url: `${registryId}/listCredentials`, query: { "api-version": "2023-07-01" } });
      return { name: registry.name, server, admin, username: keys.username, password: keys.passwords[0]?.value ?? "" };
    },
    enabled: registryId !== "",
    gcTime: 0,
    retry: false,
  });
}

/** Where a browser finds a port of a group: by its name on the ports that are shared, else by its address. */
export function linkTo(g: ContainerGroup, port: number): string {
  const ip = g.properties.ipAddress;
  const { domain, httpPort, resourceManager } = settings();
  const local = domain.endsWith(".localhost");
  if (ip?.fqdn && port === 443) return `https://${ip.fqdn}${new URL(resourceManager).port ? ":" + new URL(resourceManager).port : ""}/`;
  if (ip?.fqdn && port === 80 && httpPort !== "off") return `http://${ip.fqdn}${local ? httpPort : ""}/`;
  const host = local || !ip?.fqdn ? ip?.ip : ip.fqdn;
  return host ? `http://${host}${port === 80 ? "" : ":" + port}/` : "";
}
