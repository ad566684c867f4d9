import { expect, test } from "vitest";
import { endOf, newPassword, standingOf } from "./secret";

const now = Date.parse("2030-01-15T10:00:00.123Z");

test("a secret ends after days, or with the day that is typed", () => {
  expect(endOf("90", "", now)).toBe("2030-04-15T10:00:00Z");
  expect(endOf("custom", "2030-01-15", now)).toBe("2030-01-15T23:59:59Z");
});

test("a day that has passed or is none is refused", () => {
  for (const typed of ["", "2030-01-14", "2030-02-30", "2030-13-01", "tomorrow", "2031"]) expect(endOf("custom", typed, now)).toBeUndefined();
});

test("a secret that ends within a month is told", () => {
  expect(standingOf("2030-01-15T10:00:00Z", now)).toBe("expired");
  expect(standingOf("2030-02-13T10:00:00Z", now)).toBe("soon");
  expect(standingOf("2030-02-15T10:00:00Z", now)).toBe("valid");
});

test("a password has every kind of character, wherever chance puts it", () => {
  for (const random of [(a: Uint32Array) => a.fill(0), (a: Uint32Array) => a.fill(0xffffffff), (a: Uint32Array) => crypto.getRandomValues(a as Uint32Array<ArrayBuffer>)]) {
    const password = newPassword(random);
    expect(password).toHaveLength(20);
    for (const kind of [/[A-Z]/, /[a-z]/, /[0-9]/, /[-_.~!*]/]) expect(password).toMatch(kind);
  }
  const fresh = () => newPassword((a) => crypto.getRandomValues(a));
  expect(fresh()).not.toBe(fresh());
});
