import { randomUUID } from 'node:crypto';
import { type Choice, chosenAction, stateOf } from './actions.ts';
import { apiMessage } from './api-message.ts';
import { defined, type JsonObject } from './json.ts';
import type { Log } from './log.ts';
import type { Channel, Message } from './message-store.ts';
import type { World } from './method.ts';
import { Refusal } from './refusal.ts';
import type { Responses } from './responses.ts';
import type { Acknowledgement, SocketMode } from './socket-mode.ts';
import type { Tokens } from './tokens.ts';
import type { Person } from './workspace.ts';

/** People and channels are given by id or by name (`amira`, `#oom-alerts`). */
export interface CommandRequest {
  readonly user: string;
  readonly channel: string;
  /** The whole line: `/oom list`. */
  readonly text: string;
}

export interface ClickRequest extends Choice {
  readonly user: string;
  readonly channel: string;
  readonly ts: string;
}

export type InteractionResult =
  | {
      readonly ok: true;
      readonly ack: { readonly ms: number; readonly body?: JsonObject };
      /** What the acknowledgement itself said. */
      readonly response?: { readonly ts: string; readonly text: string; readonly visible: 'ephemeral' | 'in_channel' };
    }
  | { readonly ok: false; readonly error: string };

export interface Interactions {
  readonly command: (request: CommandRequest) => Promise<InteractionResult>;
  readonly click: (request: ClickRequest) => Promise<InteractionResult>;
  /** Sends an event (`{type: 'app_home_opened', …}`) through the Events API. */
  readonly event: (event: JsonObject) => Promise<Acknowledgement>;
}

export interface InteractionParts {
  readonly world: World;
  readonly sockets: SocketMode;
  readonly responses: Responses;
  readonly triggers: Tokens<Person>;
  readonly log: Log;
}

const verificationToken = 'sandbox-verification-token';

/** What people do, sent to the app as Slack sends it; what they then see when nobody answers. */
export function createInteractions({ world, sockets, responses, triggers, log }: InteractionParts): Interactions {
  const { bot, people, team } = world.workspace;
  const personOf = (named: string): Person | undefined =>
    people.find((person) => person.id === named || person.name === named.replace(/^@/, ''));
  const channelOf = (named: string): Channel | undefined =>
    world.store.channels().find((channel) => channel.id === named || channel.name === named.replace(/^#/, ''));

  /** Unique, as Slack's are: two clicks in one millisecond are two clicks. */
  let lastActionMicros = 0;
  function nextActionTs(): string {
    lastActionMicros = Math.max(world.now() * 1000, lastActionMicros + 1);
    return (lastActionMicros / 1e6).toFixed(6);
  }

  function tellFailure(person: Person, channel: Channel, text: string): void {
    world.store.post({ channel: channel.id, user: 'USLACKBOT', text, blocks: [], onlyFor: person.id });
  }

  return {
    command: async (request) => {
      const person = personOf(request.user);
      const channel = channelOf(request.channel);
      const [command = '', ...rest] = request.text.trim().split(/\s+/);
      if (person === undefined) return { ok: false, error: 'user_not_found' };
      if (channel === undefined) return { ok: false, error: 'channel_not_found' };
      if (!world.workspace.commands.includes(command)) return { ok: false, error: 'invalid_command' };
      const context = { user: person.id, channel: channel.id };
      const payload = {
        token: verificationToken,
        team_id: team.id,
        team_domain: team.domain,
        channel_id: channel.id,
        channel_name: channel.name,
        user_id: person.id,
        user_name: person.name,
        command,
        text: rest.join(' '),
        api_app_id: bot.appId,
        is_enterprise_install: 'false',
        response_url: responses.issueUrl(context),
        trigger_id: triggers.issue(person),
      };
      const ack = await sockets.deliver('slash_commands', payload);
      if (ack.outcome !== 'acknowledged') {
        tellFailure(person, channel, `${command} failed with the error "${ack.outcome}"`);
        return { ok: false, error: ack.outcome };
      }
      if (Object.keys(ack.payload).length === 0) return { ok: true, ack: { ms: ack.ms } };
      try {
        const message = responses.apply(context, ack.payload);
        return { ok: true, ack: { ms: ack.ms, body: ack.payload }, ...seen(message) };
      } catch (error) {
        if (!(error instanceof Refusal)) throw error;
        log.error(
          { command, error: error.code, ...error.extra },
          'Slack can not show what a command was answered with',
        );
        tellFailure(person, channel, `${command} failed with the error "invalid_command_response"`);
        return { ok: false, error: error.code };
      }
    },

    click: async (request) => {
      const person = personOf(request.user);
      const channel = channelOf(request.channel);
      if (person === undefined) return { ok: false, error: 'user_not_found' };
      if (channel === undefined) return { ok: false, error: 'channel_not_found' };
      const message = world.store.find(channel.id, request.ts);
      if (message === undefined || (message.onlyFor !== undefined && message.onlyFor !== person.id)) {
        return { ok: false, error: 'message_not_found' };
      }
      const chosen = chosenAction(message, request, nextActionTs());
      if (!chosen.ok) return chosen;
      const ephemeral = message.onlyFor !== undefined;
      const payload = defined({
        type: 'block_actions',
        user: { id: person.id, username: person.name, name: person.name, team_id: team.id },
        api_app_id: bot.appId,
        token: verificationToken,
        container: defined({
          type: 'message',
          message_ts: message.ts,
          channel_id: channel.id,
          is_ephemeral: ephemeral,
          thread_ts: message.threadTs,
        }),
        trigger_id: triggers.issue(person),
        team: { id: team.id, domain: team.domain },
        enterprise: null,
        is_enterprise_install: false,
        channel: { id: channel.id, name: channel.name },
        // NOTE: Slack keeps no ephemeral messages and so can't send them along.
        message: ephemeral ? undefined : { ...apiMessage(world, message, 'all'), blocks: chosen.blocks },
        state: stateOf(chosen.blocks, chosen.action),
        response_url: responses.issueUrl({ user: person.id, channel: channel.id, original: message }),
        actions: [chosen.action],
      });
      const ack = await sockets.deliver('interactive', payload);
      return ack.outcome === 'acknowledged' ? { ok: true, ack: { ms: ack.ms } } : { ok: false, error: ack.outcome };
    },

    event: async (event) =>
      sockets.deliver('events_api', {
        token: verificationToken,
        team_id: team.id,
        api_app_id: bot.appId,
        event,
        type: 'event_callback',
        event_id: `Ev${randomUUID().replaceAll('-', '').slice(0, 10).toUpperCase()}`,
        event_time: Math.floor(world.now() / 1000),
        authorizations: [
          { enterprise_id: null, team_id: team.id, user_id: bot.userId, is_bot: true, is_enterprise_install: false },
        ],
        is_ext_shared_channel: false,
      }),
  };
}

function seen(message: Message | undefined): {
  response?: { ts: string; text: string; visible: 'ephemeral' | 'in_channel' };
} {
  if (message === undefined) return {};
  const visible = message.onlyFor === undefined ? 'in_channel' : 'ephemeral';
  return { response: { ts: message.ts, text: message.text, visible } };
}
