/** Microsoft.ContainerRegistry and the registry's own API, in Azure's schema names. */

export interface RegistryProperties {
  loginServer: string;
  creationDate: string;
  provisioningState: string;
  adminUserEnabled: boolean;
  anonymousPullEnabled: boolean;
  policies?: { retentionPolicy?: { days?: number; status: string } };
}

export interface Credentials {
  username: string;
  passwords: { name: string; value: string }[];
}

export interface Usage {
  name: string;
  limit: number;
  currentValue: number;
  unit: string;
}

export interface ChangeableAttributes {
  deleteEnabled: boolean;
  writeEnabled: boolean;
  readEnabled: boolean;
  listEnabled: boolean;
}

export interface RepositoryProperties {
  registry: string;
  imageName: string;
  createdTime: string;
  lastUpdateTime: string;
  manifestCount: number;
  tagCount: number;
  changeableAttributes: ChangeableAttributes;
}

export interface TagAttributes {
  name: string;
  digest: string;
  createdTime: string;
  lastUpdateTime: string;
  signed: boolean;
  changeableAttributes: ChangeableAttributes;
}

export interface ManifestAttributes {
  digest: string;
  imageSize: number;
  createdTime: string;
  lastUpdateTime: string;
  architecture?: string;
  os?: string;
  mediaType: string;
  configMediaType?: string;
  tags: string[] | null;
  references?: { digest: string; architecture?: string; os?: string }[];
  /** How far the image is unpacked for container groups; Lazuli's own. */
  unpackState?: string;
}
