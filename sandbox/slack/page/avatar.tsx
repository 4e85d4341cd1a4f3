import type { ReactNode } from 'react';
import { displayName, type User } from './workspace.ts';

const colorOf = (person: User): string => {
  const hex = person.color?.replace(/^#/, '') ?? '';
  return /^[0-9a-f]{6}$/i.test(hex) ? `#${hex}` : '#616061';
};

/** A person's initial on their colour; the bot's mark when the author is no person of the workspace. */
export const Avatar = ({ person }: { readonly person: User | null }): ReactNode =>
  person === null ? (
    <svg className="avatar avatar-bot" viewBox="0 0 36 36" aria-hidden="true">
      <rect width="36" height="36" rx="8" />
      <path d="M18 6.5 28 10v8c0 6-4.2 9.7-10 11.8C12.2 27.7 8 24 8 18v-8z" className="avatar-shield" />
      <path d="M12.5 18h2.6l1.9-4.6 3 9 1.9-4.4h1.6" className="avatar-pulse" />
    </svg>
  ) : (
    <span className="avatar" style={{ background: colorOf(person) }} aria-hidden="true">
      {displayName(person).slice(0, 1).toUpperCase()}
    </span>
  );
