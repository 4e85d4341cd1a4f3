import { stormHash, type StormMember } from '../../core/incident/storm.ts';
import { shortHash } from '../../core/units/short-hash.ts';
import { hasCode } from './chat-failure.ts';
import type { Storm, StormPage, StormPageView, StormShowNeeds, StormView } from './needs.ts';
import { type Message, sendOnce, type Wait } from './send-once.ts';

/*
 * The messages of a storm, each posted exactly once (send-once.ts): its root, and in its thread the lists of its
 * incidents, 20 in a message, in the order in which they were folded. A list is edited while it fills up and when one of
 * its incidents gets a thread of its own; one that can no longer be edited, or was deleted, is posted anew as its next
 * edition. A root that can no longer be edited stays as it is, and its thread says so.
 */
const PAGE_SIZE = 20;

/** The messages that a storm's thread should have: what they are rendered from, and its hash. */
export function stormPages(
  members: readonly StormMember[],
): readonly { readonly members: readonly StormMember[]; readonly shown: string }[] {
  return Array.from({ length: Math.ceil(members.length / PAGE_SIZE) }, (_, at) => {
    const listed = members.slice(at * PAGE_SIZE, (at + 1) * PAGE_SIZE);
    // What a list shows: kills are counted in the root only, otherwise lists would be edited all the time.
    const lines = listed.map(
      ({ kills: _kills, lastAt: _lastAt, pods: _pods, acknowledged: _by, silencedUntil: _until, ...line }) => line,
    );
    return { members: listed, shown: shortHash(JSON.stringify(lines), 16) };
  });
}

/** Each function runs inside the channel's turn. */
export interface StormMessages {
  readonly postRoot: (id: string, mustHold: () => void) => Promise<Wait | null>;
  readonly editRoot: (id: string, mustHold: () => void) => Promise<Wait | null>;
  readonly postPage: (id: string, page: number, mustHold: () => void) => Promise<Wait | null>;
  readonly editPage: (id: string, page: number) => Promise<void>;
}

/** A storm and one of its lists as it should be shown. */
interface PageTurn {
  readonly storm: Storm;
  readonly before: StormPage | undefined;
  readonly view: StormPageView;
  readonly shown: string;
  readonly edition: number;
}

export function createStormMessages(needs: StormShowNeeds): StormMessages {
  const { storms, chat, now } = needs;

  const send = async (
    storm: Storm,
    message: Message<Storm>,
    at: number,
    mustHold: () => void,
  ): Promise<Wait | null> => {
    const { id, channel } = storm;
    const read = async (): Promise<Storm | null> => (await storms.read(id))?.storm ?? null;
    const trouble = (failure: unknown): void => needs.trouble(failure, { storm: id, channel });
    return sendOnce(storm, message, { keeping: { read, write: storms.write }, at }, { ...needs, mustHold, trouble });
  };

  const readTurn = async (id: string, page: number): Promise<PageTurn | null> => {
    const found = await storms.read(id);
    const wanted = stormPages(await storms.members(id))[page];
    if (found === null || wanted === undefined) return null;
    const before = found.storm.pages[page];
    const edition = before?.edition ?? 1;
    const name = edition === 1 ? `page-${page + 1}` : `page-${page + 1}-${edition}`;
    const { members, shown } = wanted;
    return { storm: found.storm, before, view: { id, members, page: name }, shown, edition };
  };

  return {
    postRoot: async (id, mustHold) => {
      const storm = (await storms.read(id))?.storm;
      if (storm === undefined || storm.root !== null) return null;
      const { channel } = storm;
      const [view, shownAt] = await Promise.all([viewOf(storm, needs), now()]);
      const message: Message<Storm> = {
        name: 'root',
        to: { channel, below: null, only: null },
        content: { of: 'storm', view },
        placeIn: ({ root }) => root,
        // What a found message shows is not known, so it is edited next.
        recorded: (stored, root, isFresh) =>
          stored.root === root
            ? stored
            : { ...stored, channel, root, shown: isFresh ? stormHash(view.members) : '', shownAt },
        canBeLeftOut: false,
      };
      return send(storm, message, shownAt, mustHold);
    },

    editRoot: async (id, mustHold) => {
      const storm = (await storms.read(id))?.storm;
      if (storm === undefined || storm.root === null) return null;
      const { root, channel } = storm;
      const [view, shownAt] = await Promise.all([viewOf(storm, needs), now()]);
      const shown = { shown: stormHash(view.members), shownAt };
      try {
        await chat.edit(root, { of: 'storm', view });
        await storms.write({ ...storm, ...shown });
        return null;
      } catch (failure) {
        if (!hasCode(failure, 'chat-edit-closed')) throw failure;
      }
      const message: Message<Storm> = {
        name: 'continued',
        to: { channel, below: root, only: null },
        content: { of: 'storm-continues', storm: id },
        placeIn: () => null,
        recorded: (stored) => (stored.editable ? { ...stored, ...shown, editable: false } : stored),
        canBeLeftOut: true,
      };
      return send(storm, message, shownAt, mustHold);
    },

    postPage: async (id, page, mustHold) => {
      const turn = await readTurn(id, page);
      if (turn === null || turn.storm.root === null || (turn.before?.place ?? null) !== null) return null;
      const { storm, view, shown, edition } = turn;
      const shownAt = await now();
      const message: Message<Storm> = {
        name: view.page,
        to: { channel: storm.channel, below: turn.storm.root, only: null },
        content: { of: 'storm-page', view },
        placeIn: ({ pages }) => pages[page]?.place ?? null,
        recorded: (stored, place, isFresh) =>
          stored.pages[page]?.place === place
            ? stored
            : withPage(stored, page, { place, shown: isFresh ? shown : '', shownAt, edition }),
        canBeLeftOut: false,
      };
      return send(storm, message, shownAt, mustHold);
    },

    editPage: async (id, page) => {
      const turn = await readTurn(id, page);
      if (turn === null || turn.before === undefined || turn.before.place === null) return;
      const { storm, view, shown, before } = turn;
      let next: StormPage;
      try {
        await chat.edit(turn.before.place, { of: 'storm-page', view });
        next = { ...before, shown, shownAt: await now() };
      } catch (failure) {
        if (!hasCode(failure, 'chat-edit-closed', 'chat-message-gone')) throw failure;
        next = { ...before, place: null, shown: '', edition: before.edition + 1 };
      }
      await storms.write(withPage(storm, page, next));
    },
  };
}

/** Without a root and without claims: the next root is posted without a search, with new lists. */
export function withoutRoot(storm: Storm): Storm {
  return { ...storm, root: null, claims: {}, editable: true, pages: [] };
}

async function viewOf(
  { id, openedAt, moved, away }: Storm,
  { storms }: Pick<StormShowNeeds, 'storms'>,
): Promise<StormView> {
  return { id, openedAt, members: await storms.members(id), moved, away };
}

function withPage(storm: Storm, page: number, next: StormPage): Storm {
  const pages = [...storm.pages];
  pages[page] = next;
  return { ...storm, pages };
}
