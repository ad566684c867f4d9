package wire

import (
	"encoding/json"
	"time"

	"github.com/lazuli-cloud/lazuli/azure"
)

// ContainerGroupProperties are the properties of
// Microsoft.ContainerInstance/containerGroups. Source: the resource provider's
// schema, api-version 2023-05-01, with the later additions that clients send.
type ContainerGroupProperties struct {
	SKU                      string                                `json:"sku,omitempty"`
	Containers               []Container                           `json:"containers"`
	InitContainers           []InitContainerDefinition             `json:"initContainers,omitempty"`
	ImageRegistryCredentials []ImageRegistryCredential             `json:"imageRegistryCredentials,omitempty"`
	RestartPolicy            string                                `json:"restartPolicy,omitempty"`
	IPAddress                *IPAddress                            `json:"ipAddress,omitempty"`
	OSType                   string                                `json:"osType,omitempty"`
	Volumes                  []Volume                              `json:"volumes,omitempty"`
	DNSConfig                *DNSConfiguration                     `json:"dnsConfig,omitempty"`
	SecretReferences         []SecretReference                     `json:"secretReferences,omitempty"`
	Priority                 string                                `json:"priority,omitempty"`
	InstanceView             *ContainerGroupPropertiesInstanceView `json:"instanceView,omitempty"`
	ProvisioningState        string                                `json:"provisioningState,omitempty"` // read only, shown by the hall
	UnsupportedGroupProperties
}

// UnsupportedGroupProperties are known and not built: a value is refused.
type UnsupportedGroupProperties struct {
	Diagnostics                   json.RawMessage `json:"diagnostics,omitempty"`
	SubnetIDs                     json.RawMessage `json:"subnetIds,omitempty"`
	NetworkProfile                json.RawMessage `json:"networkProfile,omitempty"`
	EncryptionProperties          json.RawMessage `json:"encryptionProperties,omitempty"`
	Extensions                    json.RawMessage `json:"extensions,omitempty"`
	ConfidentialComputeProperties json.RawMessage `json:"confidentialComputeProperties,omitempty"`
	ContainerGroupProfile         json.RawMessage `json:"containerGroupProfile,omitempty"`
	StandbyPoolProfile            json.RawMessage `json:"standbyPoolProfile,omitempty"`
	IdentityACLs                  json.RawMessage `json:"identityAcls,omitempty"`
}

// SecretReference is a name for a secret of a key vault, which Identity may read:
// the id of a user-assigned identity of the group. Source: api-version 2025-09-01.
type SecretReference struct {
	Name               string `json:"name"`
	Identity           string `json:"identity"`
	SecretReferenceURI string `json:"secretReferenceUri"`
}

// Container is one container of a group.
type Container struct {
	Name       string              `json:"name"`
	Properties ContainerProperties `json:"properties"`
}

// ContainerProperties are the properties of a [Container].
type ContainerProperties struct {
	Image                string                           `json:"image"`
	Command              []string                         `json:"command,omitempty"`
	Ports                []ContainerPort                  `json:"ports,omitempty"`
	EnvironmentVariables []EnvironmentVariable            `json:"environmentVariables,omitempty"`
	InstanceView         *ContainerPropertiesInstanceView `json:"instanceView,omitempty"`
	Resources            *ResourceRequirements            `json:"resources,omitempty"`
	VolumeMounts         []VolumeMount                    `json:"volumeMounts,omitempty"`
	ConfigMap            *ConfigMap                       `json:"configMap,omitempty"`
	LivenessProbe        *ContainerProbe                  `json:"livenessProbe,omitempty"`
	ReadinessProbe       *ContainerProbe                  `json:"readinessProbe,omitempty"`
	SecurityContext      *SecurityContextDefinition       `json:"securityContext,omitempty"`
}

// InitContainerDefinition is a container that runs to its end before the others.
type InitContainerDefinition struct {
	Name       string                            `json:"name"`
	Properties InitContainerPropertiesDefinition `json:"properties"`
}

