import type { types } from '@slack/bolt';
import { Failure } from '../../../core/failure.ts';
import type { Loaded } from '../../../core/incident/incident.ts';
import type { ValueBounds } from '../../../core/recommend/judge-value.ts';
import type { Notice } from '../../../core/talk/what-happened.ts';
import { whatHappened } from '../../../core/talk/what-happened.ts';
import { formatQuantity } from '../../../core/units/quantity.ts';
import type { ButtonValue } from '../blocks/button-value.ts';
import { renderEditValue, renderNothingToEdit } from '../blocks/edit-value.ts';
import type { ListenerDeps } from './deps.ts';

export const UNREAD_STORE =
  'I cannot reach my store at the moment. Nothing was recorded; please close this and try again in a minute.';

export type Editable = { readonly loaded: Loaded; readonly bounds: ValueBounds } | { readonly problem: Notice };

/** The incident of a dialog and what values are judged by, or why its value cannot be edited. @throws Failure */
export async function editable(deps: ListenerDeps, about: ButtonValue): Promise<Editable> {
  const cluster = (await deps.clusters()).find(({ name }) => name === about.cluster);
  if (cluster === undefined) return no(`I do not speak for a cluster ${about.cluster}. Nothing changed.`);
  const loaded = await cluster.store.load(about.incident);
  if (loaded === null) return no(`I no longer know ${about.incident}; it was closed long ago. Nothing changed.`);
  const problem = whatHappened(loaded.incident, { action: 'edit', plan: about.plan });
  if (problem !== null) return { problem };
  const bounds = loaded.incident.explained?.bounds ?? null;
  return bounds === null
    ? no('The cluster could not be read when this was explained, so what a value would mean cannot be told.')
    : { loaded, bounds };
}

/** The dialog with the typed value, or at first (null) with the recommended one. */
export async function dialogOf(deps: ListenerDeps, about: ButtonValue, typed: string | null): Promise<types.ModalView> {
  try {
    const found = await editable(deps, about);
    if ('problem' in found) return renderNothingToEdit(about, found.problem);
    const proposed = found.bounds.recommendedBytes ?? found.bounds.fromLimitBytes;
    const value = typed ?? (proposed === null ? '' : formatQuantity(proposed));
    return renderEditValue(about, found.loaded, found.bounds, value);
  } catch (failure) {
    if (!(failure instanceof Failure)) throw failure;
    deps.log.error({ error: failure, incident: about.incident }, 'incident not read');
    return renderNothingToEdit(about, { text: UNREAD_STORE, people: [] });
  }
}

function no(text: string): { readonly problem: Notice } {
  return { problem: { text, people: [] } };
}
