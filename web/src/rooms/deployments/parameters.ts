import { isObject } from "./jsonc";

/** A parameter of a template, as a form needs it. */
export interface Parameter {
  name: string;
  /** string, int, bool, object or array. */
  type: "string" | "int" | "bool" | "object" | "array";
  /** Its value is covered, and not kept with the deployment. */
  secure: boolean;
  description: string;
  allowed?: unknown[];
  /** undefined: it has to be given. */
  fallback?: unknown;
  /** The default is an expression, which the deployment evaluates. */
  computed: boolean;
  nullable: boolean;
  min?: number;
  max?: number;
  minLength?: number;
  maxLength?: number;
}

/** What a form or a file gives a parameter: text to read by its type, or a reference to a vault's secret. */
export type Given = { text: string } | { reference: Record<string, unknown> };

/** What may be wrong with a value. */
export type ValueProblem = "required" | "number" | "json" | "allowed" | "range" | "length";

const number = (v: unknown) => (typeof v === "number" ? v : undefined);

/** The parameters a template declares, in its order. */
export function parametersOf(template: unknown): Parameter[] {
  const declared = isObject(template) ? template["parameters"] : undefined;
  if (!isObject(declared)) return [];
  return Object.entries(declared).flatMap(([name, d]): Parameter[] => {
    if (!isObject(d)) return [];
    const raw = String(d["type"] ?? (d["$ref"] ? "object" : "string")).toLowerCase();
    const type = raw.replace(/^secure/, "");
    const metadata = isObject(d["metadata"]) ? d["metadata"] : {};
    const fallback = d["defaultValue"];
    return [{
      name, secure: raw.startsWith("secure"), type: type === "int" || type === "bool" || type === "object" || type === "array" ? type : "string", description: String(metadata["description"] ?? ""),
      allowed: Array.isArray(d["allowedValues"]) ? d["allowedValues"] : undefined, fallback, computed: typeof fallback === "string" && /^\[(?!\[)/.test(fallback), nullable: d["nullable"] === true,
      min: number(d["minValue"]), max: number(d["maxValue"]), minLength: number(d["minLength"]), maxLength: number(d["maxLength"]),
    }];
  });
}

/** A value as the form shows it. */
export function textOf(v: unknown): string {
  return v === undefined ? "" : typeof v === "string" ? v : typeof v === "object" && v !== null ? JSON.stringify(v, null, 2) : String(v);
}

/** What a form begins with: the defaults that are no expressions, and over them what a parameter file gives. */
export function begin(parameters: Parameter[], file: Record<string, Given>): Record<string, Given> {
  const out: Record<string, Given> = {};
  for (const p of parameters) {
    const sent = Object.entries(file).find(([name]) => name.toLowerCase() === p.name.toLowerCase())?.[1];
    if (sent) out[p.name] = sent;
    else if (p.fallback !== undefined && !p.computed) out[p.name] = { text: textOf(p.fallback) };
  }
  return out;
}

/** What a parameter file gives: a whole file, or only its "parameters". Throws when it is neither. */
export function fileOf(json: unknown): Record<string, Given> {
  const all = isObject(json) && isObject(json["parameters"]) ? json["parameters"] : json;
  if (!isObject(all)) throw new Error("The parameter file is no JSON object.");
  return Object.fromEntries(Object.entries(all).flatMap(([name, v]): [string, Given][] => {
    if (name.startsWith("$") || name === "contentVersion") return [];
    if (isObject(v) && isObject(v["reference"])) return [[name, { reference: v["reference"] }]];
    if (isObject(v) && "value" in v) return [[name, { text: textOf(v["value"]) }]];
    throw new Error(`The parameter '${name}' has neither 'value' nor 'reference'.`);
  }));
}

/** Whether a parameter is left to its default. */
function left(p: Parameter, text: string): boolean {
  return text === "" && (p.type !== "string" || p.computed || p.secure || p.nullable || p.fallback === undefined);
}

/** Reads the text for a parameter, and says what is wrong with it. value is undefined for what is left to the default. */
export function read(p: Parameter, given: Given | undefined): { value?: unknown; problem?: ValueProblem } {
  if (given && "reference" in given) return {};
  const text = given?.text ?? "";
  if (left(p, text)) return p.fallback === undefined && !p.nullable ? { problem: "required" } : {};
  let value: unknown = text;
  if (p.type === "int") {
    if (!/^-?\d+$/.test(text.trim())) return { problem: "number" };
    value = Number(text);
  } else if (p.type === "bool") {
    value = text === "true";
  } else if (p.type !== "string") {
    try {
      value = JSON.parse(text);
    } catch {
      return { problem: "json" };
    }
    if (Array.isArray(value) !== (p.type === "array") || (p.type === "object" && !isObject(value))) return { problem: "json" };
  }
  if (p.allowed && !p.allowed.some((a) => JSON.stringify(a) === JSON.stringify(value))) return { value, problem: "allowed" };
  if (typeof value === "number" && ((p.min !== undefined && value < p.min) || (p.max !== undefined && value > p.max))) return { value, problem: "range" };
  const length = typeof value === "string" || Array.isArray(value) ? value.length : undefined;
  if (length !== undefined && ((p.minLength !== undefined && length < p.minLength) || (p.maxLength !== undefined && length > p.maxLength))) return { value, problem: "length" };
  return { value };
}

/** The problems of all parameters, by name. */
export function problemsOf(parameters: Parameter[], given: Record<string, Given>): Record<string, ValueProblem> {
  return Object.fromEntries(parameters.flatMap((p) => { const { problem } = read(p, given[p.name]); return problem ? [[p.name, problem]] : []; }));
}

/** The parameters as a deployment is sent them: what is left to its default is not in it. */
export function sentOf(parameters: Parameter[], given: Record<string, Given>): Record<string, { value: unknown } | { reference: Record<string, unknown> }> {
  return Object.fromEntries(parameters.flatMap((p): [string, { value: unknown } | { reference: Record<string, unknown> }][] => {
    const g = given[p.name];
    if (g && "reference" in g) return [[p.name, { reference: g.reference }]];
    const { value } = read(p, g);
    return value === undefined ? [] : [[p.name, { value }]];
  }));
}
