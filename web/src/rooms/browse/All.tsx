import { AddRegular, AppsListRegular, ArrowClockwiseRegular } from "@fluentui/react-icons";
import { useNavigate } from "react-router";
import { useResourceColumns } from "~/kit/columns";
import { Page } from "~/kit/Page";
import { Empty } from "~/kit/states";
import { Table } from "~/kit/Table";
import { useKitText } from "~/kit/text";
import { shownIn, useResources, useSubscription } from "~/wire/arm";
import { useBrowseText } from "./text";
import { useRowActions } from "./actions";

/** Every resource the user may read. */
export default function All() {
  const text = useBrowseText();
  const kit = useKitText();
  const navigate = useNavigate();
  const home = useSubscription();
  const { subscription } = home;
  const resources = useResources(subscription?.id ?? "");
  const c = useResourceColumns();
  const { menu, dialog } = useRowActions();
  return (
    <Page
      title={text.all} icon={AppsListRegular} subtitle={subscription?.displayName} crumbs={[{ label: text.home, to: "/" }]}
      commands={[
        { key: "create", label: kit.create, icon: AddRegular, onClick: () => void navigate("/create") },
        { key: "refresh", label: kit.refresh, icon: ArrowClockwiseRegular, onClick: () => void resources.refetch() },
      ]}
    >
      <Table
        label={text.all} {...shownIn(home, resources)} rowKey={(r) => r.id} menu={menu}
        columns={[c.name, c.type, c.group, c.location]} empty={<Empty title={text.noResources} hint={text.noneHint} />}
      />
      {dialog}
    </Page>
  );
}
