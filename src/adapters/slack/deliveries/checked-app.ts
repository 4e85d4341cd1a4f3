import { App, type AppOptions, type ReceiverEvent } from '@slack/bolt';
import { Failure } from '../../../core/failure.ts';
import { limitInput } from '../blocks/edit-value.ts';
import type { SlackIdentity } from '../web-client.ts';
import { readDelivery } from './delivery.ts';
import { type Foreign, whyForeign } from './foreign.ts';
import { type TellDeps, tellSender } from './tell-sender.ts';

export interface CheckedOptions extends TellDeps {
  readonly identity: SlackIdentity;
  readonly refused: (reason: Foreign | 'unreadable') => void;
}

const FOREIGN =
  'You are not a member of the Slack workspace that I work in, so I cannot do this for you. Nothing changed. Ask a member of that workspace.';

/**
 * Bolt's App, behind a check of everything that arrives, over sockets and over HTTP alike: what cannot be read is
 * refused, counted and named, and what is not of our workspace is answered with a sentence.
 */
export class CheckedApp extends App {
  readonly #checked: CheckedOptions;

  constructor(options: AppOptions, checked: CheckedOptions) {
    super(options);
    this.#checked = checked;
  }

  /** @throws Failure `chat-unreadable`: without an acknowledgement, so that Slack says to the person that it failed */
  override async processEvent(event: ReceiverEvent): Promise<void> {
    const { log, identity, refused } = this.#checked;
    const delivery = readDelivery(event.body);
    if (delivery.is === 'unused') {
      log.debug({ type: delivery.type }, 'delivery without a listener');
      return event.ack();
    }
    if (delivery.is === 'unreadable') {
      refused('unreadable');
      log.warn({ problem: delivery.problem }, 'delivery that cannot be read');
      throw new Failure('chat-unreadable', `What Slack sent cannot be read (${delivery.problem}).`);
    }
    const { sender } = delivery;
    const foreign = whyForeign(sender, identity);
    if (foreign === null) return super.processEvent({ ...event, body: delivery.body });
    refused(foreign);
    const { user, team, userTeam, enterprise } = sender;
    log.warn({ reason: foreign, user, team, userTeam, enterprise }, 'delivery of another workspace');
    if (delivery.is === 'dialog') return event.ack({ response_action: 'errors', errors: { [limitInput]: FOREIGN } });
    await event.ack();
    if (delivery.is === 'home') return;
    await tellSender(sender, FOREIGN, this.#checked);
  }
}
