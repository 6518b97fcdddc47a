// Owns: a language of the browser that formatting can use. Some name one that is none (`en-US@posix` where the
// system's is C), and uPlot, which asks for it while it is loaded, would end the page before it began.
// Imported before everything else.

export {};

try {
  new Intl.NumberFormat(navigator.language);
} catch {
  Object.defineProperty(navigator, 'language', { value: 'en', configurable: true });
}
