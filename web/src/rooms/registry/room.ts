import { BoxMultipleFilled, DatabaseRegular, InfoRegular, KeyRegular } from "@fluentui/react-icons";
import { room } from "~/kit/room";
import { registryType, registryVersion } from "./api";

const services = { en: "Services", ko: "서비스" };
const settings = { en: "Settings", ko: "설정" };

export default room({
  kinds: [
    {
      type: registryType,
      apiVersion: registryVersion,
      one: { en: "Container registry", ko: "컨테이너 레지스트리" },
      many: { en: "Container registries", ko: "컨테이너 레지스트리" },
      icon: BoxMultipleFilled,
      color: "#2f7fd6",
      blurb: { en: "Keeps container images and other artifacts, for pulling with docker, az and container groups.", ko: "컨테이너 이미지와 아티팩트를 보관하고 docker, az, 컨테이너 그룹에서 끌어오게 합니다." },
      columns: [
        { key: "server", label: { en: "Login server", ko: "로그인 서버" }, text: (r) => String(r.properties["loginServer"] ?? "") },
        { key: "sku", label: { en: "Pricing plan", ko: "가격 계획" }, text: (r) => r.sku?.name ?? "" },
      ],
      blades: [
        { key: "", label: { en: "Overview", ko: "개요" }, icon: InfoRegular, load: () => import("./Overview") },
        { key: "accessKeys", label: { en: "Access keys", ko: "액세스 키" }, icon: KeyRegular, section: settings, load: () => import("./AccessKeys") },
        { key: "repositories", label: { en: "Repositories", ko: "리포지토리" }, icon: DatabaseRegular, section: services, load: () => import("./Repositories") },
      ],
      create: () => import("./Create"),
    },
  ],
});
