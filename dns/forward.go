package dns

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"strings"
	"time"

	wire "github.com/miekg/dns"
)

const (
	maxForwards     = 128
	upstreamTimeout = 2 * time.Second
	forwardTimeout  = 5 * time.Second
)

// Upstreams reads the servers of a resolv.conf file, for Options.Upstreams.
func Upstreams(resolvConf string) ([]string, error) {
	config, err := wire.ClientConfigFromFile(resolvConf)
	if err != nil {
		return nil, fmt.Errorf("dns: read the upstream servers: %w", err)
	}
	var list []string
	for _, server := range config.Servers {
		list = append(list, net.JoinHostPort(server, config.Port))
	}
	return list, nil
}

func parseUpstream(u string) (netip.AddrPort, error) {
	if addr, err := netip.ParseAddr(strings.Trim(u, "[]")); err == nil {
		return netip.AddrPortFrom(addr.Unmap(), 53), nil
	}
	at, err := netip.ParseAddrPort(u)
	if err != nil || at.Port() == 0 {
		return netip.AddrPort{}, fmt.Errorf("dns: the upstream %q is not an address: want one as in 192.0.2.1 or 192.0.2.1:53", u)
	}
	return netip.AddrPortFrom(at.Addr().Unmap(), at.Port()), nil
}

// others gives the upstreams that are not this very server: resolv.conf may well name us.
func (s *Server) others() []netip.AddrPort {
	s.mu.Lock()
	defer s.mu.Unlock()
	var list []netip.AddrPort
	for _, u := range s.upstreams {
		if !s.isOwn(u) {
			list = append(list, u)
		}
	}
	return list
}

func (s *Server) isOwn(u netip.AddrPort) bool {
	for _, own := range s.own {
		addr := own.Addr().Unmap()
		if own.Port() == u.Port() && (addr == u.Addr() || addr.IsUnspecified() && u.Addr().IsLoopback()) {
			return true
		}
	}
	return false
}

// forward fills in the reply to a question about a name that is not ours, and gives the reason if it
// could not.
func (s *Server) forward(m, q *wire.Msg) *wire.EDNS0_EDE {
	upstreams := s.others()
	if len(upstreams) == 0 {
		m.Rcode = wire.RcodeRefused
		return reason(wire.ExtendedErrorCodeNotAuthoritative, "this server answers for %s and has no upstream to ask for other names", s.zone.apex)
	}
	m.RecursionAvailable = true
	if !q.RecursionDesired {
		m.Rcode = wire.RcodeRefused
		return reason(wire.ExtendedErrorCodeNotAuthoritative, "this server answers for %s; ask for recursion to have other names looked up", s.zone.apex)
	}
	select {
	case s.forwards <- struct{}{}:
		defer func() { <-s.forwards }()
	default:
		m.Rcode = wire.RcodeServerFailure
		return reason(wire.ExtendedErrorCodeOther, "%d questions wait for upstreams already", maxForwards)
	}
	ctx, cancel := context.WithTimeout(s.base, forwardTimeout)
	defer cancel()
	out := outgoing(q)
	var failed *wire.Msg
	for _, u := range upstreams {
		in, err := exchange(ctx, out, u.String())
		if err != nil {
			s.log.Debug("dns upstream failed", "upstream", u, "name", q.Question[0].Name, "error", err)
			continue
		}
		if in.Rcode == wire.RcodeServerFailure || in.Rcode == wire.RcodeRefused {
			failed = in
			continue
		}
		adopt(m, in)
		return nil
	}
	if failed != nil {
		adopt(m, failed)
		return reason(wire.ExtendedErrorCodeOther, "every upstream that answered said %s", wire.RcodeToString[failed.Rcode])
	}
	m.Rcode = wire.RcodeServerFailure
	return reason(wire.ExtendedErrorCodeNetworkError, "no upstream answered")
}

func reason(code uint16, format string, args ...any) *wire.EDNS0_EDE {
	return &wire.EDNS0_EDE{InfoCode: code, ExtraText: fmt.Sprintf(format, args...)}
}

// outgoing makes the question for upstreams: options of EDNS0 concern one hop and are not passed on.
func outgoing(q *wire.Msg) *wire.Msg {
	out := &wire.Msg{}
	out.Id = wire.Id()
	out.RecursionDesired = true
	out.CheckingDisabled = q.CheckingDisabled
	out.AuthenticatedData = q.AuthenticatedData
	out.Question = q.Question[:1]
	opt := q.IsEdns0()
	out.SetEdns0(maxUDPSize, opt != nil && opt.Do())
	return out
}

// exchange asks one upstream, over TCP if the answer does not fit a packet.
func exchange(ctx context.Context, out *wire.Msg, addr string) (*wire.Msg, error) {
	for _, network := range []string{"udp", "tcp"} {
		client := &wire.Client{Net: network, Timeout: upstreamTimeout, UDPSize: maxUDPSize}
		in, _, err := client.ExchangeContext(ctx, out, addr)
		if err != nil {
			return nil, err
		}
		if !in.Response || len(in.Question) != 1 || !sameQuestion(in.Question[0], out.Question[0]) {
			return nil, errors.New("the answer is to another question")
		}
		if !in.Truncated {
			return in, nil
		}
	}
	return nil, errors.New("the answer is truncated over TCP")
}

func sameQuestion(a, b wire.Question) bool {
	return strings.EqualFold(a.Name, b.Name) && a.Qtype == b.Qtype && a.Qclass == b.Qclass
}

// adopt copies an upstream's answer, but for its OPT record, which concerns one hop.
func adopt(m, in *wire.Msg) {
	m.Rcode = in.Rcode
	m.AuthenticatedData = in.AuthenticatedData
	m.Answer, m.Ns = in.Answer, in.Ns
	for _, rr := range in.Extra {
		if rr.Header().Rrtype != wire.TypeOPT {
			m.Extra = append(m.Extra, rr)
		}
	}
}
