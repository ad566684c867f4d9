package differential

import (
	"fmt"
	"regexp"
	"strings"
	"testing"
)

// scenes are command lines at a terminal, with what is typed after which words.
var scenes = []struct {
	line string
	keys [][2]string
}{
	{"group show -n none{}", nil},                     // an error in its colour
	{"group show -n dterm{} -o yz", nil},              // wrong usage
	{"acr config retention show -r dtermnone{}", nil}, // a warning in its colour
	{"acr config retention show -r dtermnone{} --only-show-errors", nil},
	{"group show -n dterm{}", nil}, // no colours unless they are asked for
	{"group show -n dterm{} -o jsonc", nil},
	{"group show -n dterm{} -o yamlc", nil},
	{"group show -n dterm{} --query \"{a:tags,b:[`1`,`true`,null]}\" -o jsonc", nil},
	{"group delete -n dterm{}", [][2]string{{"(y/n): ", "perhaps\n"}, {"(y/n): ", "n\n"}}},
	{"deployment group what-if -g dterm{} -f $TMP/t.json -p name=x{}", nil},
	{"deployment group create -g dterm{} -n d -f $TMP/t.json -p name=x{} --query properties.provisioningState", nil},
	{"deployment group create -g dterm{} -n d -f $TMP/t.json -p name=x{} --query properties.provisioningState --only-show-errors", nil},
	{"deployment group what-if -g dterm{} -f $TMP/t.json -p name=x{}", nil}, // now there is nothing to make
	{"login --service-principal -u 11111111-1111-1111-1111-111111111111 --tenant $TENANT", [][2]string{{"Password: ", "wrong\n"}}},
	{"container exec -g dterm{} -n web --exec-command /aci-helloworld", nil},
	{"group delete -n dterm{}", [][2]string{{"(y/n): ", "y\n"}}},
}

// At a terminal the built-in az shows what the real one does: colours, questions,
// progress, and what is typed.
func TestAtATerminal(t *testing.T) {
	if cloud.Az == "" {
		t.Skip("the real az is only installed on Debian 12 and 13")
	}
	theirs, ours := theirs(t), ours(t)
	for _, s := range []*side{theirs, ours} {
		for _, line := range []string{
			"TENANT := account show --query tenantId -o tsv",
			"group create -n dterm{} -l eastus --tags kind=terminal -o none",
			"acr create -g dterm{} -n dterm{} --sku Basic --admin-enabled true -o none",
			"SERVER := acr show -n dterm{} --query loginServer -o tsv",
			"WORD := acr credential show -n dterm{} --query passwords[0].value -o tsv",
			"+ lazuli push $SAMPLE $SERVER/hello:v1",
			"+ " + `echo '{"$schema":"https://schema.management.azure.com/schemas/2019-04-01/deploymentTemplate.json#","contentVersion":"1.0.0.0","parameters":{"name":{"type":"string"}},"resources":[{"type":"Microsoft.ManagedIdentity/userAssignedIdentities","apiVersion":"2023-01-31","name":"[parameters(` + "\\u0027name\\u0027" + `)]","location":"eastus"}],"outputs":{"said":{"type":"string","value":"[parameters(` + "\\u0027name\\u0027" + `)]"}}}' > $TMP/t.json`,
			"container create -g dterm{} -n web --image $SERVER/hello:v1 --registry-login-server $SERVER --registry-username dterm{} --registry-password $WORD --cpu 0.5 --memory 0.5 -o none",
		} {
			if script, ok := strings.CutPrefix(line, "+ "); ok {
				prepare(t, s, script)
				continue
			}
			name, rest, keep := strings.Cut(line, " := ")
			if keep {
				line = rest
			}
			got := s.do(t, line)
			if got.Code != 0 {
				t.Fatalf("az %s: %s", line, got.Err)
			}
			s.vars[name] = strings.TrimSpace(got.Out)
		}
	}
	progress := false
	for _, scene := range scenes {
		t.Run(scene.line, func(t *testing.T) {
			want := theirs.ask(map[string]any{"args": theirs.words(t, scene.line), "keys": scene.keys})
			have := theirs.ask(map[string]any{"program": builtin(), "args": ours.words(t, scene.line), "keys": scene.keys, "env": ours.env})
			shown, spun := screen(mask(want.Out, theirs))
			seen, turned := screen(mask(have.Out, ours))
			progress = progress || turned
			if want.Code != have.Code || shown != seen || turned && !spun {
				t.Errorf("exit %d, ours %d; progress %t, ours %t\n--- the real az\n%q\n--- ours\n%q\n--- first difference: %s",
					want.Code, have.Code, spun, turned, shown, seen, difference(shown, seen))
			}
		})
	}
	if !progress { // the real one shows it for work that has ended, too
		t.Error("there was no progress on long work")
	}
}

// spinner is one turn of the progress that either program draws over itself.
var spinner = regexp.MustCompile(`\r? ?[-\\|/] (Running|Starting|Finished|Interrupted|In Progress) ?\.\.`)

// screen is what remains on a terminal, and whether there was progress on it.
func screen(text string) (remains string, progress bool) {
	progress = spinner.MatchString(text)
	text = spinner.ReplaceAllString(text, "\r")
	var lines []string
	for line := range strings.SplitSeq(strings.ReplaceAll(text, "\r\n", "\n"), "\n") {
		line = strings.ReplaceAll(line, "\x1b[K", "")
		lines = append(lines, line[strings.LastIndexByte(line, '\r')+1:])
	}
	return fmt.Sprintln(said(strings.Join(lines, "\n"))), progress
}
