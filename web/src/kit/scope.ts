import { useSearchParams } from "react-router";
import { hallVersion, useGroups, useRegions, useSubscriptions } from "~/wire/arm";
import type { Write } from "./write";

/** Where a new resource goes. */
export interface Scope {
  subscription: string;
  /** An existing group, or "" for a new one. */
  group: string;
  newGroup: string;
  location: string;
}

/** The scope a form begins with: what the page's URL names (?group=), else nothing chosen. */
export function useFirstScope(): Scope {
  const [query] = useSearchParams();
  return { subscription: query.get("subscription") ?? "", group: query.get("group") ?? "", newGroup: "", location: query.get("location") ?? "" };
}

/** The scope with what can only be one thing filled in: the only subscription, the first region. */
export function useScope(s: Scope) {
  const all = useSubscriptions();
  const subscriptions = all.data ?? [];
  const subscription = s.subscription || (subscriptions[0]?.subscriptionId ?? "");
  const groups = useGroups(subscription).data;
  const regions = useRegions(subscription).data ?? [];
  const inGroup = groups?.find((g) => g.name.toLowerCase() === s.group.toLowerCase());
  const location = s.location || inGroup?.location || (regions[0]?.name ?? "");
  // Where the API is asked whether the caller may: the group, or the subscription for one that is yet to be made.
  const asked = subscription && `/subscriptions/${subscription}${s.group && !s.newGroup ? `/resourceGroups/${s.group}` : ""}`;
  return { subscription, subscriptions, none: all.data?.length === 0, error: all.error, retry: () => void all.refetch(), groups, regions, location, group: s.newGroup || s.group, asked };
}

/** The rule for names of resource groups; undefined when the name is good. */
export function groupNameOk(name: string): boolean {
  return /^[-\w._()]{1,90}$/.test(name) && !name.endsWith(".");
}

/** The write that makes a resource group. */
export function groupWrite(title: string, subscription: string, name: string, location: string, tags?: Record<string, string>): Write {
  const id = `/subscriptions/${subscription}/resourceGroups/${name}`;
  const tagWords = Object.entries(tags ?? {}).map(([k, v]) => `${k}=${v}`);
  return {
    call: { method: "PUT", url: id, query: { "api-version": hallVersion }, body: { location, ...(tagWords.length > 0 && { tags }) } },
    title,
    cli: ["az", "group", "create", "--name", name, "--location", location, ...(tagWords.length > 0 ? ["--tags", ...tagWords] : [])],
    page: "/resource" + id,
  };
}
