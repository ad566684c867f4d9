package msi

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/lazuli-cloud/lazuli/container/wire"
)

const (
	systemAssigned = "SystemAssigned"
	userAssigned   = "UserAssigned"
)

// Read reads the identity of a resource's envelope: whether it has one of its
// own, and the ids of the others, sorted. The error follows "the identity of x ".
func Read(raw json.RawMessage) (system bool, users []string, err error) {
	var in struct {
		Type  string                     `json:"type"`
		Users map[string]json.RawMessage `json:"userAssignedIdentities"`
	}
	if len(raw) > 0 {
		if err := json.Unmarshal(raw, &in); err != nil {
			return false, nil, fmt.Errorf("cannot be read: %w", err)
		}
	}
	user := false
	for kind := range strings.SplitSeq(in.Type, ",") {
		switch kind = strings.TrimSpace(kind); {
		case kind == "", strings.EqualFold(kind, "None"):
		case strings.EqualFold(kind, systemAssigned):
			system = true
		case strings.EqualFold(kind, userAssigned):
			user = true
		default:
			return false, nil, fmt.Errorf("has the type '%s', which is not one of 'None', 'SystemAssigned', 'UserAssigned', 'SystemAssigned, UserAssigned'", in.Type)
		}
	}
	if user != (len(in.Users) > 0) {
		return false, nil, fmt.Errorf("has the type '%s' and %d user-assigned identities; give both or neither", in.Type, len(in.Users))
	}
	return system, slices.Sorted(maps.Keys(in.Users)), nil
}

// Show is the identity as clients read it.
func Show(list []Identity) *wire.ContainerGroupIdentity {
	w := &wire.ContainerGroupIdentity{}
	var kinds []string
	for _, i := range list {
		if i.ResourceID == "" {
			kinds = append(kinds, systemAssigned)
			w.PrincipalID, w.TenantID = i.PrincipalID, i.TenantID
			continue
		}
		if w.UserAssignedIdentities == nil {
			kinds = append(kinds, userAssigned)
			w.UserAssignedIdentities = map[string]wire.UserAssignedIdentities{}
		}
		w.UserAssignedIdentities[i.ResourceID] = wire.UserAssignedIdentities{PrincipalID: i.PrincipalID, ClientID: i.ClientID}
	}
	w.Type = strings.Join(kinds, ", ")
	return w
}
