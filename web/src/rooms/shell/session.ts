import { useCallback, useEffect, useRef, useState } from "react";
import { join, type Screen } from "~/kit/terminal";
import { beforeSignOut } from "~/wire/session";
import { endConsole, renewConsole, requestConsole, requestTerminal, resizeTerminal } from "./api";

/** How the shell is: on its way, open, or why it is not. */
export type State =
  | { is: "requesting" | "connecting" | "open" | "exited" | "lost" }
  | { is: "ended"; why: string }
  | { is: "failed"; error: unknown };

/** What the cloud closes the web socket with when the console has ended, or the shell did not start (container/console). */
const codeEnded = 4001;
const codeFailed = 4002;

/** How often the console is shown a token: more often than the portal renews its own. */
const renewEvery = 30_000;

/** How long the size is waited for to settle. */
const settle = 150;

let guarded = false;

/** A sign-out ends the console as well: nobody would be signed in in it any longer. */
function guard(): void {
  if (!guarded) beforeSignOut(endConsole);
  guarded = true;
}

/** What is done at every end of a connection. */
class Connection {
  private undo: (() => void)[] = [];
  closed = false;
  add(f: () => void) {
    this.undo.push(f);
  }
  close() {
    this.closed = true;
    this.undo.splice(0).forEach((f) => f());
  }
}

async function connect(at: Connection, screen: Screen, set: (s: State) => void, fresh: boolean): Promise<void> {
  const show = (s: State) => at.closed || set(s);
  try {
    show({ is: "requesting" });
    if (fresh) await endConsole();
    const uri = await requestConsole();
    guard();
    if (at.closed) return;
    show({ is: "connecting" });
    const { rows, cols } = screen.fit();
    const { id, socketUri } = await requestTerminal(uri, rows, cols);
    if (at.closed) return;
    screen.terminal.reset();
    const socket = join(screen, socketUri, "", (clean, e) => {
      show(e.code === codeEnded ? { is: "ended", why: e.reason } : e.code === codeFailed ? { is: "failed", error: new Error(e.reason) } : { is: clean ? "exited" : "lost" });
      at.close();
    });
    at.add(() => socket.close(1000));
    socket.addEventListener("open", () => { show({ is: "open" }); screen.terminal.focus(); });
    follow(at, screen, uri, id);
  } catch (error) {
    show({ is: "failed", error });
    at.close();
  }
}

/** Tells the cloud of new sizes, and that the user is signed in. What it answers does not matter: an end comes by the web socket. */
function follow(at: Connection, screen: Screen, uri: string, id: string): void {
  let waiting = 0;
  const sized = screen.terminal.onResize(({ rows, cols }) => {
    clearTimeout(waiting);
    waiting = window.setTimeout(() => void resizeTerminal(uri, id, rows, cols).catch(() => undefined), settle);
  });
  const renewing = window.setInterval(() => void renewConsole(uri).catch(() => undefined), renewEvery);
  at.add(() => { sized.dispose(); clearTimeout(waiting); clearInterval(renewing); });
}

/** The shell of a screen: its state, and what connects it, with a new console if it shall be fresh. */
export function useSession(screen: Screen | undefined): { state: State; open: (fresh?: boolean) => void } {
  const [state, setState] = useState<State>({ is: "requesting" });
  const now = useRef<Connection>(undefined);
  const open = useCallback((fresh = false) => {
    if (!screen) return;
    now.current?.close();
    now.current = new Connection();
    void connect(now.current, screen, setState, fresh);
  }, [screen]);
  useEffect(() => {
    open();
    return () => now.current?.close();
  }, [open]);
  return { state, open };
}
