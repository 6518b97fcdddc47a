import { runHandover, fullSize } from './dist/bench/handover/group.js';
import { textOf, markdownOf } from './dist/bench/handover/tables.js';
import { writeFileSync } from 'node:fs';
const [clients, rounds, kinds, file, rate='200'] = process.argv.slice(2);
const cases = [];
process.once('SIGINT', () => process.exit(130));
for await (const c of runHandover({ clients: +clients, messagesPerSecond: +rate, processes: 2, rounds: +rounds }, kinds.split(','), (l) => console.error(l))) {
  cases.push(c); process.stdout.write(textOf(c)); writeFileSync(file, JSON.stringify({cases}, null, 1));
}
console.log(markdownOf(cases));
process.exit(0);
