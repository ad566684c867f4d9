import { words } from "~/kit/words";

export const useLocksText = words({
  en: {
    locks: "Locks", add: "Add a lock", name: "Lock name", level: "Lock type", noDelete: "Delete", readOnly: "Read-only", noDeleteHint: "cannot be deleted", readOnlyHint: "cannot be changed or deleted", notes: "Notes",
    none: "Nothing is locked here", noneHint: "A lock keeps this and all that is in it from being deleted or changed, whoever tries.", bad: "At most 260 characters and none of < > % & : \\ ? /", taken: "There is a lock of this name here already: it would be changed.",
    locking: (n: string, at: string) => `Lock “${at}” by “${n}”`, unlocking: (n: string) => `Remove the lock “${n}”`, unlockTitle: (n: string) => `Remove the lock “${n}”?`, unlockHint: "What it protects can then be changed or deleted.",
    scope: "Scope", here: "This scope", remove: "Remove", long: "At most 512 characters.",
  },
  ko: {
    locks: "잠금", add: "잠금 추가", name: "잠금 이름", level: "잠금 유형", noDelete: "삭제", readOnly: "읽기 전용", noDeleteHint: "삭제할 수 없음", readOnlyHint: "변경하거나 삭제할 수 없음", notes: "메모",
    none: "여기에는 잠금이 없습니다", noneHint: "잠금은 누구든 이 항목과 그 안의 모든 것을 삭제하거나 변경하지 못하게 합니다.", bad: "최대 260자이며 < > % & : \\ ? /는 쓸 수 없습니다", taken: "같은 이름의 잠금이 이미 있으며, 변경됩니다.",
    locking: (n: string, at: string) => `“${at}”에 잠금 “${n}” 추가`, unlocking: (n: string) => `잠금 “${n}” 제거`, unlockTitle: (n: string) => `잠금 “${n}”을(를) 제거할까요?`, unlockHint: "보호하던 항목을 변경하거나 삭제할 수 있게 됩니다.",
    scope: "범위", here: "이 범위", remove: "제거", long: "최대 512자입니다.",
  },
});
