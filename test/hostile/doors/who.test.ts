import { expect, test } from 'vitest';
import type { Sender } from '../../../src/adapters/slack/deliveries/delivery.ts';
import { whyForeign } from '../../../src/adapters/slack/deliveries/foreign.ts';
import { standingOf } from '../../../src/adapters/slack/standing-of.ts';

const alone = { botUserId: 'U0BOT', botId: 'B1', teamId: 'T1', enterpriseId: null, warnings: [], teamUrl: null };
const inGrid = { ...alone, enterpriseId: 'E1' };
const member = { id: 'U1', team_id: 'T1', deleted: false, is_bot: false, is_restricted: false };
const ofTeams = (...teams: string[]) => ({ ...member, team_id: 'E1', enterprise_user: { id: 'W1', teams } });

test.each([
  ['a member', member, 'member'],
  ['a guest', { ...member, is_restricted: true }, 'guest'],
  ['a guest of one channel alone', { ...member, is_ultra_restricted: true }, 'guest'],
  ['a guest who is deactivated', { ...member, is_restricted: true, deleted: true }, 'deactivated'],
  ['an app', { ...member, is_bot: true }, 'bot'],
  ['a workflow', { ...member, is_workflow_bot: true }, 'bot'],
  ['a connector', { ...member, is_connector_bot: true }, 'bot'],
  ['this bot', { ...member, id: 'U0BOT' }, 'bot'],
  ['Slackbot, which Slack calls no bot', { ...member, id: 'USLACKBOT' }, 'bot'],
  ['somebody of a connected workspace', { ...member, team_id: 'T2' }, 'elsewhere'],
  ['a stranger', { ...member, is_stranger: true }, 'elsewhere'],
  ['somebody of whom Slack says no workspace', { id: 'U1' }, 'elsewhere'],
  ['somebody of two workspaces of an organisation', ofTeams('T1', 'T2'), 'member'],
  ['somebody of another workspace of it', ofTeams('T2'), 'elsewhere'],
])('%s is told by what Slack says', (_, user, standing) => {
  expect(standingOf(user, alone)).toBe(standing);
});

const here: Sender = {
  user: 'U1',
  userTeam: 'T1',
  team: 'T1',
  enterprise: null,
  isOrgInstall: false,
  channel: 'C1',
  thread: null,
  responseUrl: null,
  triggerId: null,
};

test.each([
  ['our workspace', here, alone, null],
  ['our workspace in our organisation', { ...here, enterprise: 'E1' }, inGrid, null],
  [
    'our organisation, by somebody whose own workspace is another',
    { ...here, enterprise: 'E1', userTeam: 'T2' },
    inGrid,
    null,
  ],
  ['a shared channel, by somebody of another organisation', { ...here, userTeam: 'T2' }, inGrid, 'other-workspace'],
  ['another workspace of our organisation', { ...here, team: 'T2', enterprise: 'E1' }, inGrid, 'other-workspace'],
  ['another organisation', { ...here, enterprise: 'E2' }, inGrid, 'other-enterprise'],
  ['an organisation, and ours is in none', { ...here, enterprise: 'E1' }, alone, 'other-enterprise'],
  ['an installation for all of an organisation', { ...here, isOrgInstall: true }, inGrid, 'org-install'],
])('what comes from %s is known as such', (_, sender, ours, why) => {
  expect(whyForeign(sender, ours)).toBe(why);
});
