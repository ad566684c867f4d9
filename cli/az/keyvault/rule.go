package keyvault

import (
	"net/netip"
	"slices"
	"strings"

	"github.com/lazuli-cloud/lazuli/cli/az/command"
	"github.com/lazuli-cloud/lazuli/cli/az/value"
)

func listRules(c *command.Call) (any, error) {
	_, v, err := get(c)
	if err != nil {
		return nil, err
	}
	return value.Path(as("Vault", v), "properties.networkAcls"), nil
}

// prefix reads an address or a range.
func prefix(text string) (netip.Prefix, error) {
	if !strings.Contains(text, "/") {
		a, err := netip.ParseAddr(text)
		return netip.PrefixFrom(a, a.BitLen()), err
	}
	return netip.ParsePrefix(text)
}

// ranges reads the addresses named, which must not overlap.
func ranges(texts []string) ([]netip.Prefix, error) {
	var all []netip.Prefix
	for _, text := range texts {
		p, err := prefix(text)
		switch at := slices.IndexFunc(all, p.Overlaps); {
		case err != nil:
			return nil, command.Usage("'%s' does not appear to be an IPv4 or IPv6 network", text)
		case p != p.Masked():
			return nil, command.Usage("%s has host bits set", text)
		case at >= 0:
			return nil, command.Usage("ip addresses %s and %s provided are overlapping: --ip_address ip1 [ip2]...", all[at], p)
		}
		all = append(all, p)
	}
	return all, nil
}

func addRule(c *command.Call) (any, error) {
	added, err := ranges(c.List("ip_address"))
	if err != nil {
		return nil, err
	}
	at, v, err := get(c)
	if err != nil {
		return nil, err
	}
	p := value.ObjectAt(v, "properties")
	rules := value.ObjectAt(p, "networkAcls")
	if rules == nil {
		rules = value.New("bypass", "AzureServices", "defaultAction", "Allow")
		p.Set("networkAcls", rules)
	}
	if c.Text("subnet") == "" && len(c.List("ip_address")) == 0 {
		c.Warn("No subnet or ip address supplied.")
	}
	changed := false
	nets := value.List(rules, "virtualNetworkRules")
	if subnet := c.Text("subnet"); subnet != "" && !slices.ContainsFunc(nets, func(r any) bool { return strings.EqualFold(value.String(r, "id"), subnet) }) {
		rules.Set("virtualNetworkRules", append(nets, value.New("id", subnet)))
		changed = true
	}
	for i, ip := range c.List("ip_address") {
		all := value.List(rules, "ipRules")
		if same := slices.IndexFunc(all, func(r any) bool {
			old, err := prefix(value.String(r, "value"))
			return err == nil && old.Overlaps(added[i])
		}); same >= 0 {
			c.Warn("IP/CIDR %s overlaps with %s, which exists already. Not adding duplicates.", ip, value.String(all[same], "value"))
			continue
		}
		rules.Set("ipRules", append(all, value.New("value", ip)))
		changed = true
	}
	if !changed {
		return as("Vault", v), nil
	}
	return putBack(c, at, v)
}

func removeRule(c *command.Call) (any, error) {
	at, v, err := get(c)
	if err != nil {
		return nil, err
	}
	rules := value.ObjectAt(v, "properties.networkAcls")
	if rules == nil {
		return as("Vault", v), nil
	}
	subnet := c.Text("subnet")
	nets := slices.DeleteFunc(slices.Clone(value.List(rules, "virtualNetworkRules")), func(r any) bool {
		return subnet != "" && strings.EqualFold(value.String(r, "id"), subnet)
	})
	ips := slices.DeleteFunc(slices.Clone(value.List(rules, "ipRules")), func(r any) bool {
		old, err := prefix(value.String(r, "value"))
		return err == nil && slices.ContainsFunc(c.List("ip_address"), func(ip string) bool {
			gone, err := prefix(ip)
			return err == nil && gone.Masked() == old.Masked()
		})
	})
	if len(nets) == len(value.List(rules, "virtualNetworkRules")) && len(ips) == len(value.List(rules, "ipRules")) {
		return as("Vault", v), nil
	}
	rules.Set("virtualNetworkRules", nets).Set("ipRules", ips)
	return putBack(c, at, v)
}
