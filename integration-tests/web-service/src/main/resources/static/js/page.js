/** The page: its three views, the model that all of them ask, and the key to the server. */
import {keys, models, useKey} from './api.js';
import {compareView} from './compare.js';
import {tell} from './fields.js';
import {generateView} from './generate.js';
import {surprisalView} from './surprisal.js';

const VIEWS = ['generate', 'compare', 'surprisal'];

const model = document.getElementById('model');
const problem = document.getElementById('models-error');
const keyForm = document.getElementById('key-form');
const key = document.getElementById('key');

// As long as the list is not there, the field is left out and the server takes its own.
const chosen = () => ({name: model.value || undefined, context: Number(model.selectedOptions[0]?.dataset.context ?? Infinity)});
const surprisal = surprisalView(chosen);
compareView(chosen);
generateView(chosen, surprisal.generated, () => {
  location.hash = 'surprisal';
  surprisal.showGenerated();
});

keys.addEventListener('wanted', () => {
  keyForm.hidden = false;
  key.value = '';
  key.focus();
});
keyForm.addEventListener('submit', (event) => {
  event.preventDefault();
  useKey(key.value);
  keyForm.hidden = true; // it is asked for again if the server refuses this one
  listModels();
});
model.addEventListener('change', sayContext);
addEventListener('hashchange', turn);
turn();
listModels();

/** Shows the view that the address names, or the first. */
function turn() {
  const named = location.hash.slice(1);
  const view = VIEWS.includes(named) ? named : VIEWS[0];
  for (const name of VIEWS) {
    document.getElementById(`${name}-view`).hidden = name !== view;
    const link = document.querySelector(`nav a[href="#${name}"]`);
    if (name === view) {
      link.setAttribute('aria-current', 'page');
      document.title = `${link.textContent} – FundamentaLLM`;
    } else {
      link.removeAttribute('aria-current');
    }
  }
}

async function listModels() {
  try {
    model.replaceChildren(...(await models()).map(option));
    sayContext();
    tell(problem, null);
  } catch (refusal) {
    tell(problem, refusal);
  }
}

function option({name, context}) {
  const made = new Option(name);
  made.dataset.context = context;
  return made;
}

/** Each view says what the model's context means for it. */
function sayContext() {
  for (const hint of document.querySelectorAll('[data-says]')) {
    hint.textContent = hint.dataset.says.replace('{}', chosen().context);
    hint.hidden = false;
  }
}
