// Property tests explore with a new seed each run and print it when they fail. In CI the seed is
// fixed: a change is judged by what it changed, not by the luck of the draw.

import fc from 'fast-check';

if (process.env['CI'] !== undefined) fc.configureGlobal({ seed: 20_261_122 });
