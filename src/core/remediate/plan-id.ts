import { shortHash } from '../units/short-hash.ts';

/** The same content has the same id, so that a rejected or failed plan does not come back as a new one. */
export function planId(content: object, spent: ReadonlySet<string>): string {
  for (let attempt = 0; ; attempt += 1) {
    const id = `PLAN-${shortHash(JSON.stringify({ ...content, attempt }), 6)}`;
    if (!spent.has(id)) return id;
  }
}
