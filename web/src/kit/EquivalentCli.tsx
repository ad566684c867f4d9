import {
  Button, DrawerBody, DrawerHeader, DrawerHeaderTitle, makeStyles, OverlayDrawer, Switch, Tab, TabList, tokens,
} from "@fluentui/react-components";
import { CodeRegular, DismissRegular } from "@fluentui/react-icons";
import { useState } from "react";
import { urlOf } from "~/wire/call";
import { Code } from "./Code";
import { templateOf } from "./template";
import { useKitText } from "./text";
import { masked, shellLines, type Write } from "./write";

const useStyles = makeStyles({
  hint: { color: tokens.colorNeutralForeground3, marginTop: "12px" },
});

/** A button that shows the az command, the request and the template that do the same as a write. */
export function EquivalentCli({ write, appearance = "subtle" }: { write: Write | undefined; appearance?: "subtle" | "secondary" }) {
  const [open, setOpen] = useState(false);
  const text = useKitText();
  return (
    <>
      <Button type="button" appearance={appearance} icon={<CodeRegular />} disabled={!write} onClick={() => setOpen(true)}>{text.cli}</Button>
      {write && open && <CliDrawer write={write} onClose={() => setOpen(false)} />}
    </>
  );
}

/** The drawer of EquivalentCli. */
export function CliDrawer({ write, onClose }: { write: Write; onClose: () => void }) {
  const s = useStyles();
  const text = useKitText();
  const [tab, setTab] = useState("cli");
  const [bare, setBare] = useState(false);
  const secrets = (write.secrets ?? []).filter(Boolean);
  const { method, body } = write.call;
  const template = templateOf(write);
  const shown: Record<string, string> = {
    cli: shellLines(write.cli),
    request: `${method} ${urlOf(write.call)}` + (body === undefined ? "" : "\n\n" + JSON.stringify(body, null, 2)),
    template: template ? JSON.stringify(template, null, 2) : "",
  };
  return (
    <OverlayDrawer open position="end" size="medium" onOpenChange={(_, d) => !d.open && onClose()}>
      <DrawerHeader>
        <DrawerHeaderTitle action={<Button appearance="subtle" aria-label={text.close} icon={<DismissRegular />} onClick={onClose} />}>
          {text.cliTitle}
        </DrawerHeaderTitle>
      </DrawerHeader>
      <DrawerBody>
        <TabList selectedValue={tab} onTabSelect={(_, d) => setTab(String(d.value))}>
          <Tab value="cli">{text.azureCli}</Tab>
          <Tab value="request">{text.request}</Tab>
          {template && <Tab value="template">{text.template}</Tab>}
        </TabList>
        <Code label={text.cliTitle} text={bare ? (shown[tab] ?? "") : masked(shown[tab] ?? "", secrets)} />
        {secrets.length > 0 && <Switch label={text.showSecrets} checked={bare} onChange={(_, d) => setBare(d.checked)} />}
        {tab === "cli" && <p className={s.hint}>{text.cliHint}</p>}
      </DrawerBody>
    </OverlayDrawer>
  );
}
