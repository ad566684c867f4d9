// @vitest-environment jsdom
import { cleanup, fireEvent, screen, within } from "@testing-library/react";
import { afterEach, expect, test, vi } from "vitest";
import { show } from "./page.testing";
import { Table } from "./Table";

vi.mock("~/wire/session", () => ({ tokenFor: () => Promise.resolve("token"), dropToken: () => undefined }));
afterEach(cleanup);

interface Row { name: string; size: number }

const many: Row[] = Array.from({ length: 2000 }, (_, i) => ({ name: `row-${i}`, size: (i * 7) % 2000 }));
const columns = [{ key: "name", label: "Name", text: (r: Row) => r.name }, { key: "size", label: "Size", text: (r: Row) => String(r.size), order: (r: Row) => r.size }];
const rows = () => screen.getAllByRole("row").slice(1).map((r) => within(r).getAllByRole("cell")[0]!.textContent);

function table(more = {}) {
  return show(<Table<Row> label="Things" columns={columns} rows={many} rowKey={(r) => r.name} {...more} />);
}

test("of a long list only a screen is drawn, and it says how long it is", () => {
  table();
  expect(rows().length).toBeLessThan(60);
  expect(rows().slice(0, 2)).toEqual(["row-0", "row-1"]);
  expect(screen.getByRole("table", { name: "Things" }).getAttribute("aria-rowcount")).toBe("2001");
  expect(screen.getByText("2000 items")).toBeTruthy();
});

test("a heading sorts, and sorts the other way when it is clicked again", () => {
  table();
  fireEvent.click(screen.getByRole("button", { name: "Size" }));
  expect(rows()[0]).toBe("row-0");
  fireEvent.click(screen.getByRole("button", { name: "Size" }));
  expect(rows()[0]).toBe("row-857"); // 857 * 7 = 1999 in 2000
  expect(screen.getByRole("columnheader", { name: "Size" }).getAttribute("aria-sort")).toBe("descending");
});

test("the filter looks into every field, and says how many are left", () => {
  table();
  fireEvent.change(screen.getByRole("searchbox"), { target: { value: "row-1234" } });
  expect(rows()).toEqual(["row-1234"]);
  expect(screen.getByText("1 of 2000 items")).toBeTruthy();
  fireEvent.change(screen.getByRole("searchbox"), { target: { value: "nothing of the kind" } });
  expect(screen.getByText("Nothing matches the filter")).toBeTruthy();
});

test("the menu of a row opens by right click, by its button and by keyboard", async () => {
  const open = vi.fn();
  table({ menu: (r: Row) => [{ key: "open", label: "Open " + r.name, onClick: () => open(r.name) }] });
  const row = screen.getAllByRole("row")[3]!;
  for (const how of [() => fireEvent.contextMenu(row), () => fireEvent.keyDown(row, { key: "F10", shiftKey: true }), () => fireEvent.click(screen.getByRole("button", { name: "More actions: row-2" }))]) {
    how();
    fireEvent.click(await screen.findByRole("menuitem", { name: "Open row-2" }));
  }
  expect(open.mock.calls).toEqual([["row-2"], ["row-2"], ["row-2"]]);
});

test("loading, empty and failed are three things", () => {
  table({ rows: undefined });
  expect(screen.getByText("Loading…")).toBeTruthy();
  cleanup();
  table({ rows: [] });
  expect(screen.getByText("Nothing here yet")).toBeTruthy();
  cleanup();
  const again = vi.fn();
  table({ rows: undefined, error: new Error("the store is away"), onRetry: again });
  expect(screen.getByRole("alert").textContent).toContain("the store is away");
  fireEvent.click(screen.getByRole("button", { name: "Try again" }));
  expect(again).toHaveBeenCalledOnce();
});
