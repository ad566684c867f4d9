package azure

// Secret is secret material: a password, a key, a token. Printing or
// marshalling it shows "REDACTED"; the value leaves only through Reveal.
type Secret struct{ value string }

const redacted = "REDACTED"

// NewSecret wraps s.
func NewSecret(s string) Secret { return Secret{value: s} }

// Reveal gives the material itself. Every call site is a place to review.
func (s Secret) Reveal() string { return s.value }

// IsZero reports that there is no material.
func (s Secret) IsZero() bool { return s.value == "" }

// String redacts.
func (s Secret) String() string { return redacted }

// GoString redacts.
func (s Secret) GoString() string { return redacted }

// MarshalJSON redacts: secrets are never written out by accident.
func (s Secret) MarshalJSON() ([]byte, error) { return []byte(`"` + redacted + `"`), nil }

// MarshalText redacts.
func (s Secret) MarshalText() ([]byte, error) { return []byte(redacted), nil }

// UnmarshalText reads the material from a request.
func (s *Secret) UnmarshalText(text []byte) error {
	s.value = string(text)
	return nil
}
