import { useEffect, useRef, type ReactNode } from 'react';
import { EphemeralView, MessageView } from './message.tsx';
import type { Send } from './scope.ts';
import { ScrollToEnd } from './scroll-to-end.tsx';
import {
  byTime,
  ephemeralsFor,
  type Channel,
  type Ephemeral,
  type Reply,
  type RootMessage,
  type Workspace,
} from './workspace.ts';

type Line = { readonly ts: string } & (
  | { readonly reply: Reply; readonly ephemeral?: never }
  | { readonly ephemeral: Ephemeral; readonly reply?: never }
);

interface Props {
  readonly workspace: Workspace;
  readonly channel: Channel;
  readonly root: RootMessage;
  readonly me: string;
  readonly sendIn: (ts: string) => Send;
  readonly onClose: () => void;
}

/** Escape in a dialog or a menu of the thread ends only that. */
const isInside = (target: EventTarget | null, selector: string): boolean =>
  target instanceof Element && target.closest(selector) !== null;

/** The thread of one root, beside the channel: give it the root's `ts` as key. Escape closes it. */
export const ThreadPane = ({ workspace, channel, root, me, sendIn, onClose }: Props): ReactNode => {
  const pane = useRef<HTMLElement>(null);
  const closeButton = useRef<HTMLButtonElement>(null);
  useEffect(() => {
    const before = document.activeElement;
    closeButton.current?.focus();
    return () => {
      if (before instanceof HTMLElement) before.focus();
    };
  }, []);
  useEffect(() => {
    const shown = pane.current;
    const onKeyDown = (event: KeyboardEvent): void => {
      if (event.key === 'Escape' && !isInside(event.target, 'dialog, [role=menu]')) onClose();
    };
    shown?.addEventListener('keydown', onKeyDown);
    return () => shown?.removeEventListener('keydown', onKeyDown);
  }, [onClose]);
  const below: readonly Line[] = [
    ...root.replies.map((reply) => ({ ts: reply.ts, reply })),
    ...ephemeralsFor(workspace, me, channel.id, root.ts).map((ephemeral) => ({ ts: ephemeral.ts, ephemeral })),
  ].toSorted(byTime);

  return (
    <aside ref={pane} className="thread" aria-label="Thread">
      <header className="pane-head">
        <h2>
          Thread <span className="quiet">#{channel.name}</span>
        </h2>
        <button ref={closeButton} type="button" className="icon-button" aria-label="Close thread" onClick={onClose}>
          ✕
        </button>
      </header>
      <ScrollToEnd label="Messages in thread">
        <MessageView message={root} send={sendIn(root.ts)} />
        <p className="day thread-count">
          <span>{root.replies.length === 1 ? '1 reply' : `${root.replies.length} replies`}</span>
        </p>
        {below.map(({ ts, reply, ephemeral }) =>
          reply === undefined ? (
            <EphemeralView key={`${ts} private`} message={ephemeral} send={sendIn(ts)} />
          ) : (
            <MessageView key={ts} message={reply} send={sendIn(ts)} />
          ),
        )}
      </ScrollToEnd>
    </aside>
  );
};
