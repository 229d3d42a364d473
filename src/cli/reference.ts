// docs/CLI.md's tables of options, made from the commands. `npm run readme` writes them; a test fails when they
// differ.
import type { Command, Option } from 'commander';
import { commandLine } from './command_line.ts';

/** The file of the reference. */
export const REFERENCE = 'docs/CLI.md';

/**
 * The reference with each command's options between `<!-- options: COMMAND -->` and `<!-- end -->`.
 * @throws Error if a command has no place in the text
 */
export function renderReference(text: string): string {
  return commandLine().commands.reduce((rendered, command) => {
    const [begin, end] = [`<!-- options: ${command.name()} -->\n`, '<!-- end -->'];
    const from = rendered.indexOf(begin);
    const to = rendered.indexOf(end, from);
    if (from < 0 || to < 0) throw new Error(`${REFERENCE} has no options of "${command.name()}"`);
    return rendered.slice(0, from + begin.length) + optionTable(command) + rendered.slice(to);
  }, text);
}

function optionTable({ options, registeredArguments }: Command): string {
  const rows = [
    ...registeredArguments.map((each) => [`${each.name()}${each.variadic ? '…' : ''}`, each.description]),
    ...options.map((each) => [each.flags, about(each)]),
  ];
  const lines = rows.map(([flags, what]) => `| \`${flags}\` | ${what.replaceAll('|', '\\|')} |\n`);
  return `| option | |\n| --- | --- |\n${lines.join('')}`;
}

/** What the option is for, what it may be, and what it is when left out. */
function about({ description, argChoices, defaultValue, mandatory }: Option): string {
  const isDefault = (choice: string) => choice === defaultValue;
  const choices = argChoices?.map((choice) => (isDefault(choice) ? `**\`${choice}\`**` : `\`${choice}\``));
  const given = !argChoices && defaultValue !== undefined && typeof defaultValue !== 'boolean';
  return [
    mandatory ? `${description} (required)` : description,
    ...(choices ? [choices.join(' ')] : []),
    ...(given ? [`default \`${[defaultValue].flat().join(',')}\``] : []),
  ].join('; ');
}
