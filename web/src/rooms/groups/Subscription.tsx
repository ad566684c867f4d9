import { AddRegular } from "@fluentui/react-icons";
import { useNavigate } from "react-router";
import { Heading } from "~/kit/Heading";
import { useResourceColumns } from "~/kit/columns";
import { Essentials } from "~/kit/Essentials";
import { Body } from "~/kit/Page";
import type { BladeProps } from "~/kit/room";
import { StatusDot } from "~/kit/StatusDot";
import { Table } from "~/kit/Table";
import { useGroups, useSubscriptions } from "~/wire/arm";
import { settings } from "~/wire/settings";
import { groupType } from "~/wire/id";
import { useGroupsText } from "./text";

/** A subscription: its facts and its groups. */
export default function SubscriptionOverview({ id }: BladeProps) {
  const text = useGroupsText();
  const navigate = useNavigate();
  const groups = useGroups(id.subscription);
  const me = useSubscriptions().data?.find((s) => s.subscriptionId === id.subscription);
  const c = useResourceColumns();
  return (
    <Body commands={[{ key: "create", label: text.create, icon: AddRegular, onClick: () => void navigate("/create/" + groupType) }]}>
      <Essentials facts={[
        { label: text.id, value: id.subscription, copy: id.subscription },
        { label: text.state, value: <StatusDot state={me?.state ?? ""} /> },
        { label: text.directory, value: settings().domain },
      ]} />
      <Heading>{text.groups}</Heading>
      <Table label={text.groups} rows={groups.data} error={groups.error} rowKey={(g) => g.id} columns={[c.name, c.location, c.state]} />
    </Body>
  );
}
