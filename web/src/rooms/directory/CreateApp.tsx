import { AppGenericRegular } from "@fluentui/react-icons";
import { useNavigate } from "react-router";
import { Section, SwitchLine, TextLine } from "~/kit/Form";
import { Page } from "~/kit/Page";
import { Submit } from "~/kit/Submit";
import { useKitText } from "~/kit/text";
import { useForm } from "~/kit/useForm";
import { useWrite } from "~/kit/write";
import type { Application } from "~/wire/graph";
import { createAppWrite, createPrincipalWrite } from "./api";
import { appPage, places } from "./links";
import { useMayNot } from "./rights";
import { useDirectoryText } from "./text";

/** The form that registers an application. */
export default function CreateApp() {
  const text = useDirectoryText();
  const kit = useKitText();
  const navigate = useNavigate();
  const run = useWrite();
  const whyNot = useMayNot()();
  const form = useForm({ name: "", principal: true }, (v) => ({ name: v.name.trim() ? undefined : kit.required }));
  const { name, principal } = form.values;
  const write = createAppWrite(name.trim(), text.registering(name.trim()));
  const submit = async () => {
    if (!form.check()) return;
    const app = await run<Application>(write);
    if (principal) await run(createPrincipalWrite(app.appId, text.makingPrincipal(app.displayName))).catch(() => undefined);
    await navigate(appPage(app.id));
  };
  const send = () => void submit().catch(() => undefined);
  return (
    <Page
      title={text.newApp} icon={AppGenericRegular} color="#2f7fd6" crumbs={[{ label: text.home, to: "/" }, { label: text.apps, to: places.apps }]}
      footer={<Submit label={text.register} whyNot={whyNot} write={form.valid ? write : undefined} onSubmit={send} />}
    >
      <form onSubmit={(e) => { e.preventDefault(); send(); }}>
        <Section title={kit.basics} hint={text.appsHint}>
          <TextLine label={text.displayName} info={text.nameInfo} required value={name} onChange={(v) => form.set("name", v)} problem={form.problem("name")} />
          <SwitchLine label={text.withPrincipal} info={text.withPrincipalInfo} value={principal} onChange={(v) => form.set("principal", v)} />
        </Section>
      </form>
    </Page>
  );
}
