import {
  Button, Dialog, DialogActions, DialogBody, DialogContent, DialogSurface, DialogTitle, Field, Input, MessageBar, MessageBarBody,
} from "@fluentui/react-components";
import { useState, type ReactNode } from "react";
import { EquivalentCli } from "./EquivalentCli";
import { messageOf } from "./notify";
import { useKitText } from "./text";
import type { Write } from "./write";

interface Props {
  title: string;
  children: ReactNode;
  /** The button's word; default "Delete". */
  action?: string;
  /** What has to be typed first: the name of something that does not come back. */
  typed?: string;
  write?: Write;
  /** There is nothing to do yet: the children ask for something. */
  disabled?: boolean;
  /** What is done. The dialog closes at once; a notification tells how it goes. Throwing at once keeps it open. */
  onConfirm: () => void | Promise<void>;
  onClose: () => void;
}

/** Asks before something is destroyed or changed. Render it while it is wanted. */
export function Confirm({ title, children, action, typed, write, disabled, onConfirm, onClose }: Props) {
  const text = useKitText();
  const [word, setWord] = useState("");
  const [error, setError] = useState("");
  const confirm = () => {
    try {
      void onConfirm();
      onClose();
    } catch (e) {
      setError(messageOf(e));
    }
  };
  return (
    <Dialog open modalType="alert" onOpenChange={(_, d) => !d.open && onClose()}>
      <DialogSurface>
        <form onSubmit={(e) => { e.preventDefault(); confirm(); }}>
          <DialogBody>
            <DialogTitle>{title}</DialogTitle>
            <DialogContent>
              {children}
              {typed && (
                <Field label={text.typeToConfirm(typed)} style={{ marginTop: 16 }}>
                  <Input value={word} onChange={(_, d) => setWord(d.value)} autoComplete="off" spellCheck={false} />
                </Field>
              )}
              {error && <MessageBar intent="error"><MessageBarBody>{error}</MessageBarBody></MessageBar>}
            </DialogContent>
            <DialogActions fluid>
              {write && <EquivalentCli write={write} />}
              <Button appearance="primary" type="submit" disabled={disabled || (typed !== undefined && word !== typed)}>{action ?? text.remove}</Button>
              <Button onClick={onClose}>{text.cancel}</Button>
            </DialogActions>
          </DialogBody>
        </form>
      </DialogSurface>
    </Dialog>
  );
}
