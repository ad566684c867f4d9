import { createDarkTheme, createLightTheme, type BrandVariants, type Theme } from "@fluentui/react-components";
import { createContext, useContext } from "react";

/** Lapis lazuli, from night to noon. */
const brand: BrandVariants = {
  10: "#020410", 20: "#0c1a33", 30: "#0f2856", 40: "#103473", 50: "#11408f", 60: "#144caa", 70: "#1857bd", 80: "#1f62cc",
  90: "#3f79d9", 100: "#5a8de3", 110: "#73a0ea", 120: "#8bb2f0", 130: "#a3c4f5", 140: "#bcd4f9", 150: "#d5e4fc", 160: "#edf3fe",
};

const font = `"Segoe UI Variable", "Segoe UI", "Pretendard", "Apple SD Gothic Neo", "Malgun Gothic", "Noto Sans CJK KR", "Noto Sans KR", system-ui, sans-serif`;
const mono = `"Cascadia Mono", "SF Mono", Consolas, "DejaVu Sans Mono", "Noto Sans Mono CJK KR", monospace`;

/** The light theme. */
export const light: Theme = { ...createLightTheme(brand), fontFamilyBase: font, fontFamilyMonospace: mono };

/** The dark theme; its links and accents are lighter so that they stay readable. */
export const dark: Theme = {
  ...createDarkTheme(brand), fontFamilyBase: font, fontFamilyMonospace: mono,
  colorBrandForeground1: brand[110], colorBrandForeground2: brand[120], colorBrandForegroundLink: brand[120], colorBrandForegroundLinkHover: brand[130],
};

/** How the portal looks; "system" follows the machine. */
export type Look = "light" | "dark" | "system";

/** The chosen look; Shell provides it. dark tells what "system" means now. */
export const LookContext = createContext<{ look: Look; dark: boolean; setLook: (l: Look) => void }>({ look: "system", dark: false, setLook: () => undefined });

/** The chosen look. */
export function useLook() {
  return useContext(LookContext);
}
