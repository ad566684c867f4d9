import { expect, test } from "vitest";
import { idIn, keyOf, parseId, parsePath } from "./id";

const group = "/subscriptions/S/resourceGroups/G";
const registry = group + "/providers/Microsoft.ContainerRegistry/registries/reg";

test.each([
  ["/subscriptions/S", { type: "Microsoft.Resources/subscriptions", name: "S", parent: "", group: "" }],
  [group, { type: "Microsoft.Resources/resourceGroups", name: "G", parent: "/subscriptions/S" }],
  [registry, { type: "Microsoft.ContainerRegistry/registries", name: "reg", parent: group, group: "G", subscription: "S", namespace: "Microsoft.ContainerRegistry" }],
  [registry + "/webhooks/hook", { type: "Microsoft.ContainerRegistry/registries/webhooks", name: "hook", parent: registry }],
  ["/SUBSCRIPTIONS/S/resourcegroups/G", { type: "Microsoft.Resources/resourceGroups", id: "/SUBSCRIPTIONS/S/resourcegroups/G" }],
])("%s", (id, want) => expect(parseId(id)).toMatchObject(want));

test.each([["/"], ["/create"], ["/subscriptions"], [registry + "/accessKeys"]])("%s is no id", (id) => expect(parseId(id)).toBeUndefined());

test("what follows an id is a blade", () => {
  expect(parsePath(registry + "/accessKeys")).toMatchObject({ id: { id: registry }, rest: ["accessKeys"] });
  expect(parsePath(group + "/tags")).toMatchObject({ id: { id: group }, rest: ["tags"] });
  expect(parsePath("/subscriptions/S/tags")).toMatchObject({ id: { id: "/subscriptions/S" }, rest: ["tags"] });
});

test("names are decoded", () => expect(parseId("/subscriptions/S/resourceGroups/a%20b")?.name).toBe("a b"));

test("ids are made of their parts", () => expect(idIn("S", "G", "Microsoft.ContainerRegistry/registries", "reg")).toBe(registry));

test("keys of a resource begin with those of what it is in, in any case", () => {
  const outer = keyOf(group);
  expect(keyOf(registry.toUpperCase(), "usage").slice(0, outer.length)).toEqual(outer);
});
