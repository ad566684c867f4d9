package dns

import (
	wire "github.com/miekg/dns"
)

const (
	// maxUDPSize fits every path without fragments (the DNS flag day of 2020).
	maxUDPSize = 1232
	// maxQuestionSize is the longest packet that is read.
	maxQuestionSize = 4096
)

// ServeDNS answers one question. It is exported for the DNS library; callers use Serve. Messages with
// the response bit set are not answered.
func (s *Server) ServeDNS(w wire.ResponseWriter, q *wire.Msg) {
	if q.Response {
		return
	}
	select {
	case s.questions <- struct{}{}:
		defer func() { <-s.questions }()
	default:
		return // dropped: the client asks again, and by then there may be room
	}
	udp := w.RemoteAddr().Network() == "udp"
	m := s.reply(q, func() bool { return s.limit.take(peerOf(w.RemoteAddr())) }, udp)
	m.Truncate(sizeFor(q, udp))
	m.Compress = true
	if err := w.WriteMsg(m); err != nil {
		s.log.Debug("dns answer not sent", "peer", w.RemoteAddr(), "error", err)
	}
}

// sizeFor is how long the answer may be.
func sizeFor(q *wire.Msg, udp bool) int {
	if !udp {
		return wire.MaxMsgSize
	}
	opt := q.IsEdns0()
	if opt == nil {
		return wire.MinMsgSize
	}
	return int(min(max(opt.UDPSize(), wire.MinMsgSize), maxUDPSize))
}

// reply makes the whole answer but for its size.
func (s *Server) reply(q *wire.Msg, allowed func() bool, udp bool) *wire.Msg {
	m := new(wire.Msg)
	m.SetReply(q)
	m.RecursionAvailable = len(s.upstreams) > 0
	opt := q.IsEdns0()
	var why *wire.EDNS0_EDE
	switch {
	case len(q.Question) != 1 || countOPT(q) > 1:
		m.Rcode = wire.RcodeFormatError
	case q.Opcode != wire.OpcodeQuery:
		m.Rcode = wire.RcodeNotImplemented
	case opt != nil && opt.Version() != 0:
		m.Rcode = wire.RcodeBadVers
	case udp && !allowed():
		// No larger than the question, and a peer that is who it says it is may ask over TCP.
		m.Truncated = true
	default:
		why = s.resolve(m, q)
	}
	if opt == nil {
		return withoutExtended(m)
	}
	m.SetEdns0(maxUDPSize, opt.Do())
	if why != nil {
		own := m.IsEdns0()
		own.Option = append(own.Option, why)
	}
	return m
}

func countOPT(q *wire.Msg) int {
	n := 0
	for _, rr := range q.Extra {
		if rr.Header().Rrtype == wire.TypeOPT {
			n++
		}
	}
	return n
}

// withoutExtended replaces a code that only EDNS0 can carry.
func withoutExtended(m *wire.Msg) *wire.Msg {
	if m.Rcode > 0xF {
		m.Rcode = wire.RcodeServerFailure
	}
	return m
}

// resolve answers a well-formed question, and gives the reason if it refuses or fails.
func (s *Server) resolve(m, q *wire.Msg) *wire.EDNS0_EDE {
	question := q.Question[0]
	name := wire.CanonicalName(question.Name)
	switch {
	case question.Qclass != wire.ClassINET:
		m.Rcode = wire.RcodeRefused
		return reason(wire.ExtendedErrorCodeNotSupported, "only the class IN is served")
	case isTransfer(question.Qtype):
		m.Rcode = wire.RcodeRefused
		return reason(wire.ExtendedErrorCodeProhibited, "zones are not transferred")
	case s.zone.holds(name):
		s.zone.answer(m, question, name)
	case wire.IsSubDomain("localhost.", name):
		answerLocalhost(m, question)
	default:
		return s.forward(m, q)
	}
	return nil
}

func isTransfer(t uint16) bool {
	return t == wire.TypeAXFR || t == wire.TypeIXFR || t == wire.TypeMAILA || t == wire.TypeMAILB || t == wire.TypeOPT
}
