import { type Choice, chosenAction } from './actions.ts';
import { apiMessage } from '../web-api/api-message.ts';
import { type InteractionContext, verificationToken } from './interaction-context.ts';
import { defined } from '../json.ts';
import type { Channel } from '../message-store.ts';
import type { Responses } from '../deliver/responses.ts';
import type { Person } from '../workspace.ts';

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
  | { readonly ok: true; readonly ack: { readonly ms: number } }
  | { readonly ok: false; readonly error: string };

export interface Interactions {
  readonly command: (request: CommandRequest) => Promise<InteractionResult>;
  readonly click: (request: ClickRequest) => Promise<InteractionResult>;
}

/** What people do in channels, sent to the app as Slack sends it; what they then see when nobody answers. */
export function createInteractions(context: InteractionContext, responses: Responses): Interactions {
  const { channelOf, deliver, nextActionTs, personOf, who, world } = context;
  const { bot, team } = world.workspace;

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
      if (!world.workspace.commands.some((known) => known.command === command)) {
        return { ok: false, error: 'invalid_command' };
      }
      const place = { user: person.id, channel: channel.id };
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
        response_url: responses.issueUrl(place),
        trigger_id: world.triggers.issue({ user: person.id }),
      };
      const ack = await deliver('slash_commands', payload);
      if (ack.outcome !== 'acknowledged') {
        tellFailure(person, channel, `${command} failed with the error "${ack.outcome}"`);
        return { ok: false, error: ack.outcome };
      }
      if (Object.keys(ack.payload).length > 0) {
        world.log.error({ command, answer: ack.payload }, 'this Slack does not cover answers in the acknowledgement');
      }
      return { ok: true, ack: { ms: ack.ms } };
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
      const { action, blocks } = chosen;
      const ephemeral = message.onlyFor !== undefined;
      const payload = defined({
        type: 'block_actions',
        ...who(person),
        container: defined({
          type: 'message',
          message_ts: message.ts,
          channel_id: channel.id,
          is_ephemeral: ephemeral,
          thread_ts: message.threadTs,
        }),
        channel: { id: channel.id, name: channel.name },
        // NOTE: Slack keeps no ephemeral messages and so can't send them along.
        message: ephemeral ? undefined : { ...apiMessage(world, message, 'all'), blocks },
        state: { values: {} },
        response_url: responses.issueUrl({ user: person.id, channel: channel.id, ts: message.ts }),
        actions: [action],
      });
      const ack = await deliver('interactive', payload);
      return ack.outcome === 'acknowledged' ? { ok: true, ack: { ms: ack.ms } } : { ok: false, error: ack.outcome };
    },
  };
}
