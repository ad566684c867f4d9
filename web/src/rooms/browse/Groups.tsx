import { AddRegular, ArrowClockwiseRegular } from "@fluentui/react-icons";
import { useNavigate } from "react-router";
import { useResourceColumns } from "~/kit/columns";
import { Page } from "~/kit/Page";
import { kindOf } from "~/kit/room";
import { Empty } from "~/kit/states";
import { Table } from "~/kit/Table";
import { useKitText } from "~/kit/text";
import { shownIn, useGroups, useSubscription } from "~/wire/arm";
import { groupType } from "~/wire/id";
import { useRowActions } from "./actions";
import { useBrowseText } from "./text";

/** The resource groups. */
export default function Groups() {
  const text = useBrowseText();
  const kit = useKitText();
  const navigate = useNavigate();
  const home = useSubscription();
  const { subscription } = home;
  const groups = useGroups(subscription?.subscriptionId ?? "");
  const c = useResourceColumns();
  const { menu, dialog } = useRowActions();
  const kind = kindOf(groupType);
  return (
    <Page
      title={text.groups} icon={kind?.icon} color={kind?.color} subtitle={subscription?.displayName} crumbs={[{ label: text.home, to: "/" }]}
      commands={[
        { key: "create", label: kit.create, icon: AddRegular, onClick: () => void navigate("/create/" + groupType) },
        { key: "refresh", label: kit.refresh, icon: ArrowClockwiseRegular, onClick: () => void groups.refetch() },
      ]}
    >
      <Table
        label={text.groups} {...shownIn(home, groups)} rowKey={(r) => r.id} menu={menu}
        columns={[c.name, c.location, c.state]} empty={<Empty title={text.none(text.groups)} hint={text.noneHint} icon={kind?.icon} />}
      />
      {dialog}
    </Page>
  );
}
