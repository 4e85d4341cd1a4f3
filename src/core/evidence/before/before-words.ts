import { dayMs, roughDuration } from '../../units/duration.ts';
import { formatBytes } from '../../units/quantity.ts';
import type { ImageTwin, SameImage } from './same-image.ts';
import type { FormerIncident, FormerRaise, SeenBefore } from './seen-before.ts';

/** How many of the newest of each are named. */
const mostNamed = 3;

/** What was done about earlier kills, and whether it held, on one line. `now` is ms UTC. */
export function beforeWords({ incidents, raises }: SeenBefore, now: number): string {
  const earlier =
    incidents.length === 0
      ? []
      : [
          `${incidents.length === 1 ? 'one earlier incident' : `${incidents.length} earlier incidents`}: ${incidents
            .slice(-mostNamed)
            .map((one) => incidentWords(one, now))
            .join(', ')}`,
        ];
  return [...raises.slice(-mostNamed).map((one) => raiseLine(one, now)), ...earlier].join('; ');
}

/**
 * What became of the same image elsewhere, on one line. An incident of another namespace is not named: with its id
 * `/oom why` tells whose limits these are to people who may know its name but not its numbers. `now` is ms UTC.
 */
export function sameImageWords({ repository, twins }: SameImage, now: number): string {
  return `${repository} was killed ${twins.map((one) => twinWords(one, now)).join('; ')}`;
}

function twinWords({ workload, latest, raises }: ImageTwin, now: number): string {
  const where = workload === null ? 'in another namespace' : `in ${workload}`;
  const { ago, said } = toldOf(latest, now, 'another version');
  const last = raises.at(-1);
  const done = last === undefined ? '' : `: ${raiseWords(last)}, ${outcomeWords(last)}`;
  return `${where} ${ago} (${[...(workload === null ? [] : [latest.id]), ...said].join(', ')})${done}`;
}

function raiseLine(raise: FormerRaise, now: number): string {
  return `${raiseWords(raise)} ${roughDuration(now - raise.at)} ago${raise.purpose === 'mitigation' ? ' to buy time' : ''}, ${outcomeWords(raise)}`;
}

function raiseWords({ fromBytes, toBytes }: FormerRaise): string {
  return `raised from ${formatBytes(fromBytes)} to ${formatBytes(toBytes)}`;
}

function outcomeWords({ outcome, lastedMs }: FormerRaise): string {
  switch (outcome) {
    case 'killed-again':
      return `killed again ${roughDuration(lastedMs)} later`;
    case 'put-back':
      return 'put back since';
    case 'held':
      return `not killed there for ${roughDuration(lastedMs)}`;
  }
}

function incidentWords(incident: FormerIncident, now: number): string {
  const { ago, said } = toldOf(incident, now, 'another image');
  return `${ago} (${said.join(', ')})`;
}

function toldOf(
  { at, kills, cause, sameImage }: FormerIncident,
  now: number,
  other: string,
): { readonly ago: string; readonly said: readonly string[] } {
  const ago = now - at < dayMs ? 'within the last day' : `${roughDuration(now - at)} ago`;
  const said = [
    ...(cause === null ? [] : [cause.replaceAll('-', ' ')]),
    kills === 1 ? 'one kill' : `${kills} kills`,
    ...(sameImage === false ? [other] : []),
  ];
  return { ago, said };
}
