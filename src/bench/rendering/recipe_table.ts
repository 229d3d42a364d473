// BENCHMARKS.md's table of recipes: what trainings with several seeds reached.
import { mean, sampleStandardDeviation } from 'simple-statistics';
import type { TrainReport } from '../../training/report.ts';
import { markdown } from './text.ts';

/** Reports of the same recipe, one for each seed. */
export type Trainings = readonly TrainReport[];

/** A row for each recipe, shortest training first: accuracies of all seeds, nothing picked. */
export function recipeTable(reports: Trainings): string {
  const recipes = [...new Set(reports.map(({ recipe }) => recipe.name))].map((name) =>
    reports.filter(({ recipe }) => recipe.name === name).sort((a, b) => a.seed - b.seed),
  );
  const rows = recipes
    .map((seeds) => ({ seeds, seconds: mean(seeds.map(({ seconds }) => seconds)) }))
    .sort((a, b) => a.seconds - b.seconds)
    .map(({ seeds, seconds }) => {
      const [{ recipe, network }] = seeds;
      const accuracies = seeds.map(({ test }) => 100 * test.accuracy);
      const spread = seeds.length > 1 ? sampleStandardDeviation(accuracies).toFixed(2) : '–';
      return [
        `\`${recipe.name}\``,
        network,
        recipe.epochs,
        duration(seconds),
        accuracies.map((accuracy) => accuracy.toFixed(2)).join(' '),
        `**${mean(accuracies).toFixed(2)} %**`,
        spread,
      ];
    });
  const seedNames = 'test accuracy of each seed, %';
  return markdown(['recipe', 'network', 'epochs', 'time', seedNames, 'mean', 'deviation'], 2, rows);
}

function duration(seconds: number): string {
  if (seconds < 10) return `${seconds.toFixed(1)} s`;
  return seconds < 120 ? `${seconds.toFixed(0)} s` : `${(seconds / 60).toFixed(0)} min`;
}
