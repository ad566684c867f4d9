// Template deployments in the portal: node e2e/deploy.mjs '{"portal","user","password","shots","group","vault","full","stuck","image","pullUser","pullPassword"}'
// The groups are there: "group", and "full" with a registry in it. At the address "stuck" somebody listens who never answers. With an image the article's template of examples/ is deployed too, pulling with the credentials.
import { readFileSync } from "node:fs";
import { signIn } from "./browser.mjs";
import { must, walkThrough } from "./walk.mjs";

const c = JSON.parse(process.argv[2]);
const group = c.group.split("/").pop();
const form = `${c.portal}/create/Microsoft.Resources/deployments?group=${group}`;
const example = (path) => new URL("../../examples/" + path, import.meta.url).pathname;

const small = `{
  // A vault, and a secret in it.
  "$schema": "https://schema.management.azure.com/schemas/2019-04-01/deploymentTemplate.json#",
  "contentVersion": "1.0.0.0",
  "parameters": {
    "vaultName": { "type": "string", "minLength": 3 },
    "sku": { "type": "string", "allowedValues": [ "standard", "premium" ], "defaultValue": "standard" },
    "days": { "type": "int", "defaultValue": 7, "minValue": 7, "maxValue": 90 },
    "location": { "type": "string", "defaultValue": "[resourceGroup().location]" },
    "password": { "type": "securestring", "metadata": { "description": "Becomes the secret." } }
  },
  "resources": [
    {
      "type": "Microsoft.KeyVault/vaults", "apiVersion": "2023-07-01", "name": "[parameters('vaultName')]", "location": "[parameters('location')]",
      "properties": { "tenantId": "[subscription().tenantId]", "sku": { "family": "A", "name": "[parameters('sku')]" }, "enableRbacAuthorization": true, "softDeleteRetentionInDays": "[parameters('days')]" }
    },
    {
      "type": "Microsoft.KeyVault/vaults/secrets", "apiVersion": "2023-07-01", "name": "[concat(parameters('vaultName'), '/deployed')]",
      "dependsOn": [ "[resourceId('Microsoft.KeyVault/vaults', parameters('vaultName'))]" ], "properties": { "value": "[parameters('password')]" }
    }
  ],
  "outputs": { "uri": { "type": "string", "value": "[reference(parameters('vaultName')).vaultUri]" } }
}`;

const empty = (schema, resources) => JSON.stringify({ $schema: `https://schema.management.azure.com/schemas/${schema}`, contentVersion: "1.0.0.0", resources });

async function deploy({ page, walk }) {
  const button = (name) => page.getByRole("button", { name, exact: true });
  const template = page.getByRole("textbox", { name: "Template", exact: true });
  const field = (name) => page.getByRole("textbox", { name, exact: true });
  const succeeded = () => page.getByRole("definition").filter({ hasText: "Succeeded" }).waitFor({ timeout: 120_000 });

  await walk("no-deployments", async () => {
    await signIn(page, c.portal, c.user, c.password);
    await page.goto(`${c.portal}/resource${c.group}/deployments`);
    await page.getByText("No deployments yet").waitFor();
    await button("Deploy a template").first().click();
  });
  await walk("not-a-template", async () => {
    await template.fill('{\n  "resources": [\n  ],,\n}');
    await page.getByText(/^Line 3: /).waitFor();
    await template.fill("{}");
    await page.getByText("This is not a template").waitFor();
    await template.fill(empty("2019-08-01/tenantDeploymentTemplate.json#", []));
    await page.getByText("az deployment tenant create").waitFor();
  });
  await walk("parameters", async () => {
    await template.fill(small);
    await page.getByRole("combobox", { name: "sku" }).waitFor();
    await field("days").fill("3");
    await page.getByText("From 7 to 90.").waitFor();
    await field("days").fill("7");
    await field("vaultName").fill(c.vault);
    await button("Validate").click();
    await page.getByText("This has no default: give a value.").waitFor();
    await field("password").fill("Secret-Of-The-Form");
  });
  await walk("valid", async () => {
    await button("Validate").click();
    await page.getByText("The template is valid").waitFor();
  });
  await walk("what-if", async () => {
    await button("What would change?").click();
    await page.locator("[data-change=Create]", { hasText: c.vault }).first().waitFor();
    must("what-if shows the secret", !(await page.locator("#content").textContent()).includes("Secret-Of-The-Form"));
  });
  await walk("same-as-az", async () => {
    await button("View as CLI").click();
    await page.getByText("az deployment group create").waitFor();
    must("the command shows the secret", !(await page.getByRole("region", { name: "The same as a command" }).textContent()).includes("Secret-Of-The-Form"));
    await button("Close").click();
  });
  await walk("deployed", async () => {
    await button("Deploy").click();
    await succeeded();
    await page.getByRole("link", { name: c.vault, exact: true }).waitFor();
    must("the output is not there", (await page.getByLabel("uri", { exact: true }).inputValue()).includes(c.vault));
  });
  await walk("template-of-it", async () => {
    await page.getByRole("link", { name: "Template", exact: true }).click();
    await page.getByText("softDeleteRetentionInDays").waitFor();
  });
  await walk("again", async () => {
    await page.getByRole("link", { name: "Overview", exact: true }).click();
    await button("Deploy again").click();
    await page.getByText("Filled in from the deployment “deploy-").waitFor();
    must("the parameter is not filled in", (await field("vaultName").inputValue()) === c.vault);
    must("the parameter that was changed has its default", (await field("days").inputValue()) === "7");
    must("the secret was kept", (await field("password").inputValue()) === "");
    await page.getByRole("combobox", { name: "Resource group" }).filter({ hasText: group }).waitFor();
    await field("password").fill("Another-Secret");
    await button("Deploy").click();
    await succeeded();
  });
  await walk("what-if-of-a-change", async () => {
    await page.goto(form);
    await template.fill(small.replace('"defaultValue": "standard"', '"defaultValue": "premium"'));
    await field("vaultName").fill(c.vault);
    await field("password").fill("Secret-Of-The-Form");
    await button("What would change?").click();
    await page.locator("[data-change=Modify]", { hasText: '"standard" => "premium"' }).waitFor();
  });
  await walk("refused", async () => {
    await template.fill(small.replace("concat(parameters('vaultName')", "concat(parameters('nowhere')"));
    await button("Validate").click();
    await page.getByRole("alert").filter({ hasText: "nowhere" }).waitFor();
  });
  await walk("failed", async () => {
    await template.fill(small.replace("reference(parameters('vaultName'))", "reference(parameters('nowhere'))"));
    await button("Deploy").click();
    await page.getByRole("definition").filter({ hasText: "Failed" }).waitFor();
    await page.getByRole("alert").filter({ hasText: "nowhere" }).waitFor();
  });
  await walk("export", async () => {
    await page.goto(`${c.portal}/resource${c.group}/exportTemplate`);
    await page.getByText(c.vault).first().waitFor();
  });
  await scopes({ page, walk, button, template, succeeded });
  if (c.image) await article({ page, walk, field, button, succeeded });
  await walk("history", async () => {
    await page.goto(`${c.portal}/resource${c.group}/deployments`);
    await page.getByRole("link", { name: /^deploy-/ }).first().waitFor();
  });
}

