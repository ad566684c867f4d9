import { expect, test } from "vitest";
import { nameFor, nameOk, refill, templateOf } from "./form";

const words = { notTemplate: "none", elsewhere: (command: string) => command };
const parameters = (...defaults: string[]) => templateOf(JSON.stringify({ resources: [], parameters: { a: { type: "string", defaultValue: defaults[0] }, b: { type: "string", defaultValue: defaults[1] } } }), words).value!.parameters;

test("another template brings its defaults, and what was typed stays", () => {
  const first = refill(parameters("1", "2"), {}, {}, {});
  expect(first.given).toEqual({ a: { text: "1" }, b: { text: "2" } });
  const typed = { ...first.given, b: { text: "mine" } };
  expect(refill(parameters("3", "4"), {}, typed, first.filled).given).toEqual({ a: { text: "3" }, b: { text: "mine" } });
});

test("a template is one by its resources, and says where it is for", () => {
  expect(templateOf("{}", words).problem).toBe("none");
  expect(templateOf("", words)).toEqual({});
  expect(templateOf('{"$schema":"https://schema.management.azure.com/schemas/2018-05-01/subscriptionDeploymentTemplate.json#","resources":[]}', words).value?.atSubscription).toBe(true);
  expect(templateOf('{"$schema":"https://schema.management.azure.com/schemas/2019-08-01/managementGroupDeploymentTemplate.json#","resources":[]}', words).problem).toBe("az deployment mg create");
  expect(templateOf('{"$schema":"https://schema.management.azure.com/schemas/2019-08-01/tenantDeploymentTemplate.json#","resources":[]}', words).problem).toBe("az deployment tenant create");
  expect(templateOf('{"resources":[]}', words).value?.atSubscription).toBe(false);
});

test("names of deployments", () => {
  expect(nameFor(new Date("2030-01-02T03:04:05Z"))).toBe("deploy-20300102-030405");
  expect(nameOk("a b")).toBe(false);
  expect(nameOk("a".repeat(65))).toBe(false);
  expect(nameOk("main.v1_(x)-2")).toBe(true);
});
