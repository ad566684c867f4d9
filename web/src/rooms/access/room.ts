import { PeopleTeamRegular } from "@fluentui/react-icons";
import { room } from "~/kit/room";

export default room({
  everywhere: [
    {
      fits: () => true,
      blade: { key: "accessControl", label: { en: "Access control (IAM)", ko: "액세스 제어(IAM)" }, icon: PeopleTeamRegular, load: () => import("./Access") },
    },
  ],
});
