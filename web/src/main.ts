import "./shell/boot.css";
import { openSession } from "./wire/session";

/** Signs in while the rest of the portal is still loading. */
const app = import("./shell/start");
openSession().then(
  async (path) => {
    history.replaceState(null, "", path);
    (await app).start();
  },
  async (e: unknown) => (await app).refuse(e instanceof Error ? e.message : String(e)),
);
