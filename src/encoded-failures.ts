// Owns: that messages and stack traces of failures are payloads, which a codec encrypts, instead of text
// that anybody reads in the history. The SDK loads this file by its path, into workers and into the
// bundle of the workflows: only what plain JavaScript has may stand here.

import { DefaultFailureConverter } from '@temporalio/common';

export const failureConverter = new DefaultFailureConverter({ encodeCommonAttributes: true });
