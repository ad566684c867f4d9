import { Button } from "@fluentui/react-components";
import { AddRegular, AppGenericRegular, ArrowClockwiseRegular } from "@fluentui/react-icons";
import { useNavigate } from "react-router";
import { Go } from "~/kit/Essentials";
import { Page } from "~/kit/Page";
import { Empty } from "~/kit/states";
import { StatusDot } from "~/kit/StatusDot";
import { Table } from "~/kit/Table";
import { useKitText } from "~/kit/text";
import { useTime } from "~/kit/words";
import { useApplications, type Application } from "~/wire/graph";
import { appPage, places } from "./links";
import { useMayNot } from "./rights";
import { bestStanding } from "./secret";
import { tones } from "./Secrets";
import { useDirectoryText } from "./text";

/** The applications of the directory. */
export default function Apps() {
  const text = useDirectoryText();
  const kit = useKitText();
  const time = useTime();
  const navigate = useNavigate();
  const list = useApplications();
  const mayNot = useMayNot();
  const standing = (a: Application) => bestStanding(a.passwordCredentials.map((c) => c.endDateTime), Date.now());
  const create = () => void navigate(places.newApp);
  return (
    <Page
      title={text.apps} icon={AppGenericRegular} color="#2f7fd6" crumbs={[{ label: text.home, to: "/" }]}
      commands={[{ key: "new", label: text.newApp, icon: AddRegular, onClick: create, whyNot: mayNot() }, { key: "refresh", label: kit.refresh, icon: ArrowClockwiseRegular, onClick: () => void list.refetch() }]}
    >
      <Table<Application>
        label={text.apps} rows={list.data} error={list.error} onRetry={() => void list.refetch()} rowKey={(a) => a.id}
        columns={[
          { key: "name", label: text.displayName, text: (a) => a.displayName, render: (a) => <Go to={appPage(a.id)}>{a.displayName}</Go>, width: "minmax(200px, 2fr)" },
          { key: "appId", label: text.appId, text: (a) => a.appId, width: "minmax(300px, 1.5fr)" },
          {
            key: "secrets", label: text.secrets, width: "minmax(130px, 0.8fr)", text: (a) => { const is = standing(a); return is ? text[is] : text.noSecret; },
            render: (a) => { const is = standing(a); return is ? <StatusDot state={is} tone={tones[is]} label={text[is]} /> : text.noSecret; },
          },
          { key: "created", label: text.created, text: (a) => time(a.createdDateTime), order: (a) => a.createdDateTime, width: "minmax(190px, 1fr)" },
        ]}
        empty={<Empty title={text.noApps} hint={text.appsHint} icon={AppGenericRegular}><Button appearance="primary" onClick={create}>{text.newApp}</Button></Empty>}
      />
    </Page>
  );
}
