import { MessageBar, MessageBarBody, MessageBarTitle, Text } from "@fluentui/react-components";
import { useEffect, useRef } from "react";
import { Failure, Loading } from "~/kit/states";
import type { Changes } from "~/wire/zz_deployment";
import { useDeploymentText } from "./text";
import { WhatIf } from "./WhatIf";

/** What a check of a form has found. */
export interface Outcome {
  busy?: boolean;
  valid?: boolean;
  changes?: Changes;
  error?: unknown;
}

/** Shows what a check has found, and brings it into view. */
export function Result({ outcome, hint }: { outcome: Outcome | undefined; hint: string }) {
  const text = useDeploymentText();
  const box = useRef<HTMLDivElement>(null);
  useEffect(() => {
    if (outcome && !outcome.busy) box.current?.scrollIntoView({ block: "start" });
  }, [outcome]);
  return (
    <div ref={box}>
      {hint && <Text block>{hint}</Text>}
      {outcome?.busy && <Loading label={text.checking} />}
      {outcome?.valid && <MessageBar intent="success" role="status"><MessageBarBody><MessageBarTitle>{text.valid}</MessageBarTitle> {text.validHint}</MessageBarBody></MessageBar>}
      {outcome?.error !== undefined && <Failure error={outcome.error} />}
      {outcome?.changes && <WhatIf changes={outcome.changes} />}
    </div>
  );
}
