import { words } from "~/kit/words";

export const useDeploymentText = words({
  en: {
    home: "Home", deployments: "Deployments", create: "Deploy a template", name: "Deployment name", nameBad: "1 to 64 letters, digits and - _ . ( ).", nameHint: "A later deployment of the same name takes this one's place in the history.", none: "No deployments yet",
    noneHint: "A deployment makes what a template declares, and keeps here what it did.", state: "State", changed: "Last changed", duration: "Duration", mode: "Mode", incremental: "Incremental", complete: "Complete",
    incrementalHint: "What the template does not name stays.", completeHint: "What the group has and the template does not name is deleted.", scope: "Where", scopeGroup: "The template is for a resource group.", scopeSubscription: "The template is for the subscription; the location says where its record is kept.",
    template: "Template", templateHint: "An ARM template as JSON; comments are fine.", parametersFile: "Parameter file", parametersFileHint: "Fills the form below; references to secrets of a key vault stay references.", upload: "Open a file…", paste: "or paste it here",
    badJson: (line: number, m: string) => `Line ${line}: ${m}`, parameters: "Parameters", noParameters: "The template has no parameters.", required: "This has no default: give a value.", numberBad: "A whole number.", jsonBad: (t: string) => `JSON: an ${t}.`, allowedBad: "Not one of the allowed values.",
    rangeBad: (a: string, b: string) => `From ${a} to ${b}.`, lengthBad: (a: string, b: string) => `From ${a} to ${b} long.`, fromVault: (s: string, v: string) => `From the secret “${s}” of the key vault “${v}”`, ownValue: "Give a value instead", byDefault: "The template's default", validate: "Validate", whatIf: "What would change?",
    valid: "The template is valid", validHint: "Nothing was changed.", deploy: "Deploy", creating: (n: string) => `Deploy “${n}”`, notTemplate: "This is not a template: it has no “resources”.", templateNeeded: "Open or paste a template first.", checking: "Checking…", badFile: "Parameter file",
    changes: "What would change", noChanges: "Nothing would change.", Create: "create", Modify: "modify", Delete: "delete", Deploy: "deploy", NoChange: "no change", Ignore: "leave alone", Unsupported: "cannot tell", showAll: "Show what stays as it is", becomes: "becomes", secretHint: "Not shown and not kept with the deployment.",
    correlation: "Correlation id", progress: "Resources", operation: "Operation", resource: "Resource", error: "It failed", message: "Message", noOperations: "Nothing was made", cancel: "Cancel", cancelTitle: (n: string) => `Cancel “${n}”?`, cancelHint: "What was made stays; what has begun is finished.", canceling: (n: string) => `Cancel “${n}”`,
    removeTitle: (n: string) => `Delete “${n}” from the history?`, removeHint: "What it made stays.", removing: (n: string) => `Delete deployment “${n}”`, made: (n: number, all: number) => `${n} of ${all} done`, outputs: "Outputs", inputs: "Inputs", noOutputs: "The template has no outputs.", noInputs: "No parameters were given.",
    value: "Value", type: "Type", exportHint: "What the group holds, as a template. Secrets are not in it.", exportErrors: "Some resources are not in it", download: "Download", again: "Deploy again", groupNew: "The group has to be there before it can be checked: use an existing one, or deploy.", to: "Scope", yes: "true", no: "false",
    when: "When", elsewhere: (command: string) => `This template is for a scope above subscriptions. Deploy it in a shell: ${command}`,
    filledFrom: (n: string) => `Filled in from the deployment “${n}”. Values of secure parameters were not kept: give them again.`,
  },
  ko: {
    home: "홈", deployments: "배포", create: "템플릿 배포", name: "배포 이름", nameBad: "문자, 숫자, - _ . ( )로 1~64자.", nameHint: "나중에 같은 이름으로 배포하면 기록에서 이 배포를 대신합니다.", none: "아직 배포가 없습니다",
    noneHint: "배포는 템플릿에 선언된 것을 만들고 한 일을 여기에 남깁니다.", state: "상태", changed: "마지막 변경", duration: "걸린 시간", mode: "모드", incremental: "증분", complete: "전체",
    incrementalHint: "템플릿에 없는 것은 그대로 둡니다.", completeHint: "그룹에 있지만 템플릿에 없는 것은 삭제됩니다.", scope: "위치", scopeGroup: "리소스 그룹용 템플릿입니다.", scopeSubscription: "구독용 템플릿입니다. 위치는 배포 기록이 저장되는 곳입니다.",
    template: "템플릿", templateHint: "JSON 형식의 ARM 템플릿. 주석을 쓸 수 있습니다.", parametersFile: "매개 변수 파일", parametersFileHint: "아래 양식을 채웁니다. 키 자격 증명 모음의 비밀에 대한 참조는 참조로 남습니다.", upload: "파일 열기…", paste: "또는 여기에 붙여 넣기",
    badJson: (line: number, m: string) => `${line}행: ${m}`, parameters: "매개 변수", noParameters: "템플릿에 매개 변수가 없습니다.", required: "기본값이 없습니다. 값을 입력하세요.", numberBad: "정수를 입력하세요.", jsonBad: (t: string) => `JSON ${t}이(가) 필요합니다.`, allowedBad: "허용된 값이 아닙니다.",
    rangeBad: (a: string, b: string) => `${a}에서 ${b}까지.`, lengthBad: (a: string, b: string) => `길이 ${a}에서 ${b}까지.`, fromVault: (s: string, v: string) => `키 자격 증명 모음 “${v}”의 비밀 “${s}”`, ownValue: "값을 직접 입력", byDefault: "템플릿의 기본값", validate: "유효성 검사", whatIf: "무엇이 바뀌나요?",
    valid: "템플릿이 유효합니다", validHint: "아무것도 바뀌지 않았습니다.", deploy: "배포", creating: (n: string) => `“${n}” 배포`, notTemplate: "“resources”가 없으므로 템플릿이 아닙니다.", templateNeeded: "먼저 템플릿을 열거나 붙여 넣으세요.", checking: "확인하는 중…", badFile: "매개 변수 파일",
    changes: "바뀔 내용", noChanges: "바뀌는 것이 없습니다.", Create: "만들기", Modify: "수정", Delete: "삭제", Deploy: "배포", NoChange: "변경 없음", Ignore: "그대로 둠", Unsupported: "알 수 없음", showAll: "그대로 남는 것도 표시", becomes: "다음으로 바뀜", secretHint: "표시되지 않으며 배포와 함께 저장되지 않습니다.",
    correlation: "상관관계 ID", progress: "리소스", operation: "작업", resource: "리소스", error: "실패했습니다", message: "메시지", noOperations: "만들어진 것이 없습니다", cancel: "취소", cancelTitle: (n: string) => `“${n}”을(를) 취소할까요?`, cancelHint: "만들어진 것은 남고, 시작된 것은 끝까지 진행됩니다.", canceling: (n: string) => `“${n}” 취소`,
    removeTitle: (n: string) => `기록에서 “${n}”을(를) 삭제할까요?`, removeHint: "만들어진 것은 남습니다.", removing: (n: string) => `배포 “${n}” 삭제`, made: (n: number, all: number) => `${all}개 중 ${n}개 완료`, outputs: "출력", inputs: "입력", noOutputs: "템플릿에 출력이 없습니다.", noInputs: "입력한 매개 변수가 없습니다.",
    value: "값", type: "형식", exportHint: "그룹에 있는 것을 템플릿으로 보여 줍니다. 비밀은 들어 있지 않습니다.", exportErrors: "일부 리소스가 빠졌습니다", download: "다운로드", again: "다시 배포", groupNew: "확인하려면 그룹이 있어야 합니다. 기존 그룹을 쓰거나 바로 배포하세요.", to: "범위", yes: "true", no: "false",
    when: "시간", elsewhere: (command: string) => `구독보다 위의 범위를 위한 템플릿입니다. 셸에서 배포하세요: ${command}`,
    filledFrom: (n: string) => `배포 “${n}”의 내용으로 채웠습니다. 보안 매개 변수의 값은 저장되지 않았으므로 다시 입력하세요.`,
  },
});
