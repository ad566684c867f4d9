import type { Tone } from "~/kit/StatusDot";
import type { SecretAttributes } from "~/wire/zz_vault";
import { stateOf } from "./names";
import { useVaultText } from "./text";

/** The word and the tone for a version's state. */
export function useSecretState(): (a: SecretAttributes) => { label: string; tone: Tone; state: string } {
  const text = useVaultText();
  const all = {
    enabled: { label: text.enabledState, tone: "good" }, disabled: { label: text.disabledState, tone: "idle" }, expired: { label: text.expiredState, tone: "warn" }, early: { label: text.earlyState, tone: "idle" },
  } as const;
  return (a) => { const state = stateOf(a, Date.now() / 1000); return { ...all[state], state }; };
}
