import { words } from "~/kit/words";

export const useAccessText = words({
  en: {
    check: "Check access", assignments: "Role assignments", roles: "Roles", add: "Add role assignment", mine: "My access", mineHint: "What your roles allow at this scope.", nothing: "You have no role here.",
    user: "User", app: "Service principal", group: "Group", unknown: (id: string) => `Unknown: ${id}`, role: "Role", member: "Name", kind: "Type", scope: "Scope", here: "This resource", inherited: (at: string) => `Inherited from ${at}`,
    remove: "Remove", removeTitle: "Remove the role assignment?", removeHint: (who: string, role: string) => `“${who}” loses the role “${role}” at once.`, removing: (who: string, role: string) => `Take the role “${role}” from “${who}”`,
    assigning: (who: string, role: string) => `Give the role “${role}” to “${who}”`, search: "Find users and applications by name", choose: "Choose a role", members: "Member", assign: "Assign", none: "Nobody has a role here",
    builtIn: "Built-in", custom: "Custom", description: "Description", ofMember: (who: string) => `Roles of ${who}`, noRoles: "No role at this scope, nor above it.", checkHint: "See what somebody holds at this scope and above it.",
    actions: "Allowed actions", dataActions: "Allowed data actions", not: "except",
  },
  ko: {
    check: "액세스 권한 확인", assignments: "역할 할당", roles: "역할", add: "역할 할당 추가", mine: "내 액세스", mineHint: "이 범위에서 내 역할이 허용하는 작업입니다.", nothing: "이 범위에 역할이 없습니다.",
    user: "사용자", app: "서비스 주체", group: "그룹", unknown: (id: string) => `알 수 없음: ${id}`, role: "역할", member: "이름", kind: "유형", scope: "범위", here: "이 리소스", inherited: (at: string) => `${at}에서 상속됨`,
    remove: "제거", removeTitle: "역할 할당을 제거할까요?", removeHint: (who: string, role: string) => `“${who}”의 역할 “${role}”이(가) 즉시 없어집니다.`, removing: (who: string, role: string) => `“${who}”의 역할 “${role}” 제거`,
    assigning: (who: string, role: string) => `“${who}”에게 역할 “${role}” 부여`, search: "이름으로 사용자와 애플리케이션 찾기", choose: "역할 선택", members: "구성원", assign: "할당", none: "이 범위에 역할을 가진 사람이 없습니다",
    builtIn: "기본 제공", custom: "사용자 지정", description: "설명", ofMember: (who: string) => `${who}의 역할`, noRoles: "이 범위와 상위 범위에 역할이 없습니다.", checkHint: "이 범위와 상위 범위에서 가진 역할을 확인합니다.",
    actions: "허용된 작업", dataActions: "허용된 데이터 작업", not: "제외",
  },
});
