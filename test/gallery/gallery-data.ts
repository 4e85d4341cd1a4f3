import type { GalleryData, GallerySample } from '../../sandbox/slack/build-gallery.ts';
import { seedWorkspace } from '../../sandbox/slack/workspace.ts';
import { killedAt } from '../fixtures/incidents.ts';
import type { Sample } from './sample.ts';
import { samples } from './samples.ts';

/** All samples as the gallery's page reads them, and the people whom they mention. */
export function galleryData(): GalleryData {
  const { people, groups } = seedWorkspace();
  return {
    now: killedAt,
    users: people.map(({ name, displayName, color }) => ({
      id: `U${name.toUpperCase()}`,
      name,
      displayName,
      color: `#${color}`,
    })),
    groups: [
      ...groups.map(({ handle }) => ({ id: `S${handle.toUpperCase()}`, handle })),
      { id: 'SSHOP', handle: 'team-shop' },
    ],
    sections: samples().map(({ name, samples: all }) => ({ name, samples: all.map(shown) })),
  };
}

function shown(sample: Sample): GallerySample {
  const { kind, name } = sample;
  if (kind === 'dialog') return { kind, name, view: { id: 'V1', ...sample.view } };
  return { kind, name, message: { ts: String(killedAt / 1000), text: sample.text, blocks: sample.blocks } };
}
