package container

import (
	"encoding/base64"

	"github.com/lazuli-cloud/lazuli/azure"
	"github.com/lazuli-cloud/lazuli/container/volume"
	"github.com/lazuli-cloud/lazuli/container/wire"
)

// volume reads one volume. Azure: one with a name alone is empty.
func (r *reader) volume(at string, v wire.Volume) (volumeSpec, error) {
	out := volumeSpec{Name: v.Name, Secret: v.Secret != nil}
	kinds := 0
	for _, given := range []bool{v.EmptyDir != nil, v.Secret != nil, v.GitRepo != nil, v.AzureFile != nil} {
		if given {
			kinds++
		}
	}
	if kinds > 1 {
		return out, r.wrong(at, "the volume '%s' has more than one kind; give one of emptyDir, secret, gitRepo and azureFile.", v.Name)
	}
	if given(v.SecretReference) {
		return out, unbuilt(at+".secretReference", "Use a secret volume.")
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
		if v.AzureFile.StorageAccountKeyReference != "" {
			return out, unbuilt(at+".azureFile.storageAccountKeyReference", "Give the key itself, for instance by a Key Vault reference in the template's parameters.")
		}
		x := volume.Share{Account: v.AzureFile.StorageAccountName, Name: v.AzureFile.ShareName, Key: v.AzureFile.StorageAccountKey}
		if err := x.Check(); err != nil {
			return out, r.wrong(at+".azureFile", "the volume '%s' %v.", v.Name, err)
		}
		out.Share = &shareVolume{Account: x.Account, Share: x.Name, Key: &secret{plain: x.Key}, ReadOnly: v.AzureFile.ReadOnly}
		return out, nil
	}
	var err error
	out.Files, err = r.files(at, v)
	return out, err
}

func (r *reader) files(at string, v wire.Volume) ([]secretFile, error) {
	var files []secretFile
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
