/** What is wrong with a JSON text, and in which line. */
export class JsonProblem extends Error {
  constructor(message: string, readonly line: number) {
    super(message);
    this.name = "JsonProblem";
  }
}

/** The text with its comments blanked, so that lines and columns stay: templates may have both kinds of comments. */
export function withoutComments(text: string): string {
  return text.replace(/"(?:[^"\\]|\\[^])*"|\/\/[^\n]*|\/\*[^]*?\*\//g, (m) => (m.startsWith("/") ? m.replace(/[^\n]/g, " ") : m.replace(/\r?\n/g, "\\n")));
}

/** Parses a template or parameter file. Throws JsonProblem, which tells the line. */
export function parseJson(text: string): unknown {
  const bare = withoutComments(text.replace(/^\uFEFF/, ""));
  try {
    return JSON.parse(bare);
  } catch (e) {
    throw new JsonProblem(e instanceof Error ? e.message : String(e), lineOf(bare));
  }
}

/** The line where a text ceases to be JSON: browsers do not always tell. It is the last of the shortest beginning that no ending could complete. */
function lineOf(text: string): number {
  const lines = text.split("\n");
  let [low, high] = [1, lines.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (hopeless(lines.slice(0, middle).join("\n"))) high = middle;
    else low = middle + 1;
  }
  return low;
}

function hopeless(beginning: string): boolean {
  try {
    JSON.parse(beginning);
    return false;
  } catch (e) {
    const message = e instanceof Error ? e.message : "";
    const at = /position (\d+)/.exec(message);
    return !/end of|unterminated/i.test(message) && !(at && Number(at[1]) >= beginning.length);
  }
}

/** Whether a value is an object with names. */
export function isObject(v: unknown): v is Record<string, unknown> {
  return typeof v === "object" && v !== null && !Array.isArray(v);
}
