import { ArrowClockwiseRegular, CloudArrowUpRegular } from "@fluentui/react-icons";
import { useSearchParams } from "react-router";
import { Code } from "~/kit/Code";
import { Go } from "~/kit/Essentials";
import { Body } from "~/kit/Page";
import type { BladeProps } from "~/kit/room";
import { Empty } from "~/kit/states";
import { Table } from "~/kit/Table";
import { useKitText } from "~/kit/text";
import { useAgo } from "~/kit/words";
import { useRepositories, useRepository, type Registry } from "./api";
import { repositoryPage } from "./links";
import { Repository } from "./Repository";
import { TagPage } from "./TagPage";
import { useRegistryText } from "./text";

/** The page of repositories; with ?name= of one, with &tag= of one of its tags. */
export default function Repositories({ id, resource }: BladeProps) {
  const [query] = useSearchParams();
  const registry = resource as unknown as Registry;
  const name = query.get("name") ?? "";
  const tag = query.get("tag") ?? "";
  if (name && tag) return <TagPage registry={registry} name={name} tag={tag} />;
  if (name) return <Repository registry={registry} name={name} />;
  return <List id={id.id} server={registry.properties.loginServer} />;
}

function List({ id, server }: { id: string; server: string }) {
  const text = useRegistryText();
  const kit = useKitText();
  const list = useRepositories(id, server);
  return (
    <Body commands={[{ key: "refresh", label: kit.refresh, icon: ArrowClockwiseRegular, onClick: () => void list.refetch() }]}>
      <Table<string>
        label={text.repositories} rows={list.data} error={list.error} onRetry={() => void list.refetch()} rowKey={(n) => n}
        columns={[
          { key: "name", label: text.repository, text: (n) => n, render: (n) => <Go to={repositoryPage(id, n)}>{n}</Go>, width: "minmax(240px, 3fr)" },
          { key: "tags", label: text.tagCount, text: () => "", render: (n) => <Fact id={id} server={server} name={n} what="tags" />, width: "100px" },
          { key: "updated", label: text.updated, text: () => "", render: (n) => <Fact id={id} server={server} name={n} what="updated" />, width: "minmax(160px, 1fr)" },
        ]}
        empty={<Empty title={text.noRepositories} hint={text.pushHint} icon={CloudArrowUpRegular}><Code label={text.quick} text={`lazuli push bin/aci-helloworld ${server}/aci-helloworld:v1 --port 80`} /></Empty>}
      />
    </Body>
  );
}

/** What is asked for a row only while it is seen. */
function Fact({ id, server, name, what }: { id: string; server: string; name: string; what: "tags" | "updated" }) {
  const ago = useAgo();
  const repository = useRepository(id, server, name).data;
  if (!repository) return null;
  return <>{what === "tags" ? repository.tagCount : ago(repository.lastUpdateTime)}</>;
}
