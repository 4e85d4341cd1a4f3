/** A part that is shorter than this would be found in words that give nothing away. */
const shortestPart = 4;
const shortestPemLine = 16;

const login = /^[a-z][a-z0-9+.-]*:\/\/([^/?#]*)@/i;
const secretName = /pass|secret|token|key|sig/i;

/**
 * What of a configured secret has to be hidden where it stands alone, because clients and error messages show parts:
 * password and secret parameters of a URL (several hosts or one, encoded or not), and each line of a key in PEM.
 */
export function secretParts(secret: string): readonly string[] {
  const urls = [...passwordsOf(secret), ...parametersOf(secret)].flatMap((part) => [part, decoded(part)]);
  const found = [...urls.filter((part) => part.length >= shortestPart), ...pemLinesOf(secret)];
  return [...new Set(found)];
}

/** Whether a URL carries a login, so that it is a secret whatever it is for. */
export function hasLogin(url: string): boolean {
  return login.test(url);
}

/** A user without a password is a token, as in `https://TOKEN@host`. */
function passwordsOf(url: string): readonly string[] {
  const info = login.exec(url)?.[1];
  if (info === undefined) return [];
  const colon = info.indexOf(':');
  const password = colon === -1 ? '' : info.slice(colon + 1);
  return [password === '' ? info.replace(/:$/, '') : password];
}

function parametersOf(url: string): readonly string[] {
  if (!/^[a-z][a-z0-9+.-]*:\/\//i.test(url)) return [];
  const query = /\?([^#]*)/.exec(url)?.[1] ?? '';
  return query.split('&').flatMap((pair) => {
    const sign = pair.indexOf('=');
    return secretName.test(pair.slice(0, sign)) ? [pair.slice(sign + 1)] : [];
  });
}

function pemLinesOf(secret: string): readonly string[] {
  if (!secret.includes('-----BEGIN')) return [];
  return secret
    .split(/\r?\n|\\n/)
    .map((line) => line.trim())
    .filter((line) => line.length >= shortestPemLine && !line.startsWith('-----'));
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
