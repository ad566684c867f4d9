import {
  makeStyles, Menu, MenuItem, MenuList, MenuPopover, MenuTrigger, Overflow, OverflowItem, tokens, Toolbar, ToolbarButton, useIsOverflowItemVisible, useOverflowMenu,
} from "@fluentui/react-components";
import { MoreHorizontalRegular, type FluentIcon } from "@fluentui/react-icons";
import { Because, useWhyNot } from "./Can";
import { useKitText } from "./text";

/** A button of a command bar. */
export interface Command {
  key: string;
  label: string;
  icon: FluentIcon;
  onClick: () => void;
  /** The action it needs at a scope: without it the button is dimmed and says why. */
  needs?: { at: string; action: string; data?: boolean };
  /** Why the caller may not, where the page has asked another service than the control plane. */
  whyNot?: string;
  disabled?: boolean;
}

const useStyles = makeStyles({
  bar: { padding: "4px 14px", borderBottom: `1px solid ${tokens.colorNeutralStroke2}`, flexWrap: "nowrap", overflow: "hidden", minHeight: "40px", boxSizing: "border-box", flexShrink: 0 },
  button: { fontWeight: tokens.fontWeightRegular, whiteSpace: "nowrap", flexShrink: 0, paddingLeft: "8px", paddingRight: "8px" },
  icon: { color: tokens.colorBrandForeground1 },
});

/** The commands above a page's content; those that do not fit are behind "...". */
export function CommandBar({ commands }: { commands: Command[] }) {
  const s = useStyles();
  return (
    <Overflow>
      <Toolbar className={s.bar} size="small">
        {commands.map((c, i) => (
          <OverflowItem key={c.key} id={c.key} priority={commands.length - i}>
            <div><One command={c} /></div>
          </OverflowItem>
        ))}
        <Rest commands={commands} />
      </Toolbar>
    </Overflow>
  );
}

function One({ command: c }: { command: Command }) {
  const s = useStyles();
  const whyNot = useWhyNot(c.needs?.at ?? "", c.needs?.action, c.needs?.data) ?? c.whyNot;
  const off = c.disabled === true || whyNot !== undefined;
  return (
    <Because reason={whyNot}>
      <ToolbarButton className={s.button} icon={<c.icon className={off ? undefined : s.icon} />} disabled={c.disabled} disabledFocusable={whyNot !== undefined} onClick={c.onClick}>
        {c.label}
      </ToolbarButton>
    </Because>
  );
}

function Rest({ commands }: { commands: Command[] }) {
  const text = useKitText();
  const { ref, isOverflowing } = useOverflowMenu<HTMLButtonElement>();
  if (!isOverflowing) return null;
  return (
    <Menu>
      <MenuTrigger disableButtonEnhancement>
        <ToolbarButton ref={ref} icon={<MoreHorizontalRegular />} aria-label={text.more} />
      </MenuTrigger>
      <MenuPopover>
        <MenuList>{commands.map((c) => <RestItem key={c.key} command={c} />)}</MenuList>
      </MenuPopover>
    </Menu>
  );
}

function RestItem({ command: c }: { command: Command }) {
  const visible = useIsOverflowItemVisible(c.key);
  const whyNot = useWhyNot(c.needs?.at ?? "", c.needs?.action, c.needs?.data) ?? c.whyNot;
  if (visible) return null;
  return <MenuItem icon={<c.icon />} disabled={c.disabled || whyNot !== undefined} onClick={c.onClick}>{c.label}</MenuItem>;
}
