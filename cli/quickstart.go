package cli

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	neturl "net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"github.com/spf13/cobra"

	"github.com/lazuli-cloud/lazuli/client"
	"github.com/lazuli-cloud/lazuli/cloud/config"
	"github.com/lazuli-cloud/lazuli/image"
)

// step is one line of the article. What it prints is kept in the variable
// keep, when that is named, for the steps after it.
type step struct{ title, script, keep string }

// article is Microsoft's workflow of 2019, word for word but for the image,
// which is pushed from this machine instead of a public registry.
var article = []step{
	{title: "a resource group", script: `az group create -n $RES_GROUP -l eastus -o none`},
	{title: "a private registry", script: `az acr create -g $RES_GROUP -n $ACR_NAME --sku Basic -o none`},
	{title: "its login server", script: `az acr show --name $ACR_NAME --resource-group $RES_GROUP --query "loginServer" --output tsv`, keep: "ACR_LOGIN_SERVER"},
	{title: "the sample's image, pushed", script: pushStep},
	{title: "a key vault", script: `az keyvault create -g $RES_GROUP -n $AKV_NAME -o none`},
	{title: "a service principal that may only pull, its password into the vault", script: `az keyvault secret set --vault-name $AKV_NAME --name $ACR_NAME-pull-pwd --value $(az ad sp create-for-rbac --name http://$ACR_NAME-pull --scopes $(az acr show --name $ACR_NAME --query id --output tsv) --role acrpull --query password --output tsv) -o none`},
	{title: "its user name into the vault", script: `az keyvault secret set --vault-name $AKV_NAME --name $ACR_NAME-pull-usr --value $(az ad sp show --id http://$ACR_NAME-pull --query appId --output tsv) -o none`},
	{title: "the image as a container instance, with the credentials from the vault", script: `az container create --name aci-demo --resource-group $RES_GROUP --image $ACR_LOGIN_SERVER/aci-helloworld:v1 \
    --registry-login-server $ACR_LOGIN_SERVER \
    --registry-username $(az keyvault secret show --vault-name $AKV_NAME -n $ACR_NAME-pull-usr --query value -o tsv) \
    --registry-password $(az keyvault secret show --vault-name $AKV_NAME -n $ACR_NAME-pull-pwd --query value -o tsv) \
    --dns-name-label aci-demo-$RANDOM --query ipAddress.fqdn -o tsv`, keep: "FQDN"},
}

// pushStep marks the step that this program does itself.
const pushStep = `lazuli push bin/aci-helloworld $ACR_LOGIN_SERVER/aci-helloworld:v1`

func (a *app) quickstart() *cobra.Command {
	var keep bool
	var az, sample string
	cmd := &cobra.Command{Use: "quickstart", Short: "Run the article end to end in a throw-away data directory", Args: exactArgs(0),
		RunE: func(cmd *cobra.Command, _ []string) error {
			if az != "builtin" { // a wrong --az is found before anything starts
				if _, err := findAz(az, ""); err != nil {
					return err
				}
			}
			if sample == "" {
				self, err := os.Executable()
				if err != nil {
					return err
				}
				sample = filepath.Join(filepath.Dir(self), "aci-helloworld")
			}
			if _, err := os.Stat(sample); err != nil {
				return withHint(fmt.Errorf("the sample program %s is not there", sample), "build it with 'make build', or give --sample SRC")
			}
			q := &quickstart{app: a, az: az, sample: sample, keep: keep, begin: time.Now()}
			return q.run(cmd.Context())
		}}
	cmd.Flags().BoolVar(&keep, "keep", false, "leave the cloud and its container group running")
	cmd.Flags().StringVar(&az, "az", "builtin", azUsage)
	cmd.Flags().StringVar(&sample, "sample", "", "image source or program to push (default: aci-helloworld beside this program)")
	return cmd
}

// quickstart is one run.
type quickstart struct {
	*app
	az, sample string
	keep       bool
	begin      time.Time
	status     client.Status
	admin      client.Admin
	env        []string
}

func (q *quickstart) run(ctx context.Context) (err error) {
	dir, err := os.MkdirTemp("", "lazuli-quickstart-")
	if err != nil {
		return err
	}
	q.data = dir
	defer func() { err = errors.Join(err, q.cleanUp(dir)) }()
	if err := q.step("a cloud of your own", "lazuli up --detach --data "+dir, func() error { return q.start(ctx) }); err != nil {
		return err
	}
	if q.az, err = findAz(q.az, dir); err != nil {
		return err
	}
	q.env = append(shellEnvironment(q.status, q.az), "RES_GROUP=myresourcegroup", "ACR_NAME=myregistry", "AKV_NAME=mykeyvault")
	err = q.step("az signed in", "lazuli shell", func() error { return q.signIn(ctx, q.admin, q.status, q.az, q.env) })
	if err != nil {
		return err
	}
	for _, s := range article {
		if err := q.step(s.title, s.script, func() error { return q.do(ctx, s) }); err != nil {
			return err
		}
	}
	return q.fetch(ctx)
}

// step prints what is done, does it, and prints its time.
func (q *quickstart) step(title, script string, do func() error) error {
	_, _ = fmt.Fprintf(q.out, "\n# %s\n$ %s\n", title, script)
	begin := time.Now()
	err := do()
	verdict := "done"
	if err != nil {
		verdict = "FAILED"
	}
	_, _ = fmt.Fprintf(q.out, "  %s in %.2f s\n", verdict, time.Since(begin).Seconds())
	return err
}

