import { expect, test } from "vitest";
import { ago, bytes, preferred } from "./words";

test("the first language that the portal speaks is taken", () => {
  expect(preferred(["ko-KR", "en-US"])).toBe("ko");
  expect(preferred(["en-US", "ko"])).toBe("en");
  expect(preferred(["fr-FR", "ko"])).toBe("ko");
  expect(preferred(["fr-FR"])).toBe("en");
  expect(preferred([])).toBe("en");
});

test("times are told in the largest whole unit", () => {
  const now = Date.UTC(2026, 10, 23, 12, 0, 0);
  expect(ago(now - 5_000, now, "en")).toBe("5 seconds ago");
  expect(ago(now - 61_000, now, "en")).toBe("1 minute ago");
  expect(ago(now - 3 * 3600_000, now, "ko")).toBe("3시간 전");
  expect(ago(now - 49 * 3600_000, now, "en")).toBe("2 days ago");
});

test("bytes are told in binary units", () => {
  expect(bytes(0)).toBe("0 B");
  expect(bytes(1023)).toBe("1023 B");
  expect(bytes(1536)).toBe("1.5 KiB");
  expect(bytes(10 * 2 ** 30)).toBe("10.0 GiB");
  expect(bytes(500 * 2 ** 30)).toBe("500 GiB");
});
