/** Every message of the bot on one page, each in both themes. What it shows is given to it. */
import type { ReactNode } from 'react';
import * as z from 'zod/mini';
import { FormContext } from '../form.ts';
import { EphemeralView, MessageView } from '../message.tsx';
import { Blocks, ModalFrame } from '../modal.tsx';
import { PageContext, type Theme } from '../scope.ts';
import { reply, user, view, type View } from '../workspace.ts';

const message = z.looseObject({ name: z.string(), message: reply });
const sample = z.discriminatedUnion('kind', [
  z.extend(message, { kind: z.literal('root') }),
  z.extend(message, { kind: z.literal('reply') }),
  z.extend(message, { kind: z.literal('answer') }),
  z.extend(message, { kind: z.literal('home') }),
  z.looseObject({ kind: z.literal('dialog'), name: z.string(), view }),
]);
type Sample = z.output<typeof sample>;

export const gallerySchema = z.looseObject({
  /** ms UTC: what dates are seen from. */
  now: z.number(),
  users: z.array(user),
  groups: z.array(z.looseObject({ id: z.string(), handle: z.string() })),
  sections: z.array(z.looseObject({ name: z.string(), samples: z.array(sample) })),
});
type Props = z.output<typeof gallerySchema>;

const nothing = (): void => undefined;
const nobodyListens = async (): Promise<void> => undefined;

/** What an input of a dialog that was just opened holds. */
const initialValue = ({ blocks }: View, blockId: string): string => {
  const element = blocks.find((block) => block.block_id === blockId)?.['element'];
  const held = typeof element === 'object' && element !== null && 'initial_value' in element && element.initial_value;
  return typeof held === 'string' ? held : '';
};

const Shown = ({ sample: shown }: { readonly sample: Sample }): ReactNode => {
  if (shown.kind === 'dialog') {
    const { view: dialog } = shown;
    const form = {
      valueOf: (blockId: string) => initialValue(dialog, blockId),
      change: nothing,
      dispatch: nothing,
      errors: dialog.errors,
    };
    return (
      <div className="modal">
        <ModalFrame view={dialog} busy={false} onClose={nothing}>
          <FormContext value={form}>
            <Blocks view={dialog} />
          </FormContext>
        </ModalFrame>
      </div>
    );
  }
  if (shown.kind === 'home') {
    return (
      <div className="home">
        <Blocks view={shown.message} />
      </div>
    );
  }
  if (shown.kind === 'answer')
    return <EphemeralView message={{ ...shown.message, channel: '', user: '' }} send={nobodyListens} />;
  return <MessageView message={shown.message} send={nobodyListens} />;
};

const themes: readonly Theme[] = ['light', 'dark'];

export const Gallery = ({ now, users, groups, sections }: Props): ReactNode => {
  const known = {
    now,
    botName: 'Oomkeeper',
    users: new Map(users.map((one) => [one.id, one])),
    groups: new Map(groups.map((one) => [one.id, one.handle])),
    channels: new Map([['C0OOM', 'oom-alerts']]),
    files: new Map(),
  };
  return (
    <>
      <nav className="contents" aria-label="Sections">
        {sections.map(({ name }, place) => (
          <a key={name} href={`#section-${place}`}>
            {name}
          </a>
        ))}
      </nav>
      {sections.map(({ name, samples }, place) => (
        <section key={name} id={`section-${place}`}>
          <h2 className="section-name">{name}</h2>
          {samples.map((one, at) => (
            <div key={at} className="sample" data-sample={`${name} / ${one.name}`}>
              <h3>{one.name}</h3>
              {themes.map((theme) => (
                <div key={theme} className="side" data-theme={theme}>
                  <PageContext value={{ ...known, theme }}>
                    <Shown sample={one} />
                  </PageContext>
                </div>
              ))}
            </div>
          ))}
        </section>
      ))}
    </>
  );
};
