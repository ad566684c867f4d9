import { ApiError, call, send, type Call } from "./call";

/** The status of long work, as the URL in Azure-AsyncOperation shows it. */
export interface Operation {
  status: string;
  percentComplete?: number;
  error?: { code: string; message: string; target?: string; details?: { code?: string; message?: string }[] };
}

const pause = (ms: number) => new Promise((done) => setTimeout(done, ms));

/** How long to wait before asking again: the header's word in a browser's measure. */
export function delayOf(h: Headers): number {
  const ms = Number(h.get("retry-after-ms") ?? "");
  const seconds = Number(h.get("retry-after") ?? "");
  return Math.min(Math.max(ms || seconds * 1000 || 500, 250), 2000);
}

/**
 * Sends a write and waits until what it began has ended. onState is told the state of the operation each time it is asked.
 * Throws ApiError when the request is refused or the operation fails.
 */
export async function complete<T>(c: Call, onState?: (o: Operation) => void): Promise<T> {
  const answer = await send<T>(c);
  const poll = answer.headers.get("azure-asyncoperation");
  if (poll) {
    await ended(poll, delayOf(answer.headers), c.resource, onState);
    return answer.value;
  }
  const location = answer.headers.get("location");
  if (answer.status === 202 && location) {
    let next = answer;
    while (next.status === 202) {
      await pause(delayOf(next.headers));
      next = await send<T>({ url: location, resource: c.resource });
    }
    return next.value;
  }
  return answer.value;
}

async function ended(url: string, delay: number, resource: string | undefined, onState?: (o: Operation) => void): Promise<void> {
  for (let wait = delay; ; wait = Math.min(wait * 1.3, 2000)) {
    await pause(wait);
    const o = await call<Operation>({ url, resource });
    onState?.(o);
    const state = o.status.toLowerCase();
    if (state === "succeeded") return;
    if (state === "failed" || state === "canceled") {
      throw new ApiError(0, o.error?.code ?? o.status, o.error?.message ?? `The operation ended as ${o.status}.`, o.error?.target, "", o.error?.details);
    }
  }
}
