import type { types } from '@slack/bolt';
import type { Incident, Loaded, Remediation } from '../../../core/incident/incident.ts';
import { isSilent } from '../../../core/incident/is-silent.ts';
import { proposals } from '../../../core/incident/transition.ts';
import { changesFlagsOnly, destinationOf } from '../../../core/remediate/plan.ts';
import type { Plan } from '../../../core/remediate/plan.ts';
import { envWords } from '../../../core/recommend/env-words.ts';
import type { Standing } from '../../../core/talk/moment.ts';
import { driftNote } from '../../../core/talk/drift-words.ts';
import { changeWords, stepsWords } from '../../../core/talk/plan-words.ts';
import { counted } from '../../../core/talk/words.ts';
import { formatBytes } from '../../../core/units/quantity.ts';
import { buysWords, sizeWords } from './advice-line.ts';
import { button, buttonValue, confirm, spoken } from './button.ts';
import type { ButtonId } from './button-value.ts';
import { limits } from './fit.ts';
import { followUpButtons } from './follow-up-buttons.ts';
import { silences } from './silence.ts';

/**
 * The buttons of the root: the offered plans (the best is the primary one), one's own value, approve or reject for a
 * request, and acknowledge. What no longer applies has no button. While changes are paused none is the primary one: a click
 * would only be told so.
 */
export function rootButtons(loaded: Loaded, standing: Standing, isPaused: boolean): types.ActionsBlock | null {
  const { incident } = loaded;
  const elements: types.Button[] = [];
  const open = incident.state.is === 'open';
  const asked = [standing.remediation, standing.beside].find((one) => one?.state === 'requested');
  if (asked && open) elements.push(approveButton(incident, asked, !isPaused), rejectButton(incident, asked));
  if (open) {
    const offered = proposals(incident);
    elements.push(...offered.map((one, index) => offerButton(incident, one, index === 0 && !asked && !isPaused)));
    const editable =
      offered.find(({ plan }) => canEdit(incident, plan)) ?? (canEdit(incident, asked?.plan) ? asked : null);
    if (editable) elements.push(button('edit', 'Edit value…', incident, editable));
    elements.push(...followUpButtons(loaded));
  }
  const link = linkButton(incident, [standing.remediation, standing.beside]);
  if (link) elements.push(link);
  if (standing.moment !== 'announced' && canAcknowledge(incident, standing)) elements.push(acknowledgeButton(incident));
  return elements.length === 0 ? null : { type: 'actions', block_id: 'decide', elements };
}

/**
 * The overflow menu beside the headline, with what is always possible. Slack allows at most five options, so
 * acknowledge is only here while it has no button yet, in place of the longer snooze. Whether a silence is over is
 * judged by the time of the last kill, because rendering depends on the stored state alone.
 */
export function rootMenu({ incident, tally }: Loaded, standing: Standing): types.Overflow {
  const open = incident.state.is === 'open';
  const silent = isSilent(incident, tally.lastAt);
  const acknowledge = standing.moment === 'announced' && canAcknowledge(incident, standing);
  const offered = silences.filter(
    ({ word, forMs }) => open && forMs > 0 !== silent && !(acknowledge && word === 'sn8'),
  );
  return {
    type: 'overflow',
    action_id: 'menu',
    options: [
      menuOption('Why?', 'why', incident),
      menuOption('Logs', 'log', incident),
      ...(acknowledge ? [menuOption('Acknowledge', 'ack', incident)] : []),
      ...offered.map(({ text, word }) => menuOption(text, word, incident)),
    ],
  };
}

/** There is nothing left to acknowledge once a fix has held. */
function canAcknowledge({ state, acknowledged }: Incident, { moment }: Standing): boolean {
  return state.is === 'open' && acknowledged === null && moment !== 'held' && moment !== 'overshot';
}

function canEdit({ explained }: Incident, plan: Remediation['plan'] | undefined): boolean {
  const bounds = explained?.bounds ?? null;
  return plan !== undefined && bounds !== null && plan.rollBack === null && destinationOf(plan) === 'cluster';
}

function offerButton(incident: Incident, remediation: Remediation, primary: boolean): types.Button {
  const observe = incident.mode === 'observe' ? ' (observe-only)' : '';
  const [action, words, yes, ask] = offerWords(incident, remediation);
  return {
    ...button(action, `${words}${observe}`, incident, remediation),
    ...(primary ? { style: 'primary' } : {}),
    confirm: confirm(`${ask} ${forWhom(incident)}?`, planWords(incident, remediation), yes),
  };
}

