import { createHash } from 'node:crypto';

/** Crockford's base32: no I, L, O and U, so that an id survives being read out on the phone. */
const ALPHABET = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';

/** `length` (at most 32) Crockford characters of sha256(text); a shorter one is the prefix of a longer one. */
export function shortHash(text: string, length: number): string {
  const digest = createHash('sha256').update(text).digest();
  return Array.from(digest.subarray(0, length), (byte) => ALPHABET.charAt(byte % ALPHABET.length)).join('');
}
