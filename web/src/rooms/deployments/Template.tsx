import { MessageBar, MessageBarBody, MessageBarTitle, Text } from "@fluentui/react-components";
import { ArrowClockwiseRegular, ArrowDownloadRegular } from "@fluentui/react-icons";
import { Code } from "~/kit/Code";
import { Body } from "~/kit/Page";
import type { BladeProps } from "~/kit/room";
import { Failure, Loading } from "~/kit/states";
import { useKitText } from "~/kit/text";
import { useTemplate } from "./api";
import { useDeploymentText } from "./text";

/** The template of a deployment, or of what a group holds: to read, to copy and to keep. */
export default function Template({ id, hint }: BladeProps & { hint?: string }) {
  const text = useDeploymentText();
  const kit = useKitText();
  const exported = useTemplate(id.id);
  const json = exported.data ? JSON.stringify(exported.data.template, null, 2) : "";
  const download = () => {
    const a = document.createElement("a");
    a.href = URL.createObjectURL(new Blob([json], { type: "application/json" }));
    a.download = `${id.name}.json`;
    a.click();
    setTimeout(() => URL.revokeObjectURL(a.href), 1000);
  };
  return (
    <Body commands={[
      { key: "download", label: text.download, icon: ArrowDownloadRegular, onClick: download, disabled: !json },
      { key: "refresh", label: kit.refresh, icon: ArrowClockwiseRegular, onClick: () => void exported.refetch() },
    ]}>
      {hint && <Text block>{hint}</Text>}
      {exported.data?.error && (
        <MessageBar intent="warning" layout="multiline">
          <MessageBarBody><MessageBarTitle>{text.exportErrors}</MessageBarTitle> {exported.data.error.message}{exported.data.error.details?.map((d, i) => <div key={i}>{d.target}: {d.message}</div>)}</MessageBarBody>
        </MessageBar>
      )}
      {exported.error ? <Failure error={exported.error} onRetry={() => void exported.refetch()} /> : exported.data ? <Code label={text.template} text={json} /> : <Loading />}
    </Body>
  );
}
