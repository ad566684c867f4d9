import { hallVersion, type Envelope } from "~/wire/arm";
import { groupType, parseId, subscriptionType } from "~/wire/id";
import { kindOf } from "./room";
import type { Write } from "./write";

/** The action that deletes resources of a type; undefined for subscriptions, which nobody deletes here. */
export function deleteAction(type: string): string | undefined {
  return type === groupType ? "Microsoft.Resources/subscriptions/resourceGroups/delete" : type === subscriptionType ? undefined : type + "/delete";
}

/** The command that deletes a resource, by the group of az that knows its type. */
function command(r: Pick<Envelope, "id" | "type">): string[] {
  const id = parseId(r.id);
  const named = ["--resource-group", id?.group ?? "", "--name", id?.name ?? ""];
  const known: Record<string, string[]> = {
    "microsoft.resources/resourcegroups": ["az", "group", "delete", "--name", id?.name ?? "", "--yes"],
    "microsoft.containerregistry/registries": ["az", "acr", "delete", ...named, "--yes"],
    "microsoft.containerinstance/containergroups": ["az", "container", "delete", ...named, "--yes"],
    "microsoft.resources/deployments": ["az", "deployment", ...(id?.group ? ["group", "delete", "--resource-group", id.group] : ["sub", "delete"]), "--name", id?.name ?? ""],
    "microsoft.keyvault/vaults": ["az", "keyvault", "delete", ...named],
    "microsoft.managedidentity/userassignedidentities": ["az", "identity", "delete", ...named],
  };
  return known[r.type.toLowerCase()] ?? ["az", "resource", "delete", "--ids", r.id];
}

/** Deletes a resource or a group. */
export function deleteWrite(resource: Pick<Envelope, "id" | "type">, title: string): Write {
  const version = resource.type === groupType ? hallVersion : (kindOf(resource.type)?.apiVersion ?? "2024-01-01");
  return { call: { method: "DELETE", url: resource.id, query: { "api-version": version } }, title, cli: command(resource) };
}
