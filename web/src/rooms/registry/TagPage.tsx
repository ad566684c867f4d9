import { ArrowClockwiseRegular, DeleteRegular, PlayRegular } from "@fluentui/react-icons";
import { useState } from "react";
import { useNavigate } from "react-router";
import { Code } from "~/kit/Code";
import { CopyField } from "~/kit/CopyField";
import { Essentials } from "~/kit/Essentials";
import { Heading } from "~/kit/Heading";
import { Body } from "~/kit/Page";
import { Failure, Loading } from "~/kit/states";
import { useKitText } from "~/kit/text";
import { Trail } from "~/kit/Trail";
import { bytes, useTime } from "~/kit/words";
import { pageOf } from "~/wire/id";
import { useManifest, useTags, type Registry } from "./api";
import { repositoryPage, runPage } from "./links";
import { Remove } from "./Repository";
import { useRegistryText } from "./text";

/** One tag: what it points at. */
export function TagPage({ registry, name, tag }: { registry: Registry; name: string; tag: string }) {
  const text = useRegistryText();
  const kit = useKitText();
  const time = useTime();
  const navigate = useNavigate();
  const [going, setGoing] = useState(false);
  const { id } = registry;
  const server = registry.properties.loginServer;
  const reference = `${server}/${name}:${tag}`;
  const tags = useTags(id, server, name);
  const found = tags.data?.find((t) => t.name === tag);
  const manifest = useManifest(id, server, name, found?.digest ?? "");
  const a = manifest.data?.attributes;
  const platforms = a?.references?.map((r) => `${r.os ?? "?"}/${r.architecture ?? "?"}`).join(", ") ?? (a?.os ? `${a.os}/${a.architecture ?? ""}` : "");
  return (
    <Body commands={[
      { key: "run", label: text.run, icon: PlayRegular, onClick: () => void navigate(runPage(id, reference)) },
      { key: "delete", label: text.deleteTag, icon: DeleteRegular, onClick: () => setGoing(true), needs: { at: id, action: "Microsoft.ContainerRegistry/registries/artifacts/delete" } },
      { key: "refresh", label: kit.refresh, icon: ArrowClockwiseRegular, onClick: () => void tags.refetch() },
    ]}>
      <Trail steps={[{ label: text.repositories, to: pageOf(id, "repositories") }, { label: name, to: repositoryPage(id, name) }]} here={tag} />
      {tags.error || manifest.error ? <Failure error={tags.error ?? manifest.error} onRetry={() => void tags.refetch()} /> : !a || !found ? <Loading /> : (
        <>
          <Essentials facts={[
            { label: text.repository, value: name },
            { label: text.tag, value: tag },
            { label: text.digest, value: found.digest.slice(0, 19) + "…", copy: found.digest },
            { label: text.platform, value: platforms },
            { label: text.created, value: time(found.createdTime) },
            { label: text.updated, value: time(found.lastUpdateTime) },
            { label: text.size, value: a.imageSize ? bytes(a.imageSize) : "" },
            { label: text.mediaType, value: a.mediaType },
          ]} />
          <CopyField label={text.pull} value={`docker pull ${reference}`} />
          <CopyField label={text.artifact} value={reference} />
          <Heading>{text.manifest}</Heading>
          <Code label={text.manifest} text={JSON.stringify(manifest.data?.manifest, null, 2)} />
        </>
      )}
      {going && <Remove registry={registry} name={name} tag={tag} onClose={() => setGoing(false)} />}
    </Body>
  );
}
