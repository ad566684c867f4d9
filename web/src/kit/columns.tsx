import type { Envelope } from "~/wire/arm";
import { pageOf, parseId } from "~/wire/id";
import { Go } from "./Essentials";
import { ResourceName } from "./ResourceName";
import { kindOf } from "./room";
import type { Column } from "./sorted";
import { StatusDot } from "./StatusDot";
import { useKitText } from "./text";
import { useLocal } from "./words";

/** The columns that every list of resources shares: name, type, group, location, state. */
export function useResourceColumns(): Record<"name" | "type" | "group" | "location" | "state", Column<Envelope>> {
  const text = useKitText();
  const local = useLocal();
  const group = (r: Envelope) => parseId(r.id)?.group ?? "";
  const state = (r: Envelope) => String(r.properties?.["provisioningState"] ?? (r as unknown as Record<string, unknown>)["provisioningState"] ?? "");
  const type = (r: Envelope) => { const k = kindOf(r.type); return k ? local(k.one) : r.type; };
  return {
    name: { key: "name", label: text.name, text: (r) => r.name, render: (r) => <ResourceName id={r.id} label={r.name} />, width: "minmax(220px, 2fr)" },
    type: { key: "type", label: text.type, text: type, width: "minmax(170px, 1.2fr)" },
    group: {
      key: "group", label: text.group, text: group, width: "minmax(150px, 1.2fr)",
      render: (r) => <Go to={pageOf(r.id.split("/").slice(0, 5).join("/"))}>{group(r)}</Go>,
    },
    location: { key: "location", label: text.location, text: (r) => r.location ?? "", width: "minmax(110px, 1fr)" },
    state: { key: "state", label: text.status, text: state, render: (r) => <StatusDot state={state(r)} />, width: "minmax(130px, 1fr)" },
  };
}
