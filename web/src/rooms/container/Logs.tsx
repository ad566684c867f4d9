import { Button, Dropdown, makeStyles, Option, Switch, tokens } from "@fluentui/react-components";
import { ArrowDownloadRegular } from "@fluentui/react-icons";
import { useEffect, useRef, useState } from "react";
import { CopyButton } from "~/kit/CopyField";
import { Failure, Loading } from "~/kit/states";
import { useLogs } from "./api";
import { useContainerText } from "./text";

const useStyles = makeStyles({
  tools: { display: "flex", gap: "12px", alignItems: "center", flexWrap: "wrap", marginBottom: "8px" },
  lines: { minWidth: "110px", width: "110px" },
  log: {
    margin: 0, height: "max(240px, calc(100vh - 470px))", overflow: "auto", padding: "10px 14px", borderRadius: tokens.borderRadiusMedium, backgroundColor: "#14181f", color: "#dfe6f0",
    fontFamily: tokens.fontFamilyMonospace, fontSize: tokens.fontSizeBase200, lineHeight: "1.5",
    ":focus-visible": { outline: `2px solid ${tokens.colorStrokeFocus2}` },
  },
  empty: { color: "#9aa7b8" },
});

/** A container's log, live: it stays at its end unless it was scrolled up. */
export function Logs({ id, container }: { id: string; container: string }) {
  const s = useStyles();
  const text = useContainerText();
  const [tail, setTail] = useState(1000);
  const [follow, setFollow] = useState(true);
  const [wrap, setWrap] = useState(true);
  const log = useLogs(id, container, tail, follow);
  const box = useRef<HTMLPreElement>(null);
  const atEnd = useRef(true);
  useEffect(() => {
    if (box.current && atEnd.current) box.current.scrollTop = box.current.scrollHeight;
  }, [log.data]);
  const download = () => {
    const a = document.createElement("a");
    a.href = URL.createObjectURL(new Blob([log.data ?? ""], { type: "text/plain" }));
    a.download = `${container}.log`;
    a.click();
    URL.revokeObjectURL(a.href);
  };
  return (
    <>
      <div className={s.tools}>
        <Switch label={text.follow} checked={follow} onChange={(_, d) => setFollow(d.checked)} />
        <Switch label={text.wrap} checked={wrap} onChange={(_, d) => setWrap(d.checked)} />
        <Dropdown className={s.lines} size="small" aria-label={text.lines} value={`${tail} ${text.lines}`} selectedOptions={[String(tail)]} onOptionSelect={(_, d) => setTail(Number(d.optionValue))}>
          {[100, 1000, 10000].map((n) => <Option key={n} value={String(n)} text={String(n)}>{`${n} ${text.lines}`}</Option>)}
        </Dropdown>
        <CopyButton value={log.data ?? ""} size="medium" />
        <Button appearance="subtle" icon={<ArrowDownloadRegular />} onClick={download}>{text.download}</Button>
      </div>
      {log.error && <Failure error={log.error} onRetry={() => void log.refetch()} />}
      {log.data === undefined && !log.error ? <Loading /> : (
        <pre
          ref={box} className={s.log} style={{ whiteSpace: wrap ? "pre-wrap" : "pre", overflowWrap: wrap ? "anywhere" : "normal" }} tabIndex={0} role="log" aria-label={text.logOf(container)}
          onScroll={(e) => { const b = e.currentTarget; atEnd.current = b.scrollHeight - b.scrollTop - b.clientHeight < 24; }}
        >
          {log.data || <span className={s.empty}>{text.noLog}</span>}
        </pre>
      )}
    </>
  );
}
