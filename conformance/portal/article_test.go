package portal

import (
	"io"
	"os"
	"path/filepath"
	"testing"
)

// TestArticle is the article's third way: from a new registry to a page in the browser, its log, its console, and the end.
// The image holds a shell beside the article's program, for the console.
func TestArticle(t *testing.T) {
	needBrowser(t)
	program := t.TempDir()
	for from, to := range map[string]string{filepath.Join(cloud.Sample(t), "aci-helloworld"): "aci-helloworld", "/usr/bin/busybox": "bin/sh"} {
		if err := copyProgram(from, filepath.Join(program, to)); err != nil {
			t.Skipf("%s is missing (apt-get install busybox-static): %v", from, err)
		}
	}
	walk(t, "article.mjs", map[string]string{"program": program, "command": "/bin/sh", "typed": "echo $((6*7))", "shown": "42"})
}

func copyProgram(from, to string) error {
	if err := os.MkdirAll(filepath.Dir(to), 0o755); err != nil {
		return err
	}
	in, err := os.Open(from)
	if err != nil {
		return err
	}
	defer in.Close()
	out, err := os.OpenFile(to, os.O_CREATE|os.O_WRONLY, 0o755)
	if err != nil {
		return err
	}
	if _, err := io.Copy(out, in); err != nil {
		return err
	}
	return out.Close()
}
