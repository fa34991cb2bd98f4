/** How much each token of a text surprised the model. */
import {figuresOf} from './continuation.js';
import {detailsOf} from './details.js';
import {sendWithEnter, tell} from './fields.js';
import {bits, legend, mean, tokenElements} from './tokens.js';
import {measure} from './windows.js';

/** @param {() => {name: string | undefined, context: number}} model the model chosen, and how many tokens it sees at a time */
export function surprisalView(model) {
  const form = document.getElementById('surprisal-form');
  const input = document.getElementById('surprisal-input');
  const submit = form.querySelector('[type=submit]');
  const take = document.getElementById('surprisal-take');
  const figures = document.getElementById('surprisal-figures');
  const error = document.getElementById('surprisal-error');
  const text = document.getElementById('tokens');
  const details = document.getElementById('details');
  const begin = document.getElementById('surprisal-begin');
  let elements = [];
  let tokens = [];
  let chosen = 0;
  let generated = null;

  legend(document.getElementById('legend'));
  details.replaceChildren(detailsOf(null));
  sendWithEnter(form);
  form.addEventListener('submit', async (event) => {
    event.preventDefault();
    submit.disabled = true;
    tell(error, null);
    begin.hidden = true;
    figures.replaceChildren('Measuring…');
    try {
      const {name, context} = model();
      const measured = await measure(name, input.value, context);
      show('', measured.tokens, measured.windows);
    } catch (problem) {
      figures.replaceChildren();
      tell(error, problem);
    }
    submit.disabled = false;
  });
  take.addEventListener('click', () => showGenerated());
  for (const starter of begin.querySelectorAll('button')) {
    starter.addEventListener('click', () => {
      input.value = starter.textContent;
      form.requestSubmit();
    });
  }

  // One element of the text can be reached with Tab; arrow keys move on from there.
  text.addEventListener('keydown', (event) => {
    const at = elements.indexOf(document.activeElement);
    const to = {ArrowRight: at + 1, ArrowLeft: at - 1, Home: 0, End: elements.length - 1}[event.key];
    if (at >= 0 && to !== undefined) {
      event.preventDefault();
      elements[Math.min(Math.max(to, 0), elements.length - 1)].focus();
    }
  });
  for (const kind of ['pointerover', 'focusin', 'click']) {
    text.addEventListener(kind, (event) => choose(elements.indexOf(event.target)));
  }

  function choose(at) {
    if (at < 0) {
      return;
    }
    mark(elements[chosen], false);
    chosen = at;
    mark(elements[chosen], true);
    details.replaceChildren(detailsOf(tokens[at]));
  }

  function mark(element, selected) {
    element.tabIndex = selected ? 0 : -1;
    element.setAttribute('aria-selected', String(selected));
  }

  function show(prompt, measured, windows) {
    tokens = measured;
    begin.hidden = true;
    elements = tokenElements(tokens);
    const lead = document.createElement('span');
    lead.className = 'prompt';
    lead.textContent = prompt;
    const list = document.createElement('span');
    list.setAttribute('role', 'listbox');
    list.setAttribute('aria-orientation', 'horizontal');
    list.setAttribute('aria-label', 'Tokens; arrow keys move between them');
    list.append(...elements);
    text.replaceChildren(lead, list);
    chosen = 0;
    if (elements.length > 0) {
      elements[0].tabIndex = 0;
    }
    details.replaceChildren(detailsOf(null));
    const average = mean(tokens);
    const parts = [`${tokens.length} tokens`];
    if (average !== null) {
      parts.push(`${bits(average)} each on average`, `perplexity ${(2 ** average).toFixed(1)}`);
    }
    if (windows > 1) {
      parts.push(`in ${windows} windows of ${model().context} tokens`);
    }
    figures.replaceChildren(figuresOf(parts));
  }

  function showGenerated() {
    tell(error, null);
    input.value = generated.prompt + generated.text; // tokens that are half a character are written as bytes
    show(generated.prompt, generated.tokens, 1);
  }

  return {
    /** A continuation was written: it can be shown here. */
    generated(prompt, written, measured) {
      generated = {prompt, text: written, tokens: measured};
      take.hidden = false;
    },
    showGenerated,
  };
}
