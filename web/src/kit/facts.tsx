import { useSubscriptions, type Envelope } from "~/wire/arm";
import { pageOf, type ResourceId } from "~/wire/id";
import { Go, type Fact } from "./Essentials";
import { TagLine } from "./TagLine";
import { useKitText } from "./text";

/** The facts that every resource of a group has: group, subscription, location, tags. */
export function useCommonFacts(id: ResourceId, resource: Envelope): Fact[] {
  const text = useKitText();
  const subscription = useSubscriptions().data?.find((s) => s.subscriptionId === id.subscription);
  const sub = "/subscriptions/" + id.subscription;
  return [
    { label: text.group, value: <Go to={pageOf(`${sub}/resourceGroups/${id.group}`)}>{id.group}</Go> },
    { label: text.location, value: resource.location },
    { label: text.subscription, value: <Go to={pageOf(sub)}>{subscription?.displayName ?? id.subscription}</Go> },
    { label: text.tags, value: <TagLine resource={resource} /> },
  ];
}
