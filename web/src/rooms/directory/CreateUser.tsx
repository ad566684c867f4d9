import { Button, MessageBar, MessageBarBody, MessageBarTitle, Text } from "@fluentui/react-components";
import { PersonRegular } from "@fluentui/react-icons";
import { useState } from "react";
import { CopyField } from "~/kit/CopyField";
import { Section, TextLine } from "~/kit/Form";
import { Page } from "~/kit/Page";
import { Submit } from "~/kit/Submit";
import { useKitText } from "~/kit/text";
import { useForm } from "~/kit/useForm";
import { useWrite } from "~/kit/write";
import { useUsers } from "~/wire/graph";
import { settings } from "~/wire/settings";
import { createUserWrite } from "./api";
import { places } from "./links";
import { useMayNot } from "./rights";
import { newPassword } from "./secret";
import { useDirectoryText } from "./text";

const fresh = () => newPassword((a) => crypto.getRandomValues(a));

/** The form for a new user, and the new user's password, once. */
export default function CreateUser() {
  const text = useDirectoryText();
  const kit = useKitText();
  const run = useWrite();
  const whyNot = useMayNot()();
  const users = useUsers().data ?? [];
  const { domain } = settings();
  const [password, setPassword] = useState(fresh);
  const [made, setMade] = useState<{ name: string; principalName: string; password: string }>();
  const full = (user: string) => `${user.trim()}@${domain}`;
  const form = useForm({ user: "", name: "" }, (v) => ({
    user: !v.user.trim() ? kit.required : !/^[\w'-]+(\.[\w'-]+)*$/.test(v.user.trim()) ? text.badUserName
      : users.some((u) => u.userPrincipalName.toLowerCase() === full(v.user).toLowerCase()) ? text.takenUser : undefined,
    name: v.name.trim() ? undefined : kit.required,
  }));
  const v = form.values;
  const write = createUserWrite(v.name.trim(), full(v.user), password, text.creatingUser(v.name.trim()));
  const submit = () => {
    if (!form.check()) return;
    run(write).then(() => setMade({ name: v.name.trim(), principalName: full(v.user), password }), () => undefined);
  };
  const again = () => {
    setMade(undefined);
    setPassword(fresh());
    form.change({ user: "", name: "" });
  };
  return (
    <Page
      title={text.newUser} icon={PersonRegular} color="#2f7fd6" crumbs={[{ label: text.home, to: "/" }, { label: text.users, to: places.users }]}
      footer={made ? <Button onClick={again}>{text.another}</Button> : <Submit whyNot={whyNot} write={form.valid ? write : undefined} onSubmit={submit} />}
    >
      {made ? (
        <Section title={text.userMade(made.name)}>
          <MessageBar intent="warning" layout="multiline" style={{ margin: "12px 0" }}><MessageBarBody><MessageBarTitle>{text.onceTitle}</MessageBarTitle> {text.once}</MessageBarBody></MessageBar>
          <CopyField label={text.userName} value={made.principalName} />
          <CopyField label={text.password} value={made.password} secret />
        </Section>
      ) : (
        <form onSubmit={(e) => { e.preventDefault(); submit(); }}>
          <Section title={kit.basics}>
            <TextLine label={text.userName} info={text.userNameInfo(domain)} required value={v.user} onChange={(x) => form.set("user", x)} problem={form.problem("user")} after={"@" + domain} />
            <TextLine label={text.displayName} required value={v.name} onChange={(x) => form.set("name", x)} problem={form.problem("name")} />
          </Section>
          <Text block size={200}>{text.passwordInfo}</Text>
          <button type="submit" hidden />
        </form>
      )}
    </Page>
  );
}