// InitContainerPropertiesDefinition are the properties of an
// [InitContainerDefinition].
type InitContainerPropertiesDefinition struct {
	Image                string                           `json:"image"`
	Command              []string                         `json:"command,omitempty"`
	EnvironmentVariables []EnvironmentVariable            `json:"environmentVariables,omitempty"`
	InstanceView         *ContainerPropertiesInstanceView `json:"instanceView,omitempty"`
	VolumeMounts         []VolumeMount                    `json:"volumeMounts,omitempty"`
	SecurityContext      *SecurityContextDefinition       `json:"securityContext,omitempty"`
}

// ConfigMap is files that a container finds in /mnt/configmap/{its name}.
type ConfigMap struct {
	KeyValuePairs map[string]string `json:"keyValuePairs"`
}

// ContainerPort is a port a container listens on. Protocol is TCP or UDP.
type ContainerPort struct {
	Port     int    `json:"port"`
	Protocol string `json:"protocol,omitempty"`
}

// EnvironmentVariable is one variable. SecureValue is written, never read;
// SecureValueReference is the name of a [SecretReference] of the group.
type EnvironmentVariable struct {
	Name                 string        `json:"name"`
	Value                *string       `json:"value,omitempty"`
	SecureValue          *azure.Secret `json:"secureValue,omitempty"`
	SecureValueReference string        `json:"secureValueReference,omitempty"`
}

// ResourceRequirements of a container.
type ResourceRequirements struct {
	Requests *ResourceRequests `json:"requests,omitempty"`
	Limits   *ResourceLimits   `json:"limits,omitempty"`
}

// ResourceRequests: cores and gigabytes (2^30 bytes).
type ResourceRequests struct {
	MemoryInGB float64         `json:"memoryInGB"`
	CPU        float64         `json:"cpu"`
	GPU        json.RawMessage `json:"gpu,omitempty"` // refused
}

// ResourceLimits: cores and gigabytes; zero means as requested.
type ResourceLimits struct {
	MemoryInGB float64         `json:"memoryInGB,omitempty"`
	CPU        float64         `json:"cpu,omitempty"`
	GPU        json.RawMessage `json:"gpu,omitempty"` // refused
}

// VolumeMount puts a volume of the group into a container.
type VolumeMount struct {
	Name      string `json:"name"`
	MountPath string `json:"mountPath"`
	ReadOnly  bool   `json:"readOnly,omitempty"`
}

// ImageRegistryCredential signs in to one registry. Password is written, never
// read.
type ImageRegistryCredential struct {
	Server            string       `json:"server"`
	Username          string       `json:"username,omitempty"`
	Password          azure.Secret `json:"password,omitzero"`
	Identity          string       `json:"identity,omitempty"`          // a user-assigned identity of the group
	IdentityURL       string       `json:"identityUrl,omitempty"`       // refused
	PasswordReference string       `json:"passwordReference,omitempty"` // instead of Password: the name of a SecretReference
}

// IPAddress is how a group is reached. IP and FQDN are read only.
type IPAddress struct {
	Ports                             []Port `json:"ports"`
	Type                              string `json:"type"`
	IP                                string `json:"ip,omitempty"`
	DNSNameLabel                      string `json:"dnsNameLabel,omitempty"`
	AutoGeneratedDomainNameLabelScope string `json:"autoGeneratedDomainNameLabelScope,omitempty"`
	FQDN                              string `json:"fqdn,omitempty"`
}

// Port is a public port of a group. Protocol is TCP or UDP.
type Port struct {
	Protocol string `json:"protocol,omitempty"`
	Port     int    `json:"port"`
}

