// Owns: what screen readers are told by themselves: of what changes again and again, the newest, so often at most.

import { useEffect, useRef, useState } from 'preact/hooks';

/** A sentence can be heard to its end. */
const sayEveryMs = 10_000;

/** `isUrgent`: said into whatever is being read. Nothing is seen of it. */
export function Announce({ text, isUrgent }: { readonly text: string; readonly isUrgent?: true }) {
  const said = useRather(text);
  // An alert is said when it appears; a status has to be there before.
  if (isUrgent === true && said === '') return null;
  return (
    <p class="unseen" role={isUrgent === true ? 'alert' : 'status'}>
      {said}
    </p>
  );
}

/** The text, which changes only when the one before has stood long enough. */
function useRather(text: string): string {
  const [said, setSaid] = useState(text);
  const saidAtMs = useRef(performance.now());
  useEffect(() => {
    if (text === said) return undefined;
    const say = () => {
      saidAtMs.current = performance.now();
      setSaid(text);
    };
    const leftMs = said === '' ? 0 : saidAtMs.current + sayEveryMs - performance.now();
    const timer = window.setTimeout(say, Math.max(0, leftMs));
    return () => window.clearTimeout(timer);
  }, [text, said]);
  return said;
}
