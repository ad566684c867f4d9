import type { Scope } from "~/kit/scope";
import { isObject, JsonProblem, parseJson } from "./jsonc";
import { begin, fileOf, parametersOf, type Given, type Parameter } from "./parameters";

/** The state of the form for a deployment. */
export interface Draft extends Scope {
  name: string;
  mode: string;
  template: string;
  file: string;
  given: Record<string, Given>;
  /** What given was filled with from template and file. */
  filled: Record<string, Given>;
}

/** A text as it was understood, or what is wrong with it. */
export interface Understood<T> {
  value?: T;
  line?: number;
  problem?: string;
}

function understood<T>(text: string, f: (json: unknown) => T): Understood<T> {
  if (text.trim() === "") return {};
  try {
    return { value: f(parseJson(text)) };
  } catch (e) {
    return { problem: e instanceof Error ? e.message : String(e), line: e instanceof JsonProblem ? e.line : undefined };
  }
}

/** The levels of templates that this form has no scope for, by their schemas, and the words of az for them. */
const elsewhere = [[/managementGroupDeploymentTemplate/i, "az deployment mg create"], [/tenantDeploymentTemplate/i, "az deployment tenant create"]] as const;

/** A template as it was understood: for the subscription when its schema says so. */
export interface Template {
  json: unknown;
  parameters: Parameter[];
  atSubscription: boolean;
}

/** Understands a template's text. words say what is wrong with JSON that is no template, or one for a scope above subscriptions, which the command deploys. */
export function templateOf(text: string, words: { notTemplate: string; elsewhere: (command: string) => string }): Understood<Template> {
  return understood(text, (json) => {
    if (!isObject(json) || !("resources" in json)) throw new Error(words.notTemplate);
    const schema = String(json["$schema"] ?? "");
    const command = elsewhere.find(([pattern]) => pattern.test(schema))?.[1];
    if (command) throw new Error(words.elsewhere(command));
    return { json, parameters: parametersOf(json), atSubscription: /subscriptionDeploymentTemplate/i.test(schema) };
  });
}

/** Understands a parameter file's text. */
export function parameterFileOf(text: string): Understood<Record<string, Given>> {
  return understood(text, fileOf);
}

/** The values for another template or another file. filled is what the form was filled with before: what was typed since is kept where the name is still one. */
export function refill(parameters: Parameter[], file: Record<string, Given>, typed: Record<string, Given>, filled: Record<string, Given>): { given: Record<string, Given>; filled: Record<string, Given> } {
  const fresh = begin(parameters, file);
  const changed = parameters.filter((p) => typed[p.name] && JSON.stringify(typed[p.name]) !== JSON.stringify(filled[p.name]));
  return { filled: fresh, given: { ...fresh, ...Object.fromEntries(changed.map((p) => [p.name, typed[p.name]!])) } };
}

/** A name for a deployment: what it is and when. */
export function nameFor(now: Date): string {
  return "deploy-" + now.toISOString().slice(0, 19).replace(/[-:]/g, "").replace("T", "-");
}

/** The rule for names of deployments. */
export function nameOk(name: string): boolean {
  return /^[-\w._()]{1,64}$/.test(name);
}