// start runs a cloud on the usual ports, or on free ones when those are taken.
func (q *quickstart) start(ctx context.Context) error {
	c, err := q.settings(config.Config{})
	if err != nil {
		return err
	}
	// A network of its own: another cloud may run on this machine.
	n := os.Getpid()
	c.Bridge = fmt.Sprintf("lazuliq%d", n%100000)
	c.PodSubnet, c.Pool = fmt.Sprintf("10.78.%d.0/24", n%256), fmt.Sprintf("127.78.%d.0/24", n%256)
	if c, err = c.Complete(mayBindLowPorts()); err != nil {
		return err
	}
	for _, addr := range []*string{&c.Listen, &c.HTTP, &c.Proxy, &c.DNS} {
		if err := freeAddress(addr); err != nil {
			return err
		}
	}
	quiet := *q.app
	quiet.out = io.Discard
	if err := quiet.detach(ctx, c); err != nil {
		return err
	}
	q.admin = client.Admin{Socket: c.AdminSocket()}
	q.status, err = q.admin.Status(ctx)
	return err
}

// freeAddress replaces an address that is taken by one with a free port.
func freeAddress(addr *string) error {
	l, err := net.Listen("tcp", *addr)
	if err != nil {
		host, _, splitErr := net.SplitHostPort(*addr)
		if splitErr != nil {
			return splitErr
		}
		if l, err = net.Listen("tcp", net.JoinHostPort(host, "0")); err != nil {
			return err
		}
		*addr = l.Addr().String()
	}
	return l.Close()
}

// do runs one line of the article in bash.
func (q *quickstart) do(ctx context.Context, s step) error {
	if s.script == pushStep {
		return q.pushTo(ctx, q.admin, q.status, q.sample, q.variable("ACR_LOGIN_SERVER")+"/aci-helloworld:v1", image.Options{Ports: []string{"80"}})
	}
	cmd := exec.CommandContext(ctx, "bash", "-ec", s.script)
	var out, problems bytes.Buffer
	cmd.Env, cmd.Stdout, cmd.Stderr = q.env, &out, &problems
	if err := cmd.Run(); err != nil {
		return fmt.Errorf("the step failed (%w): %s", err, bytes.TrimSpace(problems.Bytes()))
	}
	if s.keep == "" {
		return nil
	}
	value := strings.TrimSpace(out.String())
	if value == "" {
		return fmt.Errorf("the step printed nothing: %s", bytes.TrimSpace(problems.Bytes()))
	}
	_, _ = fmt.Fprintf(q.out, "  %s\n", value)
	q.env = append(q.env, s.keep+"="+value)
	return nil
}

// variable is the value of a variable that a step kept.
func (q *quickstart) variable(name string) string {
	for i := len(q.env) - 1; i >= 0; i-- {
		if value, ok := strings.CutPrefix(q.env[i], name+"="); ok {
			return value
		}
	}
	return ""
}

// fetch gets the page from the group's name and shows its title.
func (q *quickstart) fetch(ctx context.Context) error {
	url := "http://" + q.variable("FQDN") + "/"
	err := q.step("the page, from the container", "GET "+url, func() error {
		// Through the cloud's proxy, as a browser set to it would.
		proxy := &neturl.URL{Scheme: "http", Host: q.status.Addresses["proxy"]}
		hc := &http.Client{Timeout: 10 * time.Second, Transport: &http.Transport{Proxy: http.ProxyURL(proxy), DisableKeepAlives: true}}
		req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
		if err != nil {
			return err
		}
		res, err := hc.Do(req)
		if err != nil {
			return fmt.Errorf("cannot fetch the page: %w", err)
		}
		defer res.Body.Close()
		page, err := io.ReadAll(io.LimitReader(res.Body, 1<<20))
		if err != nil || res.StatusCode != http.StatusOK {
			return fmt.Errorf("%s answered %s: %.200s", url, res.Status, page)
		}
		_, _ = fmt.Fprintf(q.out, "  %s, %d bytes: %s\n", res.Status, len(page), title(page))
		return nil
	})
	if err == nil {
		_, _ = fmt.Fprintf(q.out, "\nThe article ran in %.1f s.\n", time.Since(q.begin).Seconds())
	}
	return err
}

func title(page []byte) string {
	_, rest, _ := bytes.Cut(page, []byte("<title>"))
	text, _, _ := bytes.Cut(rest, []byte("</title>"))
	return string(bytes.TrimSpace(text))
}

// cleanUp stops the cloud with its groups and removes the directory, unless it
// is to be kept or the cloud would not stop.
func (q *quickstart) cleanUp(dir string) error {
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()
	if q.keep && q.status.PID != 0 {
		_, _ = fmt.Fprintf(q.out, "It goes on in %s. Next:\n  lazuli shell --data %s\n  lazuli down --data %s --stop-groups\n", dir, dir, dir)
		return nil
	}
	if q.status.PID != 0 {
		if err := q.admin.Down(ctx, true); err != nil && !errors.Is(err, client.ErrNotRunning) {
			_ = syscall.Kill(q.status.PID, syscall.SIGTERM)
			return withHint(fmt.Errorf("the cloud in %s did not stop: %w", dir, err), "look at "+filepath.Join(dir, "log", "lazuli.log"))
		}
	}
	return os.RemoveAll(dir)
}
