// Cuts an input that fails down to a small one that still fails: whole steps first, then parts of
// their texts. Bounded by a number of tries; never judges, it asks.

const triesMax = 2_000;

/** `fails` runs an input again. The answer fails too. */
export async function shrink(
  steps: readonly string[],
  fails: (steps: readonly string[]) => Promise<boolean>,
): Promise<readonly string[]> {
  let smallest = [...steps];
  let tries = 0;
  const attempt = async (smaller: readonly string[]): Promise<boolean> => {
    if (tries >= triesMax) return false;
    tries += 1;
    if (!(await fails(smaller))) return false;
    smallest = [...smaller];
    return true;
  };
  for (let size = Math.ceil(smallest.length / 2); size >= 1; size = Math.floor(size / 2)) {
    for (let at = 0; at < smallest.length;) {
      const smaller = [...smallest.slice(0, at), ...smallest.slice(at + size)];
      if (!(await attempt(smaller))) at += size;
    }
  }
  for (let index = 0; index < smallest.length; index += 1) {
    const textOf = () => smallest[index] as string;
    for (let size = Math.ceil(textOf().length / 2); size >= 1; size = Math.floor(size / 2)) {
      for (let at = 0; at < textOf().length;) {
        const text = textOf().slice(0, at) + textOf().slice(at + size);
        const smaller = smallest.map((step, i) => (i === index ? text : step));
        if (!(await attempt(smaller))) at += size;
      }
    }
  }
  return smallest;
}
