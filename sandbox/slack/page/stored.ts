/** Small choices that survive a reload. A browser that forbids storage only forgets them. */
const prefix = 'oomkeeper-sandbox-';

export const readStored = (name: string): string | null => {
  try {
    return localStorage.getItem(prefix + name);
  } catch {
    return null;
  }
};

export const writeStored = (name: string, value: string): void => {
  try {
    localStorage.setItem(prefix + name, value);
  } catch {
    // Forgotten at the next load, which is all that a refused storage means here.
  }
};
