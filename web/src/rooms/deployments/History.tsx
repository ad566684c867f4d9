import { Button, Text } from "@fluentui/react-components";
import { AddRegular, ArrowClockwiseRegular, ArrowRepeatAllRegular, DeleteRegular, DocumentFlowchartRegular } from "@fluentui/react-icons";
import { useState } from "react";
import { useNavigate } from "react-router";
import { Confirm } from "~/kit/Confirm";
import { Go } from "~/kit/Essentials";
import { Body } from "~/kit/Page";
import type { BladeProps } from "~/kit/room";
import { Empty } from "~/kit/states";
import { StatusDot } from "~/kit/StatusDot";
import { Table } from "~/kit/Table";
import { useKitText } from "~/kit/text";
import { useTime } from "~/kit/words";
import { useWrite } from "~/kit/write";
import { moving, type Envelope } from "~/wire/arm";
import { pageOf } from "~/wire/id";
import type { View } from "~/wire/zz_deployment";
import { againPage } from "./again";
import { deploymentType, removeWrite, useDeployments } from "./api";
import { seconds } from "./changes";
import { useDeploymentText } from "./text";

/** The deployments of a group or a subscription, the latest first. */
export default function History({ id }: BladeProps) {
  const text = useDeploymentText();
  const kit = useKitText();
  const time = useTime();
  const navigate = useNavigate();
  const run = useWrite();
  const history = useDeployments(id.id);
  const [removing, setRemoving] = useState<View>();
  const running = (d: View) => moving(d as unknown as Envelope);
  const create = () => void navigate(`/create/${deploymentType}?${id.group ? "group=" + encodeURIComponent(id.group) : "subscription=" + id.subscription}`);
  const write = removing && removeWrite(removing.id, text.removing(removing.name));
  return (
    <Body commands={[
      { key: "create", label: text.create, icon: AddRegular, onClick: create, needs: { at: id.id, action: deploymentType + "/write" } },
      { key: "refresh", label: kit.refresh, icon: ArrowClockwiseRegular, onClick: () => void history.refetch() },
    ]}>
      <Table<View>
        label={text.deployments} rows={history.data} error={history.error} onRetry={() => void history.refetch()} rowKey={(d) => d.id} initialSort={{ key: "changed", down: true }}
        empty={<Empty title={text.none} hint={text.noneHint} icon={DocumentFlowchartRegular}><Button appearance="primary" onClick={create}>{text.create}</Button></Empty>}
        columns={[
          { key: "name", label: text.name, text: (d) => d.name, render: (d) => <Go to={pageOf(d.id)}>{d.name}</Go>, width: "minmax(220px, 2fr)" },
          { key: "state", label: text.state, text: (d) => d.properties.provisioningState, render: (d) => <StatusDot state={d.properties.provisioningState} tone={running(d) ? "busy" : undefined} />, width: "150px" },
          { key: "changed", label: text.changed, text: (d) => time(d.properties.timestamp), order: (d) => Date.parse(d.properties.timestamp), width: "minmax(190px, 1fr)" },
          { key: "duration", label: text.duration, text: (d) => seconds(d.properties.duration).toFixed(1) + " s", order: (d) => seconds(d.properties.duration), width: "120px" },
          { key: "mode", label: text.mode, text: (d) => (d.properties.mode === "Complete" ? text.complete : text.incremental), width: "130px" },
        ]}
        menu={(d) => [
          { key: "open", label: kit.open, onClick: () => void navigate(pageOf(d.id)) },
          { key: "again", label: text.again, icon: ArrowRepeatAllRegular, onClick: () => void navigate(againPage(d.id)), disabled: running(d), needs: { at: id.id, action: deploymentType + "/write" } },
          { key: "remove", label: kit.remove, icon: DeleteRegular, onClick: () => setRemoving(d), disabled: running(d), needs: { at: id.id, action: deploymentType + "/delete" } },
        ]}
      />
      {removing && write && (
        <Confirm title={text.removeTitle(removing.name)} write={write} onClose={() => setRemoving(undefined)} onConfirm={() => void run(write).catch(() => undefined)}><Text>{text.removeHint}</Text></Confirm>
      )}
    </Body>
  );
}
