import { KeyMultipleRegular } from "@fluentui/react-icons";
import { Go } from "~/kit/Essentials";
import { Page } from "~/kit/Page";
import { StatusDot } from "~/kit/StatusDot";
import { Table } from "~/kit/Table";
import { useKitText } from "~/kit/text";
import { useSubscriptions, type Subscription } from "~/wire/arm";
import { pageOf } from "~/wire/id";
import { useBrowseText } from "./text";

/** The subscriptions in which the user has any role. */
export default function Subscriptions() {
  const text = useBrowseText();
  const kit = useKitText();
  const list = useSubscriptions();
  return (
    <Page title={text.subscriptions} icon={KeyMultipleRegular} crumbs={[{ label: text.home, to: "/" }]}>
      <Table<Subscription>
        label={text.subscriptions} rows={list.data} error={list.error} onRetry={() => void list.refetch()} rowKey={(s) => s.id}
        columns={[
          { key: "name", label: kit.name, text: (s) => s.displayName, render: (s) => <Go to={pageOf(s.id)}>{s.displayName}</Go> },
          { key: "id", label: text.id, text: (s) => s.subscriptionId, width: "minmax(320px, 2fr)" },
          { key: "state", label: kit.status, text: (s) => s.state, render: (s) => <StatusDot state={s.state} /> },
        ]}
      />
    </Page>
  );
}
