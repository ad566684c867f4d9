import { MessageBar, MessageBarBody, Switch, Text } from "@fluentui/react-components";
import { AddRegular, ArrowSwapRegular, PeopleTeamRegular } from "@fluentui/react-icons";
import { useState } from "react";
import { useNavigate } from "react-router";
import { Because, useWhyNot } from "~/kit/Can";
import { Confirm } from "~/kit/Confirm";
import { EquivalentCli } from "~/kit/EquivalentCli";
import { Heading } from "~/kit/Heading";
import { Body } from "~/kit/Page";
import type { BladeProps } from "~/kit/room";
import { Empty } from "~/kit/states";
import { Table } from "~/kit/Table";
import { useWrite } from "~/kit/write";
import { pageOf } from "~/wire/id";
import type { AccessPolicyEntry } from "~/wire/zz_vault";
import { updateWrite, useHolders, usePrincipals, vaultType, type Holder, type Vault } from "./api";
import { Policies } from "./Policies";
import { PolicyForm } from "./PolicyForm";
import { useVaultText } from "./text";

/** Who may reach the secrets: by roles or by access policies, whichever the vault asks. */
export default function Access({ id, resource }: BladeProps) {
  const text = useVaultText();
  const navigate = useNavigate();
  const run = useWrite();
  const vault = resource as unknown as Vault;
  const rbac = vault.properties.enableRbacAuthorization === true;
  const forTemplates = vault.properties.enabledForTemplateDeployment === true;
  const [swapping, setSwapping] = useState(false);
  const [edited, setEdited] = useState<AccessPolicyEntry | "new">();
  const whyNot = useWhyNot(id.id, vaultType + "/write");
  const swap = updateWrite(id.id, { enableRbacAuthorization: !rbac }, ["--enable-rbac-authorization", String(!rbac)], text.changingModel(id.name));
  const templates = updateWrite(id.id, { enabledForTemplateDeployment: !forTemplates }, ["--enabled-for-template-deployment", String(!forTemplates)], text.changingTemplates(id.name));
  return (
    <Body commands={[
      ...(rbac ? [{ key: "iam", label: text.toIam, icon: PeopleTeamRegular, onClick: () => void navigate(pageOf(id.id, "accessControl")) }]
        : [{ key: "add", label: text.addPolicy, icon: AddRegular, onClick: () => setEdited("new"), needs: { at: id.id, action: vaultType + "/accessPolicies/write" } }]),
      { key: "swap", label: rbac ? text.turnPolicies : text.turnRbac, icon: ArrowSwapRegular, onClick: () => setSwapping(true), needs: { at: id.id, action: vaultType + "/write" } },
    ]}>
      <MessageBar intent="info" layout="multiline"><MessageBarBody><b>{rbac ? text.rbac : text.policies}.</b> {rbac ? text.rbacHint : text.policiesHint}</MessageBarBody></MessageBar>
      <div style={{ height: 16 }} />
      <Heading>{rbac ? text.whoRoles : text.whoPolicies}</Heading>
      {rbac ? <Holders vault={vault} /> : <Policies vault={vault} onEdit={setEdited} />}
      <Heading>{text.settings}</Heading>
      <div style={{ display: "flex", alignItems: "center", flexWrap: "wrap" }}>
        <Because reason={whyNot}>
          <Switch checked={forTemplates} disabled={whyNot !== undefined} label={text.templates} labelPosition="before" onChange={() => void run(templates).catch(() => undefined)} />
        </Because>
        <EquivalentCli write={templates} />
      </div>
      <Text size={200}>{text.templatesHint}</Text>
      {swapping && (
        <Confirm title={text.changeModel} action={rbac ? text.turnPolicies : text.turnRbac} write={swap} onClose={() => setSwapping(false)} onConfirm={() => void run(swap).catch(() => undefined)}>
          <Text>{rbac ? text.policiesHint.split(". ")[0] + ". " : text.rbacHint + " "}{text.modelHint}</Text>
        </Confirm>
      )}
      {edited && <PolicyForm vault={vault} entry={edited === "new" ? undefined : edited} onClose={() => setEdited(undefined)} />}
    </Body>
  );
}

/** Who has a role that reaches secrets. */
function Holders({ vault }: { vault: Vault }) {
  const text = useVaultText();
  const holders = useHolders(vault.id, true);
  const names = usePrincipals((holders.data ?? []).map((h) => h.assignment.properties.principalId)).data;
  const who = (h: Holder) => names?.get(h.assignment.properties.principalId.toLowerCase()) || h.assignment.properties.principalId;
  const where = (h: Holder) => { const s = h.assignment.properties.scope ?? ""; return s.toLowerCase() === vault.id.toLowerCase() ? text.thisVault : s || "/"; };
  const yes = (b: boolean) => (b ? text.yes : text.no);
  return (
    <Table<Holder>
      label={text.whoRoles} rows={holders.data} error={holders.error} onRetry={() => void holders.refetch()} rowKey={(h) => h.assignment.id} noFilter empty={<Empty title={text.noHolders} hint={text.noHoldersHint} icon={PeopleTeamRegular} />}
      columns={[
        { key: "who", label: text.principal, text: who, width: "minmax(180px, 1.5fr)" },
        { key: "kind", label: text.kind, text: (h) => h.assignment.properties.principalType ?? "", width: "130px" },
        { key: "role", label: text.role, text: (h) => h.role, width: "minmax(200px, 1.5fr)" },
        { key: "reads", label: text.reads, text: (h) => yes(h.reads), width: "120px" },
        { key: "writes", label: text.writes, text: (h) => yes(h.writes), width: "100px" },
        { key: "where", label: text.where, text: where, width: "minmax(180px, 2fr)" },
      ]}
    />
  );
}
