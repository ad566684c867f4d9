import { useQuery } from "@tanstack/react-query";
import { call } from "~/wire/call";
import { keyOf, parseId } from "~/wire/id";
import { complete } from "~/wire/operation";
import type { View } from "~/wire/zz_deployment";
import { deploymentType, deploymentVersion } from "./api";
import type { Draft } from "./form";
import { isObject } from "./jsonc";

const version = { "api-version": deploymentVersion };

/** The form's address for what a deployment was given. */
export function againPage(id: string): string {
  return `/create/${deploymentType}?from=${encodeURIComponent(id)}`;
}

/** What a deployment was given, as the form takes it: template and parameters as texts, where, and how. Values of secure parameters are not kept by the cloud, so they are not in it. */
export function draftOf(deployment: View, template: unknown): Pick<Draft, "template" | "file" | "mode" | "subscription" | "group" | "location"> {
  const at = parseId(deployment.id);
  const given = Object.entries(isObject(deployment.properties.parameters) ? deployment.properties.parameters : {}).flatMap(([name, p]): [string, object][] => {
    if (!isObject(p)) return [];
    return "value" in p ? [[name, { value: p["value"] }]] : isObject(p["reference"]) ? [[name, { reference: p["reference"] }]] : [];
  });
  return {
    template: JSON.stringify(template, null, 2), file: given.length === 0 ? "" : JSON.stringify({ parameters: Object.fromEntries(given) }, null, 2), mode: deployment.properties.mode === "Complete" ? "Complete" : "Incremental",
    subscription: at?.subscription ?? "", group: at?.group ?? "", location: deployment.location ?? "",
  };
}

/** Reads what a deployment was given; with id "" nothing. */
export function useAgain(id: string) {
  return useQuery({
    queryKey: keyOf(id, "again"),
    queryFn: async ({ signal }) => {
      const [deployment, exported] = await Promise.all([
        call<View>({ url: id, query: version, signal }), complete<{ template: unknown }>({ method: "POST", url: id + "/exportTemplate", query: version }),
      ]);
      return { name: deployment.name, draft: draftOf(deployment, exported.template) };
    },
    enabled: id !== "",
    staleTime: Infinity,
    gcTime: 0,
    retry: false,
  });
}
