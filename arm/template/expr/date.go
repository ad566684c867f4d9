package expr

import (
	"strconv"
	"strings"
	"time"
)

// compact is the layout of utcNow() without a format.
const compact = "20060102T150405Z"

// inputs are the layouts dates are read in, with the .NET format that writes them again.
var inputs = [][2]string{
	{compact, "yyyyMMddTHHmmssZ"},
	{"2006-01-02 15:04:05Z", "u"},
	{"2006-01-02T15:04:05Z", "yyyy-MM-ddTHH:mm:ssZ"},
	{"2006-01-02T15:04:05", "s"},
	{"2006-01-02T15:04:05.0000000Z", "o"},
	{"2006-01-02T15:04:05.999999999Z07:00", "o"},
	{"2006-01-02T15:04:05Z07:00", "yyyy-MM-ddTHH:mm:ssK"},
	{"2006-01-02 15:04:05", "yyyy-MM-dd HH:mm:ss"},
	{"2006-01-02T15:04Z", "yyyy-MM-ddTHH:mmZ"},
	{"2006-01-02", "yyyy-MM-dd"},
	{"20060102", "yyyyMMdd"},
	{"Mon, 02 Jan 2006 15:04:05 GMT", "r"},
	{"1/2/2006 3:04:05 PM", "G"},
	{"1/2/2006 15:04:05", "M/d/yyyy HH:mm:ss"},
	{"1/2/2006", "d"},
	{"2006-01-02 15:04:05Z07:00", "yyyy-MM-dd HH:mm:ssK"},
}

func (c *call) date(i int) (time.Time, string, error) {
	s, err := c.text(i)
	if err != nil {
		return time.Time{}, "", err
	}
	for _, in := range inputs {
		if t, err := time.Parse(in[0], strings.TrimSpace(s)); err == nil {
			return t, in[1], nil
		}
	}
	return time.Time{}, "", c.fault("expects a date and time. The provided value '%s' is not one: write it like '2026-01-31T08:30:00Z'.", clip(s))
}

// dateTimeAdd keeps the form of its base where no format is given.
func dateTimeAdd(c *call) (any, error) {
	t, form, err := c.date(0)
	if err != nil {
		return nil, err
	}
	iso, err := c.text(1)
	if err != nil {
		return nil, err
	}
	t, ok := addDuration(t, iso)
	if !ok {
		return nil, c.fault("expects an ISO 8601 duration such as 'P3Y' or '-PT1H30M'. The provided value is '%s'.", clip(iso))
	}
	if t.Year() < 1 || t.Year() > 9999 {
		return nil, c.fault("leaves the years 1 to 9999.")
	}
	if len(c.args) == 3 {
		if form, err = c.text(2); err != nil {
			return nil, err
		}
	}
	out, ok := FormatTime(t, form)
	if !ok {
		return nil, c.fault("does not know the format '%s'.", clip(form))
	}
	return out, nil
}

// addDuration adds [-]P[nY][nM][nW][nD][T[nH][nM][nS]]; seconds may have a fraction. Years and months are those of the
// calendar.
func addDuration(t time.Time, iso string) (time.Time, bool) {
	sign := 1
	if strings.HasPrefix(iso, "-") {
		sign, iso = -1, iso[1:]
	}
	date, clock, hasClock := strings.Cut(iso, "T")
	if !strings.HasPrefix(date, "P") || date == "P" && clock == "" || hasClock && clock == "" {
		return t, false
	}
	days, ok := amounts(date[1:], "YMWD")
	if !ok {
		return t, false
	}
	hours, ok := amounts(clock, "HMS")
	if !ok {
		return t, false
	}
	for i, most := range []float64{9999, 120000, 530000, 3700000} {
		if days[i] > most || days[i] != float64(int(days[i])) {
			return t, false
		}
	}
	seconds := hours[0]*3600 + hours[1]*60 + hours[2]
	if seconds > 9e9 {
		return t, false
	}
	t = t.AddDate(sign*int(days[0]), sign*int(days[1]), sign*int(days[2]*7+days[3]))
	return t.Add(time.Duration(sign) * time.Duration(seconds*float64(time.Second))), true
}

// amounts reads numbers, each followed by one of the letters, in their order.
func amounts(s, letters string) ([4]float64, bool) {
	var out [4]float64
	next := 0
	for s != "" {
		end := strings.IndexAny(s, letters)
		if end < 1 {
			return out, false
		}
		at := strings.IndexByte(letters, s[end])
		n, err := strconv.ParseFloat(s[:end], 64)
		if err != nil || at < next || strings.ContainsAny(s[:end], "+-eExX_pPiInN") {
			return out, false
		}
		out[at], next, s = n, at+1, s[end+1:]
	}
	return out, true
}

