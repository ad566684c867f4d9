import { Button } from "@fluentui/react-components";
import { useRouteError } from "react-router";
import { Empty } from "~/kit/states";
import { messageOf } from "~/kit/notify";
import { useShellText } from "./text";

/** A page that could not be shown: its part of the portal did not load, or it has a fault. */
export function Crashed() {
  const text = useShellText();
  return (
    <Empty title={text.crashed} hint={messageOf(useRouteError())}>
      <Button appearance="primary" onClick={() => location.reload()}>{text.reload}</Button>
    </Empty>
  );
}
