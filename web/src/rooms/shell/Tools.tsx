import { Button, makeStyles, Menu, MenuItemRadio, MenuList, MenuPopover, MenuTrigger, Spinner, Text, tokens, Tooltip } from "@fluentui/react-components";
import { ArrowClockwiseRegular, ChevronDownRegular, DismissRegular, FullScreenMaximizeRegular, FullScreenMinimizeRegular, TextFontSizeRegular } from "@fluentui/react-icons";
import type { ReactElement, Ref } from "react";
import type { FontSize } from "./api";
import type { State } from "./session";
import { useConsoleText } from "./text";

const useStyles = makeStyles({
  bar: { display: "flex", alignItems: "center", gap: "4px", padding: "2px 8px 2px 12px", flexShrink: 0, borderBottom: `1px solid ${tokens.colorNeutralStroke2}` },
  state: { display: "flex", alignItems: "center", gap: "8px", color: tokens.colorNeutralForeground2, minWidth: 0 },
  keys: { marginLeft: "auto", color: tokens.colorNeutralForeground3, whiteSpace: "nowrap", "@media (max-width: 900px)": { display: "none" } },
});

interface Props {
  ref: Ref<HTMLDivElement>;
  state: State;
  font: FontSize;
  whole: boolean;
  onFont: (f: FontSize) => void;
  onRestart: () => void;
  onWhole: () => void;
  onHide: () => void;
  onClose: () => void;
}

function Tool({ label, icon, onClick }: { label: string; icon: ReactElement; onClick: () => void }) {
  return <Tooltip content={label} relationship="label"><Button size="small" appearance="subtle" icon={icon} onClick={onClick} /></Tooltip>;
}

/** What is done with the shell, and how it is. */
export function Tools({ ref, state, font, whole, onFont, onRestart, onWhole, onHide, onClose }: Props) {
  const s = useStyles();
  const text = useConsoleText();
  const busy = state.is === "requesting" || state.is === "connecting";
  const word = state.is === "failed" ? text.failed : text[state.is];
  return (
    <div ref={ref} className={s.bar}>
      <Text weight="semibold">{text.title}</Text>
      <Tool label={text.restart} icon={<ArrowClockwiseRegular />} onClick={onRestart} />
      <Menu checkedValues={{ font: [font] }} onCheckedValueChange={(_, d) => onFont(d.checkedItems[0] as FontSize)}>
        <MenuTrigger disableButtonEnhancement>
          <Tooltip content={text.font} relationship="label"><Button size="small" appearance="subtle" icon={<TextFontSizeRegular />} /></Tooltip>
        </MenuTrigger>
        <MenuPopover>
          <MenuList>
            <MenuItemRadio name="font" value="Small">{text.small}</MenuItemRadio>
            <MenuItemRadio name="font" value="Medium">{text.medium}</MenuItemRadio>
            <MenuItemRadio name="font" value="Large">{text.large}</MenuItemRadio>
          </MenuList>
        </MenuPopover>
      </Menu>
      <div className={s.state} role="status" aria-live="polite">{busy && <Spinner size="extra-tiny" aria-hidden />}<Text size={200}>{word}</Text></div>
      <Text size={200} className={s.keys}>{text.keys}</Text>
      <Tool label={whole ? text.restore : text.maximise} icon={whole ? <FullScreenMinimizeRegular /> : <FullScreenMaximizeRegular />} onClick={onWhole} />
      <Tool label={text.minimise} icon={<ChevronDownRegular />} onClick={onHide} />
      <Tool label={text.close} icon={<DismissRegular />} onClick={onClose} />
    </div>
  );
}
