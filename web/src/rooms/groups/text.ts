import { words } from "~/kit/words";

export const useGroupsText = words({
  en: {
    home: "Home", groups: "Resource groups", create: "Create a resource group", creating: (n: string) => `Create resource group “${n}”`, nameHint: "Letters, digits, and - _ . ( )",
    badName: "1 to 90 letters, digits and - _ . ( ), not ending in a full stop.", taken: "There is a group of this name already.", resources: "Resources", none: "This group is empty", noneHint: "What you create in it appears here.",
    remove: "Delete resource group", id: "Subscription id", openAll: "All resources", tags: "Tags", tagsHint: "Names and values to find resources by. They say nothing to the cloud itself.",
    tagName: "Name", tagValue: "Value", addTag: "Add a tag", saving: (n: string) => `Change the tags of “${n}”`, state: "State", directory: "Directory",
    twice: "Two tags have the same name.", badTag: "A name has 1 to 512 characters and none of < > % & \\ ? /; a value at most 256.", removeTag: (n: string) => `Remove the tag ${n}`,
  },
  ko: {
    home: "홈", groups: "리소스 그룹", create: "리소스 그룹 만들기", creating: (n: string) => `리소스 그룹 “${n}” 만들기`, nameHint: "문자, 숫자, - _ . ( )",
    badName: "문자, 숫자, - _ . ( )로 1~90자이며 마침표로 끝날 수 없습니다.", taken: "같은 이름의 그룹이 이미 있습니다.", resources: "리소스", none: "이 그룹은 비어 있습니다", noneHint: "이 그룹에 만든 리소스가 여기에 표시됩니다.",
    remove: "리소스 그룹 삭제", id: "구독 ID", openAll: "모든 리소스", tags: "태그", tagsHint: "리소스를 찾기 위한 이름과 값입니다. 클라우드의 동작에는 영향을 주지 않습니다.",
    tagName: "이름", tagValue: "값", addTag: "태그 추가", saving: (n: string) => `“${n}”의 태그 변경`, state: "상태", directory: "디렉터리",
    twice: "이름이 같은 태그가 두 개 있습니다.", badTag: "이름은 1~512자이고 < > % & \\ ? /를 쓸 수 없으며, 값은 256자까지입니다.", removeTag: (n: string) => `태그 ${n} 제거`,
  },
});
