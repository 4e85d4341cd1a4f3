/** Errors of the network before anything was sent. All others may come after the other side had the request. */
const unsentCodes: readonly string[] = [
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'UND_ERR_CONNECT_TIMEOUT',
];
/** Codes of Node and its libraries; the vendors' own, which wrap them, are in small letters. */
const nodeCode = /^[A-Z][A-Z0-9_]*$/;
const deepest = 6;

/** The innermost network code of an error, following its causes; null where there is none. */
export function networkCode(error: unknown): string | null {
  let current: unknown = error;
  let found: string | null = null;
  for (let depth = 0; depth < deepest && current instanceof Error; depth += 1) {
    if ('code' in current && typeof current.code === 'string' && nodeCode.test(current.code)) found = current.code;
    current = current.cause;
  }
  return found;
}

/** Whether nothing was sent, so that the same may be sent again without looking. */
export function isUnsent(code: string): boolean {
  return unsentCodes.includes(code);
}
