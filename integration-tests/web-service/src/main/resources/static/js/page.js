/** The page: its four views, the model that all of them ask, and the key to the server. */
import {defaultSampler, keys, models, useKey} from './api.js';
import {chatView} from './chat.js';
import {compareView} from './compare.js';
import {tell} from './fields.js';
import {generateView} from './generate.js';
import {surprisalView} from './surprisal.js';

const VIEWS = ['chat', 'generate', 'compare', 'surprisal'];

const model = document.getElementById('model');
const problem = document.getElementById('models-error');
const keyForm = document.getElementById('key-form');
const key = document.getElementById('key');

// As long as the list is not there, the field is left out and the server takes its own.
const chosen = () => ({name: model.value || undefined, context: Number(model.selectedOptions[0]?.dataset.context ?? Infinity)});
let sampler = '';
const chat = chatView(chosen, () => sampler);
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
model.addEventListener('change', sayModel);
addEventListener('hashchange', turn);
turn();
listModels();

/** Shows the view that the address names, or the first that the model is for. */
function turn() {
  const named = location.hash.slice(1);
  const view = VIEWS.includes(named) ? named : VIEWS[can('chat') ? 0 : 1];
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
  if (view === 'chat') {
    chat.show();
  }
}

/** Whether the model chosen can do it; as long as nobody knows, it can. */
function can(what) {
  const known = model.selectedOptions[0]?.dataset.can;
  return known === undefined || known.split(' ').includes(what);
}

async function listModels() {
  try {
    model.replaceChildren(...(await models()).map(option));
    sampler = await defaultSampler();
    sayModel();
    turn();
    tell(problem, null);
  } catch (refusal) {
    tell(problem, refusal);
  }
}

function option({name, context, can}) {
  const made = new Option(name);
  if (context !== undefined) {
    made.dataset.context = context; // unknown of some files until the model is loaded
  }
  if (can !== undefined) {
    made.dataset.can = can.join(' ');
  }
  return made;
}

/** Each view says what the model and its context mean for it. */
function sayModel() {
  document.getElementById('chat-none').hidden = can('chat');
  document.getElementById('chat-form').hidden = !can('chat');
  document.getElementById('chat-begin').classList.toggle('absent', !can('chat'));
  document.getElementById('chat-thinking-field').hidden = !can('thinking');
  for (const hint of document.querySelectorAll('[data-says]')) {
    hint.textContent = hint.dataset.says.replace('{}', chosen().context);
    hint.hidden = chosen().context === Infinity;
  }
}
