import { pageOf } from "~/wire/id";

/** The address of a repository's page, or a tag's. */
export function repositoryPage(id: string, name: string, tag = ""): string {
  return pageOf(id, "repositories", `?name=${encodeURIComponent(name)}${tag ? `&tag=${encodeURIComponent(tag)}` : ""}`);
}

/** The form that runs an image of a registry as a container group: of another room, so by its address. */
export function runPage(id: string, image: string): string {
  return `/create/Microsoft.ContainerInstance/containerGroups?image=${encodeURIComponent(image)}&registry=${encodeURIComponent(id)}`;
}
