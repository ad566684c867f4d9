import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { JsonProblem, parseJson } from "./jsonc";
import { begin, fileOf, parametersOf, problemsOf, read, sentOf, type Parameter } from "./parameters";

const example = (path: string) => readFileSync(new URL("../../../../examples/" + path, import.meta.url), "utf8");

test("comments and text of several lines are read, and an error tells its line", () => {
  expect(parseJson('{ // one\n "a": "http://x", /* two\n lines */ "b": "first\nsecond" }')).toEqual({ a: "http://x", b: "first\nsecond" });
  try {
    parseJson('{\n "a": 1,\n "b": ]\n}');
    expect.unreachable();
  } catch (e) {
    expect((e as JsonProblem).line).toBe(3);
  }
});

test("the article's template and its parameter file", () => {
  const parameters = parametersOf(parseJson(example("container-from-registry/template.json")));
  expect(parameters.map((p) => [p.name, p.type, p.secure, p.computed, p.fallback !== undefined])).toEqual([
    ["name", "string", false, false, true], ["location", "string", false, true, true], ["image", "string", false, false, false], ["dnsNameLabel", "string", false, true, true],
    ["imageRegistryLoginServer", "string", false, true, true], ["imageRegistryUsername", "string", true, false, false], ["imageRegistryPassword", "string", true, false, false],
  ]);
  expect(problemsOf(parameters, begin(parameters, {}))).toEqual({ image: "required", imageRegistryUsername: "required", imageRegistryPassword: "required" });
  const given = begin(parameters, fileOf(parseJson(example("container-from-registry/parameters.json"))));
  expect(problemsOf(parameters, given)).toEqual({});
  expect(sentOf(parameters, given)).toEqual({
    name: { value: "aci-demo" }, image: { value: "LOGIN_SERVER/aci-helloworld:v1" },
    imageRegistryUsername: { reference: { keyVault: { id: "VAULT_ID" }, secretName: "myregistry-pull-usr" } },
    imageRegistryPassword: { reference: { keyVault: { id: "VAULT_ID" }, secretName: "myregistry-pull-pwd" } },
  });
});

test("values are read by their types", () => {
  const p = (d: object) => parametersOf({ parameters: { p: d } })[0] as Parameter;
  const rows: [object, string, unknown, string | undefined][] = [
    [{ type: "int" }, "12", 12, undefined], [{ type: "int" }, "1.5", undefined, "number"], [{ type: "int", minValue: 3 }, "2", 2, "range"], [{ type: "bool" }, "true", true, undefined],
    [{ type: "array" }, "[1]", [1], undefined], [{ type: "array" }, "{}", undefined, "json"], [{ type: "object" }, '{"a":1}', { a: 1 }, undefined], [{ type: "secureObject" }, "x", undefined, "json"],
    [{ type: "string", allowedValues: ["a", "b"] }, "c", "c", "allowed"], [{ type: "int", allowedValues: [1, 2] }, "2", 2, undefined], [{ type: "string", minLength: 3 }, "ab", "ab", "length"],
    [{ type: "string", defaultValue: "x" }, "", "", undefined], [{ type: "string", defaultValue: "[resourceGroup().location]" }, "", undefined, undefined], [{ type: "string" }, "", undefined, "required"],
    [{ type: "string", nullable: true }, "", undefined, undefined],
  ];
  for (const [declared, text, value, problem] of rows) {
    const got = read(p(declared), { text });
    expect([got.value, got.problem], JSON.stringify(declared) + text).toEqual([value, problem]);
  }
  expect(p({ type: "string", defaultValue: "[[not an expression" }).computed).toBe(false);
});

test("a parameter file may be only its parameters, and must hold values", () => {
  expect(fileOf({ a: { value: 1 } })).toEqual({ a: { text: "1" } });
  expect(() => fileOf({ parameters: { a: 1 } })).toThrow("'a'");
  expect(() => fileOf([])).toThrow("no JSON object");
});
