import { words } from "~/kit/words";

export const useShellText = words({
  en: {
    home: "Home", createResource: "Create a resource", menu: "Show portal menu", search: "Search resources, services and pages (/)", searchShort: "Search", account: (n: string) => `Account: ${n}`,
    signOut: "Sign out", switchAccount: "Sign in with another account", settings: "Settings", language: "Language", theme: "Theme", light: "Light", dark: "Dark", system: "Like the system",
    notFound: "There is no page at this address", crashed: "This page could not be shown", reload: "Load again", filterMenu: "Search", resourceMenu: "Resource menu", skip: "Skip to content",
    unread: (n: number) => `Notifications, ${n} new`, services: "Services", resources: "Resources", noResults: "Nothing found", directory: "Directory", favorites: "Favourites",
  },
  ko: {
    home: "홈", createResource: "리소스 만들기", menu: "포털 메뉴 표시", search: "리소스, 서비스, 페이지 검색(/)", searchShort: "검색", account: (n: string) => `계정: ${n}`,
    signOut: "로그아웃", switchAccount: "다른 계정으로 로그인", settings: "설정", language: "언어", theme: "테마", light: "밝게", dark: "어둡게", system: "시스템 설정 따르기",
    notFound: "이 주소에는 페이지가 없습니다", crashed: "이 페이지를 표시하지 못했습니다", reload: "다시 불러오기", filterMenu: "검색", resourceMenu: "리소스 메뉴", skip: "본문으로 건너뛰기",
    unread: (n: number) => `알림, 새 항목 ${n}개`, services: "서비스", resources: "리소스", noResults: "결과가 없습니다", directory: "디렉터리", favorites: "즐겨찾기",
  },
});
