import { words } from "./words";

/** Words that every room uses. */
export const useKitText = words({
  en: {
    open: "Open", create: "Create", cancel: "Cancel", close: "Close", remove: "Delete", refresh: "Refresh", save: "Save", discard: "Discard", edit: "Edit", ok: "OK",
    copy: "Copy to clipboard", copied: "Copied", show: "Show", hide: "Hide", filter: "Filter by any field…", loading: "Loading…", retry: "Try again",
    nothing: "Nothing here yet", noMatch: "Nothing matches the filter", count: (n: number) => (n === 1 ? "1 item" : `${n} items`),
    counted: (n: number, all: number) => `${n} of ${all} items`, more: "More actions", failed: "That did not work", name: "Name", type: "Type", location: "Location",
    group: "Resource group", subscription: "Subscription", status: "Status", tags: "Tags", forbidden: (action: string) => `You need the permission ${action} here.`,
    typeToConfirm: (name: string) => `Type “${name}” to confirm`, irreversible: "This cannot be undone.", cli: "View as CLI", cliTitle: "The same as a command",
    cliHint: "Run it in a shell opened by “lazuli shell”, or in Cloud Shell.", azureCli: "Azure CLI", request: "Request (JSON)", template: "Template (ARM)",
    notifications: "Notifications", noNotes: "Nothing has happened in this session yet.", clear: "Dismiss all", running: "Running", done: "Done", goTo: "Go to resource",
    dismiss: "Dismiss", required: "This is required.", sortBy: (c: string) => `Sort by ${c}`, newGroup: "Create new", existingGroup: "Use existing", groupName: "Name of the new group",
    essentials: "Essentials", selected: (n: number) => `${n} selected`, requestId: "Request id", on: "On", off: "Off", back: "Back", chooseGroup: "Choose a resource group",
    deleteTitle: (n: string) => `Delete “${n}”?`, deleteHint: "The resource and everything in it are removed.", deleting: (n: string) => `Delete “${n}”`, basics: "Basics", showSecrets: "Show secrets", noSubscription: "You have no role in any subscription: nothing can be created. Ask who owns it for a role.", noGroups: "No resource group yet: create one.",
    badGroupName: "1 to 90 letters, digits and - _ . ( ), not ending in a full stop.", creatingGroup: (n: string) => `Create resource group “${n}”`,
  },
  ko: {
    open: "열기", create: "만들기", cancel: "취소", close: "닫기", remove: "삭제", refresh: "새로 고침", save: "저장", discard: "변경 취소", edit: "편집", ok: "확인",
    copy: "클립보드에 복사", copied: "복사됨", show: "표시", hide: "숨기기", filter: "필드를 기준으로 필터링…", loading: "불러오는 중…", retry: "다시 시도",
    nothing: "아직 항목이 없습니다", noMatch: "필터와 일치하는 항목이 없습니다", count: (n: number) => `항목 ${n}개`,
    counted: (n: number, all: number) => `${all}개 중 ${n}개`, more: "추가 작업", failed: "작업에 실패했습니다", name: "이름", type: "형식", location: "위치",
    group: "리소스 그룹", subscription: "구독", status: "상태", tags: "태그", forbidden: (action: string) => `이 작업에는 ${action} 권한이 필요합니다.`,
    typeToConfirm: (name: string) => `확인하려면 “${name}”을(를) 입력하세요`, irreversible: "이 작업은 되돌릴 수 없습니다.", cli: "CLI로 보기", cliTitle: "같은 작업을 하는 명령",
    cliHint: "“lazuli shell”이 연 셸이나 Cloud Shell에서 실행하세요.", azureCli: "Azure CLI", request: "요청(JSON)", template: "템플릿(ARM)",
    notifications: "알림", noNotes: "이 세션에는 아직 알림이 없습니다.", clear: "모두 해제", running: "실행 중", done: "완료", goTo: "리소스로 이동",
    dismiss: "해제", required: "필수 항목입니다.", sortBy: (c: string) => `${c} 기준으로 정렬`, newGroup: "새로 만들기", existingGroup: "기존 그룹 사용", groupName: "새 그룹의 이름",
    essentials: "기본 정보", selected: (n: number) => `${n}개 선택됨`, requestId: "요청 ID", on: "켜기", off: "끄기", back: "뒤로", chooseGroup: "리소스 그룹 선택",
    deleteTitle: (n: string) => `“${n}”을(를) 삭제할까요?`, deleteHint: "리소스와 그 안의 모든 항목이 제거됩니다.", deleting: (n: string) => `“${n}” 삭제`, basics: "기본 사항", showSecrets: "비밀 값 표시", noSubscription: "어느 구독에도 역할이 없어 아무것도 만들 수 없습니다. 구독 소유자에게 역할을 요청하세요.", noGroups: "리소스 그룹이 없습니다. 새로 만드세요.",
    badGroupName: "문자, 숫자, - _ . ( )로 1~90자이며 마침표로 끝날 수 없습니다.", creatingGroup: (n: string) => `리소스 그룹 “${n}” 만들기`,
  },
});
