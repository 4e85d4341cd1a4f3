import { useState } from 'react';
import { newest, type Channel } from './workspace.ts';

/** Channels with something newer than when they were last looked at. What was there at the first look counts as read. */
export const useUnread = (channels: readonly Channel[], current: string): ReadonlySet<string> => {
  const [seen, setSeen] = useState<ReadonlyMap<string, string>>(new Map());
  const latest = channels.map((channel) => [channel.id, newest(channel).ts] as const);
  const read = latest.filter(([id, ts]) => !seen.has(id) || (id === current && seen.get(id) !== ts));
  // State that follows from what is being rendered: React renders again at once, before anything is shown.
  if (read.length > 0) setSeen(new Map([...seen, ...read]));
  return new Set(latest.filter(([id, ts]) => id !== current && (seen.get(id) ?? ts) !== ts).map(([id]) => id));
};
