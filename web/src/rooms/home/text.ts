import { words } from "~/kit/words";

export const useHomeText = words({
  en: {
    title: "Home", services: "Services", recent: "Recent", navigate: "Navigate", name: "Name", type: "Type", viewed: "Last viewed", noRecent: "Resources that you look at appear here",
    noRecentHint: "Create your first one: a registry for images, or a container group that runs one.", create: "Create a resource", all: "All resources", groups: "Resource groups",
    subscriptions: "Subscriptions", gallery: "Create a resource", galleryHint: "Everything this cloud can run and keep.", make: (what: string) => `Create: ${what}`, more: "All services",
  },
  ko: {
    title: "홈", services: "서비스", recent: "최근 항목", navigate: "탐색", name: "이름", type: "형식", viewed: "마지막으로 본 시간", noRecent: "열어 본 리소스가 여기에 표시됩니다",
    noRecentHint: "이미지를 보관할 레지스트리나 이미지를 실행할 컨테이너 그룹부터 만들어 보세요.", create: "리소스 만들기", all: "모든 리소스", groups: "리소스 그룹",
    subscriptions: "구독", gallery: "리소스 만들기", galleryHint: "이 클라우드가 실행하고 보관할 수 있는 모든 것.", make: (what: string) => `만들기: ${what}`, more: "모든 서비스",
  },
});
