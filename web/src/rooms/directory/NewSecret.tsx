import { Button, DrawerBody, DrawerFooter, DrawerHeader, DrawerHeaderTitle, OverlayDrawer } from "@fluentui/react-components";
import { DismissRegular } from "@fluentui/react-icons";
import { useState } from "react";
import { ChoiceLine, TextLine } from "~/kit/Form";
import { Submit } from "~/kit/Submit";
import { useKitText } from "~/kit/text";
import { useForm } from "~/kit/useForm";
import { useWrite } from "~/kit/write";
import type { Application, PasswordCredential } from "~/wire/graph";
import { addSecretWrite } from "./api";
import { useMayNot } from "./rights";
import { endOf, lifetimes, type Lifetime } from "./secret";
import { useDirectoryText } from "./text";

/** Makes a secret of an application and hands it on. */
export function NewSecret({ app, onClose, onMade }: { app: Application; onClose: () => void; onMade: (c: PasswordCredential) => void }) {
  const text = useDirectoryText();
  const kit = useKitText();
  const run = useWrite();
  const whyNot = useMayNot()(app.id);
  const [now] = useState(() => Date.now());
  const form = useForm({ description: "", lifetime: "180" as Lifetime, day: "" }, (v) => ({ day: endOf(v.lifetime, v.day, now) ? undefined : text.badDay }));
  const v = form.values;
  const end = endOf(v.lifetime, v.day, now);
  const write = end ? addSecretWrite(app, v.description, end, text.addingSecret(app.displayName)) : undefined;
  const names: Record<Lifetime, string> = { "90": text.days("90"), "180": text.days("180"), "365": text.year, "730": text.years, custom: text.until };
  const submit = () => {
    if (!form.check() || !write) return;
    onClose();
    run<PasswordCredential>(write).then(onMade, () => undefined);
  };
  return (
    <OverlayDrawer open position="end" size="medium" onOpenChange={(_, d) => !d.open && onClose()}>
      <DrawerHeader>
        <DrawerHeaderTitle action={<Button appearance="subtle" aria-label={kit.close} icon={<DismissRegular />} onClick={onClose} />}>{text.newSecret}</DrawerHeaderTitle>
      </DrawerHeader>
      <DrawerBody>
        <form onSubmit={(e) => { e.preventDefault(); submit(); }}>
          <TextLine label={text.description} value={v.description} onChange={(x) => form.set("description", x)} />
          <ChoiceLine label={text.lifetime} required value={v.lifetime} onChange={(x) => form.set("lifetime", x)} options={lifetimes.map((l) => ({ value: l, label: names[l] }))} />
          {v.lifetime === "custom" && <TextLine label={text.endDay} required type="date" value={v.day} onChange={(x) => form.set("day", x)} problem={form.problem("day")} />}
        </form>
      </DrawerBody>
      <DrawerFooter><Submit label={text.add} whyNot={whyNot} write={write} onSubmit={submit} /></DrawerFooter>
    </OverlayDrawer>
  );
}
