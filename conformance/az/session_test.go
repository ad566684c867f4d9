package az

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// program pushes the container runtime suite's program, which has commands for terminals, and returns the image's name.
func program(t *testing.T, server string) string {
	t.Helper()
	dir := t.TempDir()
	build := exec.Command("go", "build", "-trimpath", "-ldflags=-s -w", "-o", dir+"/program", "github.com/lazuli-cloud/lazuli/container/runtimetest/testdata/program")
	build.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("cannot build the program: %v\n%s", err, out)
	}
	cloud.Sh(t, fmt.Sprintf("lazuli push %s %s/program:v1", dir, server))
	return server + "/program:v1"
}

// TestContainerSessions types into a container through az at a real terminal, and follows what another writes.
func TestContainerSessions(t *testing.T) {
	rg := group(t, "sessions")
	server := registry(t, rg, "sessionsreg")
	login, image := credentials(t, "sessionsreg"), program(t, server)
	az(t, "container create -g %s -n shell --image %s %s --command-line '/program stay'", rg, image, login)

	x := cloud.Terminal(t, 101, 31, "az container exec -g "+rg+" -n shell --exec-command '/program tty'")
	x.Shows("101x31", 1) // the size of the terminal here is that of the terminal there
	x.Type("\n")
	x.Shows("101x31", 2)
	x.Type("\x04") // end of the input: the program ends with 2
	if _, screen := x.Ends(); !strings.Contains(screen, "exit code 2") {
		t.Errorf("the end of the command is not told:\n%s", screen)
	}
	x = cloud.Terminal(t, 80, 24, "az container exec -g "+rg+" -n shell --exec-command '/program cat'")
	x.Raw()
	x.Type("grüße, \"quoted\" \x01\n")
	x.Shows("quoted", 1) // the terminal's echo
	x.Type("\x04")
	if code, screen := x.Ends(); code != 0 || strings.Count(screen, "grüße, \"quoted\" ") != 2 || !strings.Contains(screen, "\x01") {
		t.Errorf("az ends with %d:\n%s", code, screen)
	}
	x = cloud.Terminal(t, 80, 24, "az container exec -g "+rg+" -n shell --exec-command '/no/such/program'")
	if _, screen := x.Ends(); !strings.Contains(screen, "The command cannot be started") {
		t.Errorf("what cannot be started is not told:\n%s", screen)
	}

	az(t, "container create -g %s -n job --image %s %s --restart-policy Never --command-line '/program print 3'", rg, image, login)
	attached := az(t, "container attach -g %s -n job", rg)
	has(t, "state", attached, "Container 'job' is in state 'Terminated'")
	has(t, "events", attached, "Started container")
	refused(t, "is not running", "container exec -g %s -n job --exec-command /program", rg)
	x = cloud.Terminal(t, 80, 24, "az container logs --follow -g "+rg+" -n shell & sleep 6; az container stop -g "+rg+" -n shell; sleep 4; kill %1")
	x.Shows("terminated", 1)
	x.Ends()
}

