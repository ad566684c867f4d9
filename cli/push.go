package cli

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"golang.org/x/term"

	"github.com/lazuli-cloud/lazuli/client"
	"github.com/lazuli-cloud/lazuli/image"
)

func (a *app) push() *cobra.Command {
	var o image.Options
	cmd := &cobra.Command{Use: "push SRC REF", Short: "Push an image from disk to a registry of the cloud",
		Long: "Push SRC (an OCI image layout, an OCI or docker archive, a directory with a static program, or a static program)\n" +
			"to REF, such as myregistry.azurecr.lazuli.localhost/aci-helloworld:v1, signed in as the cloud's first user.",
		Args: exactArgs(2),
		RunE: func(cmd *cobra.Command, args []string) error {
			admin, s, err := a.running(cmd.Context())
			if err != nil {
				return err
			}
			return a.pushTo(cmd.Context(), admin, s, args[0], args[1], o)
		}}
	f := cmd.Flags()
	f.StringArrayVar(&o.Command, "command", nil, "entry point and arguments of a program's image, one each")
	f.StringSliceVar(&o.Ports, "port", nil, "port the program listens on, such as 80 or 53/udp")
	f.StringArrayVar(&o.Env, "env", nil, "NAME=VALUE in a program's image")
	return cmd
}

func (a *app) pushTo(ctx context.Context, admin client.Admin, s client.Status, src, ref string, o image.Options) error {
	tag, err := image.ParseReference(ref)
	if err != nil {
		return usageError{err}
	}
	img, err := image.Load(src, o)
	if err != nil {
		return err
	}
	defer img.Close()
	hc, err := client.NewHTTP(s)
	if err != nil {
		return err
	}
	token, err := admin.Token(ctx, s.Endpoints["resourceManager"])
	if err != nil {
		return err
	}
	server := tag.RegistryStr()
	password, err := client.RegistryLogin(ctx, hc, server, s.TenantID, token)
	if err != nil {
		return withHint(err, "check the name with 'az acr list --query [].loginServer'")
	}
	begin := time.Now()
	digest, err := image.Push(ctx, ref, img, image.PushOptions{Username: client.RegistryUser, Password: password, Transport: hc.Transport, Progress: a.progress()})
	if err != nil {
		return err
	}
	_, _ = fmt.Fprintf(a.out, "pushed %s@%s in %.2f s\n", ref, digest, time.Since(begin).Seconds())
	return nil
}

// progress draws a bar on a terminal's stderr, and nothing elsewhere.
func (a *app) progress() func(done, total int64) {
	if !term.IsTerminal(2) {
		return nil
	}
	const width = 40
	return func(done, total int64) {
		if total == 0 {
			return
		}
		n := int(done * width / total)
		_, _ = fmt.Fprintf(a.err, "\r[%s%s] %6.1f of %.1f MB", strings.Repeat("#", n), strings.Repeat(".", width-n), float64(done)/1e6, float64(total)/1e6)
		if done == total {
			_, _ = fmt.Fprintln(a.err)
		}
	}
}
