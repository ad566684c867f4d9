import { MessageBar, MessageBarBody, MessageBarTitle, Text } from "@fluentui/react-components";
import { Go } from "~/kit/Essentials";
import { Failure } from "~/kit/states";
import { ApiError } from "~/wire/call";
import { pageOf } from "~/wire/id";
import type { Vault } from "./api";
import { useVaultText } from "./text";

/** What a vault's own API has refused: what is needed for it, who can give it, and the cloud's words. */
export function Refused({ vault, error, role, word, onRetry }: { vault: Vault; error: unknown; role: string; word: string; onRetry: () => void }) {
  const text = useVaultText();
  const rbac = vault.properties.enableRbacAuthorization;
  if (!(error instanceof ApiError) || error.status !== 403 || !/not authorized to perform|does not have secrets/.test(error.message)) return <Failure error={error} onRetry={onRetry} />;
  return (
    <>
      <MessageBar intent="info" layout="multiline">
        <MessageBarBody>
          <MessageBarTitle>{text.refused}</MessageBarTitle> {rbac ? text.refusedRole(role) : text.refusedPolicy(word)}{" "}
          <Go to={pageOf(vault.id, "access")}>{text.toAccess}</Go>{rbac && <>{" · "}<Go to={pageOf(vault.id, "accessControl")}>{text.toIam}</Go></>}
        </MessageBarBody>
      </MessageBar>
      <Text block size={200} style={{ margin: "16px 0 4px" }}>{text.cloudSays}</Text>
      <Failure error={error} onRetry={onRetry} />
    </>
  );
}
