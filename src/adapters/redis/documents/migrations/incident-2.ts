import { z } from 'zod';
import type { Migration } from './migration.ts';

/**
 * A warning was stored beside its container, which was stored as a kill; and the bounds of a value had a field that
 * nobody used.
 */
const schema1 = z.looseObject({
  firstKill: z.looseObject({ kind: z.string() }),
  warning: z.unknown(),
  explained: z.looseObject({ bounds: z.looseObject({ fromRequestBytes: z.unknown() }).nullish() }).nullable(),
});

export const incident2: Migration = {
  kind: 'incident',
  to: 2,
  migrate: (document) => {
    const older = schema1.safeParse(document);
    if (!older.success) return document;
    const { firstKill, warning, ...rest } = older.data;
    delete rest.explained?.bounds?.fromRequestBytes;
    return { ...rest, trigger: firstKill.kind === 'ahead' ? { ...firstKill, warning } : firstKill };
  },
};
