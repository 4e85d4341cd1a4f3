import { parseArgs } from 'node:util';
import { parseDuration } from '../../core/units/duration.ts';
import { wrongUsage } from '../command-line/wrong-usage.ts';

export interface AuditOptions {
  readonly json: boolean;
  /** ms before now. */
  readonly sinceMs: number;
  /** Null = all of them. */
  readonly cluster: string | null;
}

export const auditHelp = `Prints every decision and deed: who asked, who approved or was refused, what was changed, how it came out.

Usage: oomkeeper audit [--since DURATION] [--cluster NAME] [--json]

  --since DURATION  how far back, like 90m, 24h or 7d (default 7d; at most the last 20 000 lines of each cluster)
  --cluster NAME    only this cluster (default: all that Redis knows)
  --json            one JSON object a line: at (ms UTC), cluster, incident, subject, what, plan, by, text

Oldest first, over all clusters. It reads Redis (REDIS_URL) and nothing else.

Exit code: 0, or 1 when Redis cannot be read or has no such cluster, or 2 for a wrong command line.

Examples:
  npm run -s oomkeeper -- audit
  npm run -s oomkeeper -- audit --since 24h --cluster prod --json
`;

const options = {
  json: { type: 'boolean', default: false },
  since: { type: 'string', default: '7d' },
  cluster: { type: 'string' },
} as const;

/** @throws Failure('usage') */
export function auditOptions(args: readonly string[]): AuditOptions {
  try {
    const { json, since, cluster = null } = parseArgs({ args: [...args], options }).values;
    return { json, sinceMs: parseDuration(since), cluster };
  } catch (error) {
    throw wrongUsage('audit', { args, options: Object.keys(options).map((name) => `--${name}`) }, error);
  }
}
