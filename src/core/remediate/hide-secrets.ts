/** What stands where something is not shown. */
const hidden = '[hidden]';

const secretName = /pass|pwd|secret|token|key|credential|auth|bearer|basic|cookie|dsn/i;
const separators = /([\s"'`,;&?()]+)/;

/**
 * A command line for people, without what may be a secret in it: what follows a name that says so, the user of a URL,
 * and what looks like a random text. Linear in the length of the words.
 */
export function hideSecrets(words: readonly string[]): string[] {
  let isNext = false;
  let before = '';
  return words.map((word) =>
    word
      .split(separators)
      .map((piece, index) => {
        if (index % 2 === 1 || piece === '') return piece;
        const hides = isNext;
        isNext = announces(piece, before);
        before = piece;
        return hides ? hidden : shown(piece);
      })
      .join(''),
  );
}

/** `--password`, `Authorization:`, `Bearer`, and the colon after `"password"`: what comes next is the secret. */
function announces(piece: string, before: string): boolean {
  if (piece === ':' || piece === '=') return secretName.test(before);
  if (!secretName.test(piece)) return false;
  const at = assignment(piece);
  return at === -1 ? piece.startsWith('-') || /^(?:bearer|basic)$/i.test(piece) : at === piece.length - 1;
}

function shown(piece: string): string {
  const at = assignment(piece);
  if (at !== -1 && secretName.test(piece.slice(0, at)))
    return at === piece.length - 1 ? piece : `${piece.slice(0, at + 1)}${hidden}`;
  const host = piece.indexOf('://');
  const user = piece.lastIndexOf('@');
  if (host !== -1 && user > host) return `${piece.slice(0, host + 3)}${hidden}${piece.slice(user)}`;
  return looksRandom(piece.slice(at + 1)) ? `${piece.slice(0, at + 1)}${hidden}` : piece;
}

/** Where the name of `name=value` or `name: value` ends; a URL's scheme is no name. */
function assignment(piece: string): number {
  const equals = piece.indexOf('=');
  if (equals !== -1) return equals;
  const colon = piece.indexOf(':');
  return piece.startsWith('//', colon + 1) ? -1 : colon;
}

function looksRandom(text: string): boolean {
  return text.length >= 20 && /^[A-Za-z0-9+=]+$/.test(text) && /\d/.test(text) && /[A-Za-z]/.test(text);
}
