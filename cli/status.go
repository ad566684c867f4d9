package cli

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/lazuli-cloud/lazuli/cloud/config"
)

func (a *app) status() *cobra.Command {
	var asJSON bool
	cmd := &cobra.Command{Use: "status", Short: "Show health, versions and addresses of the cloud", Args: exactArgs(0),
		RunE: func(cmd *cobra.Command, _ []string) error {
			_, s, err := a.running(cmd.Context())
			if err != nil {
				return err
			}
			if asJSON {
				return a.printJSON(s)
			}
			p := func(name, format string, args ...any) {
				_, _ = fmt.Fprintf(a.out, "%-18s%s\n", name, fmt.Sprintf(format, args...))
			}
			p("healthy", "%v", s.Healthy)
			p("version", "%s", s.Version)
			p("pid", "%d, up %s", s.PID, time.Since(s.Started).Round(time.Second))
			p("data", "%s", s.Data)
			p("tenant", "%s", s.TenantID)
			p("subscription", "%s", s.SubscriptionID)
			p("user", "%s", s.User)
			p("container groups", "%d, %d with live namespaces", s.Groups, s.Sandboxes)
			for _, u := range s.Unpacks {
				if u.State == "Waiting" || u.State == "Unpacking" {
					p("unpack", "%s, %s", u.Image, strings.ToLower(u.State))
				}
			}
			for _, name := range slices.Sorted(maps.Keys(s.Addresses)) {
				p(name+" address", "%s", s.Addresses[name])
			}
			for _, name := range slices.Sorted(maps.Keys(s.Endpoints)) {
				p(name, "%s", s.Endpoints[name])
			}
			return nil
		}}
	cmd.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	return cmd
}

func (a *app) printJSON(v any) error {
	enc := json.NewEncoder(a.out)
	enc.SetIndent("", "  ")
	return enc.Encode(v)
}

func (a *app) down() *cobra.Command {
	var stopGroups bool
	cmd := &cobra.Command{Use: "down", Short: "Stop the cloud; container groups keep running", Args: exactArgs(0),
		RunE: func(cmd *cobra.Command, _ []string) error {
			admin, _, err := a.running(cmd.Context())
			if err != nil {
				return err
			}
			return admin.Down(cmd.Context(), stopGroups)
		}}
	cmd.Flags().BoolVar(&stopGroups, "stop-groups", false, "stop the container groups too and remove what they hold on this machine")
	return cmd
}

func (a *app) config() *cobra.Command {
	return &cobra.Command{Use: "config", Short: "Print the effective configuration", Args: exactArgs(0),
		RunE: func(*cobra.Command, []string) error {
			c, err := a.settings(config.Config{})
			if err != nil {
				return err
			}
			if c, err = c.Complete(mayBindLowPorts()); err != nil {
				return err
			}
			return a.printJSON(c)
		}}
}
