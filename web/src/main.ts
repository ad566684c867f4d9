import "./shell/boot.css";
import { openSession } from "./wire/session";

const reloads = "lazuli.reloads";

/** What to do when a part of the portal did not come, because a network device came or went: the page is loaded again, a few times. */
function again(e: unknown): void {
  const before = Number(sessionStorage.getItem(reloads) ?? "0");
  sessionStorage.setItem(reloads, String(before + 1));
  if (before < 3) location.reload();
  else document.body.textContent = `The portal cannot be loaded: ${e instanceof Error ? e.message : String(e)}`;
}

/** Signs in while the rest of the portal is still loading. */
const app = import("./shell/start");
app.then(() => sessionStorage.removeItem(reloads), again);
openSession().then(
  async (path) => {
    history.replaceState(null, "", path);
    (await app).start();
  },
  async (e: unknown) => (await app).refuse(e instanceof Error ? e.message : String(e)),
);
