package container

import (
	"encoding/base64"

	"github.com/lazuli-cloud/lazuli/azure"
	"github.com/lazuli-cloud/lazuli/container/volume"
	"github.com/lazuli-cloud/lazuli/container/wire"
)

// volume reads one volume. Azure: one with a name alone is empty.
func (r *reader) volume(at string, v wire.Volume) (volumeSpec, error) {
	out := volumeSpec{Name: v.Name, Secret: v.Secret != nil || v.SecretReference != nil}
	kinds := 0
	for _, given := range []bool{v.EmptyDir != nil, v.Secret != nil, v.SecretReference != nil, v.GitRepo != nil, v.AzureFile != nil} {
		if given {
			kinds++
		}
	}
	if kinds > 1 {
		return out, r.wrong(at, "the volume '%s' has more than one kind; give one of emptyDir, secret, secretReference, gitRepo and azureFile.", v.Name)
	}
	switch {
	case v.GitRepo != nil:
		x := volume.Repository{URL: v.GitRepo.Repository, Directory: v.GitRepo.Directory, Revision: v.GitRepo.Revision}
		if err := x.Check(); err != nil {
			return out, r.wrong(at+".gitRepo", "the volume '%s' %v.", v.Name, err)
		}
		out.Git = &gitVolume{Repository: &secret{plain: azure.NewSecret(x.URL)}, Shown: x.Shown(), Directory: x.Directory, Revision: x.Revision}
		return out, nil
	case v.AzureFile != nil:
		return r.share(at+".azureFile", v.Name, v.AzureFile)
	}
	var err error
	out.Files, err = r.files(at, v)
	return out, err
}

func (r *reader) share(at, name string, v *wire.AzureFileVolume) (volumeSpec, error) {
	out := volumeSpec{Name: name, Share: &shareVolume{Account: v.StorageAccountName, Share: v.ShareName, Reference: v.StorageAccountKeyReference, ReadOnly: v.ReadOnly}}
	x := volume.Share{Account: v.StorageAccountName, Name: v.ShareName, Key: v.StorageAccountKey}
	if ref := out.Share.Reference; ref != "" {
		if err := r.refers(at+".storageAccountKeyReference", ref, "the volume '"+name+"'"); err != nil {
			return out, err
		}
		if !x.Key.IsZero() {
			return out, r.wrong(at, "the volume '%s' has both storageAccountKey and storageAccountKeyReference; give one.", name)
		}
		x.Key = azure.NewSecret(ref) // stands for the key, which is not known yet
	} else {
		out.Share.Key = &secret{plain: x.Key}
	}
	if err := x.Check(); err != nil {
		return out, r.wrong(at, "the volume '%s' %v.", name, err)
	}
	return out, nil
}

func (r *reader) files(at string, v wire.Volume) ([]secretFile, error) {
	var files []secretFile
	for _, name := range sortedKeys(v.SecretReference) {
		if !validFile(name) {
			return nil, r.wrong(at+".secretReference", "the file name '%s' of volume '%s' must be 1 to 253 letters, digits, '.', '-' and '_'.", name, v.Name)
		}
		ref := v.SecretReference[name]
		if ref == "" {
			return nil, r.wrong(at+".secretReference", "the file '%s' of volume '%s' names no secret reference.", name, v.Name)
		}
		if err := r.refers(at+".secretReference", ref, "the file '"+name+"' of volume '"+v.Name+"'"); err != nil {
			return nil, err
		}
		files = append(files, secretFile{Name: name, Reference: ref})
	}
	for _, name := range sortedKeys(v.Secret) {
		if !validFile(name) {
			return nil, r.wrong(at+".secret", "the file name '%s' of volume '%s' must be 1 to 253 letters, digits, '.', '-' and '_'.", name, v.Name)
		}
		if _, err := base64.StdEncoding.DecodeString(v.Secret[name].Reveal()); err != nil {
			return nil, r.wrong(at+".secret", "the file '%s' of volume '%s' is not valid base64. Encode its content with base64.", name, v.Name)
		}
		files = append(files, secretFile{Name: name, Content: &secret{plain: v.Secret[name]}})
	}
	return files, nil
}

func validFile(name string) bool { return fileRule.MatchString(name) && name != "." && name != ".." }
