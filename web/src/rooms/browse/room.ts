import { AppsListRegular, BoxRegular, FolderRegular } from "@fluentui/react-icons";
import { kindOf, room } from "~/kit/room";
import { groupType } from "~/wire/id";

export default room({
  places: [
    { path: "/browse/all", load: () => import("./All"), nav: { label: { en: "All resources", ko: "모든 리소스" }, icon: AppsListRegular, order: 10 } },
    { path: "/browse/" + groupType, load: () => import("./Groups"), nav: { label: { en: "Resource groups", ko: "리소스 그룹" }, icon: FolderRegular, order: 20 } },
    { path: "/browse/Microsoft.Resources/subscriptions", load: () => import("./Subscriptions") },
    { path: "/browse/:namespace/:type", load: () => import("./Kind") },
  ],
  everywhere: [{ fits: (type) => !kindOf(type), blade: { key: "", label: { en: "Overview", ko: "개요" }, icon: BoxRegular, load: () => import("./Any") } }],
});
