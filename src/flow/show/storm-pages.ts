import type { StormMember } from '../../core/incident/storm.ts';
import { shortHash } from '../../core/units/short-hash.ts';
import { hasCode, mayHaveHappened } from './chat-failure.ts';
import type { Storm, StormPage, StormPageView } from './needs.ts';
import type { StormShowNeeds } from './storm.ts';

/*
 * The incidents of a storm are listed in its thread, 20 in a message, in the order in which they were folded. A message
 * is edited while it fills up and when one of its incidents gets a thread of its own; one that can no longer be edited,
 * or was deleted, is posted anew as its next edition.
 *
 * As in the thread of an incident (ownership.ts), a process that did not write the storm last looks into the thread
 * before it posts: somebody may have sent the message and died before it recorded that.
 */
const PAGE_SIZE = 20;

/** The messages that a storm's thread is to have: what they are rendered from, and its hash. */
export function stormPages(
  members: readonly StormMember[],
): readonly { readonly members: readonly StormMember[]; readonly shown: string }[] {
  return Array.from({ length: Math.ceil(members.length / PAGE_SIZE) }, (_, at) => {
    const listed = members.slice(at * PAGE_SIZE, (at + 1) * PAGE_SIZE);
    // Kills are counted in the root; a list that was edited for each of them would never rest.
    const lines = listed.map(({ kills: _kills, lastAt: _lastAt, ...line }) => line);
    return { members: listed, shown: shortHash(JSON.stringify(lines), 16) };
  });
}

/** Each function runs inside the channel's lane. */
export interface StormPages {
  readonly post: (id: string, page: number) => Promise<void>;
  readonly edit: (id: string, page: number) => Promise<void>;
}

/** One page as it is to be shown, and the storm that it belongs to. */
interface Turn {
  readonly storm: Storm;
  readonly view: StormPageView;
  readonly shown: string;
  readonly before: StormPage | undefined;
}

export function createStormPages({ storms, chat, now }: StormShowNeeds): StormPages {
  /** Storm -> the revision that this process wrote last. Storms are few; forgetting costs a look. */
  const own = new Map<string, number>();

  const write = async ({ id, revision }: Storm, next: Omit<Storm, 'revision'>): Promise<Storm | null> => {
    if (!(await storms.write(id, revision, next))) return null;
    return { ...next, revision: revision + 1 };
  };

  const readTurn = async (id: string, page: number): Promise<Turn | null> => {
    const found = await storms.read(id);
    const wanted = stormPages(await storms.members(id))[page];
    if (found === null || wanted === undefined) return null;
    const before = found.storm.pages[page];
    const edition = before?.edition ?? 1;
    const name = edition === 1 ? `page-${page + 1}` : `page-${page + 1}-${edition}`;
    const { members, shown } = wanted;
    return { storm: found.storm, view: { id, members, page: name }, shown, before };
  };

  const record = async (storm: Storm, page: number, next: StormPage): Promise<void> => {
    const pages = [...storm.pages];
    pages[page] = next;
    const written = await write(storm, { ...storm, pages });
    if (written === null) own.delete(storm.id);
    else if (own.has(storm.id)) own.set(storm.id, written.revision);
  };

  return {
    post: async (id, page) => {
      const turn = await readTurn(id, page);
      if (turn === null || turn.storm.ts === null || (turn.before?.ts ?? null) !== null) return;
      const isOwn = own.get(id) === turn.storm.revision;
      const storm = isOwn ? turn.storm : await write(turn.storm, turn.storm);
      if (storm === null) return;
      const root = { channel: storm.channel, ts: turn.storm.ts };
      const there = isOwn ? undefined : (await chat.stormPages(root)).get(turn.view.page);
      own.set(id, storm.revision);
      try {
        const ts = there ?? (await chat.postStormPage(root, turn.view)).ts;
        // What a message that was found shows is not known: it is edited next.
        const shown = there === undefined ? turn.shown : '';
        await record(storm, page, { ts, shown, shownAt: await now(), edition: turn.before?.edition ?? 1 });
      } catch (failure) {
        if (mayHaveHappened(failure)) own.delete(id);
        throw failure;
      }
    },

    edit: async (id, page) => {
      const turn = await readTurn(id, page);
      if (turn === null || turn.before === undefined || turn.before.ts === null) return;
      const { storm, view, shown, before } = turn;
      try {
        await chat.editStormPage({ channel: storm.channel, ts: turn.before.ts }, view);
        await record(storm, page, { ...before, shown, shownAt: await now() });
      } catch (failure) {
        if (!hasCode(failure, 'chat-edit-closed', 'chat-message-gone')) throw failure;
        await record(storm, page, { ...before, ts: null, shown: '', edition: before.edition + 1 });
      }
    },
  };
}
