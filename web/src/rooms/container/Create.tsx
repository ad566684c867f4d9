import { useDeferredValue, useEffect } from "react";
import { useNavigate, useSearchParams } from "react-router";
import { ChoiceLine, RadioLine, Section, TextLine } from "~/kit/Form";
import { Page } from "~/kit/Page";
import { kindOf } from "~/kit/room";
import { groupWrite, useFirstScope, useScope } from "~/kit/scope";
import { ScopeLines } from "~/kit/ScopeLines";
import { Submit } from "~/kit/Submit";
import { useKitText } from "~/kit/text";
import { useForm } from "~/kit/useForm";
import { useWrite } from "~/kit/write";
import { parseId } from "~/wire/id";
import { settings } from "~/wire/settings";
import { groupKind, useLabelCheck, useRegistryLogin } from "./api";
import { Credentials } from "./Credentials";
import { useCreateText } from "./createText";
import { createWrite, emptyForm, labelOk, problemsOf } from "./form";
import { EnvLines, PortLines } from "./Rows";

/** The form for a container group. ?image= and ?registry= fill in what a tag's "Run instance" knows. */
export default function Create() {
  const text = useCreateText();
  const kit = useKitText();
  const navigate = useNavigate();
  const run = useWrite();
  const kind = kindOf(groupKind);
  const [query] = useSearchParams();
  const registry = query.get("registry") ?? "";
  const first = useFirstScope();
  const login = useRegistryLogin(registry);
  const wrong = { ...text, required: kit.required, badGroup: kit.badGroupName };
  const form = useForm(
    () => emptyForm({ ...first, group: first.group || (parseId(registry)?.group ?? "") }, query.get("image") ?? ""),
    (v) => problemsOf(v, wrong),
  );
  const v = form.values;
  const at = useScope(v);
  const label = useDeferredValue(v.label);
  const check = useLabelCheck(at.subscription, at.location, label, v.network === "Public" && labelOk(label));
  const labelTaken = check.data?.available === false;
  const { change } = form;
  useEffect(() => {
    if (login.data) change({ server: login.data.server, username: login.data.username, password: login.data.password });
  }, [login.data, change]);
  const write = createWrite(v, at.subscription, at.group, at.location, text.creating(v.name));
  const submit = async () => {
    if (!form.check() || labelTaken) return;
    void navigate("/browse/" + groupKind);
    if (v.newGroup) await run(groupWrite(kit.creatingGroup(v.newGroup), at.subscription, v.newGroup, at.location));
    await run(write);
  };
  const field = <K extends "name" | "image" | "cpu" | "memory" | "label" | "command">(key: K) => ({ value: v[key], onChange: (x: string) => form.set(key, x), problem: form.problem(key) });
  return (
    <Page
      title={text.create} icon={kind?.icon} color={kind?.color} crumbs={[{ label: text.home, to: "/" }, { label: text.groups, to: "/browse/" + groupKind }]}
      footer={<Submit at={at.asked} action={groupKind + "/write"} write={form.valid && !labelTaken ? write : undefined} onSubmit={() => void submit().catch(() => undefined)} />}
    >
      <form onSubmit={(e) => { e.preventDefault(); void submit().catch(() => undefined); }}>
        <Section title={kit.basics}><ScopeLines value={v} onChange={form.change} problem={{ group: form.problem("group") }} /></Section>
        <Section title={text.container}>
          <TextLine label={text.name} info={text.nameInfo} required {...field("name")} />
          <TextLine label={text.image} required hint={text.imageHint} mono {...field("image")} />
          <RadioLine label={text.os} required value={v.os} onChange={(x) => form.set("os", x)} options={[{ value: "Linux", label: text.linux }, { value: "Windows", label: text.windows, disabled: true }]} />
          <TextLine label={text.cpu} required {...field("cpu")} />
          <TextLine label={text.memory} required {...field("memory")} />
          <ChoiceLine
            label={text.policy} value={v.policy} onChange={(x) => form.set("policy", x)}
            options={[{ value: "Always", label: text.always }, { value: "OnFailure", label: text.onFailure }, { value: "Never", label: text.never }]}
          />
        </Section>
        <Section title={text.networking}>
          <RadioLine label={text.network} value={v.network} onChange={(x) => form.set("network", x)} options={[{ value: "Public", label: text.public }, { value: "None", label: text.none }]} />
          {v.network === "Public" && (
            <>
              <TextLine
                label={text.label} {...field("label")} problem={form.problem("label") ?? (labelTaken ? text.taken : undefined)} good={check.data?.available && v.label === label && labelOk(v.label) ? text.free : undefined}
                hint={text.labelHint(`${v.label || "…"}.${at.location}.azurecontainer.${settings().domain}`)}
              />
              <PortLines ports={v.ports} onChange={(x) => form.set("ports", x)} problem={form.problem("ports")} />
            </>
          )}
        </Section>
        <Credentials form={form} login={login} registry={registry} />
        <Section title={text.advanced}>
          <EnvLines env={v.env} onChange={(x) => form.set("env", x)} problem={form.problem("env")} />
          <TextLine label={text.command} hint={text.commandHint} mono {...field("command")} />
        </Section>
      </form>
    </Page>
  );
}
