/** A conversation with a model. */
import {answer, dropBrokenCalls, isEmpty, toolsOf} from './conversation.js';
import {make, oncePerFrame} from './elements.js';
import {explainBelow} from './explain.js';
import {mostTokens, samplers, seed, tell} from './fields.js';
import {action, turnElement} from './turns.js';

const KEPT = 'fundamentallm.conversation';
const EXAMPLE = [
  {
    name: 'weather',
    description: 'The weather in a city now.',
    parameters: {type: 'object', properties: {city: {type: 'string', maxLength: 40}}, required: ['city'], additionalProperties: false},
  },
];

/**
 * @param {() => {name: string | undefined, context: number}} model the model chosen, and how many tokens it sees at a time
 * @param {() => string} otherwise the server's own sampler
 * @returns {{show: () => void}} to be told when the view is turned to, or knows more of the server
 */
export function chatView(model, otherwise) {
  const form = document.getElementById('chat-form');
  const input = document.getElementById('chat-input');
  const send = document.getElementById('chat-send');
  const settings = document.getElementById('chat-settings');
  const fields = settings.elements;
  const log = document.getElementById('chat-log');
  const problem = document.getElementById('chat-error');
  const fresh = document.getElementById('chat-new');
  const options = document.getElementById('chat-options');
  const wide = matchMedia('(min-width: 60.0625rem)');
  let turns = kept();
  let running = null;
  let shown = [];

  samplers(settings.querySelector('[data-fills=chat-sampler]'), fields.sampler);
  const explainAgain = explainBelow(fields.sampler, document.getElementById('chat-explained'), otherwise);
  wide.addEventListener('change', unfold);
  unfold();
  settings.addEventListener('submit', (event) => event.preventDefault());
  form.addEventListener('submit', (event) => {
    event.preventDefault();
    if (running !== null) {
      running.abort();
    } else if (input.value.trim() !== '') {
      say(input.value);
    }
  });
  input.addEventListener('keydown', (event) => {
    if (event.key === 'Enter' && !event.shiftKey && !event.isComposing) {
      event.preventDefault();
      if (running === null) {
        form.requestSubmit();
      }
    } else if (event.key === 'ArrowUp' && input.value === '' && running === null) {
      const last = turns.findLastIndex(({role}) => role === 'user');
      if (last >= 0) {
        event.preventDefault();
        edit(last);
      }
    }
  });
  document.getElementById('chat-view').addEventListener('keydown', (event) => {
    if (event.key === 'Escape' && running !== null) {
      running.abort();
    }
  });
  fresh.addEventListener('click', () => {
    running?.abort();
    running = null;
    turns = [];
    log.setAttribute('aria-busy', 'false');
    tell(problem, null);
    render();
    input.focus();
  });
  document.getElementById('chat-example').addEventListener('click', () => {
    fields.tools.value = JSON.stringify(EXAMPLE, null, 2);
    fields.tools.focus();
  });
  for (const starter of document.querySelectorAll('#chat-begin button')) {
    starter.addEventListener('click', () => {
      if (running === null) {
        say(starter.textContent);
      }
    });
  }
  render();

  function unfold() {
    options.open = wide.matches;
  }

  function say(text) {
    unanswered();
    turns.push({role: 'user', content: text});
    input.value = '';
    respond();
  }

  /** A call that the person passed over has no result, and templates want one. */
  function unanswered() {
    const calls = turns[turns.length - 1]?.tool_calls ?? [];
    turns.push(...calls.map(({id}) => ({role: 'tool', tool_call_id: id, content: 'no result'})));
  }

  /**
   * The model's next turn.
   *
   * @param {import('./turns.js').Turn[] | null} before the conversation to go back to if nothing comes; null to stay
   */
  async function respond(before = null) {
    tell(problem, null);
    let request;
    try {
      request = body();
    } catch (wrong) {
      turns = before ?? turns;
      render();
      tell(problem, wrong);
      return;
    }
    const ours = new AbortController();
    running = ours;
    const conversation = turns;
    const written = {role: 'assistant', content: ''};
    conversation.push(written);
    render();
    const place = shown[shown.length - 1];
    place.show(true);
    log.setAttribute('aria-busy', 'true');
    follow(true);
    let refused = null;
    try {
      const grown = oncePerFrame(() => {
        if (running === ours) {
          const near = atEnd();
          place.show(true);
          follow(near);
        }
      });
      await answer(request, conversation, fields.system.value.trim(), model().context, grown, ours.signal);
    } catch (wrong) {
      refused = wrong;
    }
    dropBrokenCalls(written);
    const nothing = isEmpty(written);
    if (nothing) {
      conversation.pop();
      if (refused === null && !ours.signal.aborted) {
        refused = new Error('The model wrote nothing.');
      }
    }
    if (running === ours) {
      running = null;
    }
    if (turns === conversation) {
      if (nothing && before !== null) {
        turns = before;
      }
      render();
      log.setAttribute('aria-busy', 'false');
      tell(problem, refused);
      follow(atEnd());
    }
  }

  function body() {
    const wanted = {model: model().name, max_tokens: mostTokens(fields.tokens, model().context), seed: seed(fields.seed)};
    if (fields.sampler.value.trim() !== '') {
      wanted.sampler = fields.sampler.value.trim();
    }
    if (fields.thinking.value !== '' && !document.getElementById('chat-thinking-field').hidden) {
      wanted.reasoning_budget = Number(fields.thinking.value);
    }
    const tools = toolsOf(fields.tools.value);
    if (tools.length > 0) {
      wanted.tools = tools;
      wanted.tool_choice = fields.choice.value;
    }
    return wanted;
  }

  function render() {
    shown = turns.map((turn, i) => turnElement(turn, i + 1));
    document.getElementById('chat-begin').hidden = turns.length > 0;
    log.replaceChildren(...shown.map(({element}) => element));
    send.textContent = running === null ? 'Send' : 'Stop';
    send.classList.toggle('primary', running === null);
    fresh.disabled = turns.length === 0;
    if (running === null) {
      shown.forEach(allow);
      if (turns.length > 0 && turns[turns.length - 1].role !== 'assistant') {
        shown[shown.length - 1].actions.append(action('Try again', `Answer turn ${turns.length} again`, () => respond()));
      }
      askForResults();
      keep();
    }
  }

  /** What can be done with a turn. */
  function allow({actions}, i) {
    const {role, content} = turns[i];
    if (role === 'user') {
      actions.append(action('Edit', `Edit turn ${i + 1}`, () => edit(i)));
    } else if (role === 'assistant') {
      actions.append(action('Regenerate', `Regenerate turn ${i + 1}`, () => again(i)));
    }
    if (navigator.clipboard && role !== 'tool' && content !== '') {
      actions.append(action('Copy', `Copy turn ${i + 1}`, () => navigator.clipboard.writeText(content)));
    }
  }

  /** The turns from this one on are written anew. */
  function again(i) {
    const before = turns;
    turns = turns.slice(0, i);
    respond(before);
    input.focus({preventScroll: true});
  }

  function edit(i) {
    const {element, text, actions} = shown[i];
    const editor = document.createElement('form');
    editor.className = 'edit';
    const field = document.createElement('textarea');
    field.value = turns[i].content;
    field.rows = Math.min(10, field.value.split('\n').length + 1);
    field.setAttribute('aria-label', `Turn ${i + 1}`);
    const buttons = make('div', 'actions');
    const save = make('button', 'primary', 'Send anew');
    const leave = action('Cancel', 'Cancel', () => close());
    buttons.append(save, leave);
    editor.append(field, buttons);
    const close = () => {
      editor.replaceWith(text);
      actions.hidden = false;
      actions.querySelector('button').focus();
    };
    editor.addEventListener('submit', (event) => {
      event.preventDefault();
      if (running === null && field.value.trim() !== '') {
        const before = turns;
        turns = [...turns.slice(0, i), {role: 'user', content: field.value}];
        respond(before);
        input.focus({preventScroll: true});
      }
    });
    field.addEventListener('keydown', (event) => {
      if (event.key === 'Escape') {
        close();
      } else if (event.key === 'Enter' && !event.shiftKey && !event.isComposing) {
        event.preventDefault();
        editor.requestSubmit();
      }
    });
    text.replaceWith(editor);
    actions.hidden = true;
    field.focus();
    element.scrollIntoView({block: 'nearest'});
  }

  /** The last turn called tools: whoever reads this is who can run them. */
  function askForResults() {
    const last = turns[turns.length - 1];
    if (!last?.tool_calls?.length) {
      return;
    }
    const {calls} = shown[shown.length - 1];
    const results = document.createElement('form');
    results.className = 'results';
    const places = last.tool_calls.map((call) => {
      const label = make('label', '', `Result of ${call.function.name}`);
      const field = document.createElement('textarea');
      field.rows = 2;
      field.className = 'spec';
      field.id = `result-${call.id}`;
      label.htmlFor = field.id;
      results.append(label, field);
      return {call, field};
    });
    const buttons = make('div', 'actions');
    buttons.append(make('button', 'primary', places.length === 1 ? 'Send result' : 'Send results'));
    results.append(buttons);
    results.addEventListener('submit', (event) => {
      event.preventDefault();
      turns.push(...places.map(({call, field}) => ({role: 'tool', tool_call_id: call.id, content: field.value})));
      respond();
      input.focus({preventScroll: true});
    });
    calls.append(results);
  }

  function atEnd() {
    const page = document.scrollingElement;
    return page.scrollHeight - page.scrollTop - page.clientHeight < 80;
  }

  /** Keeps the end in sight for those who read there. */
  function follow(near) {
    if (near) {
      document.scrollingElement.scrollTop = document.scrollingElement.scrollHeight;
    }
  }

  /** Until the tab closes, as the key is. */
  function keep() {
    try {
      sessionStorage.setItem(KEPT, JSON.stringify(turns));
    } catch {
      sessionStorage.removeItem(KEPT); // too long to be kept
    }
  }

  function kept() {
    return JSON.parse(sessionStorage.getItem(KEPT) ?? '[]');
  }

  return {
    show() {
      explainAgain();
      fields.sampler.placeholder = otherwise();
      if (matchMedia('(pointer: fine)').matches && document.activeElement === document.body) {
        input.focus({preventScroll: true});
      }
    },
  };
}
