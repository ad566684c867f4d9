import { Text } from "@fluentui/react-components";
import { AddRegular, ArrowClockwiseRegular, DeleteRegular, PersonRegular } from "@fluentui/react-icons";
import { useState } from "react";
import { useNavigate } from "react-router";
import { Confirm } from "~/kit/Confirm";
import { Page } from "~/kit/Page";
import { StatusDot } from "~/kit/StatusDot";
import { Table } from "~/kit/Table";
import { useKitText } from "~/kit/text";
import { useTime } from "~/kit/words";
import { useWrite } from "~/kit/write";
import { useUsers, type User } from "~/wire/graph";
import { deleteUserWrite } from "./api";
import { places } from "./links";
import { useDirectoryText } from "./text";

/** The users of the directory. */
export default function Users() {
  const text = useDirectoryText();
  const kit = useKitText();
  const time = useTime();
  const navigate = useNavigate();
  const run = useWrite();
  const list = useUsers();
  const [going, setGoing] = useState<User>();
  const write = going && deleteUserWrite(going, text.deletingUser(going.displayName));
  return (
    <Page
      title={text.users} icon={PersonRegular} color="#2f7fd6" crumbs={[{ label: text.home, to: "/" }]}
      commands={[
        { key: "new", label: text.newUser, icon: AddRegular, onClick: () => void navigate(places.newUser) },
        { key: "refresh", label: kit.refresh, icon: ArrowClockwiseRegular, onClick: () => void list.refetch() },
      ]}
    >
      <Table<User>
        label={text.users} rows={list.data} error={list.error} onRetry={() => void list.refetch()} rowKey={(u) => u.id}
        columns={[
          { key: "name", label: text.displayName, text: (u) => u.displayName, width: "minmax(180px, 1.5fr)" },
          { key: "upn", label: text.userName, text: (u) => u.userPrincipalName, width: "minmax(220px, 1.5fr)" },
          { key: "account", label: text.account, text: (u) => (u.accountEnabled ? text.enabled : text.disabled), render: (u) => <StatusDot state={u.accountEnabled ? "enabled" : "disabled"} label={u.accountEnabled ? text.enabled : text.disabled} />, width: "minmax(110px, 0.7fr)" },
          { key: "id", label: text.objectId, text: (u) => u.id, width: "minmax(290px, 1.4fr)" },
          { key: "created", label: text.created, text: (u) => time(u.createdDateTime), order: (u) => u.createdDateTime, width: "minmax(180px, 1fr)" },
        ]}
        menu={(u) => [{ key: "delete", label: kit.remove, icon: DeleteRegular, onClick: () => setGoing(u) }]}
      />
      {going && write && (
        <Confirm title={text.deleteUserTitle(going.displayName)} typed={going.userPrincipalName} write={write} onClose={() => setGoing(undefined)} onConfirm={() => void run(write).catch(() => undefined)}>
          <Text>{text.deleteUserHint}</Text>
        </Confirm>
      )}
    </Page>
  );
}
