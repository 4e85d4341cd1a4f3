import { renderEditValue, renderNothingToEdit, renderOpening } from '../../src/adapters/slack/blocks/edit-value.ts';
import type { ButtonValue } from '../../src/adapters/slack/blocks/button-value.ts';
import type { ValueBounds } from '../../src/core/recommend/judge-value.ts';
import { aLoaded, anExplanation, Mi } from '../fixtures/incidents.ts';
import { amira } from './events.ts';
import type { Section } from './sample.ts';

const about: ButtonValue = { cluster: 'prod', incident: 'INC-7F3K', plan: 'PLAN-7F3K2A', version: 3 };
const bounds: ValueBounds = {
  fromLimitBytes: 512 * Mi,
  lastSampleBytes: 412 * Mi,
  peakBytes: 505 * Mi,
  recommendedBytes: 640 * Mi,
  demand: null,
  nodeAllocatableBytes: null,
  nodeFreeBytes: 600 * Mi,
  quota: null,
  limitRange: null,
  slopeBytesPerSecond: 4 * Mi,
};
const loaded = aLoaded({ explained: anExplanation({ bounds }) });

export function dialogs(): Section {
  const views = {
    'edit value: at first': renderOpening(about),
    'edit value: 640Mi': renderEditValue(about, loaded, bounds, '640Mi'),
    'edit value: too small': renderEditValue(about, loaded, bounds, '1Mi'),
    'edit value: nothing typed': renderEditValue(about, loaded, bounds, ''),
    'edit value: too late': renderNothingToEdit(about, { text: '{0} applied it a minute ago.', people: [amira] }),
  };
  return {
    name: 'Dialogs',
    samples: Object.entries(views).map(([name, view]) => ({ name, kind: 'dialog', view })),
  };
}
