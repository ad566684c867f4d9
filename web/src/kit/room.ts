import type { FluentIcon } from "@fluentui/react-icons";
import type { ComponentType } from "react";
import type { ResourceId } from "~/wire/id";
import type { Envelope } from "~/wire/arm";
import type { Local } from "./words";

/** A component that is loaded when it is first shown. */
export type Load<P = object> = () => Promise<{ default: ComponentType<P> }>;

/** What a blade of a resource is given. */
export interface BladeProps {
  id: ResourceId;
  /** The resource as the control plane shows it; read again after every write. */
  resource: Envelope;
}

/** One entry of a resource's menu, and its page at {id}/{key}. */
export interface Blade {
  /** The last segment of the URL; "" is the overview. */
  key: string;
  label: Local;
  icon: FluentIcon;
  /** A heading of the menu; blades without one come first. */
  section?: Local;
  /** The action without which the blade shows nothing: its entry is dimmed then. */
  needs?: string;
  load: Load<BladeProps>;
}

/** A type of resources. */
export interface ResourceKind {
  type: string;
  apiVersion: string;
  one: Local;
  many: Local;
  icon: FluentIcon;
  /** The colour of the icon, as the service is known by. */
  color: string;
  blades: Blade[];
  /** The page at /create/{type}; without it the type cannot be made by hand. */
  create?: Load;
  /** Its row on the page "Create a resource". */
  blurb?: Local;
  /** What deleting it means, where that is not the end of it and of everything in it. */
  deleted?: Local;
  /** Further columns of its list. */
  columns?: { key: string; label: Local; text: (r: Envelope) => string }[];
}

/** A page that is no resource, at its own path. */
export interface Place {
  path: string;
  load: Load;
  /** Its entry in the portal's menu, if it has one. */
  nav?: { label: Local; icon: FluentIcon; order: number };
}

/** What the dock at the bottom of every page is given. */
export interface DockProps {
  /** It is put away for now, and goes on. */
  hidden: boolean;
  onHide: () => void;
  onClose: () => void;
}

/** What a room puts at the bottom of every page, and the button in the bar that opens it. */
export interface Dock {
  label: Local;
  icon: FluentIcon;
  load: Load<DockProps>;
}

/** What a room adds to the portal. src/rooms/{room}/room.ts exports it as default; the shell finds it by its path. */
export interface Room {
  kinds?: ResourceKind[];
  places?: Place[];
  /** There is one dock; the first room that has it. */
  dock?: Dock;
  /** Blades of resources of every type the predicate admits. They follow the type's own. */
  everywhere?: { fits: (type: string) => boolean; blade: Blade }[];
}

/** Keeps a manifest typed: export default room({...}). */
export function room(r: Room): Room {
  return r;
}

const found = import.meta.glob<{ default: Room }>("../rooms/*/room.ts", { eager: true });

/** All rooms, in the order of their folders. */
export const rooms: Room[] = Object.keys(found).sort().map((path) => found[path]!.default);

/** The kind of a type, in any case. */
export function kindOf(type: string): ResourceKind | undefined {
  const folded = type.toLowerCase();
  return rooms.flatMap((r) => r.kinds ?? []).find((k) => k.type.toLowerCase() === folded);
}

/** All kinds that have a name. */
export function kinds(): ResourceKind[] {
  return rooms.flatMap((r) => r.kinds ?? []);
}

/** The blades of a type: the overview, the type's own, and those of all types. */
export function bladesOf(type: string): Blade[] {
  const all = [...(kindOf(type)?.blades ?? []), ...rooms.flatMap((r) => r.everywhere ?? []).filter((e) => e.fits(type)).map((e) => e.blade)];
  return all.sort((a, b) => Number(b.key === "") - Number(a.key === ""));
}
