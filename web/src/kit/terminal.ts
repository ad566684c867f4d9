import { FitAddon } from "@xterm/addon-fit";
import { Terminal, type ITheme } from "@xterm/xterm";
import "@xterm/xterm/css/xterm.css";

const theme: ITheme = { background: "#14181f", foreground: "#dfe6f0", cursor: "#8bb2f0", selectionBackground: "#3f79d966" };

/** The sixteen colours are dark enough to be read on white. */
const lightTheme: ITheme = {
  background: "#ffffff", foreground: "#1b2a4a", cursor: "#144caa", cursorAccent: "#ffffff", selectionBackground: "#3f79d944",
  black: "#1b2a4a", red: "#b3261e", green: "#1a6b2c", yellow: "#7a5a00", blue: "#144caa", magenta: "#8a2a8a", cyan: "#0b6572", white: "#56606f",
  brightBlack: "#56606f", brightRed: "#c4321f", brightGreen: "#1f7a34", brightYellow: "#85640a", brightBlue: "#1f62cc", brightMagenta: "#9a3b9a", brightCyan: "#117684", brightWhite: "#1b2a4a",
};

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

/** How a terminal looks, and what leaves it by keyboard. */
export interface ScreenOptions {
  dark?: boolean;
  fontSize?: number;
  /** F6 was pressed: the focus shall go elsewhere. */
  leave?: () => void;
}

/** Opens a terminal in box; it follows the size of box until it is disposed of. */
export function openScreen(box: HTMLElement, label: string, { dark = true, fontSize = 13, leave }: ScreenOptions = {}): Screen {
  const terminal = new Terminal({
    cursorBlink: true, fontFamily: `"Cascadia Mono", "SF Mono", Consolas, "DejaVu Sans Mono", monospace`, fontSize, theme: dark ? theme : lightTheme, scrollback: 5000, screenReaderMode: true,
  });
  const fitting = new FitAddon();
  terminal.loadAddon(fitting);
  withNonce(() => terminal.open(box));
  terminal.textarea?.setAttribute("aria-label", label);
  terminal.attachCustomKeyEventHandler((e) => e.type !== "keydown" || key(terminal, e, leave));
  const fit = () => {
    if (box.clientHeight > 0) fitting.fit(); // not while it is hidden
    return { rows: terminal.rows, cols: terminal.cols };
  };
  fit();
  const watch = new ResizeObserver(() => fit());
  watch.observe(box);
  return { terminal, fit, dispose: () => { watch.disconnect(); terminal.dispose(); } };
}

/** Keys that are not for the program: copying, pasting (the browser does it) and leaving. Says whether the terminal shall have the key. */
function key(terminal: Terminal, e: KeyboardEvent, leave?: () => void): boolean {
  if (e.key === "F6" && leave) {
    e.preventDefault();
    leave();
    return false;
  }
  const letter = e.ctrlKey && !e.altKey && !e.metaKey ? e.key.toLowerCase() : "";
  if (letter === "v") return false;
  if (letter !== "c" || (!e.shiftKey && !terminal.hasSelection())) return true;
  e.preventDefault(); // Ctrl+Shift+C is the browser's otherwise
  void navigator.clipboard.writeText(terminal.getSelection());
  terminal.clearSelection();
  return false;
}

/** Changes how a terminal looks. */
export function paint(screen: Screen, dark: boolean, fontSize: number): void {
  screen.terminal.options.theme = dark ? theme : lightTheme;
  screen.terminal.options.fontSize = fontSize;
  screen.fit();
}

/** Joins a terminal to a web socket whose first message is its password, if it has one: what is typed goes out, what comes in is shown. */
export function join(screen: Screen, uri: string, password: string, onEnd: (clean: boolean, e: CloseEvent) => void): WebSocket {
  const socket = new WebSocket(uri);
  socket.binaryType = "arraybuffer";
  socket.onopen = () => password && socket.send(password);
  socket.onmessage = (e: MessageEvent<ArrayBuffer | string>) => screen.terminal.write(typeof e.data === "string" ? e.data : new Uint8Array(e.data));
  socket.onclose = (e) => onEnd(e.code === 1000, e);
  const typed = screen.terminal.onData((text) => socket.readyState === WebSocket.OPEN && socket.send(new TextEncoder().encode(text)));
  socket.addEventListener("close", () => typed.dispose());
  return socket;
}
