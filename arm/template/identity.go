package template

import (
	"strings"

	"github.com/lazuli-cloud/lazuli/arm/template/expr"
	"github.com/lazuli-cloud/lazuli/azure"
)

// id makes the resource's id of scope, type and name.
func (x *expansion) id(e *evaluator, r *Resource, parent *Resource) (azure.ResourceID, error) {
	n := r.decl.node
	below, ok := expr.ProviderPath(r.Type, strings.Split(r.Name, "/"))
	if !ok {
		return azure.ResourceID{}, x.plan.b.t.src.invalid(n.get("name").off(), "properties.template.resources",
			"The template resource '%s' for type '%s' at line '%d' and column '%d' has incorrect segment lengths. A nested resource type must have identical number of segments as its resource name. A root resource type must have segment length one greater than its resource name. Please see https://aka.ms/arm-syntax-resources for usage details.",
			r.Name, r.Type, r.Line, r.Column)
	}
	scope, err := x.scope(e, r, parent)
	if err != nil {
		return azure.ResourceID{}, err
	}
	if strings.EqualFold(r.Type, azure.TypeResourceGroup) || strings.EqualFold(r.Type, "Microsoft.Resources/resourceGroups") {
		scope = azure.ResourceID{Subscription: scope.Subscription}
	}
	path := canonical(strings.TrimSuffix(scope.String(), "/") + below)
	id, err := azure.ParseID(path)
	if err != nil {
		return id, e.fail(n.get("name").off(), expr.Errorf("The name '%s' makes no valid resource id: %s", r.Name, azure.AsError(err).Message))
	}
	return id, nil
}

// scope is what the resource hangs from: the deployment's scope unless the resource says otherwise.
func (x *expansion) scope(e *evaluator, r *Resource, parent *Resource) (azure.ResourceID, error) {
	n, base := r.decl.node, x.plan.b.c.Scope
	if parent != nil && n.get("scope") == nil {
		if strings.HasPrefix(r.Type, parent.Type+"/") {
			return parent.ID.Scope(), nil
		}
		return parent.ID, nil // Azure: a full type nested in another resource is an extension of it
	}
	if s := n.get("scope"); s != nil {
		text, err := e.text(s, "scope of the resource")
		if err != nil {
			return base, err
		}
		return x.relative(e, s, text, base)
	}
	if strings.EqualFold(r.Type, typeDeployment) {
		return x.deploymentScope(e, n, base)
	}
	return base, nil
}

// relative reads a scope: an id, one relative to base, or / for the tenant.
func (x *expansion) relative(e *evaluator, n *node, text string, base azure.ResourceID) (azure.ResourceID, error) {
	path := text
	switch low := strings.ToLower(text); {
	case strings.HasPrefix(low, "/"):
	case strings.HasPrefix(low, "subscriptions/"):
		path = "/" + text
	case strings.HasPrefix(low, "microsoft.management/managementgroups/"):
		path = "/providers/" + text
	default:
		if r, _ := x.plan.find(text); r != nil {
			return r.ID, nil
		}
		path = strings.TrimSuffix(base.String(), "/") + "/providers/" + text
	}
	id, err := azure.ParseID(canonical(path))
	if err != nil || id.IsCollection() {
		return id, e.fail(n.off(), expr.Errorf("The scope '%s' is not valid: give a resource id, a relative one such as 'Microsoft.KeyVault/vaults/name', or '/'.", text))
	}
	return id, nil
}

// deploymentScope is where a nested deployment goes by resourceGroup and subscriptionId.
func (x *expansion) deploymentScope(e *evaluator, n *node, base azure.ResourceID) (azure.ResourceID, error) {
	subscription, group := n.get("subscriptionId"), n.get("resourceGroup")
	if subscription == nil && group == nil {
		return base, nil
	}
	out := azure.ResourceID{Subscription: base.Subscription}
	var err error
	if subscription != nil {
		if out.Subscription, err = e.text(subscription, "subscriptionId"); err != nil {
			return base, err
		}
	}
	if group != nil {
		if out.ResourceGroup, err = e.text(group, "resourceGroup"); err != nil {
			return base, err
		}
	}
	if out.Subscription == "" {
		return base, e.fail(n.off(), expr.Errorf("A nested deployment to a resource group needs 'subscriptionId', as the deployment itself is in no subscription."))
	}
	return out, nil
}
