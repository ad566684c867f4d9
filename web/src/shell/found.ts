import { BoxRegular, DocumentRegular, FolderRegular, type FluentIcon } from "@fluentui/react-icons";
import { kindOf, kinds, rooms } from "~/kit/room";
import type { Local } from "~/kit/words";
import { useGroups, useResources, useSubscriptions } from "~/wire/arm";
import { pageOf } from "~/wire/id";

/** Something the search has found. */
export interface Hit {
  label: string;
  detail: string;
  to: string;
  icon: FluentIcon;
  color?: string;
}

const most = 12;

/** What fits the words: services and pages, then groups and resources of the first subscription. */
export function useFound(query: string, enabled: boolean, local: (t: Local) => string): Hit[] {
  const sub = useSubscriptions().data?.[0]?.id ?? "";
  const groups = useGroups(enabled ? sub.split("/")[2] ?? "" : "").data ?? [];
  const resources = useResources(enabled ? sub : "").data ?? [];
  const words = query.toLowerCase().split(/\s+/).filter(Boolean);
  const fits = (...texts: string[]) => words.every((w) => texts.join("\n").toLowerCase().includes(w));
  const hits: Hit[] = [];
  for (const k of kinds()) {
    if (fits(k.many.en, k.many.ko, k.type)) hits.push({ label: local(k.many), detail: "", to: "/browse/" + k.type, icon: k.icon, color: k.color });
  }
  for (const p of rooms.flatMap((r) => r.places ?? [])) {
    if (p.nav && fits(p.nav.label.en, p.nav.label.ko)) hits.push({ label: local(p.nav.label), detail: "", to: p.path, icon: p.nav.icon ?? DocumentRegular });
  }
  if (words.length > 0) {
    for (const g of groups) if (fits(g.name)) hits.push({ label: g.name, detail: local(kindOf(g.type)?.one ?? { en: g.type, ko: g.type }), to: pageOf(g.id), icon: FolderRegular });
    for (const r of resources) {
      const k = kindOf(r.type);
      if (fits(r.name)) hits.push({ label: r.name, detail: k ? local(k.one) : r.type, to: pageOf(r.id), icon: k?.icon ?? BoxRegular, color: k?.color });
    }
  }
  return hits.slice(0, most);
}
