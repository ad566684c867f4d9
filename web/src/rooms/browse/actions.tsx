import { DeleteRegular, OpenRegular } from "@fluentui/react-icons";
import { useState, type ReactNode } from "react";
import { useNavigate } from "react-router";
import { DeleteResource } from "~/kit/DeleteResource";
import { deleteAction } from "~/kit/remove";
import type { MenuEntry } from "~/kit/RowMenu";
import { useKitText } from "~/kit/text";
import type { Envelope } from "~/wire/arm";
import { pageOf } from "~/wire/id";

/** The menu of a resource in a list, and the dialog it may open. */
export function useRowActions(): { menu: (r: Envelope) => MenuEntry[]; dialog: ReactNode } {
  const kit = useKitText();
  const navigate = useNavigate();
  const [going, setGoing] = useState<Envelope>();
  return {
    menu: (r) => [
      { key: "open", label: kit.open, icon: OpenRegular, onClick: () => void navigate(pageOf(r.id)) },
      ...(deleteAction(r.type) ? [{ key: "delete", label: kit.remove, icon: DeleteRegular, onClick: () => setGoing(r), needs: { at: r.id, action: deleteAction(r.type)! } }] : []),
    ],
    dialog: going && <DeleteResource resource={going} onClose={() => setGoing(undefined)} />,
  };
}
