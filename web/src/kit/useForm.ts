import { useCallback, useState } from "react";

/** What is wrong with a form's values, by field. */
export type Problems<T> = Partial<Record<keyof T, string>>;

/** The state of a form. Problems are shown of fields that were touched, and of all once it was submitted. */
export interface FormState<T> {
  values: T;
  set: <K extends keyof T>(key: K, value: T[K]) => void;
  change: (part: Partial<T>) => void;
  /** The problem to show at a field. */
  problem: (key: keyof T) => string | undefined;
  touch: (key: keyof T) => void;
  valid: boolean;
  /** Shows all problems; true when there are none. */
  check: () => boolean;
}

/** Makes the state of a form. validate says what is wrong with the values; it runs at every change. */
export function useForm<T extends object>(initial: T | (() => T), validate: (values: T) => Problems<T>): FormState<T> {
  const [values, setValues] = useState(initial);
  const [touched, setTouched] = useState<Partial<Record<keyof T, boolean>>>({});
  const [submitted, setSubmitted] = useState(false);
  const problems = validate(values);
  const valid = Object.values(problems).every((p) => p === undefined || p === "");
  const touch = useCallback((key: keyof T) => setTouched((t) => ({ ...t, [key]: true })), []);
  const change = useCallback((part: Partial<T>) => setValues((v) => ({ ...v, ...part })), []);
  return {
    values, valid, touch, change,
    set: (key, value) => { touch(key); setValues((v) => ({ ...v, [key]: value })); },
    problem: (key) => (submitted || touched[key] ? problems[key] || undefined : undefined),
    check: () => { setSubmitted(true); return valid; },
  };
}
