package lenient_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/lazuli-cloud/lazuli/internal/lenient"
)

// printer makes of each value a text that shows its kind, place and parts.
type printer struct{}

func (printer) Scalar(at lenient.Span, kind lenient.Kind, text string) string {
	return fmt.Sprintf("%d:%s@%d-%d", kind, text, at.Off, at.End)
}

func (printer) Array(at lenient.Span, elems []string) string {
	return fmt.Sprintf("[%s]@%d-%d", strings.Join(elems, " "), at.Off, at.End)
}

func (printer) Object(at lenient.Span, members []lenient.Pair[string]) string {
	var parts []string
	for _, m := range members {
		parts = append(parts, m.Key+"="+m.Val)
	}
	return fmt.Sprintf("{%s}@%d-%d", strings.Join(parts, " "), at.Off, at.End)
}

func TestMake(t *testing.T) {
	for text, want := range map[string]string{
		` {"a": [1, "x\n", null], b: true, /* again */ "a": {}, } // end`: `{a={}@51-53 b=1:true@28-32}@1-56`,
		`[[], [[2.5e3]], "é"]`: `[[]@1-3 [[2:2.5e3@7-12]@6-13]@5-14 3:é@16-20]@0-21`,
		"\xef\xbb\xbfnull":     `0:@3-7`,
	} {
		if got, err := lenient.Make([]byte(text), printer{}); err != nil || got != want {
			t.Errorf("%s makes %s, %v, want %s", text, got, err, want)
		}
	}
	many := `{` + strings.Repeat(`"k": 1, "l": [{"k": 2}],`, 30) + `"z": 3}`
	got, err := lenient.Make([]byte(many), printer{})
	if err != nil || strings.Count(got, "k=") != 2 || !strings.Contains(got, " z=2:3@") {
		t.Errorf("equal keys make %s, %v", got, err)
	}
	var syntax *lenient.SyntaxError
	if _, err := lenient.Make([]byte("{\n \"é\": [1, nul]}"), printer{}); !errors.As(err, &syntax) || syntax.Line != 2 || syntax.Column != 11 {
		t.Errorf("a bare word gives %v", err)
	}
}

func TestPosition(t *testing.T) {
	text := []byte("a\né\U0001F600x\n\nz")
	for off, want := range map[int][2]int{0: {1, 1}, 1: {1, 2}, 2: {2, 1}, 4: {2, 2}, 8: {2, 3}, 9: {2, 4}, 10: {3, 1}, 11: {4, 1}, 99: {4, 2}} {
		if line, column := lenient.Position(text, off); line != want[0] || column != want[1] {
			t.Errorf("offset %d is at %d, %d, want %v", off, line, column, want)
		}
	}
}
