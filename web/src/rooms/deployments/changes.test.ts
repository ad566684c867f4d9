import { expect, test } from "vitest";
import { arranged, changeLines, counts, seconds } from "./changes";

const change = (changeType: string, resourceId = "/r", more = {}) => ({ changeType, resourceId, ...more });

test("what is made has a line for each leaf", () => {
  expect(changeLines(change("Create", "/r", { after: { id: "/r", name: "r", type: "T", apiVersion: "v", location: "eastus", properties: { a: [1, { b: true }], empty: {} } } }))).toEqual([
    { mark: "+", path: "location", depth: 0, after: '"eastus"' }, { mark: "+", path: "properties.a[0]", depth: 0, after: "1" }, { mark: "+", path: "properties.a[1].b", depth: 0, after: "true" },
    { mark: "+", path: "properties.empty", depth: 0, after: "{}" },
  ]);
});

test("what changes has a line for each property, and those inside are below", () => {
  expect(changeLines(change("Modify", "/r", { delta: [
    { path: "sku.name", propertyChangeType: "Modify", before: "Basic", after: "Premium" },
    { path: "properties.list", propertyChangeType: "Array", children: [{ path: "0", propertyChangeType: "Delete", before: 1 }] },
  ] }))).toEqual([
    { mark: "~", path: "sku.name", depth: 0, before: '"Basic"', after: '"Premium"' }, { mark: "~", path: "properties.list", depth: 0 }, { mark: "-", path: "0", depth: 1, before: "1", after: undefined },
  ]);
});

test("of what is deleted nothing is said that the heading says", () => expect(changeLines(change("Delete", "/r", { before: { id: "/r", name: "r", type: "T" } }))).toEqual([]));

test("changes are arranged and counted", () => {
  const all = [change("Ignore"), change("Create", "/b"), change("Delete"), change("Create", "/a")];
  expect(arranged(all).map((c) => c.changeType + c.resourceId)).toEqual(["Create/a", "Create/b", "Delete/r", "Ignore/r"]);
  expect(counts(all)).toEqual([["Create", 2], ["Delete", 1], ["Ignore", 1]]);
});

test("durations", () => {
  expect([seconds("PT1.25S"), seconds("PT1M2S"), seconds("PT1H"), seconds("")]).toEqual([1.25, 62, 3600, 0]);
});
