import { renderStorm, renderStormContinues } from '../../src/adapters/slack/blocks/storm.ts';
import { renderStormPage } from '../../src/adapters/slack/blocks/storm-page.ts';
import { stormMember } from '../../src/core/incident/storm.ts';
import { placeSchema } from '../../src/core/talk/place.ts';
import { aKill, aLoaded, anExplanation, anImpact, killedAt } from '../fixtures/incidents.ts';
import { sampleOf } from './sample.ts';
import type { Section } from './sample.ts';

const members = Array.from({ length: 40 }, (_, at) => {
  const subject = { ...aKill().subject, namespace: 'tiles', workload: { kind: 'Deployment', name: `tile-${at}` } };
  const trigger = aKill({ subject, node: 'pool-b-1' });
  const explained = at < 30 ? anExplanation() : null;
  const severity = at < 3 ? 'critical' : at < 15 ? 'high' : 'low';
  const impact = at < 30 ? anImpact({ severity, pods: { ready: at < 3 ? 0 : 1, desired: 2 } }) : null;
  return stormMember(aLoaded({ id: `INC-${1000 + at}`, subject, trigger, explained, impact }, (at % 7) + 1), null);
});
const options = { teamUrl: 'https://acme.slack.com/' };
const storm = { id: 'STORM-7F3K2A', openedAt: killedAt, members, moved: null, away: null };

const taken = { acknowledged: 'U024BE7LH', silencedUntil: killedAt + 3_600_000 };
const root = placeSchema.parse('C1/1790000000.000100');
const own = { root, openedBy: 'U024BE7LH' };

export function storms(): Section {
  const page = {
    id: storm.id,
    members: members.slice(0, 20).map((one, at) => (at === 4 ? { ...one, own } : one)),
    page: 'page-1',
  };
  const listed = renderStormPage(page, options);
  return {
    name: 'Storms',
    samples: [
      sampleOf('storm', 'root', renderStorm(storm, options)),
      sampleOf(
        'storm after a downtime',
        'root',
        renderStorm({ ...storm, away: { from: killedAt - 600_000, until: killedAt } }, options),
      ),
      sampleOf(
        'storm that is over',
        'root',
        renderStorm({ ...storm, members: members.map((one) => ({ ...one, open: false })) }, options),
      ),
      sampleOf(
        'storm that somebody took and snoozed',
        'root',
        renderStorm({ ...storm, members: members.map((one) => ({ ...one, ...taken })) }, options),
      ),
      sampleOf('a page of its thread', 'reply', listed),
      sampleOf('the same without tables', 'reply', { ...listed, blocks: listed.classic ?? [] }),
      sampleOf('it continues elsewhere', 'reply', renderStormContinues(storm.id)),
    ],
  };
}
