/** One prompt and one seed under several samplers, side by side. */
import {write} from './continuation.js';
import {explainBelow} from './explain.js';
import {mostTokens, samplers, seed, sendWithEnter} from './fields.js';

const MOST = 4;
const FEWEST = 2;
const SPECS = ['greedy', 'temperature=0.8,top-p=0.9', 'min-p=0.05', 'mirostat(version=2,tau=5,eta=0.1)'];

/** @param {() => {name: string | undefined, context: number}} model the model chosen, and how many tokens it sees at a time */
export function compareView(model) {
  const form = document.getElementById('compare-form');
  const fields = form.elements;
  const submit = form.querySelector('[type=submit]');
  const stop = document.getElementById('compare-stop-button');
  const add = document.getElementById('compare-add');
  const grid = document.getElementById('compare-columns');
  let columns = [];
  let running = null;

  for (const spec of SPECS.slice(0, 3)) {
    append(spec);
  }
  sendWithEnter(form);
  add.addEventListener('click', () => append(SPECS[columns.length]).focus());
  stop.addEventListener('click', () => running.abort());

  form.addEventListener('submit', async (event) => {
    event.preventDefault();
    if (running !== null) {
      return;
    }
    running = new AbortController();
    settle();
    const shared = {
      model: model().name,
      prompt: fields.prompt.value,
      max_tokens: mostTokens(fields.tokens, model().context),
      seed: seed(fields.seed),
    };
    await Promise.all(
      columns.map(({input, places}) => {
        const spec = input.value.trim();
        const body = spec === '' ? shared : {...shared, sampler: spec};
        return write(body, model().context, places, running.signal);
      }),
    );
    running = null;
    settle();
  });

  /** Returns the new column's field. */
  function append(spec) {
    const article = document.getElementById('column').content.firstElementChild.cloneNode(true);
    const input = article.querySelector('input');
    const column = {
      article,
      input,
      places: {
        text: article.querySelector('.text'),
        figures: article.querySelector('.figures'),
        error: article.querySelector('.error'),
      },
    };
    input.value = spec;
    samplers(article.querySelector('select'), input);
    explainBelow(input, article.querySelector('.explained'));
    article.querySelector('.remove').addEventListener('click', () => {
      columns = columns.filter((other) => other !== column);
      article.remove();
      settle();
      add.focus();
    });
    columns.push(column);
    grid.append(article);
    settle();
    return input;
  }

  /** Numbers the columns, and allows what can be done now. */
  function settle() {
    columns.forEach(({article, input}, i) => {
      const name = `Sampler ${i + 1}`;
      input.id = `compare-sampler-${i + 1}`;
      article.setAttribute('aria-label', name);
      article.querySelector('label').textContent = name;
      article.querySelector('label').htmlFor = input.id;
      const remove = article.querySelector('.remove');
      remove.setAttribute('aria-label', `Remove sampler ${i + 1}`);
      remove.hidden = columns.length === FEWEST;
      remove.disabled = running !== null;
    });
    add.disabled = running !== null || columns.length === MOST;
    submit.disabled = running !== null;
    stop.disabled = running === null;
  }
}
