import { Text } from "@fluentui/react-components";
import { AddRegular, ArrowClockwiseRegular, DeleteRegular, KeyResetRegular, PersonAvailableRegular, PersonProhibitedRegular, PersonRegular } from "@fluentui/react-icons";
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
import { deleteUserWrite, enableUserWrite } from "./api";
import { places } from "./links";
import { ResetPassword } from "./ResetPassword";
import { useMayNot } from "./rights";
import { useDirectoryText } from "./text";

/** The users of the directory. */
export default function Users() {
  const text = useDirectoryText();
  const kit = useKitText();
  const time = useTime();
  const navigate = useNavigate();
  const run = useWrite();
  const list = useUsers();
  const [asked, setAsked] = useState<{ what: "delete" | "enable" | "reset"; user: User }>();
  const whyNot = useMayNot()();
  const going = asked?.what === "delete" ? asked.user : undefined;
  const write = going && deleteUserWrite(going, text.deletingUser(going.displayName));
  const toggled = asked?.what === "enable" ? asked.user : undefined;
  const on = toggled?.accountEnabled === false;
  const toggle = toggled && enableUserWrite(toggled, on, (on ? text.enabling : text.disabling)(toggled.displayName));
  const close = () => setAsked(undefined);
  return (
    <Page
      title={text.users} icon={PersonRegular} color="#2f7fd6" crumbs={[{ label: text.home, to: "/" }]}
      commands={[
        { key: "new", label: text.newUser, icon: AddRegular, onClick: () => void navigate(places.newUser), whyNot },
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
        menu={(u) => [
          { key: "reset", label: text.resetPassword, icon: KeyResetRegular, onClick: () => setAsked({ what: "reset", user: u }), whyNot },
          { key: "enable", label: u.accountEnabled ? text.disable : text.enable, icon: u.accountEnabled ? PersonProhibitedRegular : PersonAvailableRegular, onClick: () => setAsked({ what: "enable", user: u }), whyNot },
          { key: "delete", label: kit.remove, icon: DeleteRegular, onClick: () => setAsked({ what: "delete", user: u }), whyNot },
        ]}
      />
      {asked?.what === "reset" && <ResetPassword key={asked.user.id} user={asked.user} onClose={close} />}
      {toggled && toggle && (
        <Confirm title={(on ? text.enableTitle : text.disableTitle)(toggled.displayName)} action={on ? text.enable : text.disable} write={toggle} onClose={close} onConfirm={() => void run(toggle).catch(() => undefined)}>
          <Text>{on ? text.enableHint : text.disableHint}</Text>
        </Confirm>
      )}
      {going && write && (
        <Confirm title={text.deleteUserTitle(going.displayName)} typed={going.userPrincipalName} write={write} onClose={close} onConfirm={() => void run(write).catch(() => undefined)}>
          <Text>{text.deleteUserHint}</Text>
        </Confirm>
      )}
    </Page>
  );
}
