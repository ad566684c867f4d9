import { BoxRegular, CubeFilled, InfoRegular } from "@fluentui/react-icons";
import { room } from "~/kit/room";
import { groupKind, groupVersion, type ContainerGroup } from "./api";

export default room({
  kinds: [
    {
      type: groupKind,
      apiVersion: groupVersion,
      one: { en: "Container instance", ko: "컨테이너 인스턴스" },
      many: { en: "Container instances", ko: "컨테이너 인스턴스" },
      icon: CubeFilled,
      color: "#0f8fb3",
      blurb: { en: "Runs containers from an image, with an address and a name of their own, without a server to look after.", ko: "서버를 관리하지 않고 이미지에서 컨테이너를 실행하며, 고유한 주소와 이름을 부여합니다." },
      columns: [
        { key: "image", label: { en: "Image", ko: "이미지" }, text: (r) => (r as unknown as ContainerGroup).properties.containers?.map((c) => c.properties.image).join(", ") ?? "" },
        { key: "ip", label: { en: "IP address", ko: "IP 주소" }, text: (r) => (r as unknown as ContainerGroup).properties.ipAddress?.ip ?? "" },
      ],
      blades: [
        { key: "", label: { en: "Overview", ko: "개요" }, icon: InfoRegular, load: () => import("./Overview") },
        { key: "containers", label: { en: "Containers", ko: "컨테이너" }, icon: BoxRegular, section: { en: "Settings", ko: "설정" }, load: () => import("./Containers") },
      ],
      create: () => import("./Create"),
    },
  ],
});
