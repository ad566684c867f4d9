import {
  Button, Dialog, DialogActions, DialogBody, DialogContent, DialogSurface, DialogTitle, MessageBar, MessageBarBody, MessageBarTitle, Text,
} from "@fluentui/react-components";
import { useRef, useState } from "react";
import { Confirm } from "~/kit/Confirm";
import { CopyField } from "~/kit/CopyField";
import { useKitText } from "~/kit/text";
import { useWrite } from "~/kit/write";
import type { User } from "~/wire/graph";
import { resetPasswordWrite } from "./api";
import { newPassword } from "./secret";
import { useDirectoryText } from "./text";

/** Makes a new password for a user, after asking, and shows it once. */
export function ResetPassword({ user, onClose }: { user: User; onClose: () => void }) {
  const text = useDirectoryText();
  const kit = useKitText();
  const run = useWrite();
  const [password] = useState(() => newPassword((a) => crypto.getRandomValues(a)));
  const [state, setState] = useState<"asked" | "sent" | "done">("asked");
  const sent = useRef(false);
  const write = resetPasswordWrite(user, password, text.resetting(user.displayName));
  if (state === "sent") return null; // the notification tells how it goes
  if (state === "asked") {
    const send = () => { sent.current = true; setState("sent"); run(write).then(() => setState("done"), onClose); };
    return (
      <Confirm title={text.resetTitle(user.displayName)} action={text.resetPassword} write={write} onClose={() => { if (!sent.current) onClose(); }} onConfirm={send}>
        <Text>{text.resetHint}</Text>
      </Confirm>
    );
  }
  return (
    <Dialog open onOpenChange={(_, d) => !d.open && onClose()}>
      <DialogSurface>
        <DialogBody>
          <DialogTitle>{text.passwordReset(user.displayName)}</DialogTitle>
          <DialogContent>
            <MessageBar intent="warning" layout="multiline" style={{ marginBottom: 12 }}><MessageBarBody><MessageBarTitle>{text.onceTitle}</MessageBarTitle> {text.once}</MessageBarBody></MessageBar>
            <CopyField label={text.userName} value={user.userPrincipalName} />
            <CopyField label={text.password} value={password} secret />
          </DialogContent>
          <DialogActions><Button appearance="primary" onClick={onClose}>{kit.close}</Button></DialogActions>
        </DialogBody>
      </DialogSurface>
    </Dialog>
  );
}
