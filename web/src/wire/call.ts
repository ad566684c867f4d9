import { dropToken, tokenFor } from "./session";
import { settings } from "./settings";

/** An error as the cloud words it, in any of its dialects (ARM, OAuth, OCI). */
export class ApiError extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
    message: string,
    readonly target = "",
    readonly requestId = "",
    readonly details: { code?: string; message?: string; target?: string }[] = [],
  ) {
    super(message);
    this.name = "ApiError";
  }
}

/** One request to the cloud. */
export interface Call {
  method?: "GET" | "HEAD" | "POST" | "PUT" | "PATCH" | "DELETE";
  /** A path at the control plane, or a whole URL at another service of the cloud. */
  url: string;
  /** Query parameters, beside those in url. */
  query?: Record<string, string | undefined>;
  body?: unknown;
  headers?: Record<string, string>;
  /** The resource whose token goes along; default: the control plane. "" sends none. */
  resource?: string;
  /** Where the token comes from instead, for services with a token service of their own. */
  bearer?: () => Promise<string>;
  signal?: AbortSignal;
}

/** An answer: its body, and the headers that tell of long work. */
export interface Answer<T> {
  status: number;
  value: T;
  headers: Headers;
}

/** The whole URL of a call. */
export function urlOf(c: Pick<Call, "url" | "query">): string {
  const u = new URL(c.url, settings().resourceManager);
  for (const [k, v] of Object.entries(c.query ?? {})) if (v !== undefined) u.searchParams.set(k, v);
  return u.toString();
}

/** Sends a request. Throws ApiError with the cloud's own words. */
export async function send<T>(c: Call): Promise<Answer<T>> {
  const resource = c.resource ?? (c.bearer ? "" : settings().resourceManager);
  let answer = await once(c, resource);
  if (answer.status === 401 && resource) {
    dropToken(resource);
    answer = await once(c, resource);
  }
  if (!answer.ok) throw await errorOf(answer);
  const text = answer.status === 204 || c.method === "HEAD" ? "" : await answer.text();
  const json = text !== "" && (answer.headers.get("content-type") ?? "").includes("json");
  return { status: answer.status, value: (json ? JSON.parse(text) : text) as T, headers: answer.headers };
}

/** Sends a request and returns the body of the answer. */
export async function call<T>(c: Call): Promise<T> {
  return (await send<T>(c)).value;
}

async function once(c: Call, resource: string): Promise<Response> {
  const headers: Record<string, string> = { ...c.headers };
  if (c.bearer || resource) headers["Authorization"] = `Bearer ${await (c.bearer?.() ?? tokenFor(resource))}`;
  const raw = c.body instanceof URLSearchParams;
  if (c.body !== undefined && !raw) headers["Content-Type"] ??= "application/json";
  const body = c.body === undefined ? undefined : raw ? (c.body as URLSearchParams) : JSON.stringify(c.body);
  const method = c.method ?? "GET";
  for (let tries = method === "POST" || method === "PATCH" ? 0 : retries; ; tries--) {
    try {
      return await fetch(urlOf(c), { method, headers, body, signal: c.signal, cache: "no-store" });
    } catch (e) {
      if (e instanceof DOMException && e.name === "AbortError") throw e;
      if (tries === 0) throw new ApiError(0, "Unreachable", `No answer from ${new URL(urlOf(c)).host}. Is the cloud running, and does this browser trust its certificate?`);
      await new Promise((done) => setTimeout(done, 300));
    }
  }
}

/**
 * How often a request that may be repeated is sent again when no answer came. Browsers break requests off when a network device comes or goes, and on the cloud's own machine each container group
 * is one.
 */
const retries = 3;

interface ErrorBody {
  error?: { code?: string; message?: string; target?: string; details?: { code?: string; message?: string; target?: string }[] } | string;
  error_description?: string;
  errors?: { code?: string; message?: string }[];
}

async function errorOf(answer: Response): Promise<ApiError> {
  const id = answer.headers.get("x-ms-request-id") ?? "";
  const text = await answer.text();
  let body: ErrorBody = {};
  try {
    body = JSON.parse(text) as ErrorBody;
  } catch {
    // not JSON: the status has to do
  }
  const oci = body.errors?.[0];
  if (oci) return new ApiError(answer.status, oci.code ?? "", oci.message ?? "", "", id);
  if (typeof body.error === "string") return new ApiError(answer.status, body.error, body.error_description ?? body.error, "", id);
  const e = body.error ?? {};
  return new ApiError(answer.status, e.code ?? String(answer.status), e.message ?? (text || `The cloud answered ${answer.status}.`), e.target, id, e.details);
}

interface Page<T> {
  value: T[];
  nextLink?: string;
  /** As Microsoft Graph calls it. */
  "@odata.nextLink"?: string;
}

/** All pages of a list. */
export async function list<T>(c: Call): Promise<T[]> {
  const out: T[] = [];
  let next: Call | undefined = c;
  while (next) {
    const page: Page<T> = await call<Page<T>>(next);
    out.push(...page.value);
    const more = page.nextLink ?? page["@odata.nextLink"];
    next = more ? { ...c, url: more, query: undefined } : undefined;
  }
  return out;
}
