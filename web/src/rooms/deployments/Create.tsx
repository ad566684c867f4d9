import { Button, MessageBar, MessageBarBody } from "@fluentui/react-components";
import { BranchCompareRegular, CheckmarkCircleRegular } from "@fluentui/react-icons";
import { useEffect, useState } from "react";
import { useNavigate, useSearchParams } from "react-router";
import { ChoiceLine, RadioLine, Section, TextLine } from "~/kit/Form";
import { Page } from "~/kit/Page";
import { kindOf } from "~/kit/room";
import { groupNameOk, groupWrite, useFirstScope, useScope } from "~/kit/scope";
import { ScopeLines } from "~/kit/ScopeLines";
import { Failure, Loading } from "~/kit/states";
import { Submit } from "~/kit/Submit";
import { useKitText } from "~/kit/text";
import { useForm } from "~/kit/useForm";
import { useWrite } from "~/kit/write";
import { pageOf } from "~/wire/id";
import { useAgain } from "./again";
import { deploymentId, deploymentType, deployWrite, runOf, validate, whatIf, type Asked } from "./api";
import { nameFor, nameOk, parameterFileOf, refill, templateOf, type Draft } from "./form";
import { ParameterLine } from "./ParameterLine";
import { problemsOf, sentOf, type Given } from "./parameters";
import { Result, type Outcome } from "./Result";
import { Source } from "./Source";
import { useDeploymentText } from "./text";

