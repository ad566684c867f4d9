import { parseId } from "~/wire/id";
import type { Write } from "./write";

/** The write as the body of an ARM template; undefined for what templates cannot say. */
export function templateOf(w: Write): object | undefined {
  const id = parseId(w.call.url.split("?")[0] ?? "");
  if (w.call.method !== "PUT" || !id || typeof w.call.body !== "object") return undefined;
  const version = w.call.query?.["api-version"] ?? "";
  const below = id.id.split("/providers/").pop()?.split("/") ?? [];
  const name = id.namespace ? below.filter((_, i) => i > 0 && i % 2 === 0).join("/") : id.name;
  const type = id.namespace ? below.filter((_, i) => i === 0 || i % 2 === 1).join("/") : id.type;
  const on = id.id.split("/providers/").slice(1, -1).pop(); // what an extension such as a role assignment is laid on
  const schema = id.group && id.namespace ? "2019-04-01/deploymentTemplate.json#" : "2018-05-01/subscriptionDeploymentTemplate.json#";
  return {
    $schema: "https://schema.management.azure.com/schemas/" + schema,
    contentVersion: "1.0.0.0",
    resources: [{ type, apiVersion: version, name, ...(on && { scope: on }), ...w.call.body }],
  };
}
