// Owns: where the keyboard goes on when the button that had the focus is gone, because what it asked for has
// been done: at the group that it stood in, and not at the top of the page.

import type { RefObject } from 'preact';
import { useEffect, useLayoutEffect, useRef } from 'preact/hooks';

/** The element takes the focus itself: `tabIndex` -1. */
export function useKeptFocus(group: RefObject<HTMLElement | null>): void {
  const wasInside = useRef(false);
  useEffect(() => {
    const look = ({ target }: FocusEvent) => {
      wasInside.current = target instanceof Node && group.current?.contains(target) === true;
    };
    document.addEventListener('focusin', look);
    return () => document.removeEventListener('focusin', look);
  }, []);
  useLayoutEffect(() => {
    const { activeElement, body } = document;
    // Whoever has clicked beside everything has not lost it.
    const isLost = activeElement === null || activeElement === body;
    if (isLost && wasInside.current) group.current?.focus({ preventScroll: true });
  });
}
