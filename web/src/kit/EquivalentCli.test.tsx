// @vitest-environment jsdom
import { cleanup, fireEvent, screen } from "@testing-library/react";
import { afterEach, expect, test, vi } from "vitest";
import { EquivalentCli } from "./EquivalentCli";
import { permitted, show } from "./page.testing";
import { Submit } from "./Submit";
import type { Write } from "./write";

vi.mock("~/wire/session", () => ({ tokenFor: () => Promise.resolve("token"), dropToken: () => undefined }));
afterEach(cleanup);

const id = "/subscriptions/s/resourceGroups/g/providers/Microsoft.KeyVault/vaults/safe/secrets/pwd";
const write: Write = {
  call: { method: "PUT", url: id, query: { "api-version": "2023-07-01" }, body: { properties: { value: "hunter22" } } }, title: "Set", cli: ["az", "keyvault", "secret", "set", "--name", "pwd", "--value", "hunter22"], secrets: ["hunter22"],
};
const code = () => screen.getByRole("region", { name: "The same as a command" }).textContent ?? "";

test("command, request and template say the same, and cover the secret until it is asked for", async () => {
  show(<EquivalentCli write={write} />);
  fireEvent.click(screen.getByRole("button", { name: "View as CLI" }));
  await screen.findByRole("region", { name: "The same as a command" });
  const tabs: [string, string][] = [["Azure CLI", "az keyvault secret set"], ["Request (JSON)", `PUT https://management.d${id}?api-version=2023-07-01`], ["Template (ARM)", '"type": "Microsoft.KeyVault/vaults/secrets"']];
  for (const [tab, says] of tabs) {
    fireEvent.click(screen.getByRole("tab", { name: tab }));
    expect(code()).toContain(says);
    expect(code(), tab).not.toContain("hunter22");
  }
  fireEvent.click(screen.getByRole("switch", { name: "Show secrets" }));
  for (const [tab] of tabs) {
    fireEvent.click(screen.getByRole("tab", { name: tab }));
    expect(code(), tab).toContain("hunter22");
  }
});

test("who may not is told which permission is missing, and nothing is sent", async () => {
  const send = vi.fn();
  const button = () => screen.getByRole("button", { name: "Create" });
  show(<Submit at="/subscriptions/s" action="Microsoft.KeyVault/vaults/write" write={write} onSubmit={send} />, { answers: () => permitted("*/read") });
  await vi.waitFor(() => expect(button().getAttribute("aria-disabled")).toBe("true"));
  fireEvent.click(button());
  fireEvent.focus(button());
  await screen.findByText("You need the permission Microsoft.KeyVault/vaults/write here.");
  expect(send).not.toHaveBeenCalled();
  cleanup();
  const { asked } = show(<Submit at="/subscriptions/s" action="Microsoft.KeyVault/vaults/write" write={write} onSubmit={send} />, { answers: () => permitted("Microsoft.KeyVault/*") });
  await vi.waitFor(() => expect(asked).toHaveLength(1));
  fireEvent.click(button());
  expect(send).toHaveBeenCalledOnce();
  cleanup();
  show(<Submit whyNot="Only administrators." write={write} onSubmit={send} />);
  fireEvent.click(button());
  expect(send).toHaveBeenCalledOnce();
});
