import { Text } from "@fluentui/react-components";
import type { Envelope } from "~/wire/arm";
import { groupType } from "~/wire/id";
import { Confirm } from "./Confirm";
import { forget } from "./recent";
import { deleteWrite } from "./remove";
import { kindOf } from "./room";
import { useKitText } from "./text";
import { useLocal } from "./words";
import { useWrite } from "./write";

/** Asks for, and does, the delete of a resource. onGone is told when it has begun. */
export function DeleteResource({ resource, onClose, onGone }: { resource: Envelope; onClose: () => void; onGone?: () => void }) {
  const text = useKitText();
  const run = useWrite();
  const local = useLocal();
  const meaning = kindOf(resource.type)?.deleted;
  const isGroup = resource.type === groupType;
  const write = deleteWrite(resource, text.deleting(resource.name));
  return (
    <Confirm
      title={text.deleteTitle(resource.name)} typed={isGroup ? resource.name : undefined} write={write} onClose={onClose}
      onConfirm={() => {
        run(write).then(() => forget(resource.id), () => undefined);
        onGone?.();
      }}
    >
      <Text>{meaning ? local(meaning) : `${text.deleteHint} ${text.irreversible}`}</Text>
    </Confirm>
  );
}
