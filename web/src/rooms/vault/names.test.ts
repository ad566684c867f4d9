import { expect, test } from "vitest";
import { secretNameOk, secretOf, stamp, stateOf, toLocal, tooLong, toUnix, vaultNameProblem } from "./names";

test("the rules of vault names, one by one", () => {
  const rows: [string, string | undefined][] = [
    ["my-vault", undefined], ["abc", undefined], ["a".repeat(24), undefined], ["ab", "length"], ["a".repeat(25), "length"], ["1vault", "start"], ["-vault", "start"], ["", "start"],
    ["vault-", "end"], ["my--vault", "hyphens"], ["my_vault", "letters"], ["금고", "letters"],
  ];
  for (const [name, problem] of rows) expect(vaultNameProblem(name), name).toBe(problem);
});

test("names and values of secrets", () => {
  expect(secretNameOk("my-registry-pull-usr")).toBe(true);
  expect(secretNameOk("a".repeat(128))).toBe(false);
  expect(secretNameOk("a_b")).toBe(false);
  expect(tooLong("x".repeat(25600))).toBe(false);
  expect(tooLong("가".repeat(8534))).toBe(true); // three bytes each
});

test("a secret's id holds name and version", () => {
  expect(secretOf("https://v.vault.d:8443/secrets/pwd/0123")).toEqual({ name: "pwd", version: "0123" });
  expect(secretOf("https://v.vault.d/secrets/pwd")).toEqual({ name: "pwd", version: "" });
  expect(secretOf("https://v.vault.d/deletedsecrets/pwd")).toEqual({ name: "pwd", version: "" });
});

test("times go to Unix seconds and back", () => {
  const unix = toUnix("2030-01-02T03:04");
  expect(toLocal(unix)).toBe("2030-01-02T03:04");
  expect(toUnix("")).toBeUndefined();
  expect(toUnix("nonsense")).toBeUndefined();
  expect(stamp(1893456000)).toBe("2030-01-01T00:00:00Z");
});

test("a version is disabled, expired, too early or enabled", () => {
  expect(stateOf({ enabled: false, exp: 1 }, 100)).toBe("disabled");
  expect(stateOf({ enabled: true, exp: 100 }, 100)).toBe("expired");
  expect(stateOf({ enabled: true, nbf: 101 }, 100)).toBe("early");
  expect(stateOf({ exp: 101, nbf: 100 }, 100)).toBe("enabled");
});
