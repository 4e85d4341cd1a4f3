import { randomBytes } from 'node:crypto';

export type TokenUse<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly reason: 'unknown' | 'expired' | 'used' };

export interface Tokens<T> {
  readonly issue: (value: T) => string;
  readonly use: (token: string) => TokenUse<T>;
}

interface Entry<T> {
  readonly value: T;
  readonly expiresAt: number;
  usesLeft: number;
}

/** Entries kept for telling "used" and "expired" from "unknown". */
const remembered = 5_000;

/**
 * Things that are handed out once and work a few times for a while: trigger ids (1 use, 3 s), socket tickets (1 use),
 * response URLs (5 uses, 30 min). `now` is in ms.
 */
export function createTokens<T>(
  rule: { readonly uses: number; readonly lifeMs: number },
  now: () => number,
): Tokens<T> {
  const entries = new Map<string, Entry<T>>();
  return {
    issue: (value) => {
      const token = randomBytes(12).toString('hex');
      entries.set(token, { value, expiresAt: now() + rule.lifeMs, usesLeft: rule.uses });
      for (const oldest of entries.keys()) {
        if (entries.size <= remembered) break;
        entries.delete(oldest);
      }
      return token;
    },
    use: (token) => {
      const entry = entries.get(token);
      if (entry === undefined) return { ok: false, reason: 'unknown' };
      if (entry.expiresAt <= now()) return { ok: false, reason: 'expired' };
      if (entry.usesLeft === 0) return { ok: false, reason: 'used' };
      entry.usesLeft -= 1;
      return { ok: true, value: entry.value };
    },
  };
}
