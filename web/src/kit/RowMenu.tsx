import { Menu, MenuItem, MenuList, MenuPopover } from "@fluentui/react-components";
import type { FluentIcon } from "@fluentui/react-icons";
import { useWhyNot } from "./Can";

/** One entry of a row's menu. */
export interface MenuEntry {
  key: string;
  label: string;
  icon?: FluentIcon;
  onClick: () => void;
  /** The action it needs at a scope: without it the entry is dimmed. */
  needs?: { at: string; action: string; data?: boolean };
  /** Why the caller may not, where the page has asked another service than the control plane. */
  whyNot?: string;
  disabled?: boolean;
}

/** A menu at a place of the page. */
export function RowMenu({ at, entries, onClose }: { at: { x: number; y: number }; entries: MenuEntry[]; onClose: () => void }) {
  const target = { getBoundingClientRect: () => new DOMRect(at.x, at.y, 0, 0) };
  return (
    <Menu open onOpenChange={(_, d) => !d.open && onClose()} positioning={{ target, position: "below", align: "start" }}>
      <MenuPopover>
        <MenuList>
          {entries.map((e) => <Entry key={e.key} entry={e} onClose={onClose} />)}
        </MenuList>
      </MenuPopover>
    </Menu>
  );
}

function Entry({ entry: e, onClose }: { entry: MenuEntry; onClose: () => void }) {
  const whyNot = useWhyNot(e.needs?.at ?? "", e.needs?.action, e.needs?.data) ?? e.whyNot;
  const Icon = e.icon;
  return (
    <MenuItem icon={Icon && <Icon />} disabled={e.disabled || whyNot !== undefined} title={whyNot} onClick={() => { onClose(); e.onClick(); }}>
      {e.label}
    </MenuItem>
  );
}
