/** The page's style: for a screen in either scheme, and for A4. Every colour of text has a contrast of 4.5 to 1 or more. */

export const STYLE = `
:root { color-scheme: light dark; --ground: #fff; --panel: #f3f5f8; --line: #c3ccd6; --text: #17202b; --soft: #515e6d;
  --accent: #0b5ca9; --alarm: #b3231b; --care: #835300; --used: #0c4a8c; --tried: #7d8b9a; --hours: #3f8f63;
  font: 15px/1.45 system-ui, "Segoe UI", Roboto, "Liberation Sans", Arial, sans-serif; }
@media (prefers-color-scheme: dark) { :root { --ground: #0d1117; --panel: #171e27; --line: #35414f; --text: #e3e8ee;
  --soft: #a3b0be; --accent: #7dbcf3; --alarm: #ff8f85; --care: #edb64a; --used: #58bdff; --tried: #7d8b9a;
  --hours: #4f9d73; } }
* { box-sizing: border-box; }
body { margin: 0; background: var(--ground); color: var(--text); overflow-wrap: break-word; }
main { max-width: 70rem; margin: 0 auto; padding: 1.5rem 1.25rem 3rem; }
h1 { margin: 0 0 .2rem; font-size: 1.6rem; line-height: 1.2; }
h2 { margin: 2.2rem 0 .5rem; padding-bottom: .2rem; border-bottom: 2px solid var(--line); font-size: 1.2rem; }
h3 { margin: 1.3rem 0 .4rem; font-size: 1rem; }
h3 span { font-weight: 400; }
p { margin: .4rem 0; max-width: 52rem; }
a { color: var(--accent); }
.soft { color: var(--soft); }
.small { font-size: .85em; }
.answer { margin: 1rem 0; padding: .9rem 1.1rem; border-left: 6px solid var(--care); background: var(--panel); }
.answer p { max-width: none; }
.answer .first { font-size: 1.2rem; font-weight: 600; line-height: 1.35; }
.answer.contact { border-color: var(--alarm); }
.answer.none { border-color: var(--accent); }
.figures { display: grid; grid-template-columns: repeat(auto-fit, minmax(max(9.5rem, 22%), 1fr)); gap: .6rem; margin: 1rem 0; padding: 0; }
.figures div { padding: .5rem .7rem; border: 1px solid var(--line); border-radius: 5px; }
.figures dt { font-size: .85em; }
.figures dd { margin: 0; }
.figures .value { font-size: 1.5rem; font-weight: 600; line-height: 1.2; }
.scroll { overflow-x: auto; }
table { width: 100%; margin: .5rem 0; border-collapse: collapse; font-size: .87em; }
th, td { padding: .3rem .55rem .3rem 0; border-bottom: 1px solid var(--line); text-align: left; vertical-align: top; }
thead th { border-bottom: 2px solid var(--line); }
tbody th { font-weight: 400; }
.number { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; }
.number { padding-right: 1rem; }
.names { min-width: 10.7em; }
.words { min-width: 8em; }
.nowrap { white-space: nowrap; }
.wire { font-family: ui-monospace, "Cascadia Mono", Menlo, "DejaVu Sans Mono", monospace; font-size: .93em; overflow-wrap: anywhere; }
td bdi { overflow-wrap: anywhere; }
.mark { display: inline-block; padding: 0 .35em; border: 1px solid currentcolor; border-radius: 3px; color: var(--care); font-size: .9em; }
.alarm { color: var(--alarm); font-weight: 600; }
ul, ol { margin: .4rem 0; padding-left: 1.3rem; }
li { margin: .25rem 0; }
dl.facts { display: grid; grid-template-columns: max-content minmax(0, 1fr); gap: .2rem 1rem; margin: .5rem 0; }
dl.facts dd { margin: 0; }
@media (max-width: 40rem) { dl.facts { grid-template-columns: minmax(0, 1fr); } dl.facts dt { color: var(--soft); } }
figure { margin: .6rem 0; }
svg { display: block; width: 100%; height: auto; }
.bar-used { fill: var(--used); } .bar-tried { fill: var(--tried); } .bar-hours { fill: var(--hours); }
.axis { stroke: var(--line); stroke-width: 1; } .scale { fill: var(--soft); font-size: 10px; }
.key { display: inline-block; width: .8em; height: .8em; margin: 0 .3em 0 .8em; }
.key.used { background: var(--used); } .key.tried { background: var(--tried); } .key.hours { background: var(--hours); }
footer { margin-top: 2rem; color: var(--soft); font-size: .85em; }
@page { size: A4; margin: 15mm 13mm 17mm; @bottom-right { content: counter(page) " / " counter(pages); font-size: 8pt; } }
@media print {
  :root { color-scheme: light; --ground: #fff; --panel: #f3f5f8; --line: #b4bec9; --text: #000; --soft: #444f5c;
    --accent: #0b4f93; --alarm: #a11c15; --care: #6f4600; --used: #0c4a8c; --tried: #7d8b9a;
    --hours: #3f8f63; font-size: 9.5pt; }
  * { print-color-adjust: exact; }
  main { max-width: none; padding: 0; }
  h1 { font-size: 17pt; } h2 { margin-top: 1.4rem; font-size: 12.5pt; }
  h2, h3, h2 + p, h3 + p { break-after: avoid; }
  .answer, .figures div, figure, li { break-inside: avoid; }
  thead { display: table-header-group; }
  tr { break-inside: avoid; }
  .scroll { overflow: visible; }
  table { font-size: 8.2pt; }
  th, td { padding-right: .4rem; }
  a { color: inherit; }
}`
