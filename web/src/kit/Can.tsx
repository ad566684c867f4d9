import { Tooltip } from "@fluentui/react-components";
import type { ReactElement, ReactNode } from "react";
import { useCan } from "~/wire/permissions";
import { useKitText } from "./text";

/** Shows its children if the caller may do the action at the scope, as the API says; else the fallback. */
export function Can({ at, action, data, fallback, children }: { at: string; action: string; data?: boolean; fallback?: ReactNode; children: ReactNode }) {
  return useCan(at, action, data) ? <>{children}</> : <>{fallback}</>;
}

/** Says on a button that is off why it is. */
export function Because({ reason, children }: { reason: string | undefined; children: ReactElement }) {
  if (!reason) return children;
  return (
    <Tooltip content={reason} relationship="description">
      {children}
    </Tooltip>
  );
}

/** Why the caller may not do the action; undefined if they may, or if it is not known yet. */
export function useWhyNot(at: string, action: string | undefined, data?: boolean): string | undefined {
  const text = useKitText();
  return useCan(at, action, data) === false ? text.forbidden(action ?? "") : undefined;
}
