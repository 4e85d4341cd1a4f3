/** What somebody is in the chat's workspace that we work in. */
export type Standing = 'member' | 'guest' | 'bot' | 'deactivated' | 'elsewhere';

const refusals: Readonly<Record<Exclude<Standing, 'member'>, string>> = {
  guest: 'Guests of this workspace cannot ask for changes, approve or silence anything. Nothing changed. Ask a member.',
  bot: 'Bots cannot ask for changes, approve or silence anything. Nothing changed.',
  deactivated: 'Your account is deactivated, so you cannot ask for changes or approve. Nothing changed.',
  elsewhere:
    'You are not a member of the workspace that I work in, so you cannot ask for changes or approve. Nothing changed. Ask a member of it.',
};

/**
 * Why somebody may neither ask for a change nor decide about one, whatever policy names them for; null for a member.
 * Acknowledging, silencing and pausing count: they change what others get to see and what may be done.
 */
export function whyMayNotAsk(standing: Standing): string | null {
  return standing === 'member' ? null : refusals[standing];
}
