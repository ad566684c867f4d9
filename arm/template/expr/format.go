package expr

import (
	"math/big"
	"strconv"
	"strings"
)

// format is .NET's composite formatting: {index[,width][:form]}, {{ and }}.
func format(c *call) (any, error) {
	s, err := c.text(0)
	if err != nil {
		return nil, err
	}
	var b strings.Builder
	for i := 0; i < len(s); {
		switch {
		case strings.HasPrefix(s[i:], "{{"), strings.HasPrefix(s[i:], "}}"):
			b.WriteByte(s[i])
			i += 2
		case s[i] == '{':
			end := strings.IndexByte(s[i:], '}')
			if end < 0 {
				return nil, c.fault("found a format item that is never closed in '%s'.", clip(s))
			}
			item, err := c.item(s[i+1 : i+end])
			if err != nil {
				return nil, err
			}
			b.WriteString(item)
			i += end + 1
		case s[i] == '}':
			return nil, c.fault("found a closing brace without an opening one in '%s': write it as '}}'.", clip(s))
		default:
			b.WriteByte(s[i])
			i++
		}
		if b.Len() > maxValue {
			return nil, c.fault("makes a string larger than the limit of %d.", maxValue)
		}
	}
	return b.String(), nil
}

// item formats what stands between the braces.
func (c *call) item(item string) (string, error) {
	head, form, _ := strings.Cut(item, ":")
	head, widthText, hasWidth := strings.Cut(head, ",")
	index, err := strconv.Atoi(strings.TrimSpace(head))
	if err != nil || index < 0 {
		return "", c.fault("found the format item '{%s}', which does not begin with a number.", clip(item))
	}
	if index >= len(c.args)-1 {
		return "", c.fault("found the format item '{%s}', but only %d values were provided.", clip(item), len(c.args)-1)
	}
	s, ok := formatted(c.args[index+1], form)
	if !ok {
		return "", c.fault("does not know the format '%s'.", clip(form))
	}
	if !hasWidth {
		return s, nil
	}
	width, err := strconv.Atoi(strings.TrimSpace(widthText))
	if err != nil || width > 1_000_000 || width < -1_000_000 {
		return "", c.fault("found the format item '{%s}', whose width is not a number.", clip(item))
	}
	if pad := max(width, -width) - size(s); pad > 0 {
		if width > 0 {
			return strings.Repeat(" ", pad) + s, nil
		}
		return s + strings.Repeat(" ", pad), nil
	}
	return s, nil
}

// formatted prints one value; only numbers heed form.
func formatted(v any, form string) (string, bool) {
	switch v := v.(type) {
	case []any, *Object:
		return string(appendValue(nil, v, '\'')), true
	case int64:
		if form != "" {
			return numberForm(new(big.Rat).SetInt64(v), float64(v), form, true)
		}
	case float64:
		if form != "" {
			r := new(big.Rat)
			if s := strconv.FormatFloat(v, 'f', -1, 64); s != "" {
				r.SetString(s)
			}
			return numberForm(r, v, form, false)
		}
	}
	return Stringify(v), true
}

// numberForm prints a number in a standard or custom numeric format of the invariant culture.
func numberForm(r *big.Rat, f float64, form string, whole bool) (string, bool) {
	kind, digits := form[0], -1
	if !isLetter(kind) || len(form) > 1 && !allDigits(form[1:]) {
		return customForm(r, form), true
	}
	if len(form) > 1 {
		n, err := strconv.Atoi(form[1:])
		if err != nil || n > 999 {
			return "", false
		}
		digits = n
	}
	decimals := digits
	if decimals < 0 {
		decimals = 2
	}
	switch kind {
	case 'N', 'n':
		return thousands(fixed(r, decimals)), true
	case 'F', 'f':
		return fixed(r, decimals), true
	case 'P', 'p':
		return thousands(fixed(new(big.Rat).Mul(r, big.NewRat(100, 1)), decimals)) + " %", true
	case 'C', 'c':
		s := thousands(fixed(r, decimals))
		if strings.HasPrefix(s, "-") {
			return "(¤" + s[1:] + ")", true
		}
		return "¤" + s, true
	case 'D', 'd':
		return signPad(r.Num().String(), digits), whole
	case 'X', 'x':
		s := strconv.FormatUint(uint64(r.Num().Int64()), 16)
		if kind == 'X' {
			s = strings.ToUpper(s)
		}
		return signPad(s, digits), whole
	case 'E', 'e':
		return exponent(f, kind, digits), true
	case 'G', 'g':
		if digits > 0 {
			return strings.ToUpper(strconv.FormatFloat(f, 'g', digits, 64)), true
		}
		if whole {
			return r.Num().String(), true
		}
		return shortFloat(f), true
	case 'R', 'r':
		return shortFloat(f), !whole
	}
	return "", false
}

