import { makeStyles, Tab, TabList } from "@fluentui/react-components";
import { ArrowClockwiseRegular } from "@fluentui/react-icons";
import { lazy, Suspense } from "react";
import { useSearchParams } from "react-router";
import { Body } from "~/kit/Page";
import type { BladeProps } from "~/kit/room";
import { Loading } from "~/kit/states";
import { StatusDot } from "~/kit/StatusDot";
import { Table } from "~/kit/Table";
import { useKitText } from "~/kit/text";
import { useAgo } from "~/kit/words";
import type { Container } from "~/wire/zz_container";
import { Button } from "@fluentui/react-components";
import { useGroup, type ContainerGroup } from "./api";
import { Details } from "./Details";
import { Events } from "./Events";
import { Logs } from "./Logs";
import { useContainerText } from "./text";

const Console = lazy(() => import("./Console"));

const useStyles = makeStyles({ tabs: { margin: "20px 0 12px -10px" } });

/** The containers of a group; of the chosen one its events, properties, log and console. ?name= and ?tab= choose. */
export default function Containers({ id, resource }: BladeProps) {
  const s = useStyles();
  const text = useContainerText();
  const kit = useKitText();
  const ago = useAgo();
  const [query, setQuery] = useSearchParams();
  const group = useGroup(id.id);
  const p = (group.data ?? (resource as unknown as ContainerGroup)).properties;
  const all = [...p.containers, ...(p.initContainers ?? [])];
  const chosen = all.find((c) => c.name === query.get("name")) ?? all[0];
  const tab = query.get("tab") ?? "events";
  const choose = (name: string, t: string) => setQuery({ name, tab: t }, { replace: true });
  const state = (c: Container) => c.properties.instanceView?.currentState;
  return (
    <Body commands={[{ key: "refresh", label: kit.refresh, icon: ArrowClockwiseRegular, onClick: () => void group.refetch() }]}>
      <Table<Container>
        label={text.containers} rows={all} rowKey={(c) => c.name} noFilter maxHeight="200px"
        columns={[
          { key: "name", label: kit.name, text: (c) => c.name, width: "minmax(150px, 1fr)",
            render: (c) => <Button size="small" appearance={c.name === chosen?.name ? "secondary" : "transparent"} aria-pressed={c.name === chosen?.name} onClick={() => choose(c.name, tab)}>{c.name}</Button> },
          { key: "image", label: text.image, text: (c) => c.properties.image, width: "minmax(240px, 2fr)" },
          { key: "state", label: text.state, text: (c) => state(c)?.state ?? "", render: (c) => <StatusDot state={state(c)?.state ?? ""} />, width: "130px" },
          { key: "started", label: text.started, text: (c) => ago(state(c)?.startTime), order: (c) => state(c)?.startTime ?? "", width: "minmax(120px, 1fr)" },
          { key: "restarts", label: text.restarts, text: (c) => String(c.properties.instanceView?.restartCount ?? 0), width: "110px" },
        ]}
      />
      {chosen && (
        <>
          <TabList className={s.tabs} selectedValue={tab} onTabSelect={(_, d) => choose(chosen.name, String(d.value))}>
            <Tab value="events">{text.events}</Tab>
            <Tab value="properties">{text.properties}</Tab>
            <Tab value="logs">{text.logs}</Tab>
            <Tab value="connect">{text.connect}</Tab>
          </TabList>
          <div role="tabpanel" aria-label={chosen.name}>
            {tab === "events" && <Events events={chosen.properties.instanceView?.events ?? []} />}
            {tab === "properties" && <Details container={chosen} />}
            {tab === "logs" && <Logs key={chosen.name} id={id.id} container={chosen.name} />}
            {tab === "connect" && <Suspense fallback={<Loading />}><Console key={chosen.name} id={id.id} container={chosen.name} /></Suspense>}
          </div>
        </>
      )}
    </Body>
  );
}
