import { useDeferredValue } from "react";
import { useNavigate } from "react-router";
import { Go } from "~/kit/Essentials";
import { ChoiceLine, RadioLine, Section, SwitchLine, TextLine } from "~/kit/Form";
import { Page } from "~/kit/Page";
import { kindOf } from "~/kit/room";
import { groupNameOk, groupWrite, useFirstScope, useScope } from "~/kit/scope";
import { ScopeLines } from "~/kit/ScopeLines";
import { Submit } from "~/kit/Submit";
import { useKitText } from "~/kit/text";
import { useForm } from "~/kit/useForm";
import { useWrite } from "~/kit/write";
import { idIn } from "~/wire/id";
import { whoami } from "~/wire/session";
import { settings } from "~/wire/settings";
import { createWrite, useNameCheck, vaultType, type NewVault } from "./api";
import { vaultNameProblem } from "./names";
import { useVaultText } from "./text";

/** The form for a new vault. */
export default function Create() {
  const text = useVaultText();
  const kit = useKitText();
  const navigate = useNavigate();
  const run = useWrite();
  const kind = kindOf(vaultType);
  const first = useFirstScope();
  const rules = { length: text.lengthBad, start: text.startBad, end: text.endBad, letters: text.lettersBad, hyphens: text.hyphensBad };
  const form = useForm({ ...first, name: "", sku: "standard", days: "90", protect: false, model: "rbac", templates: false }, (v) => {
    const broken = vaultNameProblem(v.name);
    return {
      group: !v.group && !v.newGroup ? kit.required : v.newGroup && !groupNameOk(v.newGroup) ? kit.badGroupName : undefined,
      name: !v.name ? kit.required : broken && rules[broken],
      days: !/^\d+$/.test(v.days) || Number(v.days) < 7 || Number(v.days) > 90 ? text.retentionBad : undefined,
    };
  });
  const v = form.values;
  const at = useScope(v);
  const name = useDeferredValue(v.name);
  const check = useNameCheck(at.subscription, vaultNameProblem(name) ? "" : name);
  const answered = v.name === name && !vaultNameProblem(v.name) ? check.data : undefined;
  const taken = answered && !answered.nameAvailable ? (answered.message ?? "") : undefined;
  const body = (): NewVault => {
    const me = { tenantId: settings().tenant, objectId: whoami().objectId, permissions: { secrets: ["all"] } };
    return {
      location: at.location,
      properties: {
        tenantId: settings().tenant, sku: { family: "A", name: v.sku }, enableRbacAuthorization: v.model === "rbac", accessPolicies: v.model === "rbac" ? [] : [me], softDeleteRetentionInDays: Number(v.days),
        ...(v.protect && { enablePurgeProtection: true }), enabledForTemplateDeployment: v.templates,
      },
    };
  };
  const write = () => createWrite(idIn(at.subscription, at.group, vaultType, v.name), body(), text.creating(v.name));
  const submit = async () => {
    if (!form.check() || taken) return;
    void navigate("/browse/" + vaultType);
    if (v.newGroup) await run(groupWrite(kit.creatingGroup(v.newGroup), at.subscription, v.newGroup, at.location));
    await run(write());
  };
  return (
    <Page
      title={text.create} icon={kind?.icon} color={kind?.color} crumbs={[{ label: text.home, to: "/" }, { label: text.vaults, to: "/browse/" + vaultType }]}
      footer={<Submit at={at.asked} action={vaultType + "/write"} write={form.valid && at.subscription && !taken ? write() : undefined} onSubmit={() => void submit().catch(() => undefined)} />}
    >
      <form onSubmit={(e) => { e.preventDefault(); void submit().catch(() => undefined); }}>
        <Section title={kit.basics}>
          <ScopeLines value={v} onChange={form.change} problem={{ group: form.problem("group") }} />
          <TextLine
            label={text.name} info={text.nameInfo} required value={v.name} onChange={(x) => form.set("name", x)} problem={form.problem("name") ?? taken} good={answered?.nameAvailable ? text.free : undefined}
          />
          {taken?.includes("deleted state") && <p>{text.held} <Go to="/deleted-vaults">{text.deletedVaults}</Go></p>}
          <ChoiceLine label={text.tier} info={text.tierHint} required value={v.sku} onChange={(x) => form.set("sku", x)} options={[{ value: "standard", label: "Standard" }, { value: "premium", label: "Premium" }]} />
        </Section>
        <Section title={text.recoveryPart}>
          <TextLine label={text.retention} hint={text.retentionHint} required value={v.days} onChange={(x) => form.set("days", x)} problem={form.problem("days")} />
          <SwitchLine label={text.purgeProtection} info={text.purgeHint} value={v.protect} onChange={(x) => form.set("protect", x)} />
        </Section>
        <Section title={text.access} hint={v.model === "rbac" ? text.rbacHint : text.policiesHint}>
          <RadioLine label={text.model} value={v.model} onChange={(x) => form.set("model", x)} options={[{ value: "rbac", label: text.rbac }, { value: "policies", label: text.policies }]} />
          <SwitchLine label={text.templates} info={text.templatesHint} value={v.templates} onChange={(x) => form.set("templates", x)} />
        </Section>
      </form>
    </Page>
  );
}
