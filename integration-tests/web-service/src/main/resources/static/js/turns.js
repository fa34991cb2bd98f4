/** The turns of a conversation as elements of the page. */
import {figuresOf, speed} from './continuation.js';
import {make} from './elements.js';

const NAMES = {user: 'You', assistant: 'Model', tool: 'Result'};

/**
 * @typedef {object} Turn a message of OpenAI's interface, and what the page knows of it
 * @property {'user' | 'assistant' | 'tool'} role
 * @property {string} content
 * @property {string} [reasoning_content] what the model thought
 * @property {{id: string, function: {name: string, arguments: string}}[]} [tool_calls]
 * @property {string} [tool_call_id] whose result it is
 * @property {object} [figures] tokens, waited, millis, cached, prompt, finish, left: see figuresBelow
 */

/**
 * An element for a turn; show() brings it up to date while the turn is written.
 *
 * @param {Turn} turn
 * @param {number} number counts from 1
 */
export function turnElement(turn, number) {
  const element = make('article', `turn ${turn.role}`);
  element.setAttribute('aria-label', `${NAMES[turn.role]}, turn ${number}`);
  const head = make('header', 'who');
  head.append(make('h3', '', NAMES[turn.role]));
  const thinking = make('details', 'thinking');
  const thought = make('p', '');
  const summary = make('summary', '');
  thinking.append(summary, thought);
  thinking.hidden = true;
  const text = make('p', 'said', turn.content);
  const calls = make('div', 'calls');
  const foot = make('footer', 'below');
  const figures = make('p', 'figures');
  const actions = make('div', 'actions');
  foot.append(figures, actions);
  element.append(head, ...(turn.role === 'assistant' ? [thinking, text, calls] : [text]), foot);

  /** @param {boolean} writing whether more is to come */
  function show(writing) {
    text.textContent = turn.content;
    text.hidden = turn.content === '' && (turn.tool_calls?.length > 0 || (writing && !!turn.reasoning_content));
    text.setAttribute('aria-busy', String(writing));
    if (turn.reasoning_content) {
      const still = writing && turn.content === '' && !turn.tool_calls?.length;
      thinking.hidden = false;
      thought.textContent = turn.reasoning_content;
      summary.textContent = still ? 'Thinking…' : 'Thought';
      summary.classList.toggle('busy', still);
    }
    (turn.tool_calls ?? []).forEach((call, i) => {
      const card = calls.children[i] ?? calls.appendChild(callCard(call));
      card.querySelector('pre').textContent = indented(call.function.arguments);
    });
    figures.replaceChildren(figuresOf(turn.figures === undefined ? [] : figuresBelow(turn.figures)));
  }
  show(false);
  return {element, text, actions, calls, show};
}

/** What a call asks for. Its result is written below it, where the page asks for one. */
function callCard(call) {
  const card = make('section', 'call');
  card.setAttribute('aria-label', `Call of ${call.function.name}`);
  const title = make('h4', '', call.function.name);
  const kind = make('span', 'kind', 'tool call');
  const head = make('div', 'head');
  head.append(title, kind);
  card.append(head, make('pre', ''));
  return card;
}

function figuresBelow({tokens, waited, millis, cached, prompt, finish, left}) {
  const parts = speed(tokens, waited, millis);
  if (prompt !== undefined) {
    parts.push(`${cached} of ${prompt} prompt tokens from the cache`);
  }
  if (left > 0) {
    parts.push(`the first ${left === 1 ? 'turn was' : `${left} turns were`} left out: more than the model sees`);
  }
  if (finish !== null) {
    parts.push(`finish: ${finish}`);
  }
  return parts;
}

/** JSON on several lines; as it is while it grows. */
function indented(json) {
  try {
    return JSON.stringify(JSON.parse(json), null, 2);
  } catch {
    return json;
  }
}

/** A button below a turn. */
export function action(name, label, act) {
  const button = make('button', 'quiet', name);
  button.type = 'button';
  button.setAttribute('aria-label', label);
  button.addEventListener('click', act);
  return button;
}
