import type { BladeProps } from "~/kit/room";
import Template from "./Template";
import { useDeploymentText } from "./text";

/** What a group holds, as a template. */
export default function Export(p: BladeProps) {
  return <Template {...p} hint={useDeploymentText().exportHint} />;
}
