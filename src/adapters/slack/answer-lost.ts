import { readDelivery } from './deliveries/delivery.ts';
import { type TellDeps, tellSender } from './deliveries/tell-sender.ts';

const LOST = 'Something went wrong on my side, and I do not know whether this was recorded. Please try again.';

/** The last resort if a listener throws: tells the person that it was not done. Never throws. */
export async function answerLost(error: Error, body: object, deps: TellDeps): Promise<void> {
  deps.log.error({ error }, 'listener failed');
  const delivery = readDelivery(body);
  if (delivery.is === 'click' || delivery.is === 'command') await tellSender(delivery.sender, LOST, deps);
}
