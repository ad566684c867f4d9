import { Button, DrawerBody, DrawerFooter, DrawerHeader, DrawerHeaderTitle, OverlayDrawer } from "@fluentui/react-components";
import { DismissRegular } from "@fluentui/react-icons";
import { ChoiceLine, TextLine } from "~/kit/Form";
import { Submit } from "~/kit/Submit";
import { useKitText } from "~/kit/text";
import { useForm } from "~/kit/useForm";
import { useWrite } from "~/kit/write";
import type { ResourceId } from "~/wire/id";
import { lockNameOk, lockWrite } from "./api";
import { useLocksText } from "./text";

/** Locks a scope. taken are the names of the locks it has. */
export function Add({ id, taken, onClose }: { id: ResourceId; taken: string[]; onClose: () => void }) {
  const text = useLocksText();
  const kit = useKitText();
  const run = useWrite();
  const form = useForm({ name: "", level: "CanNotDelete", notes: "" }, (v) => ({ name: !v.name ? kit.required : lockNameOk(v.name) ? undefined : text.bad, notes: v.notes.length > 512 ? text.long : undefined }));
  const v = form.values;
  const write = lockWrite(id, v.name, v.level, v.notes, text.locking(v.name, id.name));
  const submit = () => {
    if (!form.check()) return;
    onClose();
    void run(write).catch(() => undefined);
  };
  return (
    <OverlayDrawer open position="end" size="medium" onOpenChange={(_, d) => !d.open && onClose()}>
      <DrawerHeader>
        <DrawerHeaderTitle action={<Button appearance="subtle" aria-label={kit.close} icon={<DismissRegular />} onClick={onClose} />}>{text.add}</DrawerHeaderTitle>
      </DrawerHeader>
      <DrawerBody>
        <form onSubmit={(e) => { e.preventDefault(); submit(); }}>
          <TextLine label={text.name} required value={v.name} onChange={(x) => form.set("name", x)} problem={form.problem("name")} hint={taken.includes(v.name.toLowerCase()) ? text.taken : undefined} />
          <ChoiceLine
            label={text.level} required value={v.level} onChange={(x) => form.set("level", x)}
            options={[{ value: "CanNotDelete", label: text.noDelete, detail: text.noDeleteHint }, { value: "ReadOnly", label: text.readOnly, detail: text.readOnlyHint }]}
          />
          <TextLine label={text.notes} value={v.notes} onChange={(x) => form.set("notes", x)} problem={form.problem("notes")} />
        </form>
      </DrawerBody>
      <DrawerFooter>
        <Submit label={kit.save} at={id.id} action="Microsoft.Authorization/locks/write" write={form.valid ? write : undefined} onSubmit={submit} />
      </DrawerFooter>
    </OverlayDrawer>
  );
}
