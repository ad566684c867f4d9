import { groupNameOk, type Scope } from "~/kit/scope";
import type { Problems } from "~/kit/useForm";
import { shellLine, type Write } from "~/kit/write";
import type { ContainerGroupProperties } from "~/wire/zz_container";
import { idIn } from "~/wire/id";
import { groupKind, groupVersion } from "./api";

/** One variable of a form. */
export interface EnvRow {
  name: string;
  value: string;
  secure: boolean;
}

/** One port of a form, as typed. */
export interface PortRow {
  port: string;
  protocol: "TCP" | "UDP";
}

/** What the form for a container group holds. */
export interface GroupForm extends Scope {
  name: string;
  image: string;
  os: "Linux" | "Windows";
  cpu: string;
  memory: string;
  policy: "Always" | "OnFailure" | "Never";
  network: "Public" | "None";
  label: string;
  ports: PortRow[];
  env: EnvRow[];
  command: string;
  server: string;
  username: string;
  password: string;
}

/** A form that holds nothing but the defaults of 'az container create'. */
export function emptyForm(scope: Scope, image: string): GroupForm {
  return {
    ...scope, name: nameOf(image), image, os: "Linux", cpu: "1", memory: "1.5", policy: "Always", network: "Public", label: "", ports: [{ port: "80", protocol: "TCP" }],
    env: [], command: "", server: "", username: "", password: "",
  };
}

/** A name for a group from that of its image: "r.azurecr.D/team/aci-helloworld:v1" gives "aci-helloworld". */
export function nameOf(image: string): string {
  const last = image.split("/").pop() ?? "";
  return last.replace(/[@:].*$/, "").toLowerCase().replace(/[^a-z0-9-]+/g, "-").replace(/^-+|-+$/g, "").slice(0, 63);
}

/** What a DNS label may be; the same rule as container/read.go's. */
export function labelOk(label: string): boolean {
  return label.length >= 5 && label.length <= 63 && /^[a-z][a-z0-9-]*[a-z0-9]$/.test(label);
}

/** The texts of problems. */
export interface Wrong {
  required: string;
  badGroup: string;
  badName: string;
  badLabel: string;
  badPort: string;
  badNumber: string;
  badEnv: string;
}

/** What is wrong with a form. Whether its label is free only the API knows. */
export function problemsOf(v: GroupForm, wrong: Wrong): Problems<GroupForm> {
  const ports = v.ports.map((p) => p.port.trim());
  const names = v.env.map((e) => e.name);
  const number = (text: string) => (/^\d+(\.\d+)?$/.test(text) && Number(text) > 0 ? undefined : wrong.badNumber);
  return {
    group: !v.group && !v.newGroup ? wrong.required : v.newGroup && !groupNameOk(v.newGroup) ? wrong.badGroup : undefined,
    name: !v.name ? wrong.required : /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/.test(v.name) ? undefined : wrong.badName,
    image: v.image.trim() ? undefined : wrong.required,
    cpu: number(v.cpu),
    memory: number(v.memory),
    label: v.network !== "Public" || !v.label ? undefined : labelOk(v.label) ? undefined : wrong.badLabel,
    ports: v.network === "Public" && (ports.length === 0 || ports.some((p) => !/^\d{1,5}$/.test(p) || Number(p) < 1 || Number(p) > 65535) || new Set(v.ports.map((p) => p.port + p.protocol)).size < ports.length) ? wrong.badPort : undefined,
    env: names.some((n) => !/^[A-Za-z_.-][A-Za-z0-9_.-]*$/.test(n)) || new Set(names).size < names.length ? wrong.badEnv : undefined,
    username: v.server && !v.username ? wrong.required : undefined,
    password: v.server && !v.password ? wrong.required : undefined,
  };
}

/** Words of a command line; quotes keep blanks, as in container/session. */
export function commandWords(line: string): string[] {
  return [...line.matchAll(/"([^"]*)"|'([^']*)'|(\S+)/g)].map((m) => m[1] ?? m[2] ?? m[3] ?? "");
}

/** The properties that a form asks for. */
export function propertiesOf(v: GroupForm): ContainerGroupProperties {
  const ports = v.ports.map((p) => ({ port: Number(p.port), protocol: p.protocol }));
  return {
    osType: v.os,
    restartPolicy: v.policy,
    containers: [{
      name: v.name,
      properties: {
        image: v.image.trim(),
        ...(v.command.trim() && { command: commandWords(v.command) }),
        ...(v.network === "Public" && { ports }),
        ...(v.env.length > 0 && { environmentVariables: v.env.map((e) => (e.secure ? { name: e.name, secureValue: e.value } : { name: e.name, value: e.value })) }),
        resources: { requests: { cpu: Number(v.cpu), memoryInGB: Number(v.memory) } },
      },
    }],
    ...(v.network === "Public" && { ipAddress: { type: "Public", ports, ...(v.label && { dnsNameLabel: v.label }) } }),
    ...(v.server && { imageRegistryCredentials: [{ server: v.server, username: v.username, password: v.password }] }),
  };
}

/** The write that makes the group of a form. */
export function createWrite(v: GroupForm, subscription: string, group: string, location: string, title: string): Write {
  const id = idIn(subscription, group, groupKind, v.name);
  const env = (secure: boolean) => v.env.filter((e) => e.secure === secure).map((e) => `${e.name}=${e.value}`);
  const option = (name: string, ...values: string[]) => (values.some((x) => x !== "") ? [name, ...values] : []);
  return {
    call: { method: "PUT", url: id, query: { "api-version": groupVersion }, body: { location, properties: propertiesOf(v) } },
    title,
    cli: [
      "az", "container", "create", "--resource-group", group, "--name", v.name, "--location", location, "--image", v.image.trim(), "--os-type", v.os, "--cpu", v.cpu, "--memory", v.memory,
      "--restart-policy", v.policy, ...(v.network === "Public" ? ["--ip-address", "Public", "--ports", ...v.ports.map((p) => p.port), ...(v.ports[0]?.protocol === "UDP" ? ["--protocol", "UDP"] : []), ...option("--dns-name-label", v.label)] : []),
      ...option("--environment-variables", ...env(false)), ...option("--secure-environment-variables", ...env(true)), ...option("--command-line", v.command.trim() && shellLine(commandWords(v.command))),
      ...(v.server ? ["--registry-login-server", v.server, "--registry-username", v.username, "--registry-password", v.password] : []),
    ],
    page: "/resource" + id,
    secrets: [v.password, ...v.env.filter((e) => e.secure).map((e) => e.value)],
  };
}
