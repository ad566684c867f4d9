import { createBrowserRouter, type RouteObject } from "react-router";
import { kinds, rooms, type Load } from "~/kit/room";
import { Crashed } from "./Crashed";
import { Frame } from "./Frame";
import { NotFound } from "./NotFound";
import { ResourcePage } from "./ResourcePage";

const lazy = (load: Load) => async () => ({ Component: (await load()).default });

/** The pages of all rooms: places by their paths, forms at /create/{type}, everything else by the id of a resource. */
function pages(): RouteObject[] {
  return [
    ...rooms.flatMap((r) => r.places ?? []).map((p) => ({ path: p.path, lazy: lazy(p.load) })),
    ...kinds().filter((k) => k.create).map((k) => ({ path: "/create/" + k.type, lazy: lazy(k.create!) })),
    { path: "/resource/*", element: <ResourcePage /> },
    { path: "*", element: <NotFound /> },
  ];
}

/** Makes the router, once the sign-in has given the page its address back. */
export function makeRouter() {
  // Azure's portal writes ids behind a hash, "#@tenant/resource/subscriptions/...": such links open here too.
  const hashed = /^#@?[^/]*(\/resource\/.*)$/.exec(location.hash);
  if (hashed?.[1]) history.replaceState(null, "", hashed[1]);
  const children = pages().map((p) => ({ errorElement: <Crashed />, ...p }));
  return createBrowserRouter([{ path: "/", element: <Frame />, errorElement: <Crashed />, hydrateFallbackElement: <></>, children }]);
}
