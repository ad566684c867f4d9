import { makeStyles, ProgressBar, Text, tokens } from "@fluentui/react-components";
import { ArrowClockwiseRegular, DatabaseRegular, DeleteRegular } from "@fluentui/react-icons";
import { useState } from "react";
import { useNavigate } from "react-router";
import { Code } from "~/kit/Code";
import { Heading } from "~/kit/Heading";
import { useCommonFacts } from "~/kit/facts";
import { DeleteResource } from "~/kit/DeleteResource";
import { Essentials } from "~/kit/Essentials";
import { Body } from "~/kit/Page";
import type { BladeProps } from "~/kit/room";
import { Failure } from "~/kit/states";
import { StatusDot } from "~/kit/StatusDot";
import { useKitText } from "~/kit/text";
import { bytes, useTime } from "~/kit/words";
import { pageOf } from "~/wire/id";
import { registryType, useUsage, type Registry } from "./api";
import { useRegistryText } from "./text";

const useStyles = makeStyles({
  usage: { maxWidth: "420px", margin: "8px 0 28px" },
  bar: { marginTop: "8px" },
  hint: { display: "block", margin: "4px 0 0", color: tokens.colorNeutralForeground3 },
});

/** A registry: its facts, what it holds, and how to push to it. */
export default function Overview({ id, resource }: BladeProps) {
  const s = useStyles();
  const text = useRegistryText();
  const kit = useKitText();
  const time = useTime();
  const navigate = useNavigate();
  const [deleting, setDeleting] = useState(false);
  const registry = resource as unknown as Registry;
  const server = registry.properties.loginServer;
  const usage = useUsage(id.id);
  const size = usage.data?.find((u) => u.name === "Size");
  const common = useCommonFacts(id, resource);
  return (
    <Body commands={[
      { key: "repositories", label: text.repositories, icon: DatabaseRegular, onClick: () => void navigate(pageOf(id.id, "repositories")) },
      { key: "delete", label: kit.remove, icon: DeleteRegular, onClick: () => setDeleting(true), needs: { at: id.id, action: registryType + "/delete" } },
      { key: "refresh", label: kit.refresh, icon: ArrowClockwiseRegular, onClick: () => void usage.refetch() },
    ]}>
      <Essentials facts={[
        ...common,
        { label: text.loginServer, value: server, copy: server },
        { label: text.created, value: time(registry.properties.creationDate) },
        { label: text.sku, value: registry.sku?.name },
        { label: kit.status, value: <StatusDot state={registry.properties.provisioningState} /> },
      ]} />
      <Heading>{text.usage}</Heading>
      {usage.error && <Failure error={usage.error} onRetry={() => void usage.refetch()} />}
      {size && (
        <div className={s.usage}>
          <Text>{text.usageOf(bytes(size.currentValue), bytes(size.limit))}</Text>
          <ProgressBar className={s.bar} value={size.limit ? size.currentValue / size.limit : 0} thickness="large" aria-label={text.usage} />
        </div>
      )}
      <Heading>{text.quick}</Heading>
      <Text className={s.hint}>{text.quickHint}</Text>
      <Code label={text.quick} text={`az acr login --name ${registry.name}\nlazuli push bin/aci-helloworld ${server}/aci-helloworld:v1 --port 80`} />
      {deleting && <DeleteResource resource={resource} onClose={() => setDeleting(false)} onGone={() => void navigate("/browse/" + registryType)} />}
    </Body>
  );
}