// TestContainerFiles makes groups from files, which az sends as they are, and exports one to make it again.
func TestContainerFiles(t *testing.T) {
	rg := group(t, "files")
	server := registry(t, rg, "filesreg")
	credentials(t, "filesreg")
	dir := t.TempDir()
	password := tsv(t, "passwords[0].value", "acr credential show -n filesreg")
	identity := tsv(t, "id", "identity create -g %s -n reader", rg)
	principal := tsv(t, "principalId", "identity show -g %s -n reader", rg)
	az(t, "keyvault create -g %s -n kvfiles --enable-rbac-authorization", rg)
	t.Cleanup(func() { cloud.Run(t, "az keyvault delete -n kvfiles; az keyvault purge -n kvfiles") })
	secret := tsv(t, "id", "keyvault secret set --vault-name kvfiles -n color --value deep-blue-s3cret")
	secret = secret[:strings.LastIndexByte(secret, '/')]
	az(t, "role assignment create --assignee-object-id %s --assignee-principal-type ServicePrincipal --role 'Key Vault Secrets User' --scope $(az keyvault show -n kvfiles --query id -o tsv)", principal)
	file := filepath.Join(dir, "group.yaml")
	text := fmt.Sprintf(`apiVersion: 2025-09-01
location: eastus
name: fromfile
identity:
  type: UserAssigned
  userAssignedIdentities: {'%[3]s': {}}
properties:
  secretReferences:
  - {name: color, identity: '%[3]s', secretReferenceUri: '%[4]s'}
  containers:
  - name: web
    properties:
      image: %[1]s/aci-helloworld:v1
      ports: [{port: 80}]
      environmentVariables:
      - {name: PLAIN, value: shown}
      - {name: COLOR, secureValueReference: color}
      resources: {requests: {cpu: 0.5, memoryInGb: 0.5}}
      volumeMounts: [{name: scratch, mountPath: /scratch}]
  - name: side
    properties:
      image: %[1]s/aci-helloworld:v1
      environmentVariables: [{name: PORT, value: '8081'}]
      resources: {requests: {cpu: 0.5, memoryInGb: 0.5}}
  imageRegistryCredentials: [{server: %[1]s, username: filesreg, password: %[2]s}]
  volumes: [{name: scratch, emptyDir: {}}]
  osType: Linux
  restartPolicy: OnFailure
  ipAddress: {type: Public, ports: [{port: 80}], dnsNameLabel: files-web}
tags: {from: file}
`, server, password, identity, secret)
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	az(t, "container create -g %s -f %s", rg, file)
	show := func() string {
		return tsv(t, "[instanceView.state, restartPolicy, ipAddress.dnsNameLabel, tags.from, containers[0].name, containers[1].name, containers[0].environmentVariables[0].value]", "container show -g %s -n fromfile", rg)
	}
	first := show()
	eq(t, "the group of the file", strings.Join(strings.Fields(first), " "), "Running OnFailure files-web file web side shown")
	if all := az(t, "container show -g %s -n fromfile", rg); strings.Contains(all, "s3cret") || strings.Contains(all, password) {
		t.Errorf("a secret is shown:\n%s", all)
	}
	exported := filepath.Join(dir, "exported.yaml")
	az(t, "container export -g %s -n fromfile -f %s", rg, exported)
	data, err := os.ReadFile(exported)
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"secureValueReference: color", "dnsNameLabel: files-web", "restartPolicy: OnFailure", "from: file"} {
		has(t, "the exported file", string(data), want)
	}
	if strings.Contains(string(data), "s3cret") || strings.Contains(string(data), password) {
		t.Errorf("a secret is exported:\n%s", data)
	}
	// Azure: passwords are not exported; who makes the group again adds them.
	az(t, "container delete -y -g %s -n fromfile", rg)
	again := strings.Replace(string(data), "username: filesreg", "username: filesreg\n    password: "+password, 1)
	if err := os.WriteFile(exported, []byte(again), 0o600); err != nil {
		t.Fatal(err)
	}
	az(t, "container create -g %s -f %s", rg, exported)
	eq(t, "the group of the exported file", show(), first)
	az(t, "role assignment delete --assignee %s --scope $(az keyvault show -n kvfiles --query id -o tsv)", principal)
	cloud.Fails(t, "az container restart -g "+rg+" -n fromfile", "InaccessibleSecretReference", "Key Vault Secrets User")
}

// TestContainerFlags gives a group what az has flags for besides, and looks into it: identities that pull, secrets, a share, a
// config map, UDP ports.
func TestContainerFlags(t *testing.T) {
	rg := group(t, "flags")
	server := registry(t, rg, "flagsreg")
	image := program(t, server)
	identity := tsv(t, "id", "identity create -g %s -n puller", rg)
	principal := tsv(t, "principalId", "identity show -g %s -n puller", rg)
	az(t, "role assignment create --assignee-object-id %s --assignee-principal-type ServicePrincipal --role AcrPull --scope $(az acr show -n flagsreg --query id -o tsv)", principal)
	share := filepath.Join(cloud.Dir, "shares", "flagsaccount", "data")
	if err := os.MkdirAll(share, 0o700); err != nil {
		t.Fatal(err)
	}
	for path, text := range map[string]string{"../.key": "c2hhcmUta2V5", "file": "shared"} {
		if err := os.WriteFile(filepath.Join(share, path), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	create := "container create -g " + rg + " -n flags --image " + image + " --registry-login-server " + server + " --acr-identity " + identity + " --command-line '/program stay' --cpu 0.5 --memory 0.25"
	mounts := " --azure-file-volume-account-name flagsaccount --azure-file-volume-share-name data --azure-file-volume-mount-path /share --azure-file-volume-account-key "
	refused(t, "not among its own", "%s", create) // an identity that the group is not given
	refused(t, "the key is not that of the storage account", "%s --assign-identity %s %s d3Jvbmc=", create, identity, mounts)
	az(t, "%s --assign-identity [system] %s %s c2hhcmUta2V5 --secrets one=first two=second --secrets-mount-path /secrets --config-map color=blue --ip-address Public --ports 5000 5001 --protocol UDP", create, identity, mounts)
	show := tsv(t, "[identity.type, ipAddress.ports[1].protocol, containers[0].configMap.keyValuePairs.color, volumes[0].azureFile.storageAccountKey, imageRegistryCredentials[0].identity]", "container show -g %s -n flags", rg)
	eq(t, "what is shown", strings.Join(strings.Split(show, "\n"), "|"), "SystemAssigned, UserAssigned|UDP|blue|None|"+identity)
	x := cloud.Terminal(t, 80, 24, "az container exec -g "+rg+" -n flags --exec-command '/program read /secrets/one,/secrets/two,/share/file,/mnt/configmap/flags/color'")
	_, screen := x.Ends()
	for _, want := range []string{"first", "second", "shared", "blue"} {
		has(t, "what is in the container", screen, want)
	}
	refused(t, "which volumes may not use", "%s --assign-identity %s --gitrepo-url https://127.0.0.1:9/x.git --gitrepo-mount-path /git", create, identity)
}
