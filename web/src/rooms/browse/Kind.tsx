import { AddRegular, ArrowClockwiseRegular } from "@fluentui/react-icons";
import { Button } from "@fluentui/react-components";
import { useNavigate, useParams } from "react-router";
import { useResourceColumns } from "~/kit/columns";
import { Page } from "~/kit/Page";
import { kindOf } from "~/kit/room";
import type { Column } from "~/kit/sorted";
import { Empty } from "~/kit/states";
import { Table } from "~/kit/Table";
import { useKitText } from "~/kit/text";
import { useLocal } from "~/kit/words";
import { shownIn, useKind, useSubscription, type Envelope } from "~/wire/arm";
import { useBrowseText } from "./text";
import { useRowActions } from "./actions";

/** The resources of one type. */
export default function Kind() {
  const { namespace = "", type = "" } = useParams();
  const kind = kindOf(`${namespace}/${type}`);
  const text = useBrowseText();
  const kit = useKitText();
  const local = useLocal();
  const navigate = useNavigate();
  const home = useSubscription();
  const { subscription } = home;
  const list = useKind(subscription?.id ?? "", `${namespace}/${type}`, kind?.apiVersion ?? "2024-01-01");
  const c = useResourceColumns();
  const { menu, dialog } = useRowActions();
  const many = kind ? local(kind.many) : `${namespace}/${type}`;
  const own: Column<Envelope>[] = (kind?.columns ?? []).map((k) => ({ key: k.key, label: local(k.label), text: k.text }));
  const create = () => void navigate("/create/" + kind?.type);
  return (
    <Page
      title={many} icon={kind?.icon} color={kind?.color} subtitle={subscription?.displayName} crumbs={[{ label: text.home, to: "/" }]}
      commands={[
        ...(kind?.create ? [{ key: "create", label: kit.create, icon: AddRegular, onClick: create }] : []),
        { key: "refresh", label: kit.refresh, icon: ArrowClockwiseRegular, onClick: () => void list.refetch() },
      ]}
    >
      <Table
        label={many} {...shownIn(home, list)} rowKey={(r) => r.id} menu={menu} columns={[c.name, c.group, c.location, ...own, c.state]}
        empty={<Empty title={text.none(many)} hint={text.noneHint} icon={kind?.icon}>{kind?.create && <Button appearance="primary" onClick={create}>{kit.create}</Button>}</Empty>}
      />
      {dialog}
    </Page>
  );
}
