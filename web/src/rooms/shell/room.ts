import { WindowConsoleRegular } from "@fluentui/react-icons";
import { room } from "~/kit/room";

export default room({
  dock: { label: { en: "Cloud Shell", ko: "Cloud Shell" }, icon: WindowConsoleRegular, load: () => import("./Dock") },
});
