// How far annotators agree, in bars and numbers.

import { bars, counted, element } from "./page_elements.js";

const MOST_DEVIATION = 9 / Math.SQRT2; // of two annotators, one at each end of a scale of 1 to 10

/** Makes the view of the figures that the server computed. */
export function agreementView({ people, compared, answers, skips, categories, ...figures }) {
  const { mean_kappa, defined, gender, age, vad } = figures;
  const choices = [
    ...Object.entries(categories).sort(([, one], [, other]) => other.kappa - one.kappa),
    ["Apparent gender", gender],
    ["Apparent age", age],
  ];
  const rows = choices.filter(([, { kappa }]) => kappa !== null);
  const without = choices.filter(([, { kappa }]) => kappa === null).map(([name]) => name);
  const by = Object.entries(people)
    .map(([annotators, number]) => `${number} by ${annotators}`)
    .join(", ");
  return [
    element(
      "p",
      {},
      `${counted(compared, "person was", "people were")} labelled by two annotators or more ` +
        `(all: ${by}). Mean kappa of ${defined} categories: `,
      element("strong", {}, number(mean_kappa)),
    ),
    element(
      "div",
      { class: "figures" },
      element(
        "section",
        {},
        element("h3", {}, "Fleiss\u2019 kappa"),
        element(
          "p",
          { class: "quiet" },
          "1: all agree; 0: as by chance. In brackets its 95\u00a0% interval over people.",
        ),
        bars(
          rows.map(([name, one]) => ({
            name,
            share: one.kappa,
            text: withInterval(one),
            className: "dimension",
          })),
          "Kappa of each choice",
        ),
        without.length
          ? element(
              "p",
              { class: "quiet" },
              `No figure where all said the same of everybody: ${without.join(", ")}.`,
            )
          : null,
      ),
      element(
        "section",
        {},
        element("h3", {}, "Deviation between annotators"),
        element("p", { class: "quiet" }, "In steps of the scales of 1 to 10; 0: all agree."),
        bars(
          Object.entries(vad).map(([name, { deviation, difference }]) => ({
            name,
            share: deviation / MOST_DEVIATION,
            text: `${number(deviation)}, two differ by ${number(difference)}`,
            className: "dimension",
          })),
          "Standard deviation of each dimension",
        ),
        element("h3", {}, "Answers"),
        table(answers, skips),
      ),
    ),
  ];
}

function table(answers, skips) {
  const names = [...new Set([...Object.keys(answers), ...Object.keys(skips)])];
  const row = (kind, ...cells) =>
    element("tr", {}, ...cells.map((cell) => element(kind, {}, cell)));
  return element(
    "table",
    {},
    element("thead", {}, row("th", "Annotator", "Labelled", "Cannot be judged")),
    element(
      "tbody",
      {},
      ...names.map((name) => row("td", name, `${answers[name] ?? 0}`, `${skips[name] ?? 0}`)),
    ),
  );
}

function withInterval({ kappa, low, high }) {
  return low === null ? number(kappa) : `${number(kappa)} (${number(low)} to ${number(high)})`;
}

function number(value) {
  return value === null ? "none" : value.toFixed(2).replace("-", "\u2212");
}
