import { createHash } from 'node:crypto';

export interface Person {
  readonly id: string;
  /** The handle, as in `@amira`. */
  readonly name: string;
  readonly realName: string;
  readonly displayName: string;
  readonly email: string;
  /** Six hexadecimal digits, as Slack gives them. */
  readonly color: string;
  /** Whether the usual policy of a sandbox lets this person approve; who really may is the bot's configuration. */
  readonly mayApprove: boolean;
  /** Absent = a full member of the workspace. */
  readonly standing?: 'guest' | 'single-channel-guest' | 'bot' | 'deactivated';
  /** Of somebody from another workspace, in a channel that both share. */
  readonly teamId?: string;
}

export interface ChannelSeed {
  readonly name: string;
  readonly isPrivate?: boolean;
  readonly isArchived?: boolean;
  /** Whether the bot was invited. Default true. */
  readonly botIsMember?: boolean;
}

/** A user group, as in `@oncall`. */
export interface Group {
  readonly id: string;
  readonly handle: string;
  readonly name: string;
  /** Ids of people. */
  readonly members: readonly string[];
}

/** A slash command that the app has registered. */
export interface SlashCommand {
  readonly command: string;
  /** What Slack's own box does not know and this page completes. */
  readonly subcommands: readonly Subcommand[];
}

export interface Subcommand {
  readonly name: string;
  readonly description: string;
  /** What has to follow, `INC-…` for an incident; absent = nothing. */
  readonly needs?: string;
  /** What may follow. */
  readonly examples?: readonly string[];
}

export interface Workspace {
  readonly team: { readonly id: string; readonly name: string; readonly domain: string };
  readonly people: readonly Person[];
  readonly groups: readonly Group[];
  readonly channels: readonly ChannelSeed[];
  readonly bot: { readonly userId: string; readonly botId: string; readonly appId: string; readonly name: string };
  readonly botToken: string;
  readonly appToken: string;
  readonly signingSecret: string;
  /** Scopes that the bot token was granted. */
  readonly scopes: readonly string[];
  /** Slash commands that the app has registered. */
  readonly commands: readonly SlashCommand[];
  /** Whether the app has turned its Home tab on. */
  readonly homeTab: boolean;
  /** The events that the app has subscribed to. */
  readonly events: readonly string[];
}

/** The id of what has this name: stable over restarts, like `C0QX2M81ZK4`. */
export function idOf(prefix: string, name: string): string {
  const digest = createHash('sha256').update(`${prefix}:${name}`).digest('hex');
  return `${prefix}0${BigInt(`0x${digest}`).toString(36).toUpperCase().slice(0, 9)}`;
}

function person(name: string, realName: string, color: string, mayApprove: boolean): Person {
  const displayName = realName.split(' ')[0] ?? realName;
  return { id: idOf('U', name), name, realName, displayName, email: `${name}@example.com`, color, mayApprove };
}

const grantedScopes = [
  'channels:history',
  'channels:read',
  'chat:write',
  'commands',
  'files:write',
  'groups:history',
  'groups:read',
  'usergroups:read',
  'users:read',
];

const people = [
  person('amira', 'Amira Haddad', '2b7a4b', true),
  person('sam', 'Sam Okafor', '9f69e7', false),
  person('lena', 'Lena Vogt', 'e0a729', false),
];

function group(handle: string, name: string, members: readonly string[]): Group {
  return { id: idOf('S', handle), handle, name, members: members.map((member) => idOf('U', member)) };
}

const scopes = ['prod', 'prod/shop'];

/** What one may type after /oom. */
const oomCommand: SlashCommand = {
  command: '/oom',
  subcommands: [
    { name: 'list', description: 'open incidents', examples: scopes },
    { name: 'top', description: 'who is nearest to the limit, growing, killed most', examples: scopes },
    { name: 'show', description: 'one incident as it is now', needs: 'INC-…' },
    { name: 'why', description: 'the reason and the evidence of an incident', needs: 'INC-…' },
    { name: 'handoff', description: 'what the next shift must know', examples: scopes },
    { name: 'debt', description: 'limits and requests far above what is used', examples: scopes },
    { name: 'status', description: 'how Oomkeeper itself is' },
    { name: 'report', description: 'whether the changes of the last days held', examples: ['7d', '30d', ...scopes] },
    { name: 'test', description: 'a kill to look at: one small pod, marked as a test', examples: scopes },
    { name: 'pause', description: 'the kill switch: nothing is changed any more' },
    { name: 'resume', description: 'approved changes go ahead again' },
    { name: 'help', description: 'the commands, with examples', examples: ['all'] },
  ],
};

/**
 * The workspace that a sandbox starts with: three people, two groups of them, two channels with the bot and one without
 * it.
 */
export function seedWorkspace(changes: Partial<Workspace> = {}): Workspace {
  return {
    team: { id: idOf('T', 'sandbox'), name: 'Sandbox', domain: 'sandbox' },
    people,
    groups: [group('oncall', 'On call', ['amira']), group('shop-team', 'Shop team', ['sam', 'lena'])],
    channels: [{ name: 'oom-alerts' }, { name: 'payments' }, { name: 'general', botIsMember: false }],
    bot: {
      userId: idOf('U', 'oomkeeper'),
      botId: idOf('B', 'oomkeeper'),
      appId: idOf('A', 'oomkeeper'),
      name: 'Oomkeeper',
    },
    botToken: 'xoxb-sandbox-bot-token',
    appToken: 'xapp-sandbox-app-token',
    signingSecret: 'sandbox-signing-secret',
    scopes: grantedScopes,
    commands: [oomCommand],
    homeTab: true,
    events: ['app_home_opened'],
    ...changes,
  };
}
