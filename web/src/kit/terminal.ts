import { FitAddon } from "@xterm/addon-fit";
import { Terminal, type ITheme } from "@xterm/xterm";
import "@xterm/xterm/css/xterm.css";

const theme: ITheme = { background: "#14181f", foreground: "#dfe6f0", cursor: "#8bb2f0", selectionBackground: "#3f79d966" };

/** Does f while style elements are made with the page's nonce: the policy refuses others, and the terminal does not know of it. */
function withNonce(f: () => void): void {
  const nonce = document.querySelector<HTMLElement>("meta[property=csp-nonce]")?.nonce ?? "";
  const plain = document.createElement.bind(document) as (tag: string, options?: ElementCreationOptions) => HTMLElement;
  document.createElement = ((tag: string, options?: ElementCreationOptions) => {
    const el = plain(tag, options);
    if (tag.toLowerCase() === "style") el.nonce = nonce;
    return el;
  }) as typeof document.createElement;
  try {
    f();
  } finally {
    Reflect.deleteProperty(document, "createElement");
  }
}

/** A terminal in an element of the page. */
export interface Screen {
  terminal: Terminal;
  /** Makes the terminal as large as its element, and tells how large that is. */
  fit: () => { rows: number; cols: number };
  dispose: () => void;
}

/** Opens a terminal in box; it follows the size of box until it is disposed of. */
export function openScreen(box: HTMLElement, label: string): Screen {
  const terminal = new Terminal({
    cursorBlink: true, fontFamily: `"Cascadia Mono", "SF Mono", Consolas, "DejaVu Sans Mono", monospace`, fontSize: 13, theme, scrollback: 5000, screenReaderMode: true,
  });
  const fitting = new FitAddon();
  terminal.loadAddon(fitting);
  withNonce(() => terminal.open(box));
  terminal.textarea?.setAttribute("aria-label", label);
  const fit = () => {
    fitting.fit();
    return { rows: terminal.rows, cols: terminal.cols };
  };
  fit();
  const watch = new ResizeObserver(() => fit());
  watch.observe(box);
  return { terminal, fit, dispose: () => { watch.disconnect(); terminal.dispose(); } };
}

/** Joins a terminal to a web socket whose first message is its password: what is typed goes out, what comes in is shown. */
export function join(screen: Screen, uri: string, password: string, onEnd: (clean: boolean) => void): WebSocket {
  const socket = new WebSocket(uri);
  socket.binaryType = "arraybuffer";
  socket.onopen = () => socket.send(password);
  socket.onmessage = (e: MessageEvent<ArrayBuffer | string>) => screen.terminal.write(typeof e.data === "string" ? e.data : new Uint8Array(e.data));
  socket.onclose = (e) => onEnd(e.code === 1000);
  const typed = screen.terminal.onData((text) => socket.readyState === WebSocket.OPEN && socket.send(new TextEncoder().encode(text)));
  socket.addEventListener("close", () => typed.dispose());
  return socket;
}
