import { expect, test } from "vitest";
import { parseId, type ResourceId } from "~/wire/id";
import { lockNameOk, lockWrite, scopeOf } from "./api";

const registry = "/subscriptions/s/resourceGroups/g/providers/Microsoft.ContainerRegistry/registries/reg";
const at = (id: string): ResourceId => parseId(id)!;

test("a lock's scope is what it is laid on", () => {
  expect(scopeOf(registry + "/providers/Microsoft.Authorization/locks/keep")).toBe(registry);
  expect(scopeOf("/subscriptions/s/providers/microsoft.authorization/locks/all")).toBe("/subscriptions/s");
});

test("az is told the scope as it wants it", () => {
  expect(lockWrite(at(registry), "keep", "ReadOnly", "", "").cli.join(" ")).toBe(`az lock create --name keep --lock-type ReadOnly --resource ${registry}`);
  expect(lockWrite(at("/subscriptions/s/resourceGroups/g"), "keep", "CanNotDelete", "why", "").cli.join(" ")).toBe("az lock create --name keep --lock-type CanNotDelete --resource-group g --notes why");
  expect(lockWrite(at("/subscriptions/s"), "keep", "CanNotDelete", "", "").cli.join(" ")).toBe("az lock create --name keep --lock-type CanNotDelete --subscription s");
});

test("a name may hold a space, which the address writes as %20", () => {
  expect(lockNameOk("do not touch")).toBe(true);
  expect(lockWrite(at("/subscriptions/s"), "do not touch", "ReadOnly", "", "").call.url).toBe("/subscriptions/s/providers/Microsoft.Authorization/locks/do%20not%20touch");
  for (const name of ["a/b", "a?", "a%", "x".repeat(261)]) expect(lockNameOk(name)).toBe(false);
});
