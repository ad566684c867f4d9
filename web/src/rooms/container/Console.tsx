import { Button, Combobox, Field, makeStyles, MessageBar, MessageBarBody, Option, Text, tokens } from "@fluentui/react-components";
import { PlugConnectedRegular, PlugDisconnectedRegular } from "@fluentui/react-icons";
import { useEffect, useRef, useState } from "react";
import { Because, useWhyNot } from "~/kit/Can";
import { Failure } from "~/kit/states";
import { join, openScreen, type Screen } from "~/kit/terminal";
import { exec, groupKind } from "./api";
import { useContainerText } from "./text";

const useStyles = makeStyles({
  tools: { display: "flex", gap: "12px", alignItems: "end", flexWrap: "wrap", marginBottom: "8px" },
  hint: { display: "block", color: tokens.colorNeutralForeground3, marginBottom: "8px" },
  screen: { height: "max(240px, calc(100vh - 500px))", padding: "8px 0 8px 10px", borderRadius: tokens.borderRadiusMedium, backgroundColor: "#14181f", overflow: "hidden" },
});

const shells = ["/bin/sh", "/bin/bash", "/bin/ash"];

/** A console in a container. */
export default function Console({ id, container }: { id: string; container: string }) {
  const s = useStyles();
  const text = useContainerText();
  const box = useRef<HTMLDivElement>(null);
  const screen = useRef<Screen>(undefined);
  const socket = useRef<WebSocket>(undefined);
  const [command, setCommand] = useState("/bin/sh");
  const [state, setState] = useState<"idle" | "open" | "ended" | "lost">("idle");
  const [error, setError] = useState<unknown>();
  const whyNot = useWhyNot(id, `${groupKind}/containers/exec/action`);
  useEffect(() => {
    const opened = openScreen(box.current!, text.consoleOf(container));
    screen.current = opened;
    return () => { socket.current?.close(); opened.dispose(); };
    // One terminal for as long as the page is shown.
  }, []);
  const connect = async () => {
    const at = screen.current;
    if (!at) return;
    setError(undefined);
    at.terminal.reset();
    const { rows, cols } = at.fit();
    try {
      const { webSocketUri, password } = await exec(id, container, command, rows, cols);
      socket.current = join(at, webSocketUri, password, (clean) => setState(clean ? "ended" : "lost"));
      setState("open");
      at.terminal.focus();
    } catch (e) {
      setError(e);
    }
  };
  const open = state === "open";
  return (
    <>
      <Text size={200} className={s.hint}>{text.connectHint}</Text>
      <div className={s.tools}>
        <Field label={text.shell}>
          <Combobox freeform value={command} selectedOptions={[command]} disabled={open} onChange={(e) => setCommand(e.target.value)} onOptionSelect={(_, d) => setCommand(d.optionValue ?? command)}>
            {shells.map((x) => <Option key={x} value={x}>{x}</Option>)}
          </Combobox>
        </Field>
        {open ? (
          <Button icon={<PlugDisconnectedRegular />} onClick={() => socket.current?.close(1000)}>{text.disconnect}</Button>
        ) : (
          <Because reason={whyNot}><Button appearance="primary" icon={<PlugConnectedRegular />} disabledFocusable={whyNot !== undefined} onClick={() => void connect()}>{text.connectNow}</Button></Because>
        )}
      </div>
      {error !== undefined && <Failure error={error} />}
      {(state === "ended" || state === "lost") && <MessageBar intent={state === "lost" ? "warning" : "info"}><MessageBarBody>{state === "lost" ? text.lost : text.ended}</MessageBarBody></MessageBar>}
      <div className={s.screen} ref={box} />
    </>
  );
}
