import { Button } from "@fluentui/react-components";
import { AddRegular, ArrowClockwiseRegular, DeleteRegular } from "@fluentui/react-icons";
import { useState } from "react";
import { useNavigate } from "react-router";
import { Heading } from "~/kit/Heading";
import { useResourceColumns } from "~/kit/columns";
import { DeleteResource } from "~/kit/DeleteResource";
import { Essentials, Go } from "~/kit/Essentials";
import { Body } from "~/kit/Page";
import type { BladeProps } from "~/kit/room";
import { Empty } from "~/kit/states";
import { StatusDot } from "~/kit/StatusDot";
import { Table } from "~/kit/Table";
import { TagLine } from "~/kit/TagLine";
import { useKitText } from "~/kit/text";
import { useResources, useSubscriptions } from "~/wire/arm";
import { pageOf } from "~/wire/id";
import { useGroupsText } from "./text";

/** A resource group: its facts and what is in it. */
export default function Group({ id, resource }: BladeProps) {
  const text = useGroupsText();
  const kit = useKitText();
  const navigate = useNavigate();
  const [deleting, setDeleting] = useState(false);
  const list = useResources(id.id);
  const c = useResourceColumns();
  const subscription = useSubscriptions().data?.find((s) => s.subscriptionId === id.subscription);
  const create = () => void navigate(`/create?group=${encodeURIComponent(id.group)}`);
  return (
    <Body commands={[
      { key: "create", label: kit.create, icon: AddRegular, onClick: create },
      { key: "delete", label: text.remove, icon: DeleteRegular, onClick: () => setDeleting(true), needs: { at: id.id, action: "Microsoft.Resources/subscriptions/resourceGroups/delete" } },
      { key: "refresh", label: kit.refresh, icon: ArrowClockwiseRegular, onClick: () => void list.refetch() },
    ]}>
      <Essentials facts={[
        { label: kit.subscription, value: <Go to={pageOf(id.parent)}>{subscription?.displayName ?? id.subscription}</Go> },
        { label: text.id, value: id.subscription, copy: id.subscription },
        { label: kit.location, value: resource.location },
        { label: text.state, value: <StatusDot state={String(resource.properties["provisioningState"] ?? "")} /> },
        { label: kit.tags, value: <TagLine resource={resource} /> },
      ]} />
      <Heading>{text.resources}</Heading>
      <Table
        label={text.resources} rows={list.data} error={list.error} onRetry={() => void list.refetch()} rowKey={(r) => r.id} columns={[c.name, c.type, c.location, c.state]}
        empty={<Empty title={text.none} hint={text.noneHint}><Button appearance="primary" onClick={create}>{kit.create}</Button></Empty>}
      />
      {deleting && <DeleteResource resource={resource} onClose={() => setDeleting(false)} onGone={() => void navigate("/browse/" + resource.type)} />}
    </Body>
  );
}
