import { expect, test } from "vitest";
import { templateOf } from "./template";
import { masked, shellLine, shellLines, type Write } from "./write";

test("words that a shell would read are quoted", () => {
  expect(shellLine(["az", "acr", "create", "--name", "reg", "--tags", "a=b c"])).toBe("az acr create --name reg --tags 'a=b c'");
  expect(shellLine(["echo", "it's", "$HOME", "", "*"])).toBe(`echo 'it'\\''s' '$HOME' '' '*'`);
});

test("each option has a line", () => expect(shellLines(["az", "group", "create", "--name", "g", "--location", "eastus"])).toBe("az group create \\\n    --name g \\\n    --location eastus"));

const id = "/subscriptions/s/resourceGroups/g/providers/Microsoft.ContainerRegistry/registries/reg";
const put: Write = { call: { method: "PUT", url: id, query: { "api-version": "2023-07-01" }, body: { location: "eastus", properties: { password: "hunter22" } } }, title: "", cli: [], secrets: ["hunter22"] };

test("a PUT is a resource of a template", () => {
  const t = templateOf(put) as { $schema: string; resources: unknown[] };
  expect(t.$schema).toContain("2019-04-01/deploymentTemplate.json");
  expect(t.resources).toEqual([{ type: "Microsoft.ContainerRegistry/registries", apiVersion: "2023-07-01", name: "reg", location: "eastus", properties: { password: "hunter22" } }]);
});

test("a resource in another has both names", () => {
  const t = templateOf({ ...put, call: { ...put.call, url: id + "/webhooks/hook" } }) as { resources: { name: string; type: string }[] };
  expect(t.resources[0]).toMatchObject({ name: "reg/hook", type: "Microsoft.ContainerRegistry/registries/webhooks" });
});

test("a role assignment or lock of a resource names what it is laid on", () => {
  const t = templateOf({ ...put, call: { ...put.call, url: id + "/providers/Microsoft.Authorization/locks/keep" } }) as { resources: object[] };
  expect(t.resources[0]).toMatchObject({ type: "Microsoft.Authorization/locks", name: "keep", scope: "Microsoft.ContainerRegistry/registries/reg" });
});

test("a resource group belongs to a subscription's template", () => {
  const t = templateOf({ ...put, call: { ...put.call, url: "/subscriptions/s/resourceGroups/g" } }) as { $schema: string; resources: { name: string; type: string }[] };
  expect(t.$schema).toContain("subscriptionDeploymentTemplate.json");
  expect(t.resources[0]).toMatchObject({ name: "g", type: "Microsoft.Resources/resourceGroups" });
});

test("what is no PUT has no template", () => expect(templateOf({ ...put, call: { ...put.call, method: "DELETE" } })).toBeUndefined());

test("secrets are covered, each where it stands", () => {
  expect(masked("--password hunter22 --other hunter2", ["hunter22"])).toBe("--password •••••• --other hunter2");
  expect(masked("nothing", ["", undefined as unknown as string])).toBe("nothing");
});
