// Owns: how a report looks: on paper, at night, and 360 pixels wide. Colours are told apart by everybody
// (Okabe and Ito, 2008), and lines and marks by their form, too.

export const style = `
:root { color-scheme: light dark; --ink: #1d2327; --soft: #5c666e; --paper: #fff; --grid: #e3e6e8;
  --load: #9aa5ad; --over: #f6c9bd; --c0: #0060a0; --c1: #c04a00; --c2: #00805f; --c3: #a0488a; --c4: #7a6a00; }
@media screen and (prefers-color-scheme: dark) { :root { --ink: #e6eaed; --soft: #a3adb5; --paper: #14181b;
  --grid: #2c3338; --load: #74808a; --over: #5b2a1d; --c0: #58b4f0; --c1: #ff9a57; --c2: #3fcfa4; --c3: #e394cf;
  --c4: #e0cf5a; } }
* { box-sizing: border-box; }
body { margin: 0 auto; padding: 1rem; max-width: 760px; background: var(--paper); color: var(--ink);
  font: 15px/1.5 system-ui, sans-serif; overflow-wrap: anywhere; }
h1 { font-size: 1.5rem; line-height: 1.25; margin: .5rem 0; overflow-wrap: anywhere; }
h2 { font-size: 1.1rem; margin: 2rem 0 .25rem; }
p { margin: .25rem 0 .75rem; }
.soft, figcaption { color: var(--soft); font-size: .87rem; }
figure { margin: .5rem 0 0; break-inside: avoid; }
svg { display: block; width: 100%; height: auto; }
svg.mark { display: inline-block; width: 12px; height: 12px; vertical-align: -1px; }
text { font: 11px system-ui, sans-serif; fill: var(--soft); }
.grid { stroke: var(--grid); } .axis { stroke: var(--soft); }
.load { fill: var(--load); stroke: var(--load); stroke-width: .8; } .over { fill: var(--over); }
.served, .front { fill: none; stroke-width: 1.5; } .front { stroke-opacity: .6; }
.s0, .f0 { stroke: var(--c0); } .s1, .f1 { stroke: var(--c1); } .s2, .f2 { stroke: var(--c2); }
.s3, .f3 { stroke: var(--c3); } .s4, .f4 { stroke: var(--c4); }
.s1 { stroke-dasharray: 6 2; } .s2 { stroke-dasharray: 2 2; } .s3 { stroke-dasharray: 8 2 2 2; } .s4 { stroke-dasharray: 1 3; }
.dot { fill: var(--paper); stroke-width: 1.3; }
.dot.f0 { fill: var(--c0); }
.key { display: inline-block; width: 1.6em; height: 0; border-top: 2.5px solid; vertical-align: middle; }
.key.s0 { border-color: var(--c0); } .key.s1 { border-color: var(--c1); border-top-style: dashed; }
.key.s2 { border-color: var(--c2); border-top-style: dotted; } .key.s3 { border-color: var(--c3); border-top-style: dashed; }
.key.s4 { border-color: var(--c4); border-top-style: dotted; }
.key.load { border-color: var(--load); border-top-width: 8px; } .key.over { border-color: var(--over); border-top-width: 8px; }
.legend { display: flex; flex-wrap: wrap; gap: .2rem 1.1rem; font-size: .87rem; overflow-wrap: anywhere; }
.scroll { overflow-x: auto; }
table { border-collapse: collapse; width: 100%; font-size: .87rem; font-variant-numeric: tabular-nums; }
th, td { padding: .25rem .5rem; border-bottom: 1px solid var(--grid); text-align: right; vertical-align: top; }
th:first-child, td:first-child { text-align: left; padding-left: 0; overflow-wrap: anywhere; min-width: 7em; }
thead th { color: var(--soft); font-weight: 500; }
meter { width: 100%; max-width: 12rem; }
.narrow { display: none; }
@media screen and (max-width: 560px) { .wide { display: none; } .narrow { display: block; }
  body { padding: .75rem; } meter { width: 4rem; } td:first-child { min-width: 0; }
  .rows thead { display: none; } .rows tr { display: grid; grid-template-columns: minmax(0, 1fr) minmax(0, 1fr); padding: .4rem 0;
  border-bottom: 1px solid var(--grid); } .rows td { min-width: 0; display: flex; flex-wrap: wrap; justify-content: space-between; gap: .5rem;
  border: 0; padding: .1rem .5rem .1rem 0; text-align: right; } .rows td:first-child { grid-column: 1 / -1;
  font-weight: 600; } .rows td.words { grid-column: 1 / -1; } .rows td[data-head]::before { content: attr(data-head);
  color: var(--soft); font-weight: 400; text-align: left; } }
@media print { :root { color-scheme: light; } body { max-width: none; padding: 0; font-size: 10pt; } h2 { break-after: avoid; }
  tr { break-inside: avoid; } * { print-color-adjust: exact; -webkit-print-color-adjust: exact; } }
`;
