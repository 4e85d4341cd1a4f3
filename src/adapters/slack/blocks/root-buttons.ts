import type { types } from '@slack/bolt';
import type { Incident, Remediation } from '../../../core/incident/incident.ts';
import { meansWords } from '../../../core/incident/entry.ts';
import type { Standing } from '../../../core/talk/moment.ts';
import { formatBytes } from '../../../core/units/quantity.ts';
import { buysWords, sizeWords } from './advice-line.ts';
import { encodeButtonValue } from './button-value.ts';
import { plainText } from './escape.ts';
import { fit, limits } from './fit.ts';

/** Where the buttons of the root come from; `action_id`s are the words that requests use. */
export function rootButtons(incident: Incident, standing: Standing): types.ActionsBlock | null {
  const { moment, remediation } = standing;
  const elements: types.Button[] = [];
  if (remediation !== null && moment === 'proposed') elements.push(applyButton(incident, remediation));
  if (remediation !== null && moment === 'requested') {
    elements.push(approveButton(incident, remediation), rejectButton(incident, remediation));
  }
  if (moment !== 'announced' && canAcknowledge(incident)) elements.push(acknowledgeButton(incident));
  return elements.length === 0 ? null : { type: 'actions', block_id: 'decide', elements };
}

/** The overflow menu beside the headline: what can be asked for at any moment. */
export function rootMenu(incident: Incident): types.Overflow {
  const why = menuOption('Why?', 'why', incident);
  const acknowledge = menuOption('Acknowledge', 'ack', incident);
  return {
    type: 'overflow',
    action_id: 'menu',
    options: canAcknowledge(incident) ? [why, acknowledge] : [why],
  };
}

function canAcknowledge({ state, acknowledged }: Incident): boolean {
  return state.is === 'open' && acknowledged === null;
}

function applyButton(incident: Incident, remediation: Remediation): types.Button {
  const observe = incident.mode === 'observe';
  return {
    ...button(
      'apply',
      `${applyWords(incident, remediation)}${observe ? ' (observe-only)' : ''}`,
      incident,
      remediation,
    ),
    style: 'primary',
    confirm: confirm(`Apply ${remediation.plan.id}?`, planWords(incident, remediation), 'Apply'),
  };
}

function approveButton(incident: Incident, remediation: Remediation): types.Button {
  const observe = incident.mode === 'observe' ? ' (observe-only)' : '';
  return {
    ...button('approve', `Approve${observe}`, incident, remediation),
    style: 'primary',
    confirm: confirm(`Approve ${remediation.plan.id}?`, planWords(incident, remediation), 'Approve'),
  };
}

function rejectButton(incident: Incident, remediation: Remediation): types.Button {
  const text = `Nothing is changed in the cluster, and ${remediation.plan.id} is not offered again.`;
  return {
    ...button('reject', 'Reject', incident, remediation),
    style: 'danger',
    confirm: confirm(`Reject ${remediation.plan.id}?`, text, 'Reject'),
  };
}

function acknowledgeButton(incident: Incident): types.Button {
  return button('acknowledge', 'Acknowledge', incident, null);
}

/** `Apply 640Mi now`, or `Raise to 640Mi (buys about 6 h)` for what only buys time. */
function applyWords(incident: Incident, { plan }: Remediation): string {
  const size = plan.to.limitBytes === null ? 'the change' : formatBytes(plan.to.limitBytes);
  if (plan.purpose === 'fix') return `Apply ${size} now`;
  const mitigation = incident.explained?.recommendation.mitigation ?? null;
  const buys = mitigation === null ? null : buysWords(mitigation);
  return buys === null ? `Raise to ${size}` : `Raise to ${size} (${buys})`;
}

function planWords({ mode, subject }: Incident, { plan }: Remediation): string {
  const whose = `${plan.container} of ${subject.workload.kind} ${subject.namespace ?? '-'}/${subject.workload.name} in ${subject.cluster}`;
  if (mode === 'observe') {
    return `Oomkeeper is observe-only in this cluster: nothing will be changed. The plan was: limit ${sizeWords(plan.from)} -> ${sizeWords(plan.to)} for ${whose}.`;
  }
  const how = plan.means.map((means) => meansWords(means, plan.workload)).join('; if that is not seen to work: ');
  const owner = plan.owner === null ? '' : ` Overrides ${plan.owner}.`;
  return `Limit ${sizeWords(plan.from)} -> ${sizeWords(plan.to)}: ${how}.${owner} For ${whose}.`;
}

function button(action: string, text: string, incident: Incident, remediation: Remediation | null): types.Button {
  return {
    type: 'button',
    action_id: action,
    text: { type: 'plain_text', text: fit(plainText(text), limits.buttonText), emoji: false },
    value: buttonValue(incident, remediation),
  };
}

function menuOption(text: string, word: 'why' | 'ack', incident: Incident): types.PlainTextOption {
  return { text: { type: 'plain_text', text, emoji: false }, value: `${word}|${buttonValue(incident, null)}` };
}

function buttonValue({ id, version, subject }: Incident, remediation: Remediation | null): string {
  return encodeButtonValue({ cluster: subject.cluster, incident: id, plan: remediation?.plan.id ?? null, version });
}

function confirm(title: string, text: string, yes: string): types.ConfirmationDialog {
  return {
    title: { type: 'plain_text', text: fit(title, limits.confirmTitle), emoji: false },
    text: { type: 'plain_text', text: fit(plainText(text), limits.confirmText), emoji: false },
    confirm: { type: 'plain_text', text: fit(yes, limits.confirmButton), emoji: false },
    deny: { type: 'plain_text', text: 'Cancel', emoji: false },
  };
}
