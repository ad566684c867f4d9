package cli

import (
	"fmt"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"github.com/lazuli-cloud/lazuli/client"
)

// variable is one NAME=VALUE of the environment of `lazuli shell`.
type variable struct{ name, value string }

// variables lead az, curl, docker, terraform and the SDKs to the cloud and make
// them trust it. NO_PROXY names addresses only: Python takes "localhost" there
// for every name that ends with it, and would go past the proxy.
func variables(s client.Status) []variable {
	proxy := "http://" + s.Addresses["proxy"]
	arm := s.Endpoints["resourceManager"]
	vars := []variable{
		{"AZURE_CONFIG_DIR", filepath.Join(s.Data, "az")},
		{"AZURE_CORE_COLLECT_TELEMETRY", "false"},
		{"AZURE_CORE_SURVEY_MESSAGE", "false"},
		{"ARM_CLOUD_METADATA_URL", arm + "/metadata/endpoints?api-version=2019-05-01"},
		{"REQUESTS_CA_BUNDLE", s.CABundle},
		{"SSL_CERT_FILE", s.CABundle},
		{"CURL_CA_BUNDLE", s.CABundle},
		{"NODE_EXTRA_CA_CERTS", s.CABundle},
		{"GIT_SSL_CAINFO", s.CABundle},
		{"AZURE_AUTHORITY_HOST", s.Endpoints["login"] + "/"},
		{"AZURE_TENANT_ID", s.TenantID},
		{"ARM_METADATA_HOSTNAME", strings.TrimPrefix(arm, "https://")},
		{"ARM_TENANT_ID", s.TenantID},
		{"ARM_SUBSCRIPTION_ID", s.SubscriptionID},
		{"ARM_RESOURCE_PROVIDER_REGISTRATIONS", "none"},
		{"LAZULI_DATA", s.Data},
		{"LAZULI_DOMAIN", s.Domain},
	}
	if s.Addresses["proxy"] != "" {
		for _, name := range []string{"HTTPS_PROXY", "HTTP_PROXY", "https_proxy", "http_proxy"} {
			vars = append(vars, variable{name, proxy})
		}
		vars = append(vars, variable{"NO_PROXY", "127.0.0.1,::1"}, variable{"no_proxy", "127.0.0.1,::1"})
	}
	return vars
}

func (a *app) env() *cobra.Command {
	return &cobra.Command{Use: "env", Short: "Print the variables of 'lazuli shell' for eval", Args: exactArgs(0),
		RunE: func(cmd *cobra.Command, _ []string) error {
			_, s, err := a.running(cmd.Context())
			if err != nil {
				return err
			}
			for _, v := range variables(s) {
				_, _ = fmt.Fprintf(a.out, "export %s='%s'\n", v.name, strings.ReplaceAll(v.value, "'", `'\''`))
			}
			return nil
		}}
}
