import {
  Button, DrawerBody, DrawerHeader, DrawerHeaderTitle, makeStyles, OverlayDrawer, Tab, TabList, tokens,
} from "@fluentui/react-components";
import { CodeRegular, DismissRegular } from "@fluentui/react-icons";
import { useState } from "react";
import { urlOf } from "~/wire/call";
import { parseId } from "~/wire/id";
import { Code } from "./Code";
import { useKitText } from "./text";
import { shellLines, type Write } from "./write";

const useStyles = makeStyles({
  hint: { color: tokens.colorNeutralForeground3, marginTop: "12px" },
});

/** The write as the body of an ARM template; undefined for what templates cannot say. */
export function templateOf(w: Write): object | undefined {
  const id = parseId(w.call.url.split("?")[0] ?? "");
  if (w.call.method !== "PUT" || !id || typeof w.call.body !== "object") return undefined;
  const version = w.call.query?.["api-version"] ?? "";
  const name = id.id.split("/").slice(id.group ? 7 : 5).filter((_, i) => i % 2 === 1).join("/") || id.name;
  const schema = id.group && id.namespace ? "2019-04-01/deploymentTemplate.json#" : "2018-05-01/subscriptionDeploymentTemplate.json#";
  return {
    $schema: "https://schema.management.azure.com/schemas/" + schema,
    contentVersion: "1.0.0.0",
    resources: [{ type: id.type, apiVersion: version, name, ...(w.call.body as object) }],
  };
}

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
        <Code label={text.cliTitle} text={shown[tab] ?? ""} />
        {tab === "cli" && <p className={s.hint}>{text.cliHint}</p>}
      </DrawerBody>
    </OverlayDrawer>
  );
}
