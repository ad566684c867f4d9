import { MessageBar, MessageBarBody } from "@fluentui/react-components";
import type { UseQueryResult } from "@tanstack/react-query";
import { Section, TextLine } from "~/kit/Form";
import { Failure, Loading } from "~/kit/states";
import type { FormState } from "~/kit/useForm";
import type { useRegistryLogin } from "./api";
import { useCreateText } from "./createText";
import type { GroupForm } from "./form";

type Login = ReturnType<typeof useRegistryLogin> extends UseQueryResult<infer T> ? T : never;

/** Who pulls the image: filled in from the registry where it has an admin user. */
export function Credentials({ form, login, registry }: { form: FormState<GroupForm>; login: UseQueryResult<Login>; registry: string }) {
  const text = useCreateText();
  const v = form.values;
  return (
    <Section title={text.credentials} hint={text.credentialsHint}>
      {registry && login.isLoading && <Loading label={text.filling} />}
      {registry && login.error && <Failure error={login.error} />}
      {login.data && <MessageBar intent={login.data.admin ? "success" : "warning"}><MessageBarBody>{login.data.admin ? text.filled(login.data.name) : text.adminOff(login.data.name)}</MessageBarBody></MessageBar>}
      <div style={{ height: 12 }} />
      <TextLine label={text.server} value={v.server} onChange={(x) => form.set("server", x)} mono />
      <TextLine label={text.username} value={v.username} onChange={(x) => form.set("username", x)} problem={form.problem("username")} required={v.server !== ""} />
      <TextLine label={text.password} type="password" value={v.password} onChange={(x) => form.set("password", x)} problem={form.problem("password")} required={v.server !== ""} />
    </Section>
  );
}
