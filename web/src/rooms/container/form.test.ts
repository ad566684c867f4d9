import { expect, test } from "vitest";
import { commandWords, createWrite, emptyForm, labelOk, nameOf, problemsOf, propertiesOf, type GroupForm } from "./form";

const wrong = { required: "required", badGroup: "badGroup", badName: "badName", badLabel: "badLabel", badPort: "badPort", badNumber: "badNumber", badEnv: "badEnv" };
const form = (part: Partial<GroupForm> = {}): GroupForm => ({ ...emptyForm({ subscription: "s", group: "g", newGroup: "", location: "" }, "reg.azurecr.d/team/aci-helloworld:v1"), ...part });
const problems = (part: Partial<GroupForm>) => Object.fromEntries(Object.entries(problemsOf(form(part), wrong)).filter(([, p]) => p));

test("an image names its group", () => {
  expect(nameOf("reg.azurecr.d:8443/team/aci-helloworld:v1")).toBe("aci-helloworld");
  expect(nameOf("nginx@sha256:abc")).toBe("nginx");
  expect(nameOf("My_App")).toBe("my-app");
  expect(nameOf("")).toBe("");
});

test("labels", () => {
  expect(["article", "a1b2c", "aci-demo"].map(labelOk)).toEqual([true, true, true]);
  expect(["four", "1abcde", "Upper", "ends-", "with.dot", "a".repeat(64)].some(labelOk)).toBe(false);
});

test("a form is right as it begins, and each wrong value is told at its field", () => {
  expect(problems({})).toEqual({});
  expect(problems({ group: "" })).toEqual({ group: "required" });
  expect(problems({ group: "", newGroup: "a/b" })).toEqual({ group: "badGroup" });
  expect(problems({ name: "Upper" })).toEqual({ name: "badName" });
  expect(problems({ cpu: "one", memory: "0" })).toEqual({ cpu: "badNumber", memory: "badNumber" });
  expect(problems({ label: "no" })).toEqual({ label: "badLabel" });
  expect(problems({ label: "no", network: "None" })).toEqual({});
  expect(problems({ ports: [{ port: "80", protocol: "TCP" }, { port: "80", protocol: "TCP" }] })).toEqual({ ports: "badPort" });
  expect(problems({ ports: [{ port: "80", protocol: "TCP" }, { port: "80", protocol: "UDP" }] })).toEqual({});
  expect(problems({ ports: [{ port: "70000", protocol: "TCP" }] })).toEqual({ ports: "badPort" });
  expect(problems({ env: [{ name: "1A", value: "", secure: false }] })).toEqual({ env: "badEnv" });
  expect(problems({ server: "reg.azurecr.d" })).toEqual({ username: "required", password: "required" });
});

test("the request holds what was asked for and nothing else", () => {
  expect(propertiesOf(form({ label: "article", command: `sh -c "echo hi"`, env: [{ name: "A", value: "1", secure: false }, { name: "B", value: "2", secure: true }], server: "reg.azurecr.d", username: "u", password: "p" }))).toEqual({
    osType: "Linux",
    restartPolicy: "Always",
    containers: [{
      name: "aci-helloworld",
      properties: {
        image: "reg.azurecr.d/team/aci-helloworld:v1", command: ["sh", "-c", "echo hi"], ports: [{ port: 80, protocol: "TCP" }],
        environmentVariables: [{ name: "A", value: "1" }, { name: "B", secureValue: "2" }], resources: { requests: { cpu: 1, memoryInGB: 1.5 } },
      },
    }],
    ipAddress: { type: "Public", ports: [{ port: 80, protocol: "TCP" }], dnsNameLabel: "article" },
    imageRegistryCredentials: [{ server: "reg.azurecr.d", username: "u", password: "p" }],
  });
  expect(propertiesOf(form({ network: "None" }))).toEqual({
    osType: "Linux", restartPolicy: "Always", containers: [{ name: "aci-helloworld", properties: { image: "reg.azurecr.d/team/aci-helloworld:v1", resources: { requests: { cpu: 1, memoryInGB: 1.5 } } } }],
  });
});

test("the command says the same, and its secrets are named", () => {
  const w = createWrite(form({ server: "reg.azurecr.d", username: "u", password: "pass word", env: [{ name: "B", value: "2", secure: true }] }), "s", "g", "eastus", "");
  expect(w.cli.join(" ")).toContain("az container create --resource-group g --name aci-helloworld --location eastus --image reg.azurecr.d/team/aci-helloworld:v1");
  expect(w.cli.slice(-8)).toEqual(["--secure-environment-variables", "B=2", "--registry-login-server", "reg.azurecr.d", "--registry-username", "u", "--registry-password", "pass word"]);
  expect(w.secrets).toEqual(["pass word", "2"]);
});

test("quotes keep blanks in commands", () => expect(commandWords(`a "b c" 'd "e' f`)).toEqual(["a", "b c", 'd "e', "f"]));
