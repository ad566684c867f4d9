import { ArrowClockwiseRegular, DeleteRegular } from "@fluentui/react-icons";
import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useNavigate } from "react-router";
import { Code } from "~/kit/Code";
import { DeleteResource } from "~/kit/DeleteResource";
import { deleteAction } from "~/kit/remove";
import { Essentials } from "~/kit/Essentials";
import { useCommonFacts } from "~/kit/facts";
import { Heading } from "~/kit/Heading";
import { Body } from "~/kit/Page";
import type { BladeProps } from "~/kit/room";
import { StatusDot } from "~/kit/StatusDot";
import { useKitText } from "~/kit/text";
import { keyOf, pageOf } from "~/wire/id";
import { useBrowseText } from "./text";

/** A resource of a type that has no pages of its own: what the control plane says of it. */
export default function Any({ id, resource }: BladeProps) {
  const text = useBrowseText();
  const kit = useKitText();
  const navigate = useNavigate();
  const cache = useQueryClient();
  const [deleting, setDeleting] = useState(false);
  const state = String(resource.properties["provisioningState"] ?? "");
  return (
    <Body commands={[
      { key: "delete", label: kit.remove, icon: DeleteRegular, onClick: () => setDeleting(true), needs: { at: id.id, action: deleteAction(id.type) ?? "" } },
      { key: "refresh", label: kit.refresh, icon: ArrowClockwiseRegular, onClick: () => void cache.invalidateQueries({ queryKey: keyOf(id.id) }) },
    ]}>
      <Essentials facts={[...useCommonFacts(id, resource), { label: text.resourceId, value: id.id, copy: id.id }, { label: kit.status, value: state && <StatusDot state={state} /> }]} />
      <Heading>{text.json}</Heading>
      <Code label={text.json} text={JSON.stringify(resource, null, 2)} />
      {deleting && <DeleteResource resource={resource} onClose={() => setDeleting(false)} onGone={() => void navigate(pageOf(id.parent))} />}
    </Body>
  );
}
