package azure

// Page is a list answer: {"value":[...],"nextLink":"..."}. NextLink is absolute
// and empty on the last page.
type Page[T any] struct {
	Value    []T    `json:"value"`
	NextLink string `json:"nextLink,omitempty"`
}

// NewPage makes a page of values; a nil slice becomes an empty one, because
// clients index "value" without looking.
func NewPage[T any](values []T, next string) Page[T] {
	if values == nil {
		values = []T{}
	}
	return Page[T]{Value: values, NextLink: next}
}
