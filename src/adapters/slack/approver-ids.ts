import type { ApproverIds } from '../../core/approve/policy.ts';

/** Whom a policy may name: people and user groups. */
export const slackIds: ApproverIds = {
  shape: /^[UWS][A-Z0-9]{2,}$/,
  complaint: 'must be a Slack user id (U…, W…) or user group id (S…)',
  isGroup: (id) => id.startsWith('S'),
};