func dateTimeFromEpoch(c *call) (any, error) {
	n, err := c.integer(0)
	if err != nil {
		return nil, err
	}
	if n < -62135596800 || n > 253402300799 {
		return nil, c.fault("expects a time of the years 1 to 9999. The provided value is '%d'.", n)
	}
	return time.Unix(n, 0).UTC().Format("2006-01-02T15:04:05Z"), nil
}

func dateTimeToEpoch(c *call) (any, error) {
	t, _, err := c.date(0)
	return t.Unix(), err
}

// standard are .NET's one-letter formats of the invariant culture, as custom formats.
var standard = map[byte]string{
	'd': "MM/dd/yyyy", 'D': "dddd, dd MMMM yyyy", 'f': "dddd, dd MMMM yyyy HH:mm", 'F': "dddd, dd MMMM yyyy HH:mm:ss",
	'g': "MM/dd/yyyy HH:mm", 'G': "M/d/yyyy h:mm:ss tt", 'm': "MMMM dd", 'M': "MMMM dd",
	'o': "yyyy-MM-ddTHH:mm:ss.fffffffK", 'O': "yyyy-MM-ddTHH:mm:ss.fffffffK",
	'r': "ddd, dd MMM yyyy HH:mm:ss 'GMT'", 'R': "ddd, dd MMM yyyy HH:mm:ss 'GMT'", 's': "yyyy-MM-ddTHH:mm:ss",
	't': "HH:mm", 'T': "HH:mm:ss", 'u': "yyyy-MM-dd HH:mm:ss'Z'", 'U': "dddd, dd MMMM yyyy HH:mm:ss",
	'y': "yyyy MMMM", 'Y': "yyyy MMMM",
}

// layouts are the runs of one letter in custom formats and what Go calls them.
var layouts = map[string]string{
	"yyyy": "2006", "yyy": "2006", "yy": "06", "MMMM": "January", "MMM": "Jan", "MM": "01", "M": "1",
	"dddd": "Monday", "ddd": "Mon", "dd": "02", "d": "2", "HH": "15", "hh": "03", "h": "3",
	"mm": "04", "m": "4", "ss": "05", "s": "5", "tt": "PM", "zzz": "-07:00", "zz": "-07", "K": "Z07:00",
}

// FormatTime prints t in a standard or custom date format of .NET; an empty one is that of utcNow(). ok is false when the
// format is not known. Universal formats (o, r, u and those with Z) print UTC.
func FormatTime(t time.Time, form string) (text string, ok bool) {
	if form == "" {
		return t.UTC().Format(compact), true
	}
	if len(form) == 1 {
		if strings.Contains("ouOrRU", form) {
			t = t.UTC()
		}
		if form, ok = standard[form[0]]; !ok {
			return "", false
		}
	}
	if strings.HasSuffix(form, "Z") {
		t = t.UTC()
	}
	var b strings.Builder
	for i := 0; i < len(form); {
		ch := form[i]
		switch {
		case ch == '\'' || ch == '"':
			end := strings.IndexByte(form[i+1:], ch)
			if end < 0 {
				return "", false
			}
			b.WriteString(form[i+1 : i+1+end])
			i += end + 2
		case ch == '\\' && i+1 < len(form):
			b.WriteByte(form[i+1])
			i += 2
		case ch == '%':
			i++
		default:
			n := run(form[i:])
			b.WriteString(piece(t, form[i:i+n]))
			i += n
		}
	}
	return b.String(), true
}

// run is how often the first byte of s is repeated.
func run(s string) int {
	n := 1
	for n < len(s) && s[n] == s[0] {
		n++
	}
	return n
}

// piece prints a run of one letter.
func piece(t time.Time, s string) string {
	switch s[0] {
	case 'f', 'F':
		if len(s) > 7 {
			return s
		}
		digits := signPad(strconv.Itoa(t.Nanosecond()), 9)[:len(s)]
		if s[0] == 'F' {
			return strings.TrimRight(digits, "0")
		}
		return digits
	case 'H':
		if len(s) == 1 {
			return strconv.Itoa(t.Hour())
		}
	case 'y':
		if len(s) == 1 {
			return strconv.Itoa(t.Year() % 100)
		}
	case 't':
		if len(s) == 1 {
			return t.Format("PM")[:1]
		}
	case 'z':
		if len(s) == 1 {
			_, offset := t.Zone()
			if offset < 0 {
				return strconv.Itoa(offset / 3600)
			}
			return "+" + strconv.Itoa(offset/3600)
		}
	}
	if layout, ok := layouts[s]; ok {
		return t.Format(layout)
	}
	return s
}
