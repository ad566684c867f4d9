import { expect, test } from "vitest";
import { allows, matches } from "./permissions";

test.each([
  ["*", "Microsoft.ContainerRegistry/registries/write", true],
  ["*/read", "Microsoft.ContainerRegistry/registries/read", true],
  ["*/read", "Microsoft.ContainerRegistry/registries/write", false],
  ["Microsoft.ContainerRegistry/*", "microsoft.containerregistry/REGISTRIES/write", true],
  ["Microsoft.ContainerRegistry/registries/*/write", "Microsoft.ContainerRegistry/registries/write", false],
  ["Microsoft.Container", "Microsoft.ContainerRegistry/registries/read", false],
  ["MicrosoftXContainerRegistry/registries/read", "Microsoft.ContainerRegistry/registries/read", false],
])("%s means %s: %s", (pattern, action, want) => expect(matches(pattern, action)).toBe(want));

test("what one role takes out, another may still give", () => {
  const contributor = { actions: ["*"], notActions: ["Microsoft.Authorization/*/Write"] };
  const write = "Microsoft.Authorization/roleAssignments/write";
  expect(allows([contributor], write)).toBe(false);
  expect(allows([contributor, { actions: ["Microsoft.Authorization/*"] }], write)).toBe(true);
});

test("data actions are asked by themselves", () => {
  const owner = { actions: ["*"] };
  expect(allows([owner], "Microsoft.KeyVault/vaults/secrets/getSecret/action", true)).toBe(false);
  expect(allows([{ dataActions: ["Microsoft.KeyVault/vaults/*"] }], "Microsoft.KeyVault/vaults/secrets/getSecret/action", true)).toBe(true);
});

test("without roles nothing is allowed", () => expect(allows([], "Microsoft.Resources/subscriptions/read")).toBe(false));
