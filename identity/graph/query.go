package graph

import (
	"cmp"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/lazuli-cloud/lazuli/azure"
	"github.com/lazuli-cloud/lazuli/internal/httpd"
)

// collection is a list answer of OData.
type collection struct {
	Context  string           `json:"@odata.context,omitempty"`
	Count    *int             `json:"@odata.count,omitempty"`
	NextLink string           `json:"@odata.nextLink,omitempty"`
	Value    []map[string]any `json:"value"`
}

const (
	defaultTop = 100
	maxTop     = 999
)

// entry is an object that can be filtered, sorted and written.
type entry interface {
	object
	wire() map[string]any
}

// position is where a page ended, inside $skiptoken.
type position struct {
	Key string `json:"k"` // value of the $orderby property
	ID  string `json:"i"`
}

// listQuery is the parsed query of a list.
type listQuery struct {
	filter  filter
	choose  []string // $select, lower case; nil means all
	orderBy string   // lower case; "" means by id
	desc    bool
	top     int
	count   bool
	after   *position
}

// parseQuery reads the query options. An option that is not known is an error.
func parseQuery(q url.Values, schema entry) (l listQuery, err error) {
	l.top = defaultTop
	l.filter = func(object) bool { return true }
	for name, values := range q {
		v := values[0]
		switch strings.ToLower(strings.TrimPrefix(name, "$")) {
		case "filter":
			if strings.TrimSpace(v) != "" {
				l.filter, err = parseFilter(v, schema)
			}
		case "select":
			l.choose, err = parseSelect(v)
		case "orderby":
			err = l.parseOrder(v, schema)
		case "top":
			if l.top, err = strconv.Atoi(v); err != nil || l.top < 1 || l.top > maxTop {
				err = unsupported("$top", "'%s' is not a number from 1 to %d", v, maxTop)
			}
		case "count":
			if l.count, err = strconv.ParseBool(v); err != nil {
				err = unsupported("$count", "'%s' is neither true nor false", v)
			}
		case "skiptoken":
			err = l.parseToken(v)
		case "format", "api-version":
			// Always JSON; Graph has no api-version, and some clients add one.
		default:
			err = unsupported(name, "this query option is not built")
		}
		if err != nil {
			return l, err
		}
	}
	return l, nil
}

func unsupported(option, format string, args ...any) *azure.Error {
	return azure.Errorf(azure.Invalid, azure.CodeDirectoryUnsupportedQuery, "Unsupported query option %s: %s. Change or leave it out.", option, fmt.Sprintf(format, args...)).At(option)
}

func parseSelect(v string) ([]string, error) {
	var names []string
	for _, n := range strings.Split(v, ",") {
		if n = strings.ToLower(strings.TrimSpace(n)); n != "" && n != "*" {
			names = append(names, n)
		}
	}
	return names, nil
}

func (l *listQuery) parseOrder(v string, schema entry) error {
	name, direction, _ := strings.Cut(strings.ToLower(strings.TrimSpace(v)), " ")
	value, ok := schema.field(name)
	_, isString := value.(string)
	if !ok || !isString || direction != "" && direction != "asc" && direction != "desc" {
		return unsupported("$orderby", "'%s' is not one property of text with asc or desc", v)
	}
	l.orderBy, l.desc = name, direction == "desc"
	return nil
}

func (l *listQuery) parseToken(v string) error {
	data, err := base64.RawURLEncoding.DecodeString(v)
	l.after = &position{}
	if err != nil || json.Unmarshal(data, l.after) != nil {
		return unsupported("$skiptoken", "it is not from an @odata.nextLink of this cloud")
	}
	return nil
}

func (l *listQuery) positionOf(e entry) position {
	var p position
	if l.orderBy != "" {
		v, _ := e.field(l.orderBy)
		s, _ := v.(string)
		p.Key = strings.ToLower(s)
	}
	v, _ := e.field("id")
	p.ID, _ = v.(string)
	return p
}

func (l *listQuery) compare(a, b position) int {
	c := cmp.Or(cmp.Compare(a.Key, b.Key), cmp.Compare(a.ID, b.ID))
	if l.desc {
		return -c
	}
	return c
}

// list answers a list request for the entries of a type. schema is any entry of
// it.
func list[T entry](s *Service, r *httpd.Request, set string, schema T, entries []T) (collection, error) {
	q := r.URL.Query()
	l, err := parseQuery(q, schema)
	if err != nil {
		return collection{}, err
	}
	entries = slices.DeleteFunc(entries, func(e T) bool { return !l.filter(e) })
	slices.SortFunc(entries, func(a, b T) int { return l.compare(l.positionOf(a), l.positionOf(b)) })
	c := collection{Context: s.context(set), Value: []map[string]any{}}
	if l.count {
		n := len(entries)
		c.Count = &n
	}
	if l.after != nil {
		entries = slices.DeleteFunc(entries, func(e T) bool { return l.compare(l.positionOf(e), *l.after) <= 0 })
	}
	if len(entries) > l.top {
		data, err := json.Marshal(l.positionOf(entries[l.top-1]))
		if err != nil {
			return c, err
		}
		q.Del("$skiptoken")
		q.Set("$skiptoken", base64.RawURLEncoding.EncodeToString(data))
		c.NextLink, entries = s.Graph+r.URL.Path+"?"+q.Encode(), entries[:l.top]
	}
	for _, e := range entries {
		c.Value = append(c.Value, pick(e.wire(), l.choose))
	}
	return c, nil
}

// one answers a request for a single entry.
func (s *Service) one(r *httpd.Request, set string, e entry) (map[string]any, error) {
	l, err := parseQuery(r.URL.Query(), e)
	if err != nil {
		return nil, err
	}
	m := pick(e.wire(), l.choose)
	m["@odata.context"] = s.context(set) + "/$entity"
	return m, nil
}

// pick keeps the properties that $select names; unknown names are not there, as
// in Azure.
func pick(m map[string]any, names []string) map[string]any {
	if names == nil {
		return m
	}
	for k := range m {
		if !strings.HasPrefix(k, "@odata.type") && !slices.Contains(names, strings.ToLower(k)) {
			delete(m, k)
		}
	}
	return m
}

func (s *Service) context(set string) string { return s.Graph + "/v1.0/$metadata#" + set }
