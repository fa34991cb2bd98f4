/** What a spec does, stage by stage, in words. */

const share = (value) => `${+(100 * value).toPrecision(3)} %`;
const tokens = (count) => (count === 1 ? 'one token' : `${count} tokens`);

/** Each stage's words, from its value and its options. */
const STAGES = {
  greedy: () => 'always the likeliest token; the seed changes nothing',
  draw: () => 'draws a token by its probability',
  'keep-best': () => 'the likeliest token stays, whatever else is dropped',
  temperature: ({value = 1}) =>
    value === 0
      ? 'always the likeliest token'
      : value === 1
        ? 'the model’s own probabilities'
        : value < 1
          ? 'below 1: likely tokens get likelier, the text safer'
          : 'above 1: unlikely tokens get a better chance, the text wilder',
  'dynamic-temperature': ({value, range}) => `between ${value - range} and ${value + range}: the higher, the less sure the model is`,
  'top-k': ({value}) => `only the ${tokens(value)} that are likeliest`,
  'top-p': ({value}) => `the fewest of the likeliest tokens that have ${share(value)} of the probability together`,
  'min-p': ({value}) => `only tokens with at least ${share(value)} of the likeliest one’s probability`,
  typical: ({value}) => `tokens about as surprising as the model expects, ${share(value)} of the probability together`,
  epsilon: ({value}) => `only tokens with a probability of at least ${share(value)}`,
  eta: ({value}) => `drops tokens below ${share(value)}, or below less where the model is unsure`,
  'top-n-sigma': ({value}) => `only tokens whose score is within ${value} standard deviations of the best`,
  'top-a': ({value}) => `drops more where one token is very likely; ${value} says how much more`,
  'top-h': ({value}) => `as many of the likeliest tokens as have at most ${share(value)} of the entropy`,
  'p-less': () => 'only tokens at least as likely as two draws are to agree',
  'eos-prioritizer': ({value}) => `ends the text as soon as its end has more than ${share(value)}`,
  'quadratic-smoothing': () => 'bends scores by their distance from the best',
  'tail-free': ({value}) => `cuts the tail of unlikely tokens where the curve flattens; keeps ${share(value)} of its bend`,
  xtc: ({probability, threshold}) =>
    `in ${share(probability)} of the steps, drops all but the least likely of the tokens above ${share(threshold)}`,
  mirostat: ({tau = 5}) => `keeps each token’s surprisal near ${tau} bits`,
  'adaptive-p': ({target}) => `prefers tokens so that the chosen ones have a probability near ${share(target)}`,
  'repetition-penalty': ({value}) => (value > 1 ? 'tokens that were used get less likely' : value < 1 ? 'tokens that were used get likelier' : 'no penalty'),
  'frequency-penalty': ({value}) => `takes ${value} from a token’s score for each time that it was used`,
  'presence-penalty': ({value}) => `takes ${value} from the score of each token that was used`,
  dry: () => 'what would continue a repeated passage gets less likely, the longer the passage the more',
  'no-repeat-n-gram': ({value}) => (value === 0 ? 'off' : `never the same ${tokens(value)} in a row twice`),
  'logit-bias': () => 'adds to the scores of the tokens named',
  'sequence-bias': () => 'adds to the scores of the sequences named',
  'allowed-tokens': () => 'only the tokens named',
  'suppressed-tokens': () => 'none of the tokens named',
  'bad-words': () => 'none of the words named',
  'forced-begin-token': () => 'begins with the token named',
  'forced-end-token': () => 'ends with the token named',
  'min-new-tokens': ({value}) => `at least ${tokens(value)} before it may end`,
  'min-length': ({value}) => `at least ${tokens(value)} before it may end, the prompt’s counted`,
  'exponential-decay-length-penalty': ({start}) => `after ${tokens(start)} an end gets likelier at each step`,
  'reasoning-budget': ({value}) => `at most ${tokens(value)} of thinking`,
  hf: () => 'Hugging Face’s order of stages, and its rules at the edges',
  'llama.cpp': () => 'llama.cpp’s order of stages, and its rules at the edges',
  vllm: () => 'vLLM’s order of stages, and its rules at the edges',
  regex: () => 'only what the regular expression allows',
  grammar: () => 'only what the grammar allows',
  choice: () => 'one of the texts given',
  json: () => 'only JSON',
  'json-object': () => 'only a JSON object',
  'chat-answer': () => 'an answer whose calls of tools are valid',
  'json-schema': () => 'only JSON that the schema allows',
  sampling: () => 'draws one token after the other, as the sampler says',
  beam: ({width = 4}) => `keeps the ${width} best beginnings at each step and takes the best text; the sampler draws nothing`,
  contrastive: ({k, alpha}) => `of the ${k} likeliest tokens, the one least like what stands there already; ${alpha} says how much that counts`,
  speculative: () => 'guesses several tokens and checks them in one pass: the same text, sooner',
};

/** The name of each stage that has words here. */
export const explained = Object.keys(STAGES);

/**
 * The stages of a spec with what they do; a stage that is unknown here has none. Empty where the spec cannot be read: the
 * server says why.
 *
 * @returns {{stage: string, words: ?string}[]}
 */
export function explain(spec) {
  return stages(spec.trim()).map((written) => {
    const [, name, value, inner] = /^([\w.-]+)\s*(?:=\s*(.*)|\((.*)\))?$/s.exec(written) ?? [];
    const words = name !== undefined && Object.hasOwn(STAGES, name) ? STAGES[name] : null;
    const options = optionsOf(value, inner);
    const said = words === null ? null : words(options);
    const short = written.length > 40 ? `${written.slice(0, 39)}…` : written;
    // an option that is missing or no number: the server says what it wants
    return {stage: short.replace('=', ' '), words: said === null || /undefined|NaN/.test(said) ? null : said};
  });
}

/** Keeps the words for a field's spec below the field. */
export function explainBelow(input, list, otherwise = () => '') {
  const say = () => {
    const entries = explain(input.value.trim() === '' ? otherwise() : input.value);
    list.replaceChildren(
      ...entries.map(({stage, words}) => {
        const entry = document.createElement('li');
        const name = document.createElement('b');
        name.textContent = stage;
        entry.append(name, ...(words === null ? [] : [`: ${words}`]));
        return entry;
      }),
    );
    list.hidden = entries.length === 0;
  };
  input.addEventListener('input', say);
  input.addEventListener('filled', say);
  say();
  return say;
}

function optionsOf(value, inner) {
  const options = {};
  const number = (text) => (/^\s*[-+.\d]/.test(text) ? Number(text) : text.trim());
  if (value) {
    options.value = number(value);
  }
  for (const option of stages(inner ?? '')) {
    const at = option.indexOf('=');
    options[option.slice(0, at).trim()] = number(option.slice(at + 1));
  }
  return options;
}

/** Cut at the commas outside of brackets and quotes. */
function stages(spec) {
  const parts = [''];
  let depth = 0;
  let quoted = false;
  for (let i = 0; i < spec.length; i++) {
    const letter = spec[i];
    if (quoted && letter === '\\') {
      parts[parts.length - 1] += letter + (spec[++i] ?? '');
      continue;
    }
    quoted = letter === '"' ? !quoted : quoted;
    depth += quoted ? 0 : letter === '(' ? 1 : letter === ')' ? -1 : 0;
    if (letter === ',' && depth === 0 && !quoted) {
      parts.push('');
    } else {
      parts[parts.length - 1] += letter;
    }
  }
  return parts.map((part) => part.trim()).filter((part) => part !== '');
}
