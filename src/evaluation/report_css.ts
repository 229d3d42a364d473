// The style of the report page, for light and dark, from phones to wide screens.
import { Markup } from './markup.ts';

export default new Markup(`
:root {
  --page: #f6f5f2; --card: #ffffff; --text: #1d1f24; --soft: #63676f; --line: #e3e1dc;
  --test: #2f6db5; --train: #9aa3b2; --hit: #7db3ee; --miss: #f0946a;
  color-scheme: light dark;
}
@media (prefers-color-scheme: dark) {
  :root {
    --page: #121418; --card: #1b1e24; --text: #e8e9ec; --soft: #9aa0aa; --line: #2d323b;
    --test: #5b9be6; --train: #7c8698; --hit: #2a63a8; --miss: #a84a1f;
  }
}
* { box-sizing: border-box; }
body {
  margin: 0; background: var(--page); color: var(--text);
  font: 15px/1.5 system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", sans-serif;
}
main { max-width: 980px; margin: 0 auto; padding: 40px 20px 64px; }
h1 { margin: 0 0 12px; font-size: 26px; line-height: 1.2; overflow-wrap: anywhere; }
h2 { margin: 0 0 8px; font-size: 17px; }
p { margin: 0 0 14px; color: var(--soft); }
section, .facts > div {
  margin-top: 20px; padding: 20px; background: var(--card); border: 1px solid var(--line); border-radius: 12px;
}
.headline { display: flex; align-items: center; gap: 10px 20px; flex-wrap: wrap; }
.headline strong {
  font-size: 52px; line-height: 1; letter-spacing: -0.02em; color: var(--text); font-variant-numeric: tabular-nums;
}
.headline span { flex: 1 1 300px; }
.facts {
  display: grid; grid-template-columns: repeat(auto-fit, minmax(270px, 1fr)); gap: 20px;
  padding: 0; border: 0; background: none;
}
.facts > div { margin: 0; }
dl { display: grid; grid-template-columns: auto 1fr; gap: 4px 16px; margin: 0; }
dt { color: var(--soft); white-space: nowrap; }
dd { margin: 0; text-align: right; overflow-wrap: anywhere; font-variant-numeric: tabular-nums; }
.charts { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 380px), 1fr)); gap: 20px; }
figure { margin: 0; }
.chart figcaption { display: flex; gap: 14px; align-items: baseline; flex-wrap: wrap; }
.key { color: var(--soft); font-size: 13px; }
.key::before {
  content: ""; display: inline-block; width: 16px; height: 3px; margin-right: 6px; border-radius: 2px;
  vertical-align: middle; background: var(--series);
}
.series-0 { --series: var(--train); }
.series-1 { --series: var(--test); }
svg { display: block; width: 100%; height: auto; margin-top: 8px; }
svg text { fill: var(--soft); font-size: 12px; font-variant-numeric: tabular-nums; }
svg .grid { stroke: var(--line); }
svg polyline { fill: none; stroke: var(--series); stroke-width: 2; stroke-linejoin: round; stroke-linecap: round; }
svg circle { fill: var(--series); }
.wide { overflow-x: auto; }
table { border-collapse: collapse; font-variant-numeric: tabular-nums; }
th { color: var(--soft); font-weight: 600; }
.confusion { width: 100%; table-layout: fixed; border-collapse: separate; border-spacing: 2px; font-size: 13px; }
.confusion th:first-child { width: 28px; }
.confusion th, .confusion td { height: 34px; padding: 0; text-align: center; border-radius: 5px; }
.none { color: var(--line); }
.hit { background: color-mix(in srgb, var(--hit) var(--share), transparent); }
.miss { background: color-mix(in srgb, var(--miss) var(--share), transparent); }
.classes { width: 100%; }
.classes th, .classes td { padding: 6px 8px; text-align: right; border-bottom: 1px solid var(--line); }
.classes th:first-child { text-align: left; }
.classes tbody tr:last-child > * { border-bottom: 0; }
.gallery { display: grid; grid-template-columns: repeat(auto-fill, minmax(76px, 1fr)); gap: 14px 10px; }
.gallery img {
  display: block; width: 100%; height: auto; border-radius: 7px;
  image-rendering: pixelated; filter: invert(1);
}
.gallery .frame { border: 1px solid var(--line); border-radius: 8px; overflow: hidden; }
.gallery figcaption {
  display: flex; flex-direction: column; align-items: center; margin-top: 4px; line-height: 1.3;
}
small { color: var(--soft); font-size: 13px; }
@media (prefers-color-scheme: dark) { .gallery img { filter: none; } }
@media (max-width: 520px) {
  main { padding: 24px 12px 40px; }
  section, .facts > div { padding: 14px; }
  .headline strong { font-size: 44px; }
  .confusion { font-size: 11px; border-spacing: 1px; }
  .confusion th:first-child { width: 16px; }
  .confusion th, .confusion td { height: 28px; border-radius: 3px; }
  .classes th, .classes td { padding: 5px 4px; font-size: 13px; }
}
@media print { body { background: none; } section { break-inside: avoid; } }
`);
