import { dayMs, roughDuration } from '../../units/duration.ts';
import { formatBytes } from '../../units/quantity.ts';
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

function raiseLine({ fromBytes, toBytes, at, purpose, outcome, lastedMs }: FormerRaise, now: number): string {
  const what = `raised from ${formatBytes(fromBytes)} to ${formatBytes(toBytes)} ${roughDuration(now - at)} ago${purpose === 'mitigation' ? ' to buy time' : ''}`;
  switch (outcome) {
    case 'killed-again':
      return `${what}, killed again ${roughDuration(lastedMs)} later`;
    case 'put-back':
      return `${what}, put back since`;
    case 'held':
      return `${what}, not killed there for ${roughDuration(lastedMs)}`;
  }
}

function incidentWords({ at, kills, cause, sameImage }: FormerIncident, now: number): string {
  const ago = now - at < dayMs ? 'within the last day' : `${roughDuration(now - at)} ago`;
  const said = [
    ...(cause === null ? [] : [cause.replaceAll('-', ' ')]),
    kills === 1 ? 'one kill' : `${kills} kills`,
    ...(sameImage === false ? ['another image'] : []),
  ];
  return `${ago} (${said.join(', ')})`;
}
