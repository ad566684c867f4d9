import { BoxRegular } from "@fluentui/react-icons";
import { Component, lazy, Suspense, useEffect, useMemo, type ComponentType, type ReactNode } from "react";
import { useLocation } from "react-router";
import { bladesOf, kindOf, type Blade, type BladeProps } from "~/kit/room";
import { remember } from "~/kit/recent";
import { Failure, Loading } from "~/kit/states";
import { Page, type Crumb } from "~/kit/Page";
import { useLocal } from "~/kit/words";
import { hallVersion, useResource, useSubscriptions, type Envelope } from "~/wire/arm";
import { groupType, pageOf, parseId, parsePath, subscriptionType, type ResourceId } from "~/wire/id";
import { NotFound } from "./NotFound";
import { ResourceMenu } from "./ResourceMenu";
import { useShellText } from "./text";

/** The page of a resource: its type's menu, and the blade the URL names. */
export function ResourcePage() {
  const path = useLocation().pathname.replace(/^\/resource/, "");
  const found = useMemo(() => parsePath(path), [path]);
  if (!found) return <NotFound />;
  return <Found key={found.id.id.toLowerCase()} id={found.id} blade={found.rest.join("/")} />;
}

const loaded = new WeakMap<Blade, ComponentType<BladeProps>>();

function componentOf(b: Blade): ComponentType<BladeProps> {
  let c = loaded.get(b);
  if (!c) loaded.set(b, (c = lazy(b.load)));
  return c;
}

function Found({ id, blade }: { id: ResourceId; blade: string }) {
  const local = useLocal();
  const kind = kindOf(id.type);
  const version = kind?.apiVersion ?? (id.namespace ? "2024-01-01" : hallVersion);
  const resource = useResource(id.id, version);
  const title = useTitle(id, resource.data);
  const blades = bladesOf(id.type);
  const shown = blades.find((b) => b.key.toLowerCase() === blade.toLowerCase());
  const crumbs = useCrumbs(id);
  useEffect(() => {
    if (resource.data && id.namespace) remember(id.id);
  }, [resource.data, id]);
  if (!shown) return <NotFound />;
  const Body = componentOf(shown);
  return (
    <Page
      title={shown.key ? `${title} | ${local(shown.label)}` : title} subtitle={kind ? local(kind.one) : id.type} icon={kind?.icon ?? BoxRegular} color={kind?.color} crumbs={crumbs} bare
      menu={<ResourceMenu id={id.id} blades={blades} />}
    >
      {resource.error && !resource.data ? <Failure error={resource.error} onRetry={() => void resource.refetch()} /> : !resource.data ? <Loading /> : (
        <Boundary key={shown.key}><Suspense fallback={<Loading />}><Body id={id} resource={resource.data} /></Suspense></Boundary>
      )}
    </Page>
  );
}

function useTitle(id: ResourceId, r: Envelope | undefined): string {
  const subscription = useSubscriptions().data?.find((s) => s.subscriptionId.toLowerCase() === id.name.toLowerCase());
  return id.type === subscriptionType ? (subscription?.displayName ?? id.name) : (r?.name ?? id.name);
}

function useCrumbs(id: ResourceId): Crumb[] {
  const text = useShellText();
  const local = useLocal();
  const crumbs: Crumb[] = [{ label: text.home, to: "/" }];
  const parent = parseId(id.parent);
  if (id.type === groupType || id.type === subscriptionType) {
    const k = kindOf(id.type);
    if (k) crumbs.push({ label: local(k.many), to: "/browse/" + id.type });
  } else if (parent?.namespace) {
    crumbs.push({ label: parent.name, to: pageOf(parent.id) });
  } else if (parent) {
    crumbs.push({ label: parent.name, to: pageOf(parent.id) });
  }
  return crumbs;
}

/** Keeps a fault of one blade from taking the portal with it. */
class Boundary extends Component<{ children: ReactNode }, { error?: unknown }> {
  override state: { error?: unknown } = {};
  static getDerivedStateFromError(error: unknown) {
    return { error };
  }
  override render() {
    return this.state.error ? <Failure error={this.state.error} onRetry={() => this.setState({ error: undefined })} /> : this.props.children;
  }
}
