package console

import (
	"context"
	"net/http"
	"strings"

	"github.com/lazuli-cloud/lazuli/arm"
	"github.com/lazuli-cloud/lazuli/azure"
	"github.com/lazuli-cloud/lazuli/internal/httpd"
	"github.com/lazuli-cloud/lazuli/internal/store"
)

// Provider is the table for the hall. Everything is the caller's own, so no role
// is asked for. Azure: likewise.
func (s *Service) Provider() arm.Provider {
	return arm.Provider{Namespace: "Microsoft.Portal", Calls: []arm.Call{
		arm.Do(http.MethodPut, "consoles/default", httpd.AnyCaller, s.putConsole).At(arm.AtTenant),
		arm.Do(http.MethodGet, "consoles/default", httpd.AnyCaller, s.getConsole).At(arm.AtTenant),
		arm.Do(http.MethodDelete, "consoles/default", httpd.AnyCaller, s.deleteConsole).At(arm.AtTenant),
		arm.Do(http.MethodPost, "consoles/default/keepAlive", httpd.AnyCaller, s.keepAlive).At(arm.AtTenant),
		arm.Do(http.MethodPut, "userSettings/cloudconsole", httpd.AnyCaller, s.putSettings).At(arm.AtTenant),
		arm.Do(http.MethodPatch, "userSettings/cloudconsole", httpd.AnyCaller, s.patchSettings).At(arm.AtTenant),
		arm.Do(http.MethodGet, "userSettings/cloudconsole", httpd.AnyCaller, s.getSettings).At(arm.AtTenant),
		arm.Do(http.MethodDelete, "userSettings/cloudconsole", httpd.AnyCaller, s.deleteSettings).At(arm.AtTenant),
	}}
}

func (s *Service) putConsole(ctx context.Context, r *arm.CallRequest, in Resource) (Resource, error) {
	if os := in.Properties.OSType; os != "" && !strings.EqualFold(os, "linux") {
		return Resource{}, azure.Errorf(azure.Invalid, azure.CodeInvalidRequestContent, "The osType '%s' is not built: Cloud Shell runs on 'Linux'.", os).At("properties.osType")
	}
	c, err := s.open(ctx, r.Principal)
	if err != nil {
		return Resource{}, err
	}
	return s.show(c), nil
}

func (s *Service) show(c *console) Resource {
	return Resource{Properties{OSType: "Linux", ProvisioningState: "Succeeded", URI: s.address(c)}}
}

// noConsole is the answer to who has none.
func noConsole() error {
	return azure.Errorf(azure.NotFound, azure.CodeConsoleNotFound, "There is no Cloud Shell of yours at this address, or it has ended. Ask for one with PUT /providers/Microsoft.Portal/consoles/default.")
}

func (s *Service) getConsole(_ context.Context, r *arm.CallRequest, _ httpd.None) (Resource, error) {
	c, err := s.console(r.Principal)
	if err != nil {
		return Resource{}, err
	}
	if c == nil {
		return Resource{}, noConsole()
	}
	return s.show(c), nil
}

func (s *Service) deleteConsole(_ context.Context, r *arm.CallRequest, _ httpd.None) (httpd.None, error) {
	at, err := s.slotOf(r.Principal, false)
	if err == nil && at != nil {
		at.end("The Cloud Shell was ended.")
	}
	return httpd.None{}, err
}

func (s *Service) keepAlive(_ context.Context, r *arm.CallRequest, _ httpd.None) (httpd.None, error) {
	c, err := s.console(r.Principal)
	if err != nil {
		return httpd.None{}, err
	}
	if c == nil {
		return httpd.None{}, noConsole()
	}
	c.renew(r.Principal)
	c.touch()
	return httpd.None{}, nil
}

// one refuses a value that is not among those that are built.
func one(name, value string, of ...string) error {
	for _, v := range of {
		if value == "" || strings.EqualFold(value, v) {
			return nil
		}
	}
	return azure.Errorf(azure.Invalid, azure.CodeInvalidRequestContent, "The %s '%s' is not built. It can be '%s'.", name, value, strings.Join(of, "' or '")).At("properties." + name)
}

func (p UserProperties) check() error {
	for _, err := range []error{
		one("preferredOsType", p.PreferredOSType, "Linux"), one("preferredShellType", p.PreferredShellType, "bash"), one("sessionType", p.SessionType, "Mounted"),
	} {
		if err != nil {
			return err
		}
	}
	if t := p.TerminalSettings; t != nil {
		if err := one("terminalSettings.fontSize", t.FontSize, "NotSpecified", "Small", "Medium", "Large"); err != nil {
			return err
		}
		return one("terminalSettings.fontStyle", t.FontStyle, "NotSpecified", "Monospace")
	}
	return nil
}

func (s *Service) putSettings(ctx context.Context, r *arm.CallRequest, in UserSettings) (UserSettings, error) {
	if err := in.Properties.check(); err != nil {
		return UserSettings{}, err
	}
	err := s.o.Store.Update(ctx, func(tx *store.Tx) error { return s.settings.Put(tx, store.K(r.Principal.ObjectID), in.Properties) })
	return in, err
}

func (s *Service) patchSettings(ctx context.Context, r *arm.CallRequest, in UserSettings) (UserSettings, error) {
	var out UserSettings
	if item, ok := s.settings.Get(store.K(r.Principal.ObjectID)); ok {
		out.Properties = item.Value
	}
	to := &out.Properties
	for _, f := range []struct {
		to   *string
		from string
	}{{&to.PreferredOSType, in.Properties.PreferredOSType}, {&to.PreferredLocation, in.Properties.PreferredLocation},
		{&to.PreferredShellType, in.Properties.PreferredShellType}, {&to.SessionType, in.Properties.SessionType}} {
		if f.from != "" {
			*f.to = f.from
		}
	}
	if t := in.Properties.TerminalSettings; t != nil {
		to.TerminalSettings = t
	}
	return s.putSettings(ctx, r, out)
}

func (s *Service) getSettings(_ context.Context, r *arm.CallRequest, _ httpd.None) (UserSettings, error) {
	item, ok := s.settings.Get(store.K(r.Principal.ObjectID))
	if !ok {
		return UserSettings{}, azure.Errorf(azure.NotFound, azure.CodeUserSettingsNotFound, "You have no settings of Cloud Shell. Keep some with PUT.")
	}
	return UserSettings{item.Value}, nil
}

func (s *Service) deleteSettings(ctx context.Context, r *arm.CallRequest, _ httpd.None) (httpd.None, error) {
	return httpd.None{}, s.o.Store.Update(ctx, func(tx *store.Tx) error { return s.settings.Delete(tx, store.K(r.Principal.ObjectID)) })
}
