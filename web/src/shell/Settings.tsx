import { Button, Menu, MenuDivider, MenuGroup, MenuGroupHeader, MenuItemRadio, MenuList, MenuPopover, MenuTrigger, Tooltip } from "@fluentui/react-components";
import { SettingsRegular } from "@fluentui/react-icons";
import { useContext } from "react";
import { useLook, type Look } from "~/kit/theme";
import { LangContext, type Lang } from "~/kit/words";
import { useBarButton } from "./TopBar";
import { useShellText } from "./text";

/** Language and look. */
export function Settings() {
  const b = useBarButton();
  const text = useShellText();
  const { lang, setLang } = useContext(LangContext);
  const { look, setLook } = useLook();
  return (
    <Menu
      checkedValues={{ lang: [lang], look: [look] }}
      onCheckedValueChange={(_, d) => (d.name === "lang" ? setLang(d.checkedItems[0] as Lang) : setLook(d.checkedItems[0] as Look))}
    >
      <MenuTrigger disableButtonEnhancement>
        <Tooltip content={text.settings} relationship="label"><Button className={b.button} appearance="transparent" icon={<SettingsRegular />} /></Tooltip>
      </MenuTrigger>
      <MenuPopover>
        <MenuList>
          <MenuGroup>
            <MenuGroupHeader>{text.language}</MenuGroupHeader>
            <MenuItemRadio name="lang" value="en" lang="en">English</MenuItemRadio>
            <MenuItemRadio name="lang" value="ko" lang="ko">한국어</MenuItemRadio>
          </MenuGroup>
          <MenuDivider />
          <MenuGroup>
            <MenuGroupHeader>{text.theme}</MenuGroupHeader>
            <MenuItemRadio name="look" value="light">{text.light}</MenuItemRadio>
            <MenuItemRadio name="look" value="dark">{text.dark}</MenuItemRadio>
            <MenuItemRadio name="look" value="system">{text.system}</MenuItemRadio>
          </MenuGroup>
        </MenuList>
      </MenuPopover>
    </Menu>
  );
}