// Volume is a directory containers can share. Secret maps file names to base64;
// it is shown as {}. SecretReference maps them to names of [SecretReference]s, whose
// secrets become the files as they are.
type Volume struct {
	Name            string                  `json:"name"`
	EmptyDir        *struct{}               `json:"emptyDir,omitempty"`
	Secret          map[string]azure.Secret `json:"secret,omitzero"`
	SecretReference map[string]string       `json:"secretReference,omitempty"`
	GitRepo         *GitRepoVolume          `json:"gitRepo,omitempty"`
	AzureFile       *AzureFileVolume        `json:"azureFile,omitempty"`
}

// DNSConfiguration of the containers; SearchDomains and Options are separated by
// blanks.
type DNSConfiguration struct {
	NameServers   []string `json:"nameServers"`
	SearchDomains string   `json:"searchDomains,omitempty"`
	Options       string   `json:"options,omitempty"`
}

// ContainerGroupPropertiesInstanceView is what a group does now. State is one of
// Pending, Running, Succeeded, Failed, Stopped.
type ContainerGroupPropertiesInstanceView struct {
	Events []Event `json:"events"`
	State  string  `json:"state"`
}

// ContainerPropertiesInstanceView is what a container does now.
type ContainerPropertiesInstanceView struct {
	RestartCount  int             `json:"restartCount"`
	CurrentState  *ContainerState `json:"currentState,omitempty"`
	PreviousState *ContainerState `json:"previousState,omitempty"`
	Events        []Event         `json:"events"`
}

// ContainerState: State is Waiting, Running or Terminated.
type ContainerState struct {
	State        string     `json:"state"`
	StartTime    *time.Time `json:"startTime,omitempty"`
	ExitCode     *int       `json:"exitCode,omitempty"`
	FinishTime   *time.Time `json:"finishTime,omitempty"`
	DetailStatus string     `json:"detailStatus"`
}

// Event is something that happened Count times. Type is Normal or Warning. It is
// also stored, inside observed state.
type Event struct {
	Count          int       `json:"count"`
	FirstTimestamp time.Time `json:"firstTimestamp"`
	LastTimestamp  time.Time `json:"lastTimestamp"`
	Name           string    `json:"name"`
	Message        string    `json:"message"`
	Type           string    `json:"type"`
}

// Logs is the answer of containers/{container}/logs.
type Logs struct {
	Content string `json:"content"`
}

// ContainerExecRequest asks for a command in a running container. Rows and
// columns may be zero.
type ContainerExecRequest struct {
	Command      string `json:"command"`
	TerminalSize struct {
		Rows int `json:"rows"`
		Cols int `json:"cols"`
	} `json:"terminalSize"`
}

// ContainerExecResponse names a web socket to open once; the client's first
// message is the password. It is the only answer that shows one.
type ContainerExecResponse struct {
	WebSocketURI string `json:"webSocketUri"`
	Password     string `json:"password"`
}

// Usage is one counted resource of a region.
type Usage struct {
	ID           string    `json:"id"`
	Unit         string    `json:"unit"`
	CurrentValue int       `json:"currentValue"`
	Limit        int       `json:"limit"`
	Name         UsageName `json:"name"`
}

// UsageName of a [Usage].
type UsageName struct {
	Value          string `json:"value"`
	LocalizedValue string `json:"localizedValue"`
}

// Capabilities of a region for one kind of group.
type Capabilities struct {
	ResourceType  string                   `json:"resourceType"`
	OSType        string                   `json:"osType"`
	Location      string                   `json:"location"`
	IPAddressType string                   `json:"ipAddressType"`
	GPU           string                   `json:"gpu"`
	Capabilities  CapabilitiesCapabilities `json:"capabilities"`
}

// CapabilitiesCapabilities are the upper bounds of a group.
type CapabilitiesCapabilities struct {
	MaxMemoryInGB float64 `json:"maxMemoryInGB"`
	MaxCPU        float64 `json:"maxCpu"`
	MaxGPUCount   float64 `json:"maxGpuCount"`
}

// CachedImages is an image every machine of a region holds.
type CachedImages struct {
	OSType string `json:"osType"`
	Image  string `json:"image"`
}
