import { Link } from "@fluentui/react-components";
import { ArrowClockwiseRegular, ArrowSyncRegular, DeleteRegular, OpenRegular, PlayRegular, StopRegular } from "@fluentui/react-icons";
import { useState } from "react";
import { useNavigate } from "react-router";
import { Confirm } from "~/kit/Confirm";
import { DeleteResource } from "~/kit/DeleteResource";
import { Essentials, Go } from "~/kit/Essentials";
import { Heading } from "~/kit/Heading";
import { useCommonFacts } from "~/kit/facts";
import { Body } from "~/kit/Page";
import type { BladeProps } from "~/kit/room";
import { StatusDot } from "~/kit/StatusDot";
import { Table } from "~/kit/Table";
import { useKitText } from "~/kit/text";
import { useWrite } from "~/kit/write";
import type { Container } from "~/wire/zz_container";
import { pageOf } from "~/wire/id";
import { groupKind, lifeWrite, linkTo, useGroup, type ContainerGroup } from "./api";
import { Events } from "./Events";
import { useContainerText } from "./text";

type Verb = "stop" | "start" | "restart";

/** A container group: state, addresses, containers, events, and the commands of its life. */
export default function Overview({ id, resource }: BladeProps) {
  const text = useContainerText();
  const kit = useKitText();
  const navigate = useNavigate();
  const run = useWrite();
  const [asked, setAsked] = useState<Verb | "delete">();
  const query = useGroup(id.id);
  const group = query.data ?? (resource as unknown as ContainerGroup);
  const p = group.properties;
  const state = p.instanceView?.state ?? p.provisioningState ?? "";
  const ip = p.ipAddress;
  const common = useCommonFacts(id, resource);
  const link = ip?.ports[0] ? linkTo(group, ip.ports[0].port) : "";
  const titles: Record<Verb, string> = { stop: text.stopping(id.name), start: text.starting(id.name), restart: text.restarting(id.name) };
  const write = (verb: Verb) => lifeWrite(id.id, verb, titles[verb]);
  const go = (verb: Verb) => void run(write(verb)).catch(() => undefined);
  const needs = (what: string) => ({ at: id.id, action: `${groupKind}/${what}` });
  const idle = ["Stopped", "Succeeded", "Failed"].includes(state);
  return (
    <Body commands={[
      { key: "start", label: text.start, icon: PlayRegular, onClick: () => go("start"), needs: needs("start/action"), disabled: !idle },
      { key: "restart", label: text.restart, icon: ArrowSyncRegular, onClick: () => setAsked("restart"), needs: needs("restart/action") },
      { key: "stop", label: text.stop, icon: StopRegular, onClick: () => setAsked("stop"), needs: needs("stop/action"), disabled: state === "Stopped" },
      { key: "delete", label: kit.remove, icon: DeleteRegular, onClick: () => setAsked("delete"), needs: needs("delete") },
      { key: "refresh", label: kit.refresh, icon: ArrowClockwiseRegular, onClick: () => void query.refetch() },
    ]}>
      <Essentials facts={[
        ...common,
        { label: text.state, value: <StatusDot state={state} /> },
        { label: text.os, value: p.osType },
        { label: text.ip, value: ip?.ip ? `${ip.ip} (${ip.type})` : "", copy: ip?.ip },
        { label: text.fqdn, copy: ip?.fqdn, value: ip?.fqdn && <Link href={link} target="_blank" rel="noreferrer" title={text.opens}>{ip.fqdn} <OpenRegular aria-label={text.opens} /></Link> },
        { label: text.ports, value: ip?.ports.map((x) => `${x.port}/${x.protocol ?? "TCP"}`).join(", ") },
        { label: text.policy, value: p.restartPolicy },
      ]} />
      <Heading>{text.containers}</Heading>
      <Table<Container>
        label={text.containers} rows={p.containers} rowKey={(c) => c.name} noFilter maxHeight="240px"
        columns={[
          { key: "name", label: kit.name, text: (c) => c.name, render: (c) => <Go to={pageOf(id.id, "containers", `?name=${c.name}`)}>{c.name}</Go>, width: "minmax(140px, 1fr)" },
          { key: "image", label: text.image, text: (c) => c.properties.image, width: "minmax(240px, 2fr)" },
          { key: "state", label: text.state, text: (c) => c.properties.instanceView?.currentState?.state ?? "", render: (c) => <StatusDot state={c.properties.instanceView?.currentState?.state ?? ""} />, width: "130px" },
          { key: "restarts", label: text.restarts, text: (c) => String(c.properties.instanceView?.restartCount ?? 0), width: "120px" },
        ]}
      />
      <Heading>{text.events}</Heading>
      <Events events={[...(p.instanceView?.events ?? []), ...p.containers.flatMap((c) => c.properties.instanceView?.events ?? [])]} />
      {asked === "delete" && <DeleteResource resource={resource} onClose={() => setAsked(undefined)} onGone={() => void navigate("/browse/" + groupKind)} />}
      {(asked === "stop" || asked === "restart") && (
        <Confirm
          title={asked === "stop" ? text.stopTitle(id.name) : text.restartTitle(id.name)} action={asked === "stop" ? text.stop : text.restart} write={write(asked)}
          onConfirm={() => go(asked)} onClose={() => setAsked(undefined)}
        >
          {asked === "stop" ? text.stopHint : text.restartHint}
        </Confirm>
      )}
    </Body>
  );
}
