package pod

import "errors"

// What runtimes answer; test with [errors.Is]. They are not wire errors: the
// room knows which resource is meant and words Azure's answer.
var (
	ErrInvalid      = errors.New("invalid request")          // the spec itself is wrong; the text says what
	ErrNoSandbox    = errors.New("no such sandbox")          // ensure it first
	ErrNoContainer  = errors.New("no such container")        // unknown, or not running where it must be
	ErrNoImage      = errors.New("no such image")            // ensure or prepare it first
	ErrStart        = errors.New("cannot start the process") // the command, user or working directory is wrong
	ErrAddressInUse = errors.New("address in use")           // a public port is taken by another process
	ErrUnsupported  = errors.New("not supported by this runtime")
)

// ImageReason says which part of a pull was wrong.
type ImageReason string

// The reasons for a pull to fail.
const (
	ImageBadReference    ImageReason = "BadReference"    // Name is no image reference
	ImageUnknownName     ImageReason = "UnknownName"     // the registry has no such repository
	ImageUnknownTag      ImageReason = "UnknownTag"      // the repository has no such tag or digest
	ImageUnauthorized    ImageReason = "Unauthorized"    // credentials missing or refused
	ImageForbidden       ImageReason = "Forbidden"       // credentials good, right to pull missing
	ImageUnreachable     ImageReason = "Unreachable"     // no answer: name not resolved, refused, TLS, time out
	ImageWrongPlatform   ImageReason = "WrongPlatform"   // nothing in it for the platform
	ImageThrottled       ImageReason = "Throttled"       // the registry answered 429
	ImageBroken          ImageReason = "Broken"          // not an image, or content that does not match its digest
	ImageRegistryFailure ImageReason = "RegistryFailure" // any other answer of the registry
)

// ImageError says why an image could not be made ready.
type ImageError struct {
	Reason   ImageReason
	Image    string // the name as asked for
	Registry string // host[:port], empty if Image has none that can be parsed
	Err      error  // the cause, for the log; never holds credentials
}

// Error names the image, the reason and the cause.
func (e *ImageError) Error() string {
	text := "cannot pull image \"" + e.Image + "\": " + string(e.Reason)
	if e.Err != nil {
		text += ": " + e.Err.Error()
	}
	return text
}

// Unwrap returns the cause.
func (e *ImageError) Unwrap() error { return e.Err }
