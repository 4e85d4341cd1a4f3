import type { types } from '@slack/bolt';
import type { Incident, Remediation } from '../../../core/incident/incident.ts';
import { encodeButtonValue } from './button-value.ts';
import type { ButtonId } from './button-value.ts';
import { plainText } from './escape.ts';
import { fit, limits } from './fit.ts';

export function button(
  action: ButtonId,
  text: string,
  incident: Incident,
  remediation: Remediation | null,
): types.Button {
  return {
    type: 'button',
    action_id: action,
    text: { type: 'plain_text', text: fit(plainText(text), limits.buttonText), emoji: false },
    accessibility_label: spoken(text, incident),
    value: buttonValue(incident, remediation),
  };
}

/** For screen readers, which read a button alone: the workload comes first, because a long text is cut. */
export function spoken(text: string, { subject }: Incident): string {
  const { workload, namespace } = subject;
  return fit(
    plainText(`${fit(workload.name, 30)} in ${fit(namespace ?? subject.cluster, 15)}: ${text}`),
    limits.buttonText,
  );
}

export function buttonValue({ id, version, subject }: Incident, remediation: Remediation | null): string {
  return encodeButtonValue({ cluster: subject.cluster, incident: id, plan: remediation?.plan.id ?? null, version });
}

export function confirm(title: string, text: string, yes: string): types.ConfirmationDialog {
  return {
    title: { type: 'plain_text', text: fit(title, limits.confirmTitle), emoji: false },
    text: { type: 'plain_text', text: fit(plainText(text), limits.confirmText), emoji: false },
    confirm: { type: 'plain_text', text: fit(yes, limits.confirmButton), emoji: false },
    deny: { type: 'plain_text', text: 'Cancel', emoji: false },
  };
}
