import { ArrowExportRegular, BracesRegular, DocumentFlowchartRegular, HistoryRegular, InfoRegular, TextboxRegular } from "@fluentui/react-icons";
import { room } from "~/kit/room";
import { groupType, subscriptionType } from "~/wire/id";
import { deploymentType, deploymentVersion } from "./api";

const automation = { en: "Automation", ko: "자동화" };

export default room({
  kinds: [
    {
      type: deploymentType,
      apiVersion: deploymentVersion,
      one: { en: "Deployment", ko: "배포" },
      many: { en: "Deployments", ko: "배포" },
      icon: DocumentFlowchartRegular,
      color: "#5c6bc0",
      blurb: { en: "Makes everything an ARM template declares, in the right order, after showing what would change.", ko: "ARM 템플릿에 선언된 모든 것을 알맞은 순서로 만듭니다. 무엇이 바뀔지 먼저 볼 수 있습니다." },
      deleted: { en: "It goes from the history. What it made stays.", ko: "기록에서 사라집니다. 만들어진 것은 남습니다." },
      columns: [{ key: "when", label: { en: "Last changed", ko: "마지막 변경" }, text: (r) => String(r.properties["timestamp"] ?? "") }],
      blades: [
        { key: "", label: { en: "Overview", ko: "개요" }, icon: InfoRegular, load: () => import("./Overview") },
        { key: "inputs", label: { en: "Inputs and outputs", ko: "입력과 출력" }, icon: TextboxRegular, load: () => import("./Values") },
        { key: "template", label: { en: "Template", ko: "템플릿" }, icon: BracesRegular, needs: deploymentType + "/exportTemplate/action", load: () => import("./Template") },
      ],
      create: () => import("./Create"),
    },
  ],
  everywhere: [
    {
      fits: (type) => type === groupType || type === subscriptionType,
      blade: { key: "deployments", label: { en: "Deployments", ko: "배포" }, icon: HistoryRegular, section: automation, needs: deploymentType + "/read", load: () => import("./History") },
    },
    {
      fits: (type) => type === groupType,
      blade: {
        key: "exportTemplate", label: { en: "Export template", ko: "템플릿 내보내기" }, icon: ArrowExportRegular, section: automation, needs: "Microsoft.Resources/subscriptions/resourceGroups/exportTemplate/action",
        load: () => import("./Export"),
      },
    },
  ],
});
