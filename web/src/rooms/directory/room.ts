import { AppGenericRegular, BuildingRegular, PersonRegular } from "@fluentui/react-icons";
import { room } from "~/kit/room";
import { places } from "./links";

export default room({
  places: [
    { path: places.apps, load: () => import("./Apps"), nav: { label: { en: "App registrations", ko: "앱 등록" }, icon: AppGenericRegular, order: 40 } },
    { path: places.newApp, load: () => import("./CreateApp") },
    { path: places.apps + "/:id", load: () => import("./App") },
    { path: places.principals, load: () => import("./Principals"), nav: { label: { en: "Enterprise applications", ko: "엔터프라이즈 애플리케이션" }, icon: BuildingRegular, order: 41 } },
    { path: places.users, load: () => import("./Users"), nav: { label: { en: "Users", ko: "사용자" }, icon: PersonRegular, order: 42 } },
    { path: places.newUser, load: () => import("./CreateUser") },
  ],
});
