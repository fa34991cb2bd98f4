/** What forms of several views have in common. */

const SAMPLERS = [
  'greedy',
  'temperature=0.8',
  'temperature=0.8,top-p=0.9',
  'temperature=1.2,top-k=40',
  'min-p=0.05',
  'typical=0.95',
  'mirostat(version=2,tau=5,eta=0.1)',
  'repetition-penalty=1.1,temperature=0.8',
];
const DECODERS = ['sampling', 'beam(width=4)', 'contrastive(k=4,alpha=0.6)', 'speculative'];

export const samplers = (select, input) => presets(select, input, SAMPLERS);
export const decoders = (select, input) => presets(select, input, DECODERS);

/** A list that writes what is chosen into the field beside it, where it can be edited. */
function presets(select, input, specs) {
  select.append(new Option('', '', true, true), ...specs.map((spec) => new Option(spec, spec)));
  select.options[0].hidden = true;
  select.addEventListener('change', () => {
    input.value = select.value;
    select.value = ''; // so that the same one can be chosen again
    input.dispatchEvent(new Event('filled'));
    input.focus();
  });
}

/** The field's number; where it is empty a random one, which the field then names, so that the text can be had again. */
export function seed(input) {
  if (input.value !== '') {
    return Number(input.value);
  }
  const drawn = Math.floor(Math.random() * 1e6);
  input.placeholder = `${drawn}, random`; // the number first: a narrow field cuts off the end
  return drawn;
}

/** The most tokens to ask for: never more than the model sees at a time. */
export const mostTokens = (input, context) => Math.min(Number(input.value), context);

/** Stop texts, one a line, with the escapes \n, \t and \\. */
export function stops(text) {
  const escapes = {n: '\n', t: '\t', '\\': '\\'};
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => line.replace(/\\([nt\\])/g, (_, letter) => escapes[letter]));
}

/** Ctrl-Enter, or Command-Enter, in a text of several lines sends its form. */
export function sendWithEnter(form) {
  form.addEventListener('keydown', (event) => {
    if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) {
      event.preventDefault();
      form.requestSubmit();
    }
  });
}

/** Shows a problem where it happened; null takes it away. */
export function tell(element, problem) {
  element.hidden = problem === null;
  element.textContent = problem === null ? '' : problem.message;
}
