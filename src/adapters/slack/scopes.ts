/** Bot token scopes that the bot needs, and what each is for. deploy/slack/manifest.yaml asks for the same. */
export const botScopes: Readonly<Record<string, string>> = {
  'channels:history': 'to find a thread again after a crash',
  'channels:read': 'to find the channel by its name',
  'chat:write': 'to write',
  commands: 'to hear /oom',
  'files:write': 'to show charts and logs',
  'groups:history': 'to find a thread again in a private channel',
  'groups:read': 'to find a private channel by its name',
  'usergroups:read': 'to know who is in the user groups that the policy names',
  'users:read': 'to tell members from guests and bots, who may not ask for changes',
};

/** Those that a token lacks, each with what it is for. */
export function lackingScopes(granted: readonly string[]): readonly (readonly [scope: string, why: string])[] {
  return Object.entries(botScopes).filter(([scope]) => !granted.includes(scope));
}
