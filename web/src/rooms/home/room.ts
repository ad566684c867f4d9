import { room } from "~/kit/room";

export default room({
  places: [
    { path: "/", load: () => import("./Home") },
    { path: "/create", load: () => import("./Gallery") },
  ],
});
