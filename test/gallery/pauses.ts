import { renderPauseChange } from '../../src/adapters/slack/blocks/pause-change.ts';
import { renderRoot } from '../../src/adapters/slack/blocks/root.ts';
import type { PauseChange } from '../../src/core/approve/pause-change.ts';
import { anIncident, aLoaded, aPlan } from '../fixtures/incidents.ts';
import { after, amira, eventsOf, walked } from './events.ts';
import { sampleOf } from './sample.ts';
import type { Section } from './sample.ts';

const pause = { by: amira, at: after(1), reason: 'release freeze' };
const changes: Readonly<Record<PauseChange['what'], PauseChange>> = {
  paused: { ...pause, what: 'paused' },
  'reason-changed': { ...pause, what: 'reason-changed', reason: 'the release takes longer' },
  resumed: { ...pause, what: 'resumed', reason: '' },
};

/** What is said while nothing may be changed. */
export function pauses(): Section {
  const { explained, requested } = eventsOf(aPlan());
  const of = (...events: Parameters<typeof walked>[1]) => ({ ...aLoaded(), incident: walked(anIncident(), events) });
  return {
    name: 'Pauses',
    samples: [
      ...Object.values(changes).map((change) => sampleOf(change.what, 'root', renderPauseChange('prod', change))),
      sampleOf('proposed while paused', 'root', renderRoot(of(explained), pause)),
      sampleOf('requested while paused', 'root', renderRoot(of(explained, requested), pause)),
    ],
  };
}
