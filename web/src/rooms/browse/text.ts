import { words } from "~/kit/words";

export const useBrowseText = words({
  en: {
    all: "All resources", noResources: "No resources to show", groups: "Resource groups", home: "Home", json: "Properties (JSON)", resourceId: "Resource id", noneHint: "Create one, or ask who owns the subscription for a role on theirs.",
    subscriptions: "Subscriptions", id: "Subscription id", none: (many: string) => `No ${many.toLowerCase()} to show`,
  },
  ko: {
    all: "모든 리소스", noResources: "표시할 리소스가 없습니다", groups: "리소스 그룹", home: "홈", json: "속성(JSON)", resourceId: "리소스 ID", noneHint: "새로 만들거나, 구독 소유자에게 역할을 요청하세요.",
    subscriptions: "구독", id: "구독 ID", none: (many: string) => `표시할 ${many}이(가) 없습니다`,
  },
});
