import { useDeferredValue } from "react";
import { useNavigate } from "react-router";
import { ChoiceLine, Section, SwitchLine, TextLine } from "~/kit/Form";
import { Page } from "~/kit/Page";
import { kindOf } from "~/kit/room";
import { groupNameOk, groupWrite, useFirstScope, useScope } from "~/kit/scope";
import { ScopeLines } from "~/kit/ScopeLines";
import { Submit } from "~/kit/Submit";
import { useKitText } from "~/kit/text";
import { useForm } from "~/kit/useForm";
import { useWrite } from "~/kit/write";
import { idIn } from "~/wire/id";
import { createWrite, registryType, useNameCheck } from "./api";
import { useRegistryText } from "./text";

/** The form for a new registry. */
export default function Create() {
  const text = useRegistryText();
  const kit = useKitText();
  const navigate = useNavigate();
  const run = useWrite();
  const kind = kindOf(registryType);
  const first = useFirstScope();
  const form = useForm({ ...first, name: "", sku: "Basic", admin: false }, (v) => ({
    group: !v.group && !v.newGroup ? kit.required : v.newGroup && !groupNameOk(v.newGroup) ? kit.badGroupName : undefined,
    name: !v.name ? kit.required : undefined,
  }));
  const v = form.values;
  const at = useScope(v);
  const name = useDeferredValue(v.name);
  const check = useNameCheck(at.subscription, name);
  const taken = check.data && !check.data.nameAvailable ? (check.data.message ?? "") : undefined;
  const write = () => createWrite(idIn(at.subscription, at.group, registryType, v.name), { location: at.location, sku: { name: v.sku }, properties: { adminUserEnabled: v.admin } }, text.creating(v.name));
  const submit = async () => {
    if (!form.check() || taken) return;
    void navigate("/browse/" + registryType);
    if (v.newGroup) await run(groupWrite(kit.creatingGroup(v.newGroup), at.subscription, v.newGroup, at.location));
    await run(write());
  };
  return (
    <Page
      title={text.create} icon={kind?.icon} color={kind?.color} crumbs={[{ label: text.home, to: "/" }, { label: text.registries, to: "/browse/" + registryType }]}
      footer={<Submit at={at.asked} action={registryType + "/write"} write={form.valid && at.subscription && !taken ? write() : undefined} onSubmit={() => void submit().catch(() => undefined)} />}
    >
      <form onSubmit={(e) => { e.preventDefault(); void submit().catch(() => undefined); }}>
        <Section title={kit.basics}>
          <ScopeLines value={v} onChange={form.change} problem={{ group: form.problem("group") }} />
          <TextLine
            label={text.name} info={text.nameInfo} required value={v.name} onChange={(x) => form.set("name", x)} problem={form.problem("name") ?? taken}
            good={check.data?.nameAvailable && v.name === name ? text.free : undefined}
          />
          <ChoiceLine
            label={text.sku} required value={v.sku} onChange={(x) => form.set("sku", x)}
            options={[{ value: "Basic", label: "Basic", detail: text.skuBasic }, { value: "Standard", label: "Standard", detail: text.skuStandard }, { value: "Premium", label: "Premium", detail: text.skuPremium }]}
          />
          <SwitchLine label={text.adminAtStart} info={text.adminHint} value={v.admin} onChange={(x) => form.set("admin", x)} />
        </Section>
      </form>
    </Page>
  );
}
