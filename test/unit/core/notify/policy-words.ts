import { slackIds } from '../../../../src/adapters/slack/approver-ids.ts';
import { policyFileSchema } from '../../../../src/core/approve/policy.ts';
import type { PolicyFile } from '../../../../src/core/approve/policy.ts';

/** A policy file with these parts. */
export function policyOf(parts: unknown = {}): PolicyFile {
  return policyFileSchema(slackIds).parse(parts);
}

/** What is wrong with it, one complaint a line: `notify.0.levels.0.who.0: must be …`. */
export function complaintsOf(parts: unknown): readonly string[] {
  const parsed = policyFileSchema(slackIds).safeParse(parts);
  return (parsed.error?.issues ?? []).map(({ path, message }) => `${path.join('.')}: ${message}`);
}
