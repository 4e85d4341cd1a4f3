import { z } from 'zod';
import { defaulted } from './about-variable.ts';
import { duration, interval, list, waitingTime } from './shapes.ts';

/** What may be changed, by whom, and how long each part of a change may take. */
export const changeVariables = {
  OOMKEEPER_MODE: defaulted(z.enum(['observe', 'act'], 'must be observe or act'), {
    group: 'option',
    meaning: 'observe = nothing is ever written to a cluster; act = approved plans are carried out.',
    fallback: 'observe',
    example: 'act',
    readBy: ['worker'],
  }),
  OOMKEEPER_APPROVERS: defaulted(
    list.pipe(
      z.array(z.string().regex(/^[UW][A-Z0-9]{2,}$/, 'must be Slack user ids (U… or W…), separated by commas')),
    ),
    {
      group: 'option',
      meaning: 'Slack user ids of the people who may approve changes, separated by commas. Empty = nobody may.',
      fallback: '',
      example: 'U024BE7LH,U0G9QF9C6',
      readBy: ['worker'],
    },
  ),
  OOMKEEPER_POLICY: defaulted(z.string(), {
    group: 'option',
    meaning:
      'Policy file (YAML): who may approve what, which channel gets which threads, and more (docs/policy.md). Replaces OOMKEEPER_APPROVERS.',
    fallback: '',
    example: '/etc/oomkeeper/policy.yaml',
    readBy: ['worker', 'bot'],
  }),
  OOMKEEPER_APPROVAL_TTL: defaulted(waitingTime, {
    group: 'limit',
    meaning: 'How long a request may wait for an approval.',
    fallback: '1h',
    example: '1h',
    readBy: ['worker'],
  }),
  OOMKEEPER_CHANGE_TTL: defaulted(waitingTime, {
    group: 'limit',
    meaning: 'How long after its approval a change may still be made; a longer pause or outage ends it.',
    fallback: '15m',
    example: '15m',
    readBy: ['worker'],
  }),
  OOMKEEPER_CONFIRM_TIMEOUT: defaulted(interval, {
    group: 'limit',
    meaning: 'How long a change may take to show up in the cluster; after that its alternative is tried.',
    fallback: '5m',
    example: '5m',
    readBy: ['worker'],
  }),
  OOMKEEPER_SYNC_TIMEOUT: defaulted(duration, {
    group: 'limit',
    meaning: 'How long a merged pull request may take to show up in the cluster.',
    fallback: '30m',
    example: '30m',
    readBy: ['worker'],
  }),
  OOMKEEPER_VERIFY_AFTER: defaulted(duration, {
    group: 'limit',
    meaning: 'How long after a change its result is checked for the first time; it is watched at least this long.',
    fallback: '15m',
    example: '15m',
    readBy: ['worker'],
  }),
};