/** The form for a deployment: template, parameters, what would change, and off. */
export default function Create() {
  const text = useDeploymentText();
  const kit = useKitText();
  const navigate = useNavigate();
  const run = useWrite();
  const kind = kindOf(deploymentType);
  const first = useFirstScope();
  const [outcome, setOutcome] = useState<Outcome>();
  const [template, file] = [(t: string) => templateOf(t, text), parameterFileOf];
  const form = useForm<Draft>(() => ({ ...first, name: nameFor(new Date()), mode: "Incremental", template: "", file: "", given: {}, filled: {} }), (v) => {
    const t = template(v.template);
    const words = (u: { problem?: string; line?: number }) => (u.problem && u.line ? text.badJson(u.line, u.problem) : u.problem);
    const bad = t.value && Object.keys(problemsOf(t.value.parameters, v.given)).length > 0;
    return {
      group: t.value?.atSubscription ? undefined : !v.group && !v.newGroup ? kit.required : v.newGroup && !groupNameOk(v.newGroup) ? kit.badGroupName : undefined,
      name: nameOk(v.name) ? undefined : text.nameBad, template: v.template.trim() ? words(t) : text.templateNeeded, file: words(file(v.file)), given: bad ? kit.required : undefined,
    };
  });
  const v = form.values;
  const at = useScope(v);
  const known = template(v.template).value;
  const parameters = known?.parameters ?? [];
  const problems = problemsOf(parameters, v.given);
  const scope = `/subscriptions/${at.subscription}` + (known?.atSubscription ? "" : `/resourceGroups/${at.group}`);
  const id = deploymentId(scope, v.name);
  const body = (): Asked => ({
    ...(known?.atSubscription && { location: at.location }), properties: { mode: known?.atSubscription ? "Incremental" : v.mode, template: known?.json, parameters: sentOf(parameters, v.given) },
  });
  const secrets = parameters.flatMap((p) => { const g = v.given[p.name]; return p.secure && g && "text" in g && g.text ? [g.text] : []; });
  const write = () => deployWrite(id, body(), secrets, text.creating(v.name));
  const source = (part: Partial<Draft>) => {
    const next = { ...v, ...part };
    const t = template(next.template).value;
    form.change({ ...part, ...(t && refill(t.parameters, file(next.file).value ?? {}, "file" in part ? {} : v.given, v.filled)) });
    form.touch("template" in part ? "template" : "file");
    setOutcome(undefined);
  };
  const again = useAgain(useSearchParams()[0].get("from") ?? "");
  useEffect(() => {
    if (again.data) source(again.data.draft);
    // Once, when it has been read: afterwards the form is the user's.
  }, [again.data]);
  const check = (what: "validate" | "whatIf") => {
    if (!form.check()) return;
    setOutcome({ busy: true });
    const asked = what === "validate" ? validate(id, body()).then(() => ({ valid: true })) : whatIf(id, body()).then((changes) => ({ changes }));
    asked.then(setOutcome, (error: unknown) => setOutcome({ error }));
  };
  const submit = async () => {
    if (!form.check()) return;
    setOutcome({ busy: true });
    if (v.newGroup && !known?.atSubscription) await run(groupWrite(kit.creatingGroup(v.newGroup), at.subscription, v.newGroup, at.location));
    const before = await runOf(id);
    const begun = async () => { const now = await runOf(id); return now !== "" && now !== before; };
    let [ended, gone] = [false, false];
    const go = () => { if (!gone) void navigate(pageOf(id)); gone = true; };
    void run(write()).then(go, async (error: unknown) => { if (await begun()) go(); else setOutcome({ error }); }).finally(() => { ended = true; });
    while (!ended && !(await begun())) await new Promise((next) => setTimeout(next, 250));
    if (!ended) go();
  };
  const problem = (name: string) => (form.problem("given") || v.given[name] !== undefined ? problems[name] : undefined);
  const give = (name: string, g: Given) => { form.change({ given: { ...v.given, [name]: g } }); setOutcome(undefined); };
  const fresh = v.newGroup !== "" && !known?.atSubscription;
  return (
    <Page
      title={text.create} icon={kind?.icon} color={kind?.color} crumbs={[{ label: text.home, to: "/" }]}
      footer={<>
        <Submit label={text.deploy} at={known?.atSubscription ? `/subscriptions/${at.subscription}` : at.asked} action={deploymentType + "/write"} write={form.valid && at.subscription ? write() : undefined} onSubmit={() => void submit().catch((error: unknown) => setOutcome({ error }))} />
        <Button icon={<CheckmarkCircleRegular />} disabled={fresh} onClick={() => check("validate")}>{text.validate}</Button>
        <Button icon={<BranchCompareRegular />} disabled={fresh} onClick={() => check("whatIf")}>{text.whatIf}</Button>
      </>}
    >
      {again.isLoading && <Loading />}
      {again.error && <Failure error={again.error} onRetry={() => void again.refetch()} />}
      {again.data && <MessageBar intent="info" layout="multiline" style={{ marginBottom: 16 }}><MessageBarBody>{text.filledFrom(again.data.name)}</MessageBarBody></MessageBar>}
      <form onSubmit={(e) => e.preventDefault()}>
        <Section title={text.template}>
          <Source label={text.template} hint={text.templateHint} required value={v.template} onChange={(t) => source({ template: t })} problem={form.problem("template")} rows={8} />
          <Source label={text.parametersFile} hint={text.parametersFileHint} value={v.file} onChange={(t) => source({ file: t })} problem={form.problem("file")} rows={3} />
        </Section>
        <Section title={text.scope} hint={known?.atSubscription ? text.scopeSubscription : text.scopeGroup}>
          {known?.atSubscription ? (
            <ChoiceLine label={kit.location} required value={at.location} onChange={(location) => form.change({ location })} options={at.regions.map((r) => ({ value: r.name, label: r.displayName }))} />
          ) : <ScopeLines value={v} onChange={form.change} problem={{ group: form.problem("group") }} />}
          <TextLine label={text.name} required info={text.nameHint} value={v.name} onChange={(x) => form.set("name", x)} problem={form.problem("name")} />
          {!known?.atSubscription && (
            <RadioLine
              label={text.mode} value={v.mode} onChange={(x) => { form.set("mode", x); setOutcome(undefined); }} hint={v.mode === "Complete" ? text.completeHint : text.incrementalHint}
              options={[{ value: "Incremental", label: text.incremental }, { value: "Complete", label: text.complete }]}
            />
          )}
        </Section>
        {known && (
          <Section title={text.parameters} hint={parameters.length === 0 ? text.noParameters : undefined}>
            {parameters.map((p) => <ParameterLine key={p.name} parameter={p} given={v.given[p.name]} problem={problem(p.name)} onChange={(g) => give(p.name, g)} />)}
          </Section>
        )}
      </form>
      <Result outcome={outcome} hint={fresh ? text.groupNew : ""} />
    </Page>
  );
}
