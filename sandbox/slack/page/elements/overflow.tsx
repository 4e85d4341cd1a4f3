import { useEffect, useId, useRef, useState, type KeyboardEvent, type ReactNode } from 'react';
import type { Option, Overflow } from '../blocks/shapes.ts';
import { useConfirmed } from './use-confirmed.tsx';

/** The index that a key moves to within a menu of `count` items; null for other keys. */
const moved = (key: string, index: number, count: number): number | null => {
  if (key === 'ArrowDown') return (index + 1) % count;
  if (key === 'ArrowUp') return (index - 1 + count) % count;
  if (key === 'Home') return 0;
  return key === 'End' ? count - 1 : null;
};

/** A module constant, so that React calls it when the item appears and not at each rendering. */
const focusNow = (item: HTMLElement | null): void => item?.focus();

interface MenuProps {
  readonly id: string;
  readonly options: readonly Option[];
  readonly onPick: (option: Option) => void;
  readonly onClose: () => void;
}

const Menu = ({ id, options, onPick, onClose }: MenuProps): ReactNode => {
  const menu = useRef<HTMLDivElement>(null);
  const items = (): readonly HTMLElement[] => [
    ...(menu.current?.querySelectorAll<HTMLElement>('[role=menuitem]') ?? []),
  ];
  useEffect(() => {
    const outside = (event: PointerEvent): void => {
      if (event.target instanceof Node && menu.current?.parentElement?.contains(event.target) === false) onClose();
    };
    document.addEventListener('pointerdown', outside);
    return () => document.removeEventListener('pointerdown', outside);
  });

  const onKeyDown = (event: KeyboardEvent): void => {
    if (event.key === 'Escape' || event.key === 'Tab') {
      event.stopPropagation();
      if (event.key === 'Escape') event.preventDefault();
      onClose();
      return;
    }
    const all = items();
    const next = moved(
      event.key,
      all.findIndex((item) => item === document.activeElement),
      all.length,
    );
    if (next === null) return;
    event.preventDefault();
    all[next]?.focus();
  };

  return (
    <div ref={menu} id={id} className="menu" role="menu" aria-label="More actions" tabIndex={-1} onKeyDown={onKeyDown}>
      {options.map((option, place) => (
        <button
          key={place}
          type="button"
          role="menuitem"
          tabIndex={-1}
          ref={place === 0 ? focusNow : undefined}
          onClick={() => onPick(option)}
        >
          {option.text.text}
        </button>
      ))}
    </div>
  );
};

export const OverflowElement = ({ overflow }: { readonly overflow: Overflow }): ReactNode => {
  const [open, setOpen] = useState(false);
  const trigger = useRef<HTMLButtonElement>(null);
  const id = useId();
  const { pending, run, dialog } = useConfirmed(overflow.confirm);
  const close = (): void => {
    setOpen(false);
    trigger.current?.focus();
  };
  const pick = (option: Option): void => {
    close();
    run({ actionId: overflow.action_id, value: option.value });
  };
  return (
    <span className="overflow">
      <button
        ref={trigger}
        type="button"
        className="button button-overflow"
        data-action-id={overflow.action_id}
        aria-label="More actions"
        aria-haspopup="menu"
        aria-expanded={open}
        aria-controls={open ? id : undefined}
        aria-busy={pending}
        onClick={() => setOpen(!open)}
      >
        <svg viewBox="0 0 20 20" aria-hidden="true">
          <circle cx="10" cy="4.5" r="1.6" />
          <circle cx="10" cy="10" r="1.6" />
          <circle cx="10" cy="15.5" r="1.6" />
        </svg>
      </button>
      {open && <Menu id={id} options={overflow.options} onPick={pick} onClose={close} />}
      {dialog}
    </span>
  );
};
