// Owns: hiding the user and password of addresses within a text that people read. Pure.

/** `mongodb://ada:p@ss@host/` → `mongodb://…@host/`: up to the last `@` of the authority, for passwords hold some. */
export function withoutLogins(text: string): string {
  return text.replace(/\/\/[^/\s]*@/g, '//…@');
}
