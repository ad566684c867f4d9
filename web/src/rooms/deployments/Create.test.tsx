// @vitest-environment jsdom
import { cleanup, fireEvent, screen, within } from "@testing-library/react";
import { afterEach, expect, test, vi } from "vitest";
import { permitted, show, type Answers } from "~/kit/page.testing";
import Create from "./Create";
import { WhatIf } from "./WhatIf";

vi.mock("~/wire/session", () => ({ tokenFor: () => Promise.resolve("token"), dropToken: () => undefined }));
afterEach(cleanup);

const at = "/subscriptions/s/resourceGroups/g/providers/Microsoft.Resources/deployments/";
const answers: Answers = (_, { pathname }) => {
  if (pathname === "/subscriptions") return { value: [{ id: "/subscriptions/s", subscriptionId: "s", displayName: "Sub", state: "Enabled", tenantId: "t" }] };
  if (pathname.endsWith("/locations")) return { value: [{ name: "eastus", displayName: "East US" }] };
  if (pathname.endsWith("/resourceGroups")) return { value: [{ id: "/subscriptions/s/resourceGroups/g", name: "g", location: "eastus" }] };
  if (pathname.endsWith("/permissions")) return permitted("*");
  if (pathname.endsWith("/validate")) return { properties: {} };
  if (pathname.endsWith("/exportTemplate")) return { template };
  if (pathname === at + "old") return { id: at + "old", name: "old", type: "", properties: { mode: "Complete", parameters: { name: { type: "String", value: "kept" }, count: { type: "Int", value: 4 }, password: { type: "SecureString" } } } };
  return undefined;
};
const template = {
  $schema: "https://schema.management.azure.com/schemas/2019-04-01/deploymentTemplate.json#", contentVersion: "1.0.0.0", resources: [],
  parameters: {
    name: { type: "string", metadata: { description: "What it is called." } }, size: { type: "string", allowedValues: ["small", "large"], defaultValue: "small" }, count: { type: "int", minValue: 1, maxValue: 5, defaultValue: 2 },
    on: { type: "bool", defaultValue: true }, list: { type: "array", defaultValue: ["a"] }, password: { type: "securestring" }, where: { type: "string", defaultValue: "[resourceGroup().location]" },
  },
};
const type = (label: string | RegExp, value: string) => fireEvent.change(screen.getByRole("textbox", { name: label }), { target: { value } });
const button = (name: string) => screen.getByRole("button", { name });

test("a template makes the form of its parameters, and what is wrong is told before anything is sent", async () => {
  const { asked } = show(<Create />, { path: "/create?group=g", answers });
  await screen.findByText("Sub");
  type("Template", JSON.stringify(template));
  expect(screen.getByRole("combobox", { name: "size" }).textContent).toBe("small");
  expect(screen.getByRole("combobox", { name: "on" }).textContent).toBe("true");
  expect((screen.getByRole("textbox", { name: "list" }) as HTMLTextAreaElement).value).toBe('[\n  "a"\n]');
  expect((screen.getByRole("textbox", { name: "where" }) as HTMLInputElement).placeholder).toBe("[resourceGroup().location]");
  expect((screen.getByLabelText(/^password/) as HTMLInputElement).type).toBe("password");
  type("count", "6");
  expect(screen.getByText("From 1 to 5.")).toBeTruthy();
  fireEvent.click(button("Validate"));
  expect(screen.getAllByText("This has no default: give a value.")).toHaveLength(2);
  expect(asked.filter((a) => a.method === "POST")).toEqual([]);
});

test("what is typed is what is sent, each by its type; defaults are left to the template", async () => {
  const { asked } = show(<Create />, { path: "/create?group=g", answers });
  await screen.findByText("Sub");
  type("Template", JSON.stringify(template));
  type(/^name/, "web");
  type("count", "3");
  fireEvent.change(screen.getByLabelText(/^password/), { target: { value: "s3cret" } });
  fireEvent.click(screen.getByRole("radio", { name: "Complete" }));
  fireEvent.click(button("Validate"));
  await screen.findByText("The template is valid");
  const sent = asked.find((a) => a.path.endsWith("/validate"));
  expect(sent?.path).toMatch(/^\/subscriptions\/s\/resourceGroups\/g\/providers\/Microsoft.Resources\/deployments\/deploy-\d+-\d+\/validate$/);
  expect(sent?.body).toEqual({ properties: { mode: "Complete", template, parameters: {
    name: { value: "web" }, size: { value: "small" }, count: { value: 3 }, on: { value: true }, list: { value: ["a"] }, password: { value: "s3cret" },
  } } });
});

test("a deployment's parameters fill the form for another, but for the secret", async () => {
  show(<Create />, { path: `/create?from=${encodeURIComponent(at + "old")}`, answers });
  await screen.findByText(/Filled in from the deployment “old”/);
  expect((screen.getByRole("textbox", { name: /^name/ }) as HTMLInputElement).value).toBe("kept");
  expect((screen.getByRole("textbox", { name: "count" }) as HTMLInputElement).value).toBe("4");
  expect((screen.getByLabelText(/^password/) as HTMLInputElement).value).toBe("");
  expect((screen.getByRole("radio", { name: "Complete" }) as HTMLInputElement).checked).toBe(true);
  expect(screen.getByRole("combobox", { name: "Resource group" }).textContent).toBe("g");
});

test("what-if shows what changes, and what stays when it is asked for", () => {
  const id = (name: string) => "/subscriptions/s/resourceGroups/g/providers/Microsoft.ContainerRegistry/registries/" + name;
  show(<WhatIf changes={{ correlationId: "", changes: [
    { changeType: "NoChange", resourceId: id("same") }, { changeType: "Delete", resourceId: id("gone"), before: { location: "eastus" } },
    { changeType: "Modify", resourceId: id("other"), delta: [{ path: "sku.name", propertyChangeType: "Modify", before: "Basic", after: "Premium" }] },
  ] }} />, { lang: "ko" });
  const shown = () => [...document.querySelectorAll("[data-change]")].map((e) => e.getAttribute("data-change"));
  expect(shown()).toEqual(["Modify", "Delete"]);
  expect(within(document.querySelector<HTMLElement>("[data-change=Modify]")!).getByText(/sku\.name/).textContent).toContain('"Basic" => "Premium"');
  fireEvent.click(screen.getByRole("switch", { name: "그대로 남는 것도 표시" }));
  expect(shown()).toEqual(["Modify", "Delete", "NoChange"]);
});
