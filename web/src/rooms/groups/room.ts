import { AppsListRegular, FolderFilled, KeyMultipleFilled, TagRegular } from "@fluentui/react-icons";
import { room } from "~/kit/room";
import { hallVersion } from "~/wire/arm";
import { groupType, subscriptionType } from "~/wire/id";

const overview = { en: "Overview", ko: "개요" };

export default room({
  kinds: [
    {
      type: groupType,
      apiVersion: hallVersion,
      one: { en: "Resource group", ko: "리소스 그룹" },
      many: { en: "Resource groups", ko: "리소스 그룹" },
      icon: FolderFilled,
      color: "#3f79d9",
      blurb: { en: "A folder for resources that are made and deleted together.", ko: "함께 만들고 함께 삭제하는 리소스를 담는 폴더입니다." },
      blades: [{ key: "", label: overview, icon: FolderFilled, load: () => import("./Group") }],
      create: () => import("./Create"),
    },
    {
      type: subscriptionType,
      apiVersion: "2022-12-01",
      one: { en: "Subscription", ko: "구독" },
      many: { en: "Subscriptions", ko: "구독" },
      icon: KeyMultipleFilled,
      color: "#b8860b",
      blades: [{ key: "", label: overview, icon: AppsListRegular, load: () => import("./Subscription") }],
    },
  ],
  everywhere: [
    { fits: (type) => type !== subscriptionType && type !== "Microsoft.Resources/deployments", blade: { key: "tags", label: { en: "Tags", ko: "태그" }, icon: TagRegular, load: () => import("./Tags") } },
  ],
});
