import type { types } from '@slack/bolt';
import { followable, followerOf } from '../../../core/incident/follow-up.ts';
import type { Loaded, Remediation, Tally } from '../../../core/incident/incident.ts';
import { underWay } from '../../../core/incident/transition.ts';
import { limitAt } from '../../../core/kill/kill.ts';
import { reversed } from '../../../core/recommend/env-change.ts';
import { envWords } from '../../../core/recommend/env-words.ts';
import { destinationOf } from '../../../core/remediate/plan.ts';
import { changeWords, meansWords } from '../../../core/talk/plan-words.ts';
import { formatBytes } from '../../../core/units/quantity.ts';
import { button, confirm } from './button.ts';

/**
 * What can be done with the latest change, as long as it is in the cluster: make it permanent, where only the running pods
 * have it and no pull request offers the same, and undo it.
 */
export function followUpButtons({ incident, tally }: Pick<Loaded, 'incident' | 'tally'>): types.Button[] {
  const temporary = followable(incident, 'make-permanent');
  const done = followable(incident, 'undo');
  const isFree = ({ plan }: Remediation): boolean => followerOf(incident, plan.id) === null;
  const toForge = incident.remediations.some(
    (one) => destinationOf(one.plan) === 'forge' && (one.state === 'proposed' || underWay(incident).includes(one)),
  );
  return [
    ...(temporary && isFree(temporary) && !toForge
      ? [
          {
            ...button('make-permanent', 'Make permanent', incident, temporary),
            confirm: confirm('Make it permanent?', permanentWords(temporary), 'Make permanent'),
          },
        ]
      : []),
    ...(done && isFree(done)
      ? [
          {
            ...button('undo', 'Undo', incident, done),
            confirm: confirm(`Undo ${done.plan.id}?`, undoWords(done, tally), 'Undo'),
          },
        ]
      : []),
  ];
}

/** `Sets the limit of app back to 192Mi by in-place resize of the running pods; it was killed 5 times there.` */
function undoWords({ plan, means }: Remediation, tally: Tally): string {
  if (plan.rollBack)
    return `Rolls forward again to the template that was replaced by revision ${plan.rollBack.toRevision}; a rolling restart follows.`;
  if (means === 'pull-request')
    return 'Opens a pull request that puts the lines of the file back as they were. Nothing changes before it is merged.';
  const { limitBytes } = plan.from;
  const flags = plan.env.map((one) => envWords(reversed(one)));
  const what = [
    ...(limitBytes === null || limitBytes === plan.to.limitBytes
      ? []
      : [`the limit of ${plan.container} back to ${formatBytes(limitBytes)}`]),
    ...(flags.length === 0 ? [] : [`the flags of ${plan.container} back (${flags.join('; ')})`]),
  ].join(' and ');
  const how = means === null ? '' : ` by ${meansWords(means, plan.workload)}`;
  const kills = tally.recent.filter((kill) => limitAt(kill) === limitBytes).length;
  const killed = kills === 0 ? '' : `; it was killed ${kills === 1 ? 'once' : `${kills} times`} there`;
  return `Sets ${what}${how}${killed}.`;
}

function permanentWords({ plan }: Remediation): string {
  const where = plan.workload === null ? '' : ` of ${plan.workload.kind} ${plan.workload.name}`;
  return `Writes ${changeWords(plan)} to where the pods${where} are made from, so that the next rollout keeps it: a pull request where the source file is known, else a new pod template, with a rolling restart.${plan.owner === null ? '' : ` Overrides ${plan.owner}.`}`;
}
