import { settings } from "./settings";

/**
 * Sign-in by OAuth 2 authorization code with PKCE at the cloud's own login. Tokens live in this module's memory only:
 * a reload signs in again, silently while the login has a session of the browser.
 */

/** Who is signed in, from the id token. */
export interface Account {
  name: string;
  username: string;
  objectId: string;
  tenantId: string;
}

interface Granted {
  access_token: string;
  refresh_token?: string;
  id_token?: string;
  expires_in: number | string;
}

interface Token {
  value: string;
  expires: number;
}

const held = new Map<string, Token>();
const asked = new Map<string, Promise<string>>();
let refresh = "";
let account: Account | undefined;

/** What survives the round trip to the login: no secret but the one-time verifier. */
const pendingKey = "lazuli.sign-in";
interface Pending {
  verifier: string;
  state: string;
  back: string;
}

const callback = "/signed-in";
const redirectUri = () => location.origin + callback;
const authority = () => `${settings().login}/organizations/oauth2/v2.0`;
const scopeOf = (resource: string) => `${resource}/.default openid profile offline_access`;

function base64url(bytes: Uint8Array): string {
  return btoa(String.fromCharCode(...bytes)).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}

function random(bytes: number): string {
  return base64url(crypto.getRandomValues(new Uint8Array(bytes)));
}

/** Claims of a token, unverified: they are only shown; the cloud verifies. */
export function claims(token: string): Record<string, unknown> {
  const part = token.split(".")[1] ?? "";
  const bytes = Uint8Array.from(atob(part.replaceAll("-", "+").replaceAll("_", "/")), (c) => c.charCodeAt(0));
  return JSON.parse(new TextDecoder().decode(bytes)) as Record<string, unknown>;
}

/** Leaves for the login's page; never returns. prompt "login" asks for another account. */
export async function signIn(prompt = "", back = location.pathname + location.search + location.hash): Promise<never> {
  const pending: Pending = { verifier: random(48), state: random(16), back: back.startsWith(callback) ? "/" : back };
  sessionStorage.setItem(pendingKey, JSON.stringify(pending));
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", new TextEncoder().encode(pending.verifier)));
  const query = new URLSearchParams({
    client_id: settings().clientId,
    response_type: "code",
    redirect_uri: redirectUri(),
    scope: scopeOf(settings().resourceManager),
    state: pending.state,
    code_challenge: base64url(digest),
    code_challenge_method: "S256",
  });
  if (prompt) query.set("prompt", prompt);
  location.replace(`${authority()}/authorize?${query.toString()}`);
  return new Promise<never>(() => undefined);
}

const farewells: (() => Promise<unknown>)[] = [];

/** Adds what is done before a sign-out, while there still is a token. */
export function beforeSignOut(f: () => Promise<unknown>): void {
  farewells.push(f);
}

/** How long a sign-out waits for that. */
const farewellLimit = 2_000;

/** Ends the session here and at the login. */
export async function signOut(): Promise<void> {
  await Promise.race([Promise.allSettled(farewells.map((f) => f())), new Promise((done) => setTimeout(done, farewellLimit))]);
  held.clear();
  refresh = "";
  const query = new URLSearchParams({ post_logout_redirect_uri: location.origin + "/" });
  location.replace(`${authority()}/logout?${query.toString()}`);
}

async function grant(form: Record<string, string>): Promise<Granted> {
  const answer = await fetch(`${authority()}/token`, {
    method: "POST",
    body: new URLSearchParams({ client_id: settings().clientId, ...form }),
  });
  const body = (await answer.json()) as Granted & { error?: string; error_description?: string };
  if (!answer.ok) throw new Error(body.error_description ?? body.error ?? `The login answered ${answer.status}.`);
  return body;
}

function keep(resource: string, g: Granted): string {
  held.set(resource, { value: g.access_token, expires: Date.now() + Number(g.expires_in) * 1000 });
  if (g.refresh_token) refresh = g.refresh_token;
  if (g.id_token) {
    const c = claims(g.id_token);
    const text = (name: string) => (typeof c[name] === "string" ? c[name] : "");
    const username = text("preferred_username") || text("upn") || text("unique_name");
    account = { name: text("name") || username, username, objectId: text("oid"), tenantId: text("tid") };
  }
  return g.access_token;
}

/**
 * Opens the session: redeems the code the login has sent back, or leaves for the login. Returns the path to show.
 * Throws what the login said when it refused.
 */
export async function openSession(): Promise<string> {
  if (location.pathname !== callback) return signIn();
  const query = new URLSearchParams(location.search);
  const stored = sessionStorage.getItem(pendingKey);
  sessionStorage.removeItem(pendingKey);
  const pending = stored ? (JSON.parse(stored) as Pending) : undefined;
  const refused = query.get("error");
  if (refused) throw new Error(query.get("error_description") ?? refused);
  const code = query.get("code");
  if (!code || !pending || query.get("state") !== pending.state) return signIn("", pending?.back ?? "/");
  const resource = settings().resourceManager;
  const granted = await grant({
    grant_type: "authorization_code",
    code,
    redirect_uri: redirectUri(),
    code_verifier: pending.verifier,
    scope: scopeOf(resource),
  });
  keep(resource, granted);
  return pending.back;
}

/** A token for a resource such as settings().graph, from memory or by the refresh token. */
export function tokenFor(resource: string): Promise<string> {
  const have = held.get(resource);
  if (have && have.expires - Date.now() > 60_000) return Promise.resolve(have.value);
  let asking = asked.get(resource);
  if (!asking) {
    asking = grant({ grant_type: "refresh_token", refresh_token: refresh, scope: scopeOf(resource) })
      .then((g) => keep(resource, g), () => signIn())
      .finally(() => asked.delete(resource));
    asked.set(resource, asking);
  }
  return asking;
}

/** Forgets a token that the cloud refused; the next use asks for a new one. */
export function dropToken(resource: string): void {
  held.delete(resource);
}

/** Who is signed in. */
export function whoami(): Account {
  return account ?? { name: "", username: "", objectId: "", tenantId: settings().tenant };
}
