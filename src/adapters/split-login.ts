/**
 * Splits the login off a URL, since fetch refuses URLs with one.
 * @returns the address without login, query and slashes at its end; and the header for the login, null without one
 */
export function splitLogin(url: string): { readonly base: string; readonly authorization: string | null } {
  const { origin, pathname, username, password } = new URL(url);
  const login = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`;
  return {
    base: `${origin}${pathname}`.replace(/(?<!\/)\/+$/, ''),
    authorization: login === ':' ? null : `Basic ${Buffer.from(login).toString('base64')}`,
  };
}
