import { words } from "~/kit/words";

export const useAccessText = words({
  en: {
    check: "Check access", assignments: "Role assignments", roles: "Roles", add: "Add role assignment", mine: "My access", mineHint: "What your roles allow at this scope.", nothing: "You have no role here.",
    user: "User", app: "Service principal", group: "Group", unknown: (id: string) => `Unknown: ${id}`, role: "Role", member: "Name", kind: "Type", scope: "Scope", here: "This resource", inherited: (at: string) => `Inherited from ${at}`,
    remove: "Remove", removeTitle: "Remove the role assignment?", removeHint: (who: string, role: string) => `“${who}” loses the role “${role}” at once.`, removing: (who: string, role: string) => `Take the role “${role}” from “${who}”`,
    assigning: (who: string, role: string) => `Give the role “${role}” to “${who}”`, search: "Find users and applications by name", choose: "Choose a role", members: "Member", assign: "Assign", none: "Nobody has a role here",
    builtIn: "Built-in", custom: "Custom", description: "Description", ofMember: (who: string) => `Roles of ${who}`, noRoles: "No role at this scope, nor above it.", checkHint: "See what somebody holds at this scope and above it.",
    actions: "Allowed actions", dataActions: "Allowed data actions", not: "except", notActions: "Actions taken out", notDataActions: "Data actions taken out", assignable: "Assignable at", roleId: "Role id", noRole: "No role of this name",
    show: "Show what it allows", newRole: "Add custom role", newRoleHint: "It can be assigned at this scope and all that is in it.", roleTaken: "There is a role of this name already.", oneAction: "Name at least one action or data action.",
    actionsHint: "One on each line; * stands for anything, as in Microsoft.ContainerInstance/*/read.", editRole: "Edit custom role", editRoleHint: "Whoever holds it has the new permissions at once.", changingRole: (n: string) => `Change the custom role “${n}”`, creatingRole: (n: string) => `Create the custom role “${n}”`, deletingRole: (n: string) => `Delete the custom role “${n}”`,
    deleteRoleTitle: (n: string) => `Delete the role “${n}”?`, deleteRoleHint: "A role that somebody still holds cannot be deleted.", plane: "Kind of action", control: "Management", data: "Data", action: "Action",
    actionHint: "As roles write it, such as Microsoft.ContainerRegistry/registries/read.", badAction: "Write a whole action, without stars: Provider/types/verb.", may: (who: string, action: string) => `${who} may do ${action} here.`,
    mayNot: (who: string, action: string) => `${who} may not do ${action} here.`, by: (roles: string) => `Allowed by: ${roles}. A lock can still forbid a change.`, noneAllows: "None of the roles held here or above allows it.",
  },
  ko: {
    check: "액세스 권한 확인", assignments: "역할 할당", roles: "역할", add: "역할 할당 추가", mine: "내 액세스", mineHint: "이 범위에서 내 역할이 허용하는 작업입니다.", nothing: "이 범위에 역할이 없습니다.",
    user: "사용자", app: "서비스 주체", group: "그룹", unknown: (id: string) => `알 수 없음: ${id}`, role: "역할", member: "이름", kind: "유형", scope: "범위", here: "이 리소스", inherited: (at: string) => `${at}에서 상속됨`,
    remove: "제거", removeTitle: "역할 할당을 제거할까요?", removeHint: (who: string, role: string) => `“${who}”의 역할 “${role}”이(가) 즉시 없어집니다.`, removing: (who: string, role: string) => `“${who}”의 역할 “${role}” 제거`,
    assigning: (who: string, role: string) => `“${who}”에게 역할 “${role}” 부여`, search: "이름으로 사용자와 애플리케이션 찾기", choose: "역할 선택", members: "구성원", assign: "할당", none: "이 범위에 역할을 가진 사람이 없습니다",
    builtIn: "기본 제공", custom: "사용자 지정", description: "설명", ofMember: (who: string) => `${who}의 역할`, noRoles: "이 범위와 상위 범위에 역할이 없습니다.", checkHint: "이 범위와 상위 범위에서 가진 역할을 확인합니다.",
    actions: "허용된 작업", dataActions: "허용된 데이터 작업", not: "제외", notActions: "제외된 작업", notDataActions: "제외된 데이터 작업", assignable: "할당 가능한 범위", roleId: "역할 ID", noRole: "이 이름의 역할이 없습니다",
    show: "허용하는 작업 보기", newRole: "사용자 지정 역할 추가", newRoleHint: "이 범위와 그 안의 모든 항목에서 할당할 수 있습니다.", roleTaken: "같은 이름의 역할이 이미 있습니다.", oneAction: "작업이나 데이터 작업을 하나 이상 입력하세요.",
    actionsHint: "한 줄에 하나씩 입력하세요. *는 모든 문자를 뜻합니다. 예: Microsoft.ContainerInstance/*/read", editRole: "사용자 지정 역할 편집", editRoleHint: "이 역할을 가진 사람에게 새 권한이 즉시 적용됩니다.", changingRole: (n: string) => `사용자 지정 역할 “${n}” 변경`, creatingRole: (n: string) => `사용자 지정 역할 “${n}” 만들기`, deletingRole: (n: string) => `사용자 지정 역할 “${n}” 삭제`,
    deleteRoleTitle: (n: string) => `역할 “${n}”을(를) 삭제할까요?`, deleteRoleHint: "아직 할당되어 있는 역할은 삭제할 수 없습니다.", plane: "작업 종류", control: "관리", data: "데이터", action: "작업",
    actionHint: "역할에 쓰이는 형식입니다. 예: Microsoft.ContainerRegistry/registries/read", badAction: "*를 쓰지 않고 작업 전체를 입력하세요: 공급자/형식/동작.", may: (who: string, action: string) => `${who}은(는) 여기에서 ${action} 작업을 할 수 있습니다.`,
    mayNot: (who: string, action: string) => `${who}은(는) 여기에서 ${action} 작업을 할 수 없습니다.`, by: (roles: string) => `허용하는 역할: ${roles}. 잠금이 변경을 막을 수 있습니다.`, noneAllows: "이 범위와 상위 범위의 역할 중 이를 허용하는 것이 없습니다.",
  },
});
