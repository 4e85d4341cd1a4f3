import { useEffect, useRef, useState, type ReactNode } from 'react';

/** How far from the end (CSS pixels) still counts as being there. */
const tolerance = 48;

interface Props {
  readonly label: string;
  readonly children: ReactNode;
}

/**
 * A log that follows its end while the reader is there, and leaves them alone while they read further up. Starts at
 * the end: give it a `key` where the content becomes another one.
 */
export const ScrollToEnd = ({ label, children }: Props): ReactNode => {
  const scroller = useRef<HTMLDivElement>(null);
  const content = useRef<HTMLDivElement>(null);
  const [atEnd, setAtEnd] = useState(true);
  const toEnd = (): void => {
    scroller.current?.scrollTo({ top: scroller.current.scrollHeight });
  };

  useEffect(() => {
    const box = scroller.current;
    const inside = content.current;
    if (box === null || inside === null) return;
    let following = true;
    const onScroll = (): void => {
      following = box.scrollHeight - box.scrollTop - box.clientHeight <= tolerance;
      setAtEnd(following);
    };
    // Heights change by new messages, and by edits and late fonts as well.
    const resized = new ResizeObserver(() => {
      if (following) box.scrollTo({ top: box.scrollHeight });
    });
    box.addEventListener('scroll', onScroll, { passive: true });
    resized.observe(box);
    resized.observe(inside);
    return () => {
      box.removeEventListener('scroll', onScroll);
      resized.disconnect();
    };
  }, []);

  return (
    <div className="scroll-frame">
      <div ref={scroller} className="scroll">
        <div ref={content} className="messages" role="log" aria-label={label}>
          {children}
        </div>
      </div>
      {!atEnd && (
        <button type="button" className="to-end" onClick={toEnd}>
          Latest messages ↓
        </button>
      )}
    </div>
  );
};
