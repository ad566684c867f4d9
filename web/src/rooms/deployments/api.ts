import { useQuery } from "@tanstack/react-query";
import type { Write } from "~/kit/write";
import { moving, type Envelope } from "~/wire/arm";
import { call, list } from "~/wire/call";
import { groupType, keyOf, parseId } from "~/wire/id";
import { complete } from "~/wire/operation";
import type { Changes, OperationView, View } from "~/wire/zz_deployment";
import type { sentOf } from "./parameters";

export const deploymentType = "Microsoft.Resources/deployments";
export const deploymentVersion = "2021-04-01";

const version = { "api-version": deploymentVersion };

/** The id of a deployment at a group or a subscription. */
export function deploymentId(scope: string, name: string): string {
  return `${scope}/providers/${deploymentType}/${name}`;
}

/** The scope of a deployment, from its id. */
export function scopeOf(id: string): string {
  return id.slice(0, id.toLowerCase().lastIndexOf("/providers/microsoft.resources/deployments/"));
}

/** The deployments of a scope. They are read again while one runs. */
export function useDeployments(scope: string) {
  return useQuery({
    queryKey: keyOf(scope, "kind", deploymentType.toLowerCase()),
    queryFn: ({ signal }) => list<View>({ url: `${scope}/providers/${deploymentType}`, query: version, signal }),
    refetchInterval: (q) => (q.state.data?.some((d) => moving(d as unknown as Envelope)) ? 1500 : false),
  });
}

/** What a deployment does with each resource, the first first. */
export function useOperations(id: string, running: boolean) {
  return useQuery({
    queryKey: keyOf(id, "operations", String(running)),
    queryFn: async ({ signal }) => (await list<OperationView>({ url: `${id}/operations`, query: version, signal })).filter((o) => o.properties.targetResource),
    refetchInterval: running ? 700 : false,
    placeholderData: (before) => before,
  });
}

/** What is sent to deploy, to validate and to ask what would change. */
export interface Asked {
  location?: string;
  properties: { mode: string; template: unknown; parameters: ReturnType<typeof sentOf> };
}

/** The first words of the commands for a deployment's scope: "az deployment group X" or "sub". */
export function command(id: string, what: string): string[] {
  const at = parseId(id)!;
  return ["az", "deployment", ...(at.group ? ["group", what, "--resource-group", at.group] : ["sub", what]), "--name", at.name];
}

/** Parameters as az takes them: each by itself, or the file where a secret is referred to. */
export function parameterWords(sent: Asked["properties"]["parameters"]): string[] {
  const all = Object.entries(sent);
  if (all.length === 0) return [];
  if (all.some(([, v]) => "reference" in v)) return ["--parameters", "@parameters.json"];
  return ["--parameters", ...all.map(([k, v]) => { const x = (v as { value: unknown }).value; return `${k}=${typeof x === "string" ? x : JSON.stringify(x)}`; })];
}

/** Deploys. secrets are the values of secure parameters. */
export function deployWrite(id: string, body: Asked, secrets: string[], title: string): Write {
  const group = parseId(id)!.group;
  return {
    call: { method: "PUT", url: id, query: version, body },
    title,
    cli: [
      ...command(id, "create"), ...(group ? [] : ["--location", body.location ?? ""]), "--template-file", "template.json", ...parameterWords(body.properties.parameters), ...(group ? ["--mode", body.properties.mode] : []),
    ],
    page: "/resource" + id, secrets, touches: [keyOf(scopeOf(id), "kind"), keyOf(scopeOf(id), "resources")],
  };
}

/** Asks whether a deployment would be taken. Throws what the API finds wrong. */
export function validate(id: string, body: Asked): Promise<unknown> {
  return complete({ method: "POST", url: id + "/validate", query: version, body });
}

/** Asks what a deployment would change. */
export async function whatIf(id: string, body: Asked): Promise<Changes> {
  const answer = await complete<{ properties?: Changes; error?: { code: string; message: string } }>({ method: "POST", url: id + "/whatIf", query: version, body });
  if (!answer.properties) throw new Error(answer.error?.message ?? "The cloud told of no changes.");
  return answer.properties;
}

/** Stops a deployment that runs. */
export function cancelWrite(id: string, title: string): Write {
  return { call: { method: "POST", url: id + "/cancel", query: version }, title, cli: command(id, "cancel"), touches: [keyOf(id)] };
}

/** Takes a deployment out of the history. */
export function removeWrite(id: string, title: string): Write {
  return { call: { method: "DELETE", url: id, query: version }, title, cli: command(id, "delete"), touches: [keyOf(scopeOf(id), "kind")] };
}

/** The template a deployment was given, or what a group holds as one. */
export function useTemplate(id: string) {
  const isGroup = parseId(id)?.type === groupType;
  return useQuery({
    queryKey: keyOf(id, "template"),
    queryFn: () => complete<{ template: unknown; error?: { message: string; details?: { code?: string; message?: string; target?: string }[] } }>({
      method: "POST", url: id + "/exportTemplate", query: version, ...(isGroup && { body: { resources: ["*"], options: "SkipAllParameterization" } }),
    }),
    staleTime: 0,
    retry: false,
  });
}

/** The run that a deployment's name stands for now, by its correlation id; "" when there is none. A new run has a new one as soon as its PUT is taken. */
export function runOf(id: string): Promise<string> {
  return call<View>({ url: id, query: version }).then((v) => v.properties.correlationId, () => "");
}
