package registry

import (
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/lazuli-cloud/lazuli/conformance/harness"
)

// server is the S3 server of the tests; its version is in versity/go.mod.
const server = "github.com/versity/versitygw/cmd/versitygw"

// s3 is a running S3 server with one bucket.
type s3 struct{ endpoint, credentials, data string }

const bucketName = "lazuli"

// buildS3 builds the server once.
var buildS3 = sync.OnceValues(func() (string, error) {
	program := filepath.Join(cloud.Temp(), "versitygw")
	build := exec.Command("go", "build", "-o", program, server)
	build.Dir, build.Env = "versity", append(os.Environ(), "CGO_ENABLED=0")
	if out, err := build.CombinedOutput(); err != nil {
		return "", fmt.Errorf("cannot build the S3 server: %w\n%s", err, out)
	}
	return program, nil
})

// startS3 builds the server and starts it for the test.
func startS3(t *testing.T) s3 {
	t.Helper()
	dir := t.TempDir()
	program, err := buildS3()
	if err != nil {
		t.Fatal(err)
	}
	s := s3{credentials: filepath.Join(dir, "credentials"), data: filepath.Join(dir, "data", bucketName)}
	if err := os.MkdirAll(s.data, 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(s.credentials, []byte("[default]\naws_access_key_id = conformance\naws_secret_access_key = only-in-this-test\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	addr := l.Addr().String()
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	s.endpoint = "http://" + addr
	cmd := exec.Command(program, "--quiet", "--port", addr, "posix", filepath.Dir(s.data))
	cmd.Env = append(os.Environ(), "ROOT_ACCESS_KEY=conformance", "ROOT_SECRET_KEY=only-in-this-test")
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = cmd.Process.Kill()
		_ = cmd.Wait() // it says that it was killed
	})
	for range 200 {
		if c, err := net.Dial("tcp", addr); err == nil {
			c.Close()
			return s
		}
		time.Sleep(25 * time.Millisecond)
	}
	t.Fatal("the S3 server does not listen")
	return s
}

// objects counts what is in the bucket.
func (s s3) objects(t *testing.T) int {
	t.Helper()
	all, err := filepath.Glob(filepath.Join(s.data, "*", "blobs", "*", "*"))
	if err != nil {
		t.Fatal(err)
	}
	return len(all)
}

// The storage suite of the registry's own tests, which run against a bucket in memory, against a real server.
func TestStorageInABucket(t *testing.T) {
	t.Parallel()
	s := startS3(t)
	cmd := exec.Command("go", "test", "-count=1", "-v", "-run", "Collector|Freed|Purged|Repairs|Bucket", "./registry")
	cmd.Dir = "../.."
	cmd.Env = append(os.Environ(), "LAZULI_TEST_BUCKET="+s.endpoint+"/"+bucketName, "LAZULI_TEST_BUCKET_CREDENTIALS="+s.credentials)
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	for _, ran := range []string{"TestTheCollectorAgainstAModel/bucket", "TestDeletedContentIsFreed/bucket", "TestTheBucketIsEnough", "TestARealBucket"} {
		if !strings.Contains(string(out), "--- PASS: "+ran+" ") {
			t.Errorf("%s did not run and pass:\n%s", ran, out)
		}
	}
}

// A cloud whose registries are in a bucket loses everything of its machine but the state, and runs a group from the bucket.
func TestGroupsStartFromABucket(t *testing.T) {
	t.Parallel()
	c, err := harness.New()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := c.Close(); err != nil {
			t.Error(err)
		}
	})
	if c.Az == "" {
		t.Skip("the real az is only installed on Debian 12 and 13")
	}
	s := startS3(t)
	where := map[string]string{"endpoint": s.endpoint, "name": "no-such-bucket", "region": "us-east-1", "prefix": "cloud", "credentials": s.credentials}
	start := func() error {
		if err := c.Configure("bucket", where); err != nil {
			t.Fatal(err)
		}
		return c.Start()
	}
	if err := start(); err == nil || !strings.Contains(err.Error(), "there is no such bucket") {
		t.Fatalf("start with a bucket that is not there: %v", err)
	}
	where["name"] = bucketName
	if err := start(); err != nil {
		t.Fatal(err)
	}
	words := strings.Fields(c.Sh(t, fmt.Sprintf(`set -e
az group create -n far -l eastus >/dev/null
az acr create -g far -n farreg --sku Basic --admin-enabled true --query loginServer -o tsv
az acr credential show -n farreg --query passwords[0].value -o tsv
lazuli push %s $(az acr show -n farreg --query loginServer -o tsv)/sample:v1 >/dev/null`, c.Sample(t))))
	if len(words) != 2 {
		t.Fatalf("unexpected output: %q", words)
	}
	if n := s.objects(t); n < 3 {
		t.Fatalf("%d objects are in the bucket, want manifest, configuration and layer", n)
	}
	if err := c.Stop(); err != nil {
		t.Fatal(err)
	}
	if err := os.RemoveAll(filepath.Join(c.Dir, "runtime")); err != nil {
		t.Fatal(err)
	}
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	page := c.Sh(t, fmt.Sprintf(`set -e
fqdn=$(az container create -g far -n web --image %[1]s/sample:v1 --dns-name-label far-web --registry-login-server %[1]s \
	--registry-username farreg --registry-password %[2]s --query ipAddress.fqdn -o tsv)
curl --silent --show-error --fail --max-time 20 http://$fqdn/
d=$(mktemp -d); trap 'rm -rf $d' EXIT
if command -v skopeo >/dev/null; then skopeo copy --quiet --src-creds farreg:%[2]s docker://%[1]s/sample:v1 dir:$d; fi
az acr repository delete -n farreg --repository sample --yes >/dev/null
az container delete -g far -n web --yes >/dev/null`, words[0], words[1]))
	if page == "" {
		t.Error("the group's page is empty")
	}
}
