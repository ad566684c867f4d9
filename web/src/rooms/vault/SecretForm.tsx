import { Button, Input, makeStyles, Textarea } from "@fluentui/react-components";
import { ArrowLeftRegular, EyeOffRegular, EyeRegular } from "@fluentui/react-icons";
import { useState } from "react";
import { useNavigate } from "react-router";
import { Because, useWhyNot } from "~/kit/Can";
import { EquivalentCli } from "~/kit/EquivalentCli";
import { Line, Section, SwitchLine, TextLine } from "~/kit/Form";
import { Body } from "~/kit/Page";
import { useKitText } from "~/kit/text";
import { useForm } from "~/kit/useForm";
import { useWrite } from "~/kit/write";
import { pageOf } from "~/wire/id";
import type { Vault } from "./api";
import { secretNameOk, tooLong, toUnix } from "./names";
import { needs, setWrite } from "./secrets";
import { useVaultText } from "./text";

const useStyles = makeStyles({
  value: { width: "100%" },
  covered: { WebkitTextSecurity: "disc" },
  row: { display: "flex", gap: "4px", alignItems: "start", width: "100%" },
  date: { width: "260px" },
});

/** The form for a new secret, or with a name for a new version of it. */
export function SecretForm({ vault, name }: { vault: Vault; name: string }) {
  const s = useStyles();
  const text = useVaultText();
  const kit = useKitText();
  const navigate = useNavigate();
  const run = useWrite();
  const [shown, setShown] = useState(false);
  const n = needs(vault, "set");
  const whyNot = useWhyNot(n?.at ?? "", n?.action, true);
  const form = useForm({ name, value: "", contentType: "", nbf: "", exp: "", enabled: true }, (v) => ({
    name: !v.name ? kit.required : secretNameOk(v.name) ? undefined : text.secretNameBad,
    value: !v.value ? kit.required : tooLong(v.value) ? text.valueLong : undefined,
    exp: v.exp && v.nbf && v.exp <= v.nbf ? text.expiryBefore : undefined,
  }));
  const v = form.values;
  const back = pageOf(vault.id, "secrets", name ? "?name=" + name : "");
  const write = () => setWrite(vault, v.name, {
    value: v.value, ...(v.contentType && { contentType: v.contentType }), attributes: { enabled: v.enabled, ...(v.nbf && { nbf: toUnix(v.nbf) }), ...(v.exp && { exp: toUnix(v.exp) }) },
  }, name ? text.creatingVersion(v.name) : text.creatingSecret(v.name));
  const submit = () => {
    if (!form.check() || whyNot) return;
    run(write()).then(() => navigate(pageOf(vault.id, "secrets", "?name=" + v.name)), () => undefined);
  };
  return (
    <Body
      commands={[{ key: "back", label: text.back, icon: ArrowLeftRegular, onClick: () => void navigate(back) }]}
      footer={<>
        <Because reason={whyNot}><Button appearance="primary" disabledFocusable={whyNot !== undefined} onClick={submit}>{kit.create}</Button></Because>
        <EquivalentCli write={form.valid ? write() : undefined} />
        <Button onClick={() => void navigate(back)}>{kit.cancel}</Button>
      </>}
    >
      <form onSubmit={(e) => { e.preventDefault(); submit(); }}>
        <Section title={name ? `${text.newVersion}: ${name}` : text.newSecret}>
          <TextLine label={text.secretName} info={text.secretNameInfo} required value={v.name} onChange={(x) => form.set("name", x)} problem={form.problem("name")} disabled={name !== ""} />
          <Line label={text.value} info={text.valueInfo} required problem={form.problem("value")}>
            {(p) => (
              <div className={s.row}>
                <Textarea
                  {...p} className={s.value} textarea={{ className: shown ? undefined : s.covered, autoComplete: "off", spellCheck: false }} rows={3} resize="vertical" value={v.value}
                  onChange={(_, d) => form.set("value", d.value)}
                />
                <Button appearance="subtle" icon={shown ? <EyeOffRegular /> : <EyeRegular />} aria-label={`${shown ? kit.hide : kit.show}: ${text.value}`} onClick={() => setShown(!shown)} />
              </div>
            )}
          </Line>
          <TextLine label={text.contentType} info={text.contentTypeInfo} value={v.contentType} onChange={(x) => form.set("contentType", x)} />
          <Line label={text.setActivation}><Input className={s.date} type="datetime-local" value={v.nbf} onChange={(_, d) => form.set("nbf", d.value)} /></Line>
          <Line label={text.setExpiry} problem={form.problem("exp")}><Input className={s.date} type="datetime-local" value={v.exp} onChange={(_, d) => form.set("exp", d.value)} /></Line>
          <SwitchLine label={text.enabled} value={v.enabled} onChange={(x) => form.set("enabled", x)} />
        </Section>
      </form>
    </Body>
  );
}
