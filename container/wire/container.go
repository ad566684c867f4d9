package wire

import "github.com/lazuli-cloud/lazuli/azure"

// ContainerProbe asks a container whether it is alive or ready; exactly one of
// Exec and HTTPGet is given. Nil and zero numbers mean Kubernetes' defaults.
type ContainerProbe struct {
	Exec                *ContainerExec    `json:"exec,omitempty"`
	HTTPGet             *ContainerHTTPGet `json:"httpGet,omitempty"`
	InitialDelaySeconds *int              `json:"initialDelaySeconds,omitempty"`
	PeriodSeconds       *int              `json:"periodSeconds,omitempty"`
	FailureThreshold    *int              `json:"failureThreshold,omitempty"`
	SuccessThreshold    *int              `json:"successThreshold,omitempty"`
	TimeoutSeconds      *int              `json:"timeoutSeconds,omitempty"`
}

// ContainerExec is a command without a shell.
type ContainerExec struct {
	Command []string `json:"command"`
}

// ContainerHTTPGet is a request to a port of the container. Scheme is http or
// https.
type ContainerHTTPGet struct {
	Path        string       `json:"path,omitempty"`
	Port        int          `json:"port"`
	Scheme      string       `json:"scheme,omitempty"`
	HTTPHeaders []HTTPHeader `json:"httpHeaders,omitempty"`
}

// HTTPHeader of a [ContainerHTTPGet].
type HTTPHeader struct {
	Name  string `json:"name"`
	Value string `json:"value"`
}

// SecurityContextDefinition bounds what a container's processes may do.
// SeccompProfile is a base64 JSON profile in the OCI runtime's format.
type SecurityContextDefinition struct {
	Privileged               *bool                                  `json:"privileged,omitempty"`
	AllowPrivilegeEscalation *bool                                  `json:"allowPrivilegeEscalation,omitempty"`
	Capabilities             *SecurityContextCapabilitiesDefinition `json:"capabilities,omitempty"`
	RunAsGroup               *int                                   `json:"runAsGroup,omitempty"`
	RunAsUser                *int                                   `json:"runAsUser,omitempty"`
	SeccompProfile           string                                 `json:"seccompProfile,omitempty"`
}

// SecurityContextCapabilitiesDefinition changes the default capabilities: names
// with or without the prefix CAP_.
type SecurityContextCapabilitiesDefinition struct {
	Add  []string `json:"add,omitempty"`
	Drop []string `json:"drop,omitempty"`
}

// GitRepoVolume is a volume with a clone. The password of a Repository is
// written, never read.
type GitRepoVolume struct {
	Repository string `json:"repository"`
	Directory  string `json:"directory,omitempty"`
	Revision   string `json:"revision,omitempty"`
}

// AzureFileVolume is a volume that outlives its group. The key is written, never
// read.
type AzureFileVolume struct {
	ShareName          string       `json:"shareName"`
	StorageAccountName string       `json:"storageAccountName"`
	StorageAccountKey  azure.Secret `json:"storageAccountKey,omitzero"`
	ReadOnly           bool         `json:"readOnly,omitempty"`
	// StorageAccountKeyReference is the name of a [SecretReference], instead of a key.
	StorageAccountKeyReference string `json:"storageAccountKeyReference,omitempty"`
}

// ContainerGroupIdentity is the envelope's identity. Type is None, or one or both
// of SystemAssigned and UserAssigned, joined by ", ". The GUIDs are read only.
type ContainerGroupIdentity struct {
	PrincipalID            string                            `json:"principalId,omitempty"`
	TenantID               string                            `json:"tenantId,omitempty"`
	Type                   string                            `json:"type"`
	UserAssignedIdentities map[string]UserAssignedIdentities `json:"userAssignedIdentities,omitempty"`
}

// UserAssignedIdentities is one identity of a [ContainerGroupIdentity].
type UserAssignedIdentities struct {
	PrincipalID string `json:"principalId"`
	ClientID    string `json:"clientId"`
}
