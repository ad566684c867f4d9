import { Text } from "@fluentui/react-components";
import { ArrowClockwiseRegular, CopyRegular, DeleteRegular, PlayRegular } from "@fluentui/react-icons";
import { useState } from "react";
import { useNavigate } from "react-router";
import { Confirm } from "~/kit/Confirm";
import { Essentials, Go } from "~/kit/Essentials";
import { Heading } from "~/kit/Heading";
import { Body } from "~/kit/Page";
import { Table } from "~/kit/Table";
import { useKitText } from "~/kit/text";
import { useAgo, useTime } from "~/kit/words";
import { useWrite } from "~/kit/write";
import { Trail } from "~/kit/Trail";
import { pageOf } from "~/wire/id";
import type { TagAttributes } from "~/wire/zz_registry";
import { deleteWrite, useRepository, useTags, type Registry } from "./api";
import { repositoryPage, runPage } from "./links";
import { useRegistryText } from "./text";

/** One repository: its facts and its tags. */
export function Repository({ registry, name }: { registry: Registry; name: string }) {
  const text = useRegistryText();
  const kit = useKitText();
  const ago = useAgo();
  const time = useTime();
  const navigate = useNavigate();
  const { id } = registry;
  const server = registry.properties.loginServer;
  const repository = useRepository(id, server, name);
  const tags = useTags(id, server, name);
  const [going, setGoing] = useState<{ tag: string }>();
  const facts = repository.data;
  return (
    <Body commands={[
      { key: "delete", label: text.deleteRepository, icon: DeleteRegular, onClick: () => setGoing({ tag: "" }), needs: { at: id, action: "Microsoft.ContainerRegistry/registries/artifacts/delete" } },
      { key: "refresh", label: kit.refresh, icon: ArrowClockwiseRegular, onClick: () => { void tags.refetch(); void repository.refetch(); } },
    ]}>
      <Trail steps={[{ label: text.repositories, to: pageOf(id, "repositories") }]} here={name} />
      <Essentials facts={[
        { label: text.repository, value: name, copy: name },
        { label: text.tagCount, value: facts?.tagCount },
        { label: text.updated, value: time(facts?.lastUpdateTime) },
        { label: text.manifests, value: facts?.manifestCount },
      ]} />
      <Heading>{text.tags}</Heading>
      <Table<TagAttributes>
        label={text.tags} rows={tags.data} error={tags.error} onRetry={() => void tags.refetch()} rowKey={(t) => t.name} initialSort={{ key: "updated", down: true }}
        columns={[
          { key: "tag", label: text.tag, text: (t) => t.name, render: (t) => <Go to={repositoryPage(id, name, t.name)}>{t.name}</Go>, width: "minmax(160px, 1fr)" },
          { key: "digest", label: text.digest, text: (t) => t.digest, width: "minmax(220px, 2fr)" },
          { key: "updated", label: text.updated, text: (t) => ago(t.lastUpdateTime), order: (t) => t.lastUpdateTime, width: "minmax(140px, 1fr)" },
        ]}
        menu={(t) => [
          { key: "run", label: text.run, icon: PlayRegular, onClick: () => void navigate(runPage(id, `${server}/${name}:${t.name}`)) },
          { key: "pull", label: text.copyPull, icon: CopyRegular, onClick: () => void navigator.clipboard.writeText(`docker pull ${server}/${name}:${t.name}`) },
          { key: "digest", label: text.copyDigest, icon: CopyRegular, onClick: () => void navigator.clipboard.writeText(t.digest) },
          { key: "delete", label: text.deleteTag, icon: DeleteRegular, onClick: () => setGoing({ tag: t.name }), needs: { at: id, action: "Microsoft.ContainerRegistry/registries/artifacts/delete" } },
        ]}
      />
      {going && <Remove registry={registry} name={name} tag={going.tag} onClose={() => setGoing(undefined)} />}
    </Body>
  );
}

/** Asks for, and does, the delete of a tag or of the repository. */
export function Remove({ registry, name, tag, onClose }: { registry: Registry; name: string; tag: string; onClose: () => void }) {
  const text = useRegistryText();
  const kit = useKitText();
  const run = useWrite();
  const navigate = useNavigate();
  const write = deleteWrite(registry.id, registry.properties.loginServer, name, tag, tag ? text.deletingTag(`${name}:${tag}`) : text.deletingRepository(name));
  const remove = async () => {
    await run(write);
    void navigate(tag ? repositoryPage(registry.id, name) : pageOf(registry.id, "repositories"));
  };
  return (
    <Confirm
      title={tag ? text.untagTitle(tag) : kit.deleteTitle(name)} typed={tag ? undefined : name} write={write} onClose={onClose}
      onConfirm={() => void remove().catch(() => undefined)}
    >
      <Text>{tag ? text.untagHint : text.deleteRepositoryHint}</Text>
    </Confirm>
  );
}