/** `action_id`, what the button says, the word of its confirmation, and how that begins. */
function offerWords(
  incident: Incident,
  { plan }: Remediation,
): readonly [action: ButtonId, words: string, yes: string, ask: string] {
  if (destinationOf(plan) === 'forge')
    return ['open-pr', `Open fix PR (${changeWords(plan)})`, 'Open', `Open a pull request (${changeWords(plan)})`];
  if (plan.rollBack) {
    const words = `Roll back to revision ${plan.rollBack.toRevision}`;
    return ['roll-back', words, 'Roll back', words];
  }
  return ['apply', applyWords(incident, plan), 'Apply', `Apply ${changeWords(plan)}`];
}

export function approveButton(incident: Incident, remediation: Remediation, primary = true): types.Button {
  const observe = incident.mode === 'observe' ? ' (observe-only)' : '';
  return {
    ...button('approve', `Approve${observe}`, incident, remediation),
    ...(primary ? { style: 'primary' } : {}),
    confirm: confirm(
      `Approve ${changeWords(remediation.plan)} ${forWhom(incident)}?`,
      planWords(incident, remediation),
      'Approve',
    ),
  };
}

/** In a thread a dialog asks why, and is the confirmation. */
export function rejectButton(incident: Incident, remediation: Remediation): types.Button {
  return { ...button('reject', 'Reject', incident, remediation), style: 'danger' };
}

/** Where no dialog asks. */
export function rejectConfirm({ plan }: Remediation): types.ConfirmationDialog {
  const text = 'Nothing is changed in the cluster. What can be done stays on offer in its thread.';
  return confirm(`Reject ${plan.id}?`, text, 'Reject');
}

function acknowledgeButton(incident: Incident): types.Button {
  return button('acknowledge', 'Acknowledge', incident, null);
}

/** A link to the open pull request; null if there is none. */
function linkButton(incident: Incident, remediations: readonly (Remediation | null)[]): types.Button | null {
  const request = remediations.find((one) => one?.state === 'applying' && one.pullRequest)?.pullRequest ?? null;
  if (request === null || request.url.length > limits.url) return null;
  const text = `Open PR #${request.number}`;
  return {
    type: 'button',
    action_id: 'view-pr' satisfies ButtonId,
    url: request.url,
    text: { type: 'plain_text', text, emoji: false },
    accessibility_label: spoken(text, incident),
  };
}

/** `Apply 640Mi now`, or `Raise to 640Mi (buys about 6 h)` for a plan that only buys time. */
function applyWords(incident: Incident, plan: Remediation['plan']): string {
  if (plan.env.length > 0) return `Apply ${changeWords(plan)}`;
  const size = plan.to.limitBytes === null ? 'the change' : formatBytes(plan.to.limitBytes);
  if (plan.purpose === 'fix') return `Apply ${size} now`;
  const mitigation = incident.explained?.recommendation.mitigation ?? null;
  const buys = mitigation === null ? null : buysWords(mitigation);
  return buys === null ? `Raise to ${size}` : `Raise to ${size} (${buys})`;
}

function forWhom({ subject }: Incident): string {
  return `for ${subject.workload.name}`;
}

function planWords({ mode, subject }: Incident, { plan }: Remediation): string {
  const whose = `${plan.container} of ${subject.workload.kind} ${subject.namespace ?? '-'}/${subject.workload.name} in ${subject.cluster}`;
  const flags = plan.env.map(envWords).join(' and ');
  const sizes = `Limit ${sizeWords(plan.from)} -> ${sizeWords(plan.to)}${flags === '' ? '' : ` and ${flags}`}`;
  const what = plan.rollBack ? rollBackWords(plan.rollBack) : changesFlagsOnly(plan) ? flags : sizes;
  if (mode === 'observe')
    return `Oomkeeper is observe-only in this cluster: nothing will be changed. The plan was: ${what}, for ${whose}.`;
  const owner = plan.owner === null || destinationOf(plan) === 'forge' ? '' : ` Overrides ${plan.owner}.`;
  return [driftNote(plan), `${what} for ${whose}. ${stepsWords(plan)}${owner}`].join(' ').trimStart();
}

function rollBackWords({ toRevision, template }: NonNullable<Plan['rollBack']>): string {
  const changes = template === null ? '' : ` (${counted(template.changes, 'change')}, all listed in the thread)`;
  return `Roll back to revision ${toRevision}${changes}`;
}

function menuOption(text: string, word: string, incident: Incident): types.PlainTextOption {
  return { text: { type: 'plain_text', text, emoji: false }, value: `${word}|${buttonValue(incident, null)}` };
}
