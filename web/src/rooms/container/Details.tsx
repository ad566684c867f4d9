import { Essentials } from "~/kit/Essentials";
import { Heading } from "~/kit/Heading";
import { StatusDot } from "~/kit/StatusDot";
import { Table } from "~/kit/Table";
import { useKitText } from "~/kit/text";
import { useTime } from "~/kit/words";
import type { Container } from "~/wire/zz_container";
import { useContainerText } from "./text";

/** What a container was told to be, and what it is. */
export function Details({ container: c }: { container: Container }) {
  const text = useContainerText();
  const kit = useKitText();
  const time = useTime();
  const p = c.properties;
  const r = p.resources?.requests;
  const now = p.instanceView?.currentState;
  const before = p.instanceView?.previousState;
  return (
    <>
      <Essentials facts={[
        { label: text.image, value: p.image, copy: p.image },
        { label: text.state, value: <StatusDot state={now?.state ?? ""} label={[now?.state, now?.detailStatus].filter(Boolean).join(": ")} /> },
        { label: text.started, value: time(now?.startTime) },
        { label: text.exit, value: now?.exitCode ?? before?.exitCode },
        { label: text.previous, value: before && `${before.state} (${before.detailStatus})` },
        { label: text.resources, value: r && text.size(r.cpu, r.memoryInGB) },
        { label: text.ports, value: p.ports?.map((x) => `${x.port}/${x.protocol ?? "TCP"}`).join(", ") },
        { label: text.command, value: p.command?.join(" ") },
      ]} />
      <Heading>{text.env}</Heading>
      <Table
        label={text.env} rows={p.environmentVariables ?? []} rowKey={(e) => e.name} maxHeight="320px"
        columns={[
          { key: "name", label: kit.name, text: (e) => e.name },
          { key: "value", label: text.value, text: (e) => e.value ?? text.hidden, width: "minmax(200px, 2fr)" },
        ]}
      />
    </>
  );
}
