package graph

import (
	"encoding/base64"
	"slices"
	"strings"

	"github.com/lazuli-cloud/lazuli/azure"
	"github.com/lazuli-cloud/lazuli/identity"
)

// keyCredential is a certificate as it is written: a whole list replaces the old
// one, and an entry without key keeps the certificate that has its keyId.
type keyCredential struct {
	KeyID         string `json:"keyId"`
	DisplayName   string `json:"displayName"`
	StartDateTime string `json:"startDateTime"`
	EndDateTime   string `json:"endDateTime"`
	Key           string `json:"key"`  // base64 of the certificate, DER or PEM
	Type          string `json:"type"` // AsymmetricX509Cert
	Usage         string `json:"usage"`
	// What answers carry as well; sent back it means nothing.
	ODataType           string `json:"@odata.type"`
	CustomKeyIdentifier string `json:"customKeyIdentifier"`
	HasExtendedValue    *bool  `json:"hasExtendedValue"`
}

// maxKeyCredentials bounds the certificates of one object.
const maxKeyCredentials = 20

// certificates are those a list names, with have as the old ones; nil changes
// nothing.
func (s *Service) certificates(list *[]keyCredential, have []identity.Certificate) ([]identity.Certificate, error) {
	if list == nil {
		return have, nil
	}
	if len(*list) > maxKeyCredentials {
		return nil, badRequest("keyCredentials", "The object would have %d certificates, more than the %d it can have. Remove some.", len(*list), maxKeyCredentials)
	}
	var out []identity.Certificate
	for _, in := range *list {
		if strings.TrimSpace(in.Key) == "" {
			i := slices.IndexFunc(have, func(c identity.Certificate) bool { return in.KeyID != "" && strings.EqualFold(c.KeyID, in.KeyID) })
			if i < 0 {
				return nil, badRequest("keyCredentials", "No key credential of the object has the keyId '%s', and none is given in 'key'. Send the certificate in 'key', base64.", in.KeyID)
			}
			out = append(out, have[i])
			continue
		}
		c, err := s.certificate(in)
		if err != nil {
			return nil, err
		}
		if slices.ContainsFunc(out, func(o identity.Certificate) bool { return strings.EqualFold(o.KeyID, c.KeyID) }) {
			return nil, badRequest("keyCredentials", "Two key credentials have the keyId '%s'. Give each its own.", c.KeyID)
		}
		out = append(out, c)
	}
	return out, nil
}

func (s *Service) certificate(in keyCredential) (c identity.Certificate, err error) {
	if !strings.EqualFold(in.Type, "AsymmetricX509Cert") && in.Type != "" || !strings.EqualFold(in.Usage, "Verify") && in.Usage != "" {
		return c, azure.Errorf(azure.Unimplemented, azure.CodeUnimplemented,
			"Key credentials of type '%s' for '%s' are not built in this cloud. Use type AsymmetricX509Cert, usage Verify.", in.Type, in.Usage).At("keyCredentials")
	}
	c.KeyID, c.DisplayName = strings.ToLower(in.KeyID), in.DisplayName
	if c.Start, err = parseTime("startDateTime", in.StartDateTime); err != nil {
		return c, err
	}
	if c.End, err = parseTime("endDateTime", in.EndDateTime); err != nil {
		return c, err
	}
	data, err := base64.StdEncoding.DecodeString(strings.Join(strings.Fields(in.Key), ""))
	if err != nil {
		return c, badRequest("keyCredentials", "Key credential is invalid: 'key' is not base64. Send the certificate, DER or PEM, in base64.")
	}
	return s.Directory.NewCertificate(c, data)
}

// keyCredentials is the list in answers; the certificates themselves are left out,
// as Azure does in lists.
func keyCredentials(cs []identity.Certificate) []map[string]any {
	out := []map[string]any{}
	for _, c := range cs {
		out = append(out, map[string]any{"keyId": c.KeyID, "displayName": orNull(c.DisplayName), "startDateTime": stamp(c.Start), "endDateTime": stamp(c.End),
			"customKeyIdentifier": c.Thumbprint(), "key": nil, "type": "AsymmetricX509Cert", "usage": "Verify"})
	}
	return out
}
