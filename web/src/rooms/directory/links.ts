/** The pages of the directory. */
export const places = {
  apps: "/directory/applications",
  newApp: "/directory/applications/new",
  principals: "/directory/servicePrincipals",
  users: "/directory/users",
  newUser: "/directory/users/new",
};

/** The page of an application, by its object id. */
export function appPage(id: string): string {
  return `${places.apps}/${id}`;
}
