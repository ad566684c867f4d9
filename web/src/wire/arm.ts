import { useQuery, type UseQueryResult } from "@tanstack/react-query";
import { call, list } from "./call";
import { keyOf } from "./id";

/** A resource as the control plane shows it. */
export interface Envelope<P = Record<string, unknown>> {
  id: string;
  name: string;
  type: string;
  location?: string;
  tags?: Record<string, string>;
  kind?: string;
  sku?: { name: string; tier?: string };
  identity?: { type: string; principalId?: string; userAssignedIdentities?: Record<string, unknown> };
  systemData?: { createdAt?: string; createdBy?: string; lastModifiedAt?: string; lastModifiedBy?: string };
  properties: P;
}

/** A subscription. */
export interface Subscription {
  id: string;
  subscriptionId: string;
  displayName: string;
  state: string;
  tenantId: string;
}

/** A region. */
export interface Region {
  name: string;
  displayName: string;
}

const resourcesVersion = "2021-04-01";

/** The version of calls to the hall itself. */
export const hallVersion = resourcesVersion;

/** One resource, read again every few seconds while its state is moving. */
export function useResource<P = Record<string, unknown>>(id: string, apiVersion: string, enabled = true): UseQueryResult<Envelope<P>> {
  return useQuery({
    queryKey: keyOf(id),
    queryFn: ({ signal }) => call<Envelope<P>>({ url: id, query: { "api-version": apiVersion }, signal }),
    enabled,
    refetchInterval: (q) => (moving(q.state.data as Envelope | undefined) ? 1500 : false),
  });
}

const settled = ["succeeded", "failed", "canceled", ""];

/** Whether a resource is being made, changed or deleted. */
export function moving(r: Envelope | undefined): boolean {
  const state = (r?.properties as { provisioningState?: string } | undefined)?.provisioningState ?? "";
  return r !== undefined && !settled.includes(state.toLowerCase());
}

/** The subscriptions the user sees. */
export function useSubscriptions(): UseQueryResult<Subscription[]> {
  return useQuery({
    queryKey: ["arm", "subscriptions"],
    queryFn: ({ signal }) => list<Subscription>({ url: "/subscriptions", query: { "api-version": "2022-12-01" }, signal }),
    staleTime: 60_000,
  });
}

/** The subscription whose resources are listed: the first that the user sees. */
export function useSubscription() {
  const all = useSubscriptions();
  return { subscription: all.data?.[0], none: all.data?.length === 0, error: all.error, refetch: all.refetch };
}

/** What a table shows of a list in that subscription: nothing for who sees none, and when the subscriptions cannot be read the list cannot either. */
export function shownIn<T>(home: ReturnType<typeof useSubscription>, rows: UseQueryResult<T[]>) {
  return { rows: home.none ? [] : rows.data, error: home.error ?? rows.error, onRetry: () => void (home.error ? home.refetch() : rows.refetch()) };
}

/** The regions of a subscription. */
export function useRegions(subscription: string): UseQueryResult<Region[]> {
  return useQuery({
    queryKey: keyOf("/subscriptions/" + subscription, "locations"),
    queryFn: ({ signal }) => list<Region>({ url: `/subscriptions/${subscription}/locations`, query: { "api-version": "2022-12-01" }, signal }),
    staleTime: Infinity,
    enabled: subscription !== "",
  });
}

/** The resource groups of a subscription. */
export function useGroups(subscription: string): UseQueryResult<Envelope[]> {
  return useQuery({
    queryKey: keyOf("/subscriptions/" + subscription, "groups"),
    queryFn: ({ signal }) => list<Envelope>({ url: `/subscriptions/${subscription}/resourceGroups`, query: { "api-version": resourcesVersion }, signal }),
    enabled: subscription !== "",
  });
}

/** The resources of a subscription or group, of one type if it is given. */
export function useResources(scope: string, type = ""): UseQueryResult<Envelope[]> {
  return useQuery({
    queryKey: keyOf(scope, "resources", type.toLowerCase()),
    queryFn: ({ signal }) =>
      list<Envelope>({
        url: scope + "/resources",
        query: { "api-version": resourcesVersion, $filter: type ? `resourceType eq '${type}'` : undefined, $expand: "createdTime,provisioningState" },
        signal,
      }),
    enabled: scope !== "",
  });
}

/** The resources of a type with their properties: the provider's own list. */
export function useKind<P = Record<string, unknown>>(scope: string, type: string, apiVersion: string, enabled = true): UseQueryResult<Envelope<P>[]> {
  return useQuery({
    queryKey: keyOf(scope, "kind", type.toLowerCase()),
    queryFn: ({ signal }) => list<Envelope<P>>({ url: `${scope}/providers/${type}`, query: { "api-version": apiVersion }, signal }),
    enabled: enabled && scope !== "",
  });
}