func allDigits(s string) bool {
	for i := range len(s) {
		if !isDigit(s[i]) {
			return false
		}
	}
	return true
}

// fixed rounds half away from zero, as .NET does.
func fixed(r *big.Rat, decimals int) string {
	scale := new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(decimals)), nil)
	num := new(big.Int).Mul(new(big.Int).Abs(r.Num()), scale)
	half := new(big.Int).Rsh(r.Denom(), 1)
	quo, rem := new(big.Int).QuoRem(num, r.Denom(), new(big.Int))
	if rem.Cmp(half) > 0 || rem.Cmp(half) == 0 && r.Denom().Bit(0) == 0 {
		quo.Add(quo, big.NewInt(1))
	}
	s := quo.String()
	if decimals > 0 {
		if len(s) <= decimals {
			s = strings.Repeat("0", decimals-len(s)+1) + s
		}
		s = s[:len(s)-decimals] + "." + s[len(s)-decimals:]
	}
	if r.Sign() < 0 && strings.Trim(s, "0.") != "" {
		s = "-" + s
	}
	return s
}

func thousands(s string) string {
	sign := ""
	if strings.HasPrefix(s, "-") {
		sign, s = "-", s[1:]
	}
	head, tail, hasTail := strings.Cut(s, ".")
	for i := len(head) - 3; i > 0; i -= 3 {
		head = head[:i] + "," + head[i:]
	}
	if hasTail {
		head += "." + tail
	}
	return sign + head
}

func signPad(s string, digits int) string {
	sign := ""
	if strings.HasPrefix(s, "-") {
		sign, s = "-", s[1:]
	}
	return sign + strings.Repeat("0", max(0, digits-len(s))) + s
}

// exponent prints 1.234560E+003.
func exponent(f float64, kind byte, digits int) string {
	if digits < 0 {
		digits = 6
	}
	s := strconv.FormatFloat(f, kind, digits, 64)
	i := strings.IndexByte(s, kind)
	return s[:i+2] + strings.Repeat("0", max(0, 3-len(s[i+2:]))) + s[i+2:]
}

// customForm prints by a picture of 0, #, comma and point; other characters stand for themselves. Of sections parted by
// semicolons the second is for negative numbers and the third for zero.
func customForm(r *big.Rat, form string) string {
	if sections := strings.Split(form, ";"); len(sections) > 1 {
		switch {
		case r.Sign() < 0 && sections[1] != "":
			r, form = new(big.Rat).Neg(r), sections[1]
		case r.Sign() == 0 && len(sections) > 2 && sections[2] != "":
			form = sections[2]
		default:
			form = sections[0]
		}
	}
	if strings.Contains(form, "%") {
		r = new(big.Rat).Mul(r, big.NewRat(100, 1))
	}
	from := strings.IndexAny(form, "0#.")
	if from < 0 {
		return form
	}
	to := strings.LastIndexAny(form, "0#.,") + 1
	whole, fraction, _ := strings.Cut(form[from:to], ".")
	s := fixed(r, strings.Count(fraction, "0")+strings.Count(fraction, "#"))
	sign := ""
	if strings.HasPrefix(s, "-") {
		sign, s = "-", s[1:]
	}
	head, tail, _ := strings.Cut(s, ".")
	least := strings.Count(fraction[:strings.LastIndex(fraction, "0")+1], "0")
	for len(tail) > least && tail[len(tail)-1] == '0' {
		tail = tail[:len(tail)-1]
	}
	head = signPad(strings.TrimLeft(head, "0"), strings.Count(whole, "0"))
	if strings.Contains(whole, ",") {
		head = thousands(head)
	}
	if tail != "" {
		head += "." + tail
	}
	return sign + form[:from] + head + form[to:]
}
