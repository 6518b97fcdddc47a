// Owns: from the name of a trace file (- for standard input) to a trace, line by line. Never judges a line.

import { createReadStream } from 'node:fs';
import type { Readable } from 'node:stream';
import { StringDecoder } from 'node:string_decoder';
import { BadInputError } from '../../errors.js';
import { TraceReader, type Trace } from '../../lab/trace.js';
import { traceLineMaxChars } from '../../limits.js';

const newline = 10;

/** @throws BadInputError for a file that cannot be read, and for the first line that is wrong */
export async function readTrace(file: string, stdin: Readable = process.stdin): Promise<Trace> {
  const reader = new TraceReader();
  const decoder = new StringDecoder('utf8');
  const stream = file === '-' ? stdin : createReadStream(file);
  let rest = '';
  try {
    for await (const chunk of stream) {
      const bytes = Buffer.from(chunk as Uint8Array);
      // Without a line's end in sight this is no text: the reader says so of what is there.
      if (!bytes.includes(newline) && rest.length > traceLineMaxChars) break;
      const lines = (rest + decoder.write(bytes)).split('\n');
      rest = lines.pop() ?? '';
      for (const line of lines) reader.take(line);
    }
    if (rest !== '') reader.take(rest);
  } catch (cause) {
    if (cause instanceof BadInputError) throw cause;
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new BadInputError(`cannot read the trace: ${why}`, {
      field: '--trace',
      found: file,
      allowed: 'a readable file, or - for standard input',
      cause,
    });
  } finally {
    if (file !== '-') stream.destroy();
  }
  return reader.end();
}
