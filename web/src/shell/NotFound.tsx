import { Empty } from "~/kit/states";
import { Go } from "~/kit/Essentials";
import { useShellText } from "./text";

/** For addresses that lead nowhere. */
export function NotFound() {
  const text = useShellText();
  return <Empty title={text.notFound} hint={location.pathname}><Go to="/">{text.home}</Go></Empty>;
}
