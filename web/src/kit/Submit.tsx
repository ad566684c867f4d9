import { Button } from "@fluentui/react-components";
import { Because, useWhyNot } from "./Can";
import { EquivalentCli } from "./EquivalentCli";
import { useKitText } from "./text";
import type { Write } from "./write";

interface Props {
  /** The button's word; default "Create". */
  label?: string;
  /** The action that is needed, and the scope at which the API is asked; "" while it is not known. */
  at?: string;
  action?: string;
  /** Why the caller may not, where the page has asked another service than the control plane. */
  whyNot?: string;
  /** The write as it is now; undefined while the form has problems. */
  write: Write | undefined;
  onSubmit: () => void;
  /** For forms that show no problems of their own: there is nothing to send yet. */
  disabled?: boolean;
}

/** The foot of a form: the button that sends it, dimmed for who may not, and the same as a command. */
export function Submit({ label, at = "", action, whyNot: known, write, onSubmit, disabled }: Props) {
  const text = useKitText();
  const whyNot = useWhyNot(at, action) ?? known;
  return (
    <>
      <Because reason={whyNot}><Button appearance="primary" disabled={disabled} disabledFocusable={whyNot !== undefined} onClick={onSubmit}>{label ?? text.create}</Button></Because>
      <EquivalentCli write={write} />
    </>
  );
}
