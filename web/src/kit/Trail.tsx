import { Breadcrumb, BreadcrumbButton, BreadcrumbDivider, BreadcrumbItem } from "@fluentui/react-components";
import { Fragment } from "react";
import { useNavigate } from "react-router";
import type { Crumb } from "./Page";

/** The way to something inside a blade: links back, and what is shown. */
export function Trail({ steps, here }: { steps: Crumb[]; here: string }) {
  const navigate = useNavigate();
  return (
    <Breadcrumb aria-label={here} style={{ margin: "-4px 0 12px -8px" }}>
      {steps.map((c) => (
        <Fragment key={c.to}>
          <BreadcrumbItem>
            <BreadcrumbButton as="a" href={c.to} onClick={(e: React.MouseEvent) => { e.preventDefault(); void navigate(c.to); }}>{c.label}</BreadcrumbButton>
          </BreadcrumbItem>
          <BreadcrumbDivider />
        </Fragment>
      ))}
      <BreadcrumbItem><BreadcrumbButton current>{here}</BreadcrumbButton></BreadcrumbItem>
    </Breadcrumb>
  );
}
