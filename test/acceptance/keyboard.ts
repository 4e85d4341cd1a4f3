import type { Locator, Page } from 'playwright-core';

/** A person without a pointer. */
export interface Keyboard {
  /** Presses Tab until it has the focus. Throws where it is never reached. */
  readonly to: (target: Locator) => Promise<void>;
  /** Goes there and presses Enter. */
  readonly press: (target: Locator) => Promise<void>;
  readonly type: (target: Locator, text: string) => Promise<void>;
  readonly key: (name: string) => Promise<void>;
}

/** More than a page of the sandbox has to stop at. */
const mostStops = 150;

export function keyboardOf(page: Page): Keyboard {
  const focused = page.locator(':focus');
  const to = async (target: Locator): Promise<void> => {
    await target.waitFor();
    for (let stops = 0; stops < mostStops; stops += 1) {
      if ((await target.and(focused).count()) > 0) return;
      await page.keyboard.press('Tab');
    }
    throw new Error(`Tab never came to ${String(target)}`);
  };
  return {
    to,
    press: async (target) => {
      await to(target);
      await page.keyboard.press('Enter');
    },
    type: async (target, text) => {
      await to(target);
      await page.keyboard.press('Control+A');
      await page.keyboard.type(text);
    },
    key: (name) => page.keyboard.press(name),
  };
}
