// Package pull has words about pulls: which registry an image name means, and why
// an image could not be had, in Azure's codes with the next step. It pulls
// nothing and knows no groups.
package pull

import (
	"errors"
	"strings"

	"github.com/lazuli-cloud/lazuli/azure"
	"github.com/lazuli-cloud/lazuli/container/pod"
)

// dockerHub is the registry of image names that have none.
const dockerHub = "index.docker.io"

// Registry is the host of the registry an image name means.
func Registry(image string) string {
	first, _, more := strings.Cut(image, "/")
	if !more || !strings.ContainsAny(first, ".:") && first != "localhost" {
		return dockerHub
	}
	return SameHub(first)
}

// SameHub is the host of a registry by its one name.
func SameHub(host string) string {
	switch host = strings.ToLower(host); host {
	case "docker.io", "registry-1.docker.io", "hub.docker.com":
		return dockerHub
	}
	return strings.TrimSuffix(host, ":443")
}

// Error says which of name, tag, credential, role or reachability was wrong,
// and what to do. who says whose credential was used, as a sentence without stop.
func Error(group, image, who string, err error) *azure.Error {
	host := Registry(image)
	var ie *pod.ImageError
	if !errors.As(err, &ie) {
		return azure.Errorf(azure.Internal, azure.CodeInternal, "The image '%s' in container group '%s' could not be made ready: the cloud failed. Try again; the server's log has the reason.", image, group).Because(err)
	}
	if ie.Registry != "" {
		host = ie.Registry
	}
	kind, code, why := azure.Invalid, azure.CodeInaccessibleImage, ""
	switch ie.Reason {
	case pod.ImageBadReference:
		why = "The name is not an image reference. Write it as 'registry/repository:tag'."
	case pod.ImageUnknownName:
		why = "The registry '" + host + "' has no such repository. Check the name before the tag, or push the image."
	case pod.ImageUnknownTag:
		why = "The repository exists in the registry '" + host + "', but not this tag or digest. Check the part after ':' or '@', or push it."
	case pod.ImageUnauthorized:
		why = "The registry '" + host + "' did not accept the caller. " + who + ". Check 'imageRegistryCredentials': server, username and password, and that the password has not expired."
	case pod.ImageForbidden:
		why = "The credential is valid, but has no right to pull from the registry '" + host + "'. " + who + ". Assign it the role AcrPull on the registry."
	case pod.ImageUnreachable:
		why = "The registry '" + host + "' cannot be reached. Check its name, and that this machine can connect to it."
	case pod.ImageBroken:
		why = "What the registry '" + host + "' has under this name is not a container image, or is damaged. Push the image again."
	case pod.ImageWrongPlatform:
		return azure.Errorf(azure.Invalid, azure.CodeOSVersionNotSupported, "The OS version of image '%s' is not supported. It has nothing for this machine's platform; build it for linux and this processor.", image).Because(err)
	case pod.ImageThrottled:
		return azure.Errorf(azure.Conflict, azure.CodeRegistryErrorResponse, "An error response is received from the docker registry '%s'. Please retry later. It takes no more requests from this caller for now. %s; one that is signed in may often ask for more.", host, who).Because(err)
	default:
		return azure.Errorf(azure.Conflict, azure.CodeRegistryErrorResponse, "An error response is received from the docker registry '%s'. Please retry later. It failed on its side while '%s' was asked for; if it goes on, ask its operator, or push the image to another registry.", host, image).Because(err)
	}
	return azure.Errorf(kind, code, "The image '%s' in container group '%s' is not accessible. Please check the image and registry credential. %s", image, group, why).Because(err)
}
