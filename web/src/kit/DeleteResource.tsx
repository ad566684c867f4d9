import { Text } from "@fluentui/react-components";
import { hallVersion, type Envelope } from "~/wire/arm";
import { groupType, parseId, subscriptionType } from "~/wire/id";
import { Confirm } from "./Confirm";
import { forget } from "./recent";
import { kindOf } from "./room";
import { useKitText } from "./text";
import { useWrite, type Write } from "./write";

/** The action that deletes resources of a type; undefined for subscriptions, which nobody deletes here. */
export function deleteAction(type: string): string | undefined {
  return type === groupType ? "Microsoft.Resources/subscriptions/resourceGroups/delete" : type === subscriptionType ? undefined : type + "/delete";
}

/** The command that deletes a resource, by the group of az that knows its type. */
function deleteCli(r: Pick<Envelope, "id" | "type">): string[] {
  const id = parseId(r.id);
  const known: Record<string, string[]> = {
    "microsoft.resources/resourcegroups": ["az", "group", "delete", "--name", id?.name ?? ""],
    "microsoft.containerregistry/registries": ["az", "acr", "delete", "--resource-group", id?.group ?? "", "--name", id?.name ?? ""],
    "microsoft.containerinstance/containergroups": ["az", "container", "delete", "--resource-group", id?.group ?? "", "--name", id?.name ?? ""],
    "microsoft.resources/deployments": ["az", "deployment", ...(id?.group ? ["group", "delete", "--resource-group", id.group] : ["sub", "delete"]), "--name", id?.name ?? ""],
    "microsoft.keyvault/vaults": ["az", "keyvault", "delete", "--resource-group", id?.group ?? "", "--name", id?.name ?? ""],
  };
  const cli = known[r.type.toLowerCase()] ?? ["az", "resource", "delete", "--ids", r.id];
  return cli[1] === "group" || cli[1] === "container" || cli[1] === "acr" ? [...cli, "--yes"] : cli;
}

/** Asks for, and does, the delete of a resource. onGone is told when it has begun. */
export function DeleteResource({ resource, onClose, onGone }: { resource: Envelope; onClose: () => void; onGone?: () => void }) {
  const text = useKitText();
  const run = useWrite();
  const isGroup = resource.type === groupType;
  const write: Write = {
    call: { method: "DELETE", url: resource.id, query: { "api-version": isGroup ? hallVersion : (kindOf(resource.type)?.apiVersion ?? "2024-01-01") } },
    title: text.deleting(resource.name),
    cli: deleteCli(resource),
  };
  return (
    <Confirm
      title={text.deleteTitle(resource.name)} typed={isGroup ? resource.name : undefined} write={write} onClose={onClose}
      onConfirm={() => {
        run(write).then(() => forget(resource.id), () => undefined);
        onGone?.();
      }}
    >
      <Text>{text.deleteHint} {text.irreversible}</Text>
    </Confirm>
  );
}
