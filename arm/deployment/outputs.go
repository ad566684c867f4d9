package deployment

import (
	"context"
	"encoding/json"

	"github.com/lazuli-cloud/lazuli/arm"
	"github.com/lazuli-cloud/lazuli/arm/template"
	"github.com/lazuli-cloud/lazuli/azure"
	"github.com/lazuli-cloud/lazuli/internal/httpd"
	"github.com/lazuli-cloud/lazuli/internal/store"
)

// keepSecure seals the values of the secure outputs of a nested deployment, which its parent may ask for. Those of others
// nobody can ask for, so they are not kept.
func (s *Service) keepSecure(ctx context.Context, j *job, list []template.Output) error {
	values := map[string]json.RawMessage{}
	for _, o := range list {
		if o.Secure {
			values[o.Name] = json.RawMessage(o.Hidden.Reveal())
		}
	}
	if len(values) == 0 || j.req.settings.Depth == 0 {
		return nil
	}
	plain, err := json.Marshal(values)
	if err != nil {
		return err
	}
	sealed, err := s.o.Seal(plain)
	if err != nil {
		return err
	}
	return s.o.Store.Update(ctx, func(tx *store.Tx) error {
		item, ok, err := s.tables.sources.GetTx(tx, store.K(j.run))
		if err != nil || !ok {
			return err
		}
		item.Value.Outputs = sealed
		return s.tables.sources.Put(tx, item.Key, item.Value)
	})
}

// listOutputs serves POST listOutputsWithSecureValues: the outputs of a nested deployment by name, {"name": value}, with the
// secure ones. Azure: this is what the Bicep compiler makes of a module's secure output, api-version 2025-04-01.
func (s *Service) listOutputs(_ context.Context, r *arm.CallRequest, _ httpd.None) (map[string]json.RawMessage, error) {
	rec, err := s.find(r)
	if err != nil {
		return nil, err
	}
	out := map[string]json.RawMessage{}
	var shown map[string]struct{ Value json.RawMessage }
	if err := json.Unmarshal(rec.Outputs, &shown); len(rec.Outputs) > 0 && err != nil {
		return nil, err
	}
	missing := ""
	for name, o := range shown {
		if out[name] = o.Value; o.Value == nil {
			missing = name
			delete(out, name)
		}
	}
	item, _ := s.tables.sources.Get(store.K(rec.Run))
	if missing != "" && item.Value.Outputs == nil {
		return nil, azure.Errorf(azure.Conflict, azure.CodeInvalidDeployment,
			"The secure output '%s' of the deployment '%s' was not kept: those of nested deployments are, for their parents. Deploy it as a nested deployment.", missing, azureName(rec.ID))
	}
	if item.Value.Outputs == nil {
		return out, nil
	}
	plain, err := s.o.Unseal(item.Value.Outputs)
	if err != nil {
		return nil, err
	}
	var secure map[string]json.RawMessage
	if err := json.Unmarshal(plain, &secure); err != nil {
		return nil, err
	}
	for name, v := range secure {
		out[name] = v
	}
	return out, nil
}
