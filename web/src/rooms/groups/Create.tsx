import { useNavigate } from "react-router";
import { ChoiceLine, Section, TextLine } from "~/kit/Form";
import { Page } from "~/kit/Page";
import { kindOf } from "~/kit/room";
import { groupNameOk, groupWrite, useScope } from "~/kit/scope";
import { ScopeTrouble } from "~/kit/ScopeLines";
import { Submit } from "~/kit/Submit";
import { useKitText } from "~/kit/text";
import { useForm } from "~/kit/useForm";
import { useWrite } from "~/kit/write";
import { groupType } from "~/wire/id";
import { useGroupsText } from "./text";

/** The form for a new resource group. */
export default function Create() {
  const text = useGroupsText();
  const kit = useKitText();
  const navigate = useNavigate();
  const run = useWrite();
  const kind = kindOf(groupType);
  const at = useScope({ subscription: "", group: "", newGroup: "", location: "" });
  const taken = (name: string) => at.groups?.some((g) => g.name.toLowerCase() === name.toLowerCase());
  const form = useForm({ name: "", location: "" }, (v) => ({ name: !v.name ? kit.required : !groupNameOk(v.name) ? text.badName : taken(v.name) ? text.taken : undefined }));
  const { name } = form.values;
  const location = form.values.location || at.location;
  const write = groupWrite(text.creating(name), at.subscription, name, location);
  const submit = () => {
    if (!form.check()) return;
    run(write).then(() => navigate(write.page!), () => undefined);
  };
  return (
    <Page
      title={text.create} icon={kind?.icon} color={kind?.color} crumbs={[{ label: text.home, to: "/" }, { label: text.groups, to: "/browse/" + groupType }]}
      footer={<Submit at={at.asked} action="Microsoft.Resources/subscriptions/resourceGroups/write" write={form.valid ? write : undefined} onSubmit={submit} />}
    >
      <form onSubmit={(e) => { e.preventDefault(); submit(); }}>
        <Section title={kit.basics}>
          <ScopeTrouble at={at} />
          <ChoiceLine label={kit.subscription} required value={at.subscription} onChange={() => undefined} options={at.subscriptions.map((s) => ({ value: s.subscriptionId, label: s.displayName }))} />
          <TextLine label={kit.name} required value={name} onChange={(v) => form.set("name", v)} problem={form.problem("name")} hint={text.nameHint} />
          <ChoiceLine label={kit.location} required value={location} onChange={(v) => form.set("location", v)} options={at.regions.map((r) => ({ value: r.name, label: r.displayName }))} />
        </Section>
      </form>
    </Page>
  );
}
