import type { types } from '@slack/bolt';
import type { Entry, Incident } from '../../../core/incident/incident.ts';
import { clockTime } from '../../../core/talk/words.ts';
import { context, section } from './elements.ts';
import { escapeText, linkTo, plainText, withPeople } from './escape.ts';
import { fit, fitBlocks, limits, preBlock } from './fit.ts';
import type { Message } from './root.ts';

/** One line of an incident's history as a reply in its thread, or as an answer that one person sees. */
export function renderEntry(line: { readonly id: string; readonly entry: Entry }, incident: Incident): Message {
  const { entry } = line;
  const text = entryText(entry);
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

/** The text with its people and its link. */
function entryText({ text, people, link }: Entry): string {
  const at = link === undefined ? -1 : text.indexOf(link.url);
  if (link === undefined || at === -1) return withPeople(text, people);
  const after = text.slice(at + link.url.length).replace(/^ (?=[.,;])/, '');
  return `${withPeople(text.slice(0, at), people)}${linkTo(link.url, link.text)}${withPeople(after, people)}`;
}

/** What lets a reply be found again, so that it is not posted twice. */
export function entryMetadata(id: string, incident: Incident): types.MessageMetadata {
  return {
    event_type: 'oomkeeper_entry',
    event_payload: { cluster: incident.subject.cluster, incident: incident.id, entry: id },
  };
}
