import { Empty } from "~/kit/states";
import { StatusDot } from "~/kit/StatusDot";
import { Table } from "~/kit/Table";
import { useAgo } from "~/kit/words";
import type { Event } from "~/wire/zz_container";
import { useContainerText } from "./text";

/** What has happened to a group or a container, the latest first. */
export function Events({ events }: { events: Event[] }) {
  const text = useContainerText();
  const ago = useAgo();
  return (
    <Table<Event>
      label={text.events} rows={events} rowKey={(e) => e.name + e.firstTimestamp + e.message} noFilter maxHeight="320px" initialSort={{ key: "last", down: true }} empty={<Empty title={text.noEvents} />}
      columns={[
        { key: "name", label: text.event, text: (e) => e.name, width: "140px" },
        { key: "type", label: text.type, text: (e) => e.type, render: (e) => <StatusDot state={e.type} />, width: "120px" },
        { key: "message", label: text.message, text: (e) => e.message, width: "minmax(260px, 3fr)" },
        { key: "count", label: text.count, text: (e) => String(e.count), width: "90px" },
        { key: "last", label: text.last, text: (e) => ago(e.lastTimestamp), order: (e) => e.lastTimestamp, width: "minmax(130px, 1fr)" },
      ]}
    />
  );
}
