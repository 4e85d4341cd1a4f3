import type { types } from '@slack/bolt';
import type { Entry, Incident } from '../../../core/incident/incident.ts';
import { clockTime } from '../../../core/talk/words.ts';
import { context, section } from './elements.ts';
import { escapeText, plainText, withPeople } from './escape.ts';
import { fit, fitBlocks, limits, preBlock } from './fit.ts';
import type { Message } from './root.ts';

/** One line of an incident's history as a reply in its thread, or as an answer that one person sees. */
export function renderEntry(line: { readonly id: string; readonly entry: Entry }, incident: Incident): Message {
  const { entry } = line;
  const text = withPeople(entry.text, entry.people);
  const blocks: types.KnownBlock[] = [section(text === '' ? entry.kind : text)];
  if (entry.pre !== null && entry.pre !== '') blocks.push(preBlock(fit(plainText(entry.pre), limits.section)));
  if (entry.audience.to === 'thread') blocks.push(context(`${entry.kind} · ${clockTime(entry.at)}`));
  const pre = entry.pre === null ? '' : `\n${escapeText(entry.pre)}`;
  return {
    text: fit(`${text}${pre}`, limits.text),
    blocks: fitBlocks(blocks),
    metadata: entryMetadata(line.id, incident),
  };
}

/** What lets a reply be found again, so that it is not posted twice. */
export function entryMetadata(id: string, incident: Incident): types.MessageMetadata {
  return {
    event_type: 'oomkeeper_entry',
    event_payload: { cluster: incident.subject.cluster, incident: incident.id, entry: id },
  };
}
