import { Heading } from "~/kit/Heading";
import { Body } from "~/kit/Page";
import type { BladeProps } from "~/kit/room";
import type { View } from "~/wire/zz_deployment";
import { Outputs } from "./Outputs";
import { useDeploymentText } from "./text";

/** What a deployment was given and what came of it. Secure values are in neither. */
export default function Values({ resource }: BladeProps) {
  const text = useDeploymentText();
  const p = (resource as unknown as View).properties;
  return (
    <Body>
      <Heading>{text.inputs}</Heading>
      <Outputs values={p.parameters} none={text.noInputs} label={text.inputs} />
      <Heading>{text.outputs}</Heading>
      <Outputs values={p.outputs} none={text.noOutputs} label={text.outputs} />
    </Body>
  );
}
