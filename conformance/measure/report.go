package measure

import (
	"encoding/json"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"text/tabwriter"
)

// Row is one thing measured.
type Row struct {
	Section string    `json:"section"`
	Name    string    `json:"name"`
	Unit    string    `json:"unit"` // ms, MB, or a rate such as GET/s
	Samples []float64 `json:"samples"`
	Median  float64   `json:"median"`
	Note    string    `json:"note,omitempty"`
}

// Ratio compares rows of ours with a peer's, round by round, or a row with a goal.
type Ratio struct {
	Section string    `json:"section"`
	Name    string    `json:"name"`
	Samples []float64 `json:"samples"` // of each round
	Median  float64   `json:"median"`
	Unit    string    `json:"unit,omitempty"` // a ratio has none
	Goal    string    `json:"goal,omitempty"`
	Met     *bool     `json:"met,omitempty"` // by the median; nil without a goal
}

// Report is what a run found.
type Report struct {
	Machine  string   `json:"machine"`
	Version  string   `json:"version"`
	Rows     []Row    `json:"rows"`
	Ratios   []Ratio  `json:"ratios"`
	LeftOut  []string `json:"leftOut,omitempty"` // what could not be compared here, and why
	Failures []string `json:"failures,omitempty"`
}

// Add adds a row, unless nothing was measured.
func (r *Report) Add(section, name, unit, note string, samples []float64) {
	if len(samples) > 0 {
		r.Rows = append(r.Rows, Row{section, name, unit, samples, Median(samples), note})
	}
}

// Compare adds ratios without a goal, unless nothing was measured.
func (r *Report) Compare(section, name string, ratios []float64) {
	if len(ratios) > 0 {
		r.Ratios = append(r.Ratios, Ratio{Section: section, Name: name, Samples: ratios, Median: Median(ratios)})
	}
}

// AtMost adds samples whose median should be at most goal.
func (r *Report) AtMost(section, name, unit string, samples []float64, goal float64) {
	r.judge(section, name, unit, "at most ", samples, goal, func(m float64) bool { return m <= goal })
}

// AtLeast adds samples whose median should be at least goal.
func (r *Report) AtLeast(section, name, unit string, samples []float64, goal float64) {
	r.judge(section, name, unit, "at least ", samples, goal, func(m float64) bool { return m >= goal })
}

func (r *Report) judge(section, name, unit, word string, samples []float64, goal float64, good func(float64) bool) {
	if len(samples) == 0 {
		return
	}
	m := Median(samples)
	met := good(m)
	r.Ratios = append(r.Ratios, Ratio{section, name, samples, m, unit, strings.TrimSpace(word + number(goal) + " " + unit), &met})
}

// Quotients divides round by round, as far as both were measured.
func Quotients(ours, theirs []float64) []float64 {
	all := make([]float64, min(len(ours), len(theirs)))
	for i := range all {
		all[i] = ours[i] / theirs[i]
	}
	return all
}

// Print writes the tables.
func (r *Report) Print(w io.Writer) {
	_, _ = fmt.Fprintf(w, "\nlazuli %s on %s\n\n", r.Version, r.Machine)
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', tabwriter.AlignRight)
	_, _ = fmt.Fprintln(t, "measured\tmedian\tlowest\thighest\tn\tunit\t \t")
	section := ""
	for _, row := range r.Rows {
		if row.Section != section {
			section = row.Section
			_, _ = fmt.Fprintf(t, "%s\t\t\t\t\t\t\t\n", strings.ToUpper(section))
		}
		_, _ = fmt.Fprintf(t, "%s\t%s\t%s\t%s\t%d\t%s\t%s\t\n", row.Name, number(row.Median), number(slices.Min(row.Samples)), number(slices.Max(row.Samples)),
			len(row.Samples), row.Unit, row.Note)
	}
	_ = t.Flush()
	_, _ = fmt.Fprintln(w)
	t = tabwriter.NewWriter(w, 0, 0, 2, ' ', tabwriter.AlignRight)
	_, _ = fmt.Fprintln(t, "compared, round by round\tmedian\tlowest\thighest\tn\tgoal\t \t")
	for _, c := range r.Ratios {
		verdict := ""
		if c.Met != nil {
			verdict = map[bool]string{true: "met", false: "NOT met"}[*c.Met]
		}
		_, _ = fmt.Fprintf(t, "%s: %s\t%s\t%s\t%s\t%d\t%s\t%s\t\n", c.Section, c.Name, number(c.Median), number(slices.Min(c.Samples)), number(slices.Max(c.Samples)),
			len(c.Samples), c.Goal, verdict)
	}
	_ = t.Flush()
	for _, s := range r.LeftOut {
		_, _ = fmt.Fprintf(w, "left out: %s\n", s)
	}
	for _, s := range r.Failures {
		_, _ = fmt.Fprintf(w, "FAILED: %s\n", s)
	}
}

// Save writes the report as JSON.
func (r *Report) Save(file string) error {
	text, err := json.MarshalIndent(r, "", "\t")
	if err != nil {
		return err
	}
	return os.WriteFile(file, append(text, '\n'), 0o644)
}

// Median is the middle of the samples, or the mean of the two in the middle.
func Median(samples []float64) float64 {
	s := slices.Sorted(slices.Values(samples))
	if n := len(s); n%2 == 0 {
		return (s[n/2-1] + s[n/2]) / 2
	}
	return s[len(s)/2]
}

// number prints three significant digits, and whole numbers from 100 on.
func number(v float64) string {
	switch {
	case v >= 100:
		return fmt.Sprintf("%.0f", v)
	case v >= 10:
		return fmt.Sprintf("%.1f", v)
	case v >= 1:
		return fmt.Sprintf("%.2f", v)
	}
	return fmt.Sprintf("%.3f", v)
}
