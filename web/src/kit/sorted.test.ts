import { expect, test } from "vitest";
import { arrange, grouped, type Column } from "./sorted";

interface Row {
  name: string;
  size: number;
}

const columns: Column<Row>[] = [
  { key: "name", label: "Name", text: (r) => r.name },
  { key: "size", label: "Size", text: (r) => `${r.size} KiB`, order: (r) => r.size },
];
const rows = [{ name: "b10", size: 9 }, { name: "b2", size: 100 }, { name: "A1", size: 20 }];
const names = (filter: string, key: string, down = false) => arrange(rows, columns, filter, { key, down }).map((r) => r.name);

test("texts are sorted as people count, in any case", () => expect(names("", "name")).toEqual(["A1", "b2", "b10"]));
test("numbers are sorted as numbers", () => expect(names("", "size", true)).toEqual(["b2", "A1", "b10"]));
test("of equal rows, too, the last comes first downwards", () => {
  const same = [{ name: "a", size: 1 }, { name: "b", size: 1 }];
  expect(arrange(same, columns, "", { key: "size", down: true }).map((r) => r.name)).toEqual(["b", "a"]);
});
test("every word of the filter has to be in some column", () => {
  expect(names("b1 kib", "name")).toEqual(["b10"]);
  expect(names("b 100", "name")).toEqual(["b2"]);
  expect(names("nothing", "name")).toEqual([]);
});
test("the rows that were given stay as they were", () => {
  names("", "name");
  expect(rows.map((r) => r.name)).toEqual(["b10", "b2", "A1"]);
});
test("rows of a group stand together below its heading, in their order", () => {
  const size = (r: Row) => (r.size > 50 ? "large" : "Small");
  expect(grouped(rows, size)).toEqual([{ heading: "large", count: 1 }, { row: rows[1] }, { heading: "Small", count: 2 }, { row: rows[0] }, { row: rows[2] }]);
  expect(grouped(rows, undefined)).toEqual(rows.map((row) => ({ row })));
});
