import type { Incident } from '../../../core/incident/incident.ts';
import { impactWords, severityWords } from '../../../core/notify/impact-words.ts';
import { escapeLine } from './escape.ts';

/** `Impact: 2 of 3 pods ready · 5 restarts in 40 min · severity high · owner team-shop`; null if nothing is known. */
export function impactLine({ impact }: Pick<Incident, 'impact'>): string | null {
  if (impact === null) return null;
  const known = impactWords(impact);
  const parts = [
    ...known,
    ...(known.length === 0 ? [] : [severityWords(impact.severity)]),
    // NOTE: never as a mention: a root that is posted anew would notify them, whatever policy says.
    ...(impact.owner === null ? [] : [`owner ${impact.owner.name}`]),
  ];
  return parts.length === 0 ? null : `*Impact:* ${parts.map(escapeLine).join(' · ')}`;
}

/** `deployed 2 hours ago by argocd-controller (1.4.3, 3f2a1bc)`, in the reader's words for the time; null if nobody knows. */
export function deployedWords({ impact }: Pick<Incident, 'impact'>): string | null {
  const deployed = impact?.deployed ?? null;
  if (deployed === null) return null;
  const { at, version, commit, by } = deployed;
  const what = [version, commit].filter((part) => part !== null).map(escapeLine);
  if (at === null && what.length === 0) return null;
  const when = at === null ? '' : ` ${agoWords(at)}`;
  const who = by === null ? '' : ` by ${escapeLine(by)}`;
  return `deployed${when}${who}${what.length === 0 ? '' : ` (${what.join(', ')})`}`;
}

/** Slack says it anew whenever somebody reads it; older clients show the time. `at` is ms UTC. */
function agoWords(at: number): string {
  const utc = `at ${new Date(at).toISOString().slice(0, 16).replace('T', ' ')} UTC`;
  return `<!date^${Math.floor(at / 1000)}^{ago}|${utc}>`;
}

/** `<https://…|Grafana>` and so on: addresses of the policy, their fields escaped when they were made. */
export function linkWords({ impact }: Pick<Incident, 'impact'>): readonly string[] {
  return (impact?.links ?? []).map(({ name, url }) => `<${url.replaceAll('&', '&amp;')}|${escapeLine(name)}>`);
}
