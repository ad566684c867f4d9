package vault

import (
	"regexp"

	"github.com/lazuli-cloud/lazuli/azure"
)

var (
	vaultPattern  = regexp.MustCompile(`^[a-zA-Z](-?[a-zA-Z0-9])+$`)
	secretPattern = regexp.MustCompile(`^[0-9a-zA-Z-]{1,127}$`)
	guidPattern   = regexp.MustCompile(`^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$`)
)

// validVaultName reports whether name is 3 to 24 letters, digits and single
// hyphens that starts with a letter and ends with a letter or digit.
func validVaultName(name string) bool {
	return len(name) >= 3 && len(name) <= 24 && vaultPattern.MatchString(name)
}

// checkVaultName is validVaultName in Azure's words.
func checkVaultName(name string) error {
	if validVaultName(name) {
		return nil
	}
	return azure.Errorf(azure.Invalid, azure.CodeVaultNameNotValid,
		"The vault name '%s' is invalid. A vault's name must be between 3-24 alphanumeric characters. The name must begin with a letter, end with a letter or digit, and not contain consecutive hyphens.", name)
}

// checkSecretName refuses what is not a secret's name.
func checkSecretName(name string) error {
	if secretPattern.MatchString(name) {
		return nil
	}
	return badParameter("The request URI contains an invalid name: %s. A secret's name has 1 to 127 letters, digits and hyphens.", name)
}

func badParameter(format string, args ...any) *azure.Error {
	return azure.Errorf(azure.Invalid, azure.CodeBadParameter, format, args...)
}