/** Complete mode, the scope of the subscription, and a deployment that is canceled. */
async function scopes({ page, walk, button, template, succeeded }) {
  await walk("complete-mode", async () => {
    await page.goto(`${c.portal}/create/Microsoft.Resources/deployments?group=${c.full.split("/").pop()}`);
    await template.fill(empty("2019-04-01/deploymentTemplate.json#", []));
    await page.getByRole("radio", { name: "Complete" }).check();
    await page.getByText("What the group has and the template does not name is deleted.").waitFor();
    await button("What would change?").click();
    await page.locator("[data-change=Delete]", { hasText: "deploygone" }).waitFor();
    await button("Deploy").click();
    await succeeded();
    await page.goto(`${c.portal}/resource${c.full}`);
    await page.getByText("This group is empty").waitFor();
  });
  await walk("subscription", async () => {
    await page.goto(`${c.portal}/resource${c.full.split("/").slice(0, 3).join("/")}/deployments`);
    await button("Deploy a template").first().click();
    await template.fill(empty("2018-05-01/subscriptionDeploymentTemplate.json#", [{ type: "Microsoft.Resources/resourceGroups", apiVersion: "2021-04-01", name: "deploy-made", location: "eastus" }]));
    await page.getByText("The template is for the subscription").waitFor();
    must("a group is asked for", (await page.getByRole("combobox", { name: "Resource group" }).count()) === 0);
    await button("What would change?").click();
    await page.locator("[data-change=Create]", { hasText: "deploy-made" }).waitFor();
    await button("Deploy").click();
    await succeeded();
    await page.getByRole("link", { name: "deploy-made" }).waitFor();
  });
  await walk("canceled", async () => {
    await page.goto(form);
    const container = { name: "stuck", properties: { image: `${c.stuck}/stuck/image:v1`, resources: { requests: { cpu: 1, memoryInGB: 1 } } } };
    await template.fill(empty("2019-04-01/deploymentTemplate.json#", [{ type: "Microsoft.ContainerInstance/containerGroups", apiVersion: "2023-05-01", name: "stuck", location: "eastus", properties: { osType: "Linux", containers: [container] } }]));
    await button("Deploy").click();
    await page.getByText("0 of 1 done").waitFor();
    must("a deployment that runs can be deleted", await button("Delete").isDisabled());
    await button("Cancel").first().click();
    await page.getByRole("alertdialog").getByRole("button", { name: "Cancel" }).first().click();
    await page.getByRole("definition").filter({ hasText: "Canceled" }).waitFor();
  });
}

/** The article's template, from its file. */
async function article({ page, walk, field, button, succeeded }) {
  await walk("article", async () => {
    await page.goto(form);
    await page.locator("input[type=file]").first().setInputFiles(example("container-from-registry/template.json"));
    await page.locator("input[type=file]").last().setInputFiles(example("container-from-registry/parameters.json"));
    await page.getByText("From the secret “myregistry-pull-usr”").waitFor();
    await field("image").fill(c.image);
    for (const [label, value] of [["imageRegistryUsername", c.pullUser], ["imageRegistryPassword", c.pullPassword]]) {
      await button("Give a value instead").first().click();
      await field(label).fill(value);
    }
  });
  await walk("article-progress", async () => {
    await button("Deploy").click();
    await page.getByRole("table", { name: "Resources" }).getByText("Microsoft.ContainerInstance/containerGroups").waitFor();
  });
  await walk("article-deployed", async () => {
    await succeeded();
    must("the address is not there", (await page.getByLabel("fqdn", { exact: true }).inputValue()).includes("aci-demo-"));
  });
}

await walkThrough(c.shots, {}, deploy);
