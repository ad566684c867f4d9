import { LockClosedRegular } from "@fluentui/react-icons";
import { room } from "~/kit/room";

export default room({
  everywhere: [
    { fits: () => true, blade: { key: "locks", label: { en: "Locks", ko: "잠금" }, icon: LockClosedRegular, needs: "Microsoft.Authorization/locks/read", load: () => import("./Locks") } },
  ],
});
