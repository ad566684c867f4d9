package console

// Properties of a console (Microsoft.Portal/consoles, 2023-02-01-preview).
type Properties struct {
	OSType            string `json:"osType,omitempty"`            // Linux
	ProvisioningState string `json:"provisioningState,omitempty"` // Succeeded
	URI               string `json:"uri,omitempty"`               // where terminals are asked for
}

// Resource is a console as the control plane shows it.
type Resource struct {
	Properties Properties `json:"properties"`
}

// TerminalRequest is the body of a request for a terminal. Azure: clients send
// tokens for other services along; here they are not needed and not read.
type TerminalRequest struct{}

// Terminal is a terminal that was asked for.
type Terminal struct {
	ID            string `json:"id"`
	SocketURI     string `json:"socketUri"`
	IdleTimeout   string `json:"idleTimeout"` // 00:20:00
	TokenUpdated  bool   `json:"tokenUpdated"`
	RootDirectory string `json:"rootDirectory"`
}

// UserSettings are Microsoft.Portal's userSettings/cloudconsole.
type UserSettings struct {
	Properties UserProperties `json:"properties"`
}

// UserProperties are what a user chose for Cloud Shell.
type UserProperties struct {
	PreferredOSType    string            `json:"preferredOsType,omitempty"`    // Linux
	PreferredLocation  string            `json:"preferredLocation,omitempty"`  // kept, and means nothing here
	PreferredShellType string            `json:"preferredShellType,omitempty"` // bash
	SessionType        string            `json:"sessionType,omitempty"`        // Mounted: files are always kept
	TerminalSettings   *TerminalSettings `json:"terminalSettings,omitempty"`
}

// TerminalSettings are how terminals look.
type TerminalSettings struct {
	FontSize  string `json:"fontSize,omitempty"`  // Small, Medium or Large
	FontStyle string `json:"fontStyle,omitempty"` // Monospace
}
