// The frame of every report: one HTML document that needs nothing else, no script and no request.
import { Markup, markup } from './markup.ts';
import palette from './palette.css?raw';
import parts from './parts.css?raw';
import css from './report.css?raw';

/**
 * @param header what stands below the title
 * @returns a whole HTML document
 */
export function htmlDocument(title: string, header: Markup, content: Markup): string {
  return markup`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${title}</title>
<style>
${[palette, parts, css].map((text) => new Markup(text))}
</style>
</head>
<body>
<main>
<header>
<h1>${title}</h1>
${header}
</header>
${content}
</main>
</body>
</html>
`.text;
}
