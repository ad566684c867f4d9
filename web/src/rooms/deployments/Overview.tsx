import { MessageBar, MessageBarBody, MessageBarTitle, ProgressBar, Text } from "@fluentui/react-components";
import { ArrowClockwiseRegular, ArrowRepeatAllRegular, DeleteRegular, DismissCircleRegular } from "@fluentui/react-icons";
import { useState } from "react";
import { useNavigate } from "react-router";
import { Confirm } from "~/kit/Confirm";
import { Essentials, Go } from "~/kit/Essentials";
import { Heading } from "~/kit/Heading";
import { Body } from "~/kit/Page";
import { ResourceName } from "~/kit/ResourceName";
import type { BladeProps } from "~/kit/room";
import { Empty } from "~/kit/states";
import { StatusDot } from "~/kit/StatusDot";
import { Table } from "~/kit/Table";
import { useKitText } from "~/kit/text";
import { useTime } from "~/kit/words";
import { useWrite } from "~/kit/write";
import { moving } from "~/wire/arm";
import { pageOf } from "~/wire/id";
import type { OperationView, View } from "~/wire/zz_deployment";
import { againPage } from "./again";
import { cancelWrite, deploymentType, removeWrite, scopeOf, useOperations } from "./api";
import { seconds } from "./changes";
import { useDeploymentText } from "./text";
import { Outputs } from "./Outputs";

/** One deployment: how far it is with each resource, what went wrong, and its outputs. */
export default function Overview({ id, resource }: BladeProps) {
  const text = useDeploymentText();
  const kit = useKitText();
  const time = useTime();
  const navigate = useNavigate();
  const run = useWrite();
  const [asked, setAsked] = useState<"cancel" | "remove">();
  const deployment = resource as unknown as View;
  const p = deployment.properties;
  const running = moving(resource);
  const operations = useOperations(id.id, running);
  const rows = operations.data ?? [];
  const done = rows.filter((o) => o.properties.provisioningState === "Succeeded").length;
  const scope = scopeOf(id.id);
  const write = asked === "cancel" ? cancelWrite(id.id, text.canceling(id.name)) : removeWrite(id.id, text.removing(id.name));
  return (
    <Body commands={[
      { key: "again", label: text.again, icon: ArrowRepeatAllRegular, onClick: () => void navigate(againPage(id.id)), disabled: running, needs: { at: scope, action: deploymentType + "/write" } },
      { key: "cancel", label: text.cancel, icon: DismissCircleRegular, onClick: () => setAsked("cancel"), disabled: !running, needs: { at: scope, action: deploymentType + "/cancel/action" } },
      { key: "remove", label: kit.remove, icon: DeleteRegular, onClick: () => setAsked("remove"), disabled: running, needs: { at: scope, action: deploymentType + "/delete" } },
      { key: "refresh", label: kit.refresh, icon: ArrowClockwiseRegular, onClick: () => void operations.refetch() },
    ]}>
      <Essentials facts={[
        { label: text.to, value: <Go to={pageOf(scope, "deployments")}>{id.group || id.subscription}</Go> },
        { label: text.state, value: <StatusDot state={p.provisioningState} tone={running ? "busy" : undefined} /> },
        { label: text.changed, value: time(p.timestamp) },
        { label: text.duration, value: seconds(p.duration).toFixed(1) + " s" },
        { label: text.mode, value: p.mode === "Complete" ? text.complete : text.incremental },
        { label: text.correlation, value: p.correlationId, copy: p.correlationId },
      ]} />
      {p.error && (
        <MessageBar intent="error" layout="multiline" role="alert">
          <MessageBarBody>
            <MessageBarTitle>{text.error}</MessageBarTitle> {p.error.code}: {p.error.message}
            {p.error.details?.map((d, i) => <div key={i}>{d.code}: {d.message}</div>)}
          </MessageBarBody>
        </MessageBar>
      )}
      <Heading>{text.progress}</Heading>
      {running && <><Text size={200} role="status">{text.made(done, rows.length)}</Text><ProgressBar aria-label={text.progress} value={rows.length ? done / rows.length : undefined} /></>}
      <Table<OperationView>
        label={text.progress} rows={operations.data} error={operations.error} onRetry={() => void operations.refetch()} rowKey={(o) => o.id} noFilter maxHeight="420px" initialSort={{ key: "when", down: false }}
        empty={<Empty title={text.noOperations} />}
        columns={[
          { key: "name", label: text.resource, text: (o) => o.properties.targetResource?.resourceName ?? "", render: (o) => <ResourceName id={o.properties.targetResource!.id} label={o.properties.targetResource!.resourceName} />, width: "minmax(220px, 2fr)" },
          { key: "type", label: kit.type, text: (o) => o.properties.targetResource?.resourceType ?? "", width: "minmax(220px, 2fr)" },
          { key: "state", label: text.state, text: (o) => o.properties.provisioningState, render: (o) => <StatusDot state={o.properties.provisioningState} tone={o.properties.provisioningState === "Running" ? "busy" : undefined} />, width: "140px" },
          { key: "message", label: text.message, text: (o) => o.properties.statusMessage?.error?.message ?? "", width: "minmax(160px, 2fr)" },
          { key: "duration", label: text.duration, text: (o) => seconds(o.properties.duration).toFixed(1) + " s", order: (o) => seconds(o.properties.duration), width: "110px" },
          { key: "when", label: text.when, text: (o) => time(o.properties.timestamp), order: (o) => Date.parse(o.properties.timestamp), width: "minmax(200px, 1fr)" },
        ]}
      />
      {p.provisioningState === "Succeeded" && <><Heading>{text.outputs}</Heading><Outputs values={p.outputs} none={text.noOutputs} label={text.outputs} /></>}
      {asked && (
        <Confirm
          title={asked === "cancel" ? text.cancelTitle(id.name) : text.removeTitle(id.name)} action={asked === "cancel" ? text.cancel : undefined} write={write} onClose={() => setAsked(undefined)}
          onConfirm={() => { void run(write).catch(() => undefined); if (asked === "remove") void navigate(pageOf(scope, "deployments")); }}
        >
          <Text>{asked === "cancel" ? text.cancelHint : text.removeHint}</Text>
        </Confirm>
      )}
    </Body>
  );
}
