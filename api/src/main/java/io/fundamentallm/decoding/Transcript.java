package io.fundamentallm.decoding;

import static java.util.Objects.requireNonNull;

import io.fundamentallm.internal.numerics.Exp;
import io.fundamentallm.model.ModelInfo;
import io.fundamentallm.model.Stateful;
import io.fundamentallm.text.Detokenizer;
import io.fundamentallm.text.Tokenizer;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * One sequence being written: history, stages, text, stops and what to report for each token. For
 * each position a decoder calls one of {@link #forced}, {@link #choose}, {@link #distribution} and
 * {@link #process}, or several if the first finds nothing, and then {@link #append}. One thread at
 * a time.
 */
public final class Transcript {
  private static final double CERTAIN = 0;

  private final Binding binding;
  private final ModelInfo model;
  private final DecodingOptions options;
  private final TokenBuffer history;
  private final Randomness randomness;
  private final Step step;
  private final Sampler sampler;
  private final @Nullable Tokenizer tokenizer;
  private final @Nullable Detokenizer detokenizer;
  private final StopStringHold releaser;

  /** The model's own row, kept if it has to be reported. */
  private final float[] raw;

  /** What stages did since the last token, so that forks can report it too. */
  private List<StageTrace> traced = List.of();

  private boolean observed;
  private double processed = Double.NaN;
  private @Nullable FinishReason finish;
  private @Nullable String matchedStop;
  private final List<Token> tokens;

  private Transcript(
      Binding binding,
      DecodingOptions options,
      TokenBuffer history,
      Randomness randomness,
      Sampler sampler,
      @Nullable Detokenizer detokenizer,
      StopStringHold releaser,
      List<Token> tokens) {
    this.binding = binding;
    model = binding.model();
    this.options = options;
    this.history = history;
    this.randomness = randomness;
    this.sampler = sampler;
    this.detokenizer = detokenizer;
    this.releaser = releaser;
    this.tokens = tokens;
    tokenizer = options.tokenizer().orElse(null);
    step = new Step(model, history, randomness);
    if (options.trace().isPresent()) {
      step.startTracing();
    }
    raw = new float[options.alternatives().isPresent() ? model.vocabularySize() : 0];
  }

  /**
   * A sequence that holds only the prompt so far; binds the options' sampler.
   *
   * @throws IllegalArgumentException for an empty prompt, or a token id of the prompt or of {@link
   *     DecodingOptions#stopTokens()} outside the vocabulary
   * @throws IllegalStateException when a stage needs something that the options lack
   */
  public static Transcript begin(
      ModelInfo model, int[] prompt, DecodingOptions options, Randomness randomness) {
    checkPrompt(prompt, model.vocabularySize());
    checkStops(options, model.vocabularySize());
    Tokenizer tokenizer = options.tokenizer().orElse(null);
    Binding binding = tokenizer == null ? Binding.of(model) : Binding.of(model, tokenizer);
    Detokenizer detokenizer = tokenizer == null ? null : tokenizer.detokenizer();
    int last = prompt[prompt.length - 1];
    if (tokenizer != null && options.continuesPrompt() && isText(last, tokenizer)) {
      binding = binding.continuing();
      detokenizer = detokenizerAfter(last, tokenizer);
    }
    return new Transcript(
        binding,
        options,
        TokenBuffer.ofPrompt(prompt),
        randomness,
        options.boundSampler(binding),
        detokenizer,
        new StopStringHold(options.stopStrings(), options.includeStop()),
        new ArrayList<>());
  }

  private static Detokenizer detokenizerAfter(int token, Tokenizer tokenizer) {
    Detokenizer detokenizer = tokenizer.detokenizer();
    detokenizer.append(token);
    // half a character at the prompt's end is not part of the text
    return detokenizer.fork().finish().isEmpty() ? detokenizer : tokenizer.detokenizer();
  }

  private static void checkPrompt(int[] prompt, int vocabularySize) {
    requireNonNull(prompt, "prompt");
    if (prompt.length == 0) {
      throw new IllegalArgumentException(
          "the prompt is empty: begin it with the token that begins a text");
    }
    for (int i = 0; i < prompt.length; i++) {
      if (prompt[i] < 0 || prompt[i] >= vocabularySize) {
        throw new IllegalArgumentException(
            "token "
                + prompt[i]
                + " at index "
                + i
                + " of the prompt is outside the vocabulary [0, "
                + vocabularySize
                + ")");
      }
    }
  }

  private static void checkStops(DecodingOptions options, int vocabularySize) {
    for (int token : options.stopTokens()) {
      if (token >= vocabularySize) {
        throw new IllegalArgumentException(
            "the stop token " + token + " is outside the vocabulary [0, " + vocabularySize + ")");
      }
    }
  }

  /** The sampler's binding, for other parts of the same generation. */
  public Binding binding() {
    return binding;
  }

  /** The tokens so far, prompt included. */
  public History history() {
    return history;
  }

  /** Random numbers of this sequence. */
  public Randomness randomness() {
    return randomness;
  }

  /** The sampler, in the state after the tokens so far. */
  public Sampler sampler() {
    return sampler;
  }

  /** Whether nothing has to be generated at all; if so, ends the sequence. */
  public boolean endsBeforeItBegins() {
    if (options.maxNewTokens() == 0) {
      finish = FinishReason.MAX_NEW_TOKENS;
    }
    return finish != null;
  }

  /**
   * The token at this position that is certain regardless of the scores, or {@link
   * Sampler#NOT_FORCED}. If there is one, no scores are needed, unless log-probabilities are
   * reported.
   */
  public int forced() {
    int token = sampler.forced(step);
    if (token != Sampler.NOT_FORCED) {
      processed = CERTAIN;
    }
    return token;
  }

  /** Whether the model's rows are needed for every token, including forced ones. */
  public boolean reportsProbabilities() {
    return raw.length > 0;
  }

  /**
   * Chooses the next token with the sampler.
   *
   * @param row [V] logits, which stages write into
   */
  public int choose(float[] row) {
    observe(row);
    int forced = forced();
    if (forced != Sampler.NOT_FORCED) {
      return forced;
    }
    begin(row);
    int token = sampler.sample(step);
    if (reportsProbabilities()) {
      processed = logProbability(step.logits(), token);
    }
    return token;
  }

  /**
   * The distribution that {@link #choose} would draw from; uses up the row.
   *
   * @throws IllegalStateException if the sampler's choice is not a draw from one
   */
  public Distribution distribution(float[] row) {
    observe(row);
    int forced = forced();
    if (forced != Sampler.NOT_FORCED) {
      return Distribution.certain(forced);
    }
    begin(row);
    return sampler
        .distribution(step)
        .orElseThrow(
            () ->
                new IllegalStateException(
                    "the sampler does not draw from a distribution, which this decoder needs"));
  }

  /**
   * The scores after all stages but the last choice, for decoders that make the choice; valid until
   * the next call, and written over the row. Ignores {@link #forced()}.
   */
  public Logits process(float[] row) {
    observe(row);
    begin(row);
    sampler.process(step);
    return step.logits();
  }

  /** Keeps the model's row for the report of the next token. */
  private void observe(float[] row) {
    if (raw.length > 0) {
      System.arraycopy(row, 0, raw, 0, raw.length);
      observed = true;
    }
  }

  private void begin(float[] row) {
    begin(step, row);
  }

  /**
   * Begins a step of this sequence, or of a guess at how it continues: resets it to the row, and
   * bars the end tokens as {@link DecodingOptions#minNewTokens()} and {@link
   * DecodingOptions#ignoreEnd()} say.
   *
   * @param step the step of a history that begins with this sequence's prompt
   * @param row [V] logits, which stages write into
   */
  public void begin(Step step, float[] row) {
    step.reset(row);
    if (options.ignoreEnd() || step.history().generated() < options.minNewTokens()) {
      Logits logits = step.logits();
      for (int end : model.endTokens()) {
        int index = logits.indexOf(end);
        if (index >= 0) {
          logits.setScore(index, Float.NEGATIVE_INFINITY);
        }
      }
    }
  }

  private static double logProbability(Logits logits, int token) {
    int index = logits.indexOf(token);
    if (index < 0) {
      return CERTAIN;
    }
    float maximum = logits.maximum();
    double total = 0;
    for (int i = 0; i < logits.count(); i++) {
      total += Exp.exp(logits.score(i) - maximum);
    }
    return logits.score(index) - (double) maximum - StrictMath.log(total);
  }

  /** What to report as the processed log-probability of the next token, if a decoder chose it. */
  public void recordProcessed(double logProbability) {
    processed = logProbability;
  }

  /**
   * Adds a token and reports what it means.
   *
   * @param token in the vocabulary
   * @param window the sequence's context, which the token is added to and which may end it; null if
   *     there is none
   * @return the token with the text that became final
   * @throws IllegalStateException for a token outside the vocabulary
   */
  public Token append(int token, @Nullable ContextWindow window) {
    if (token < 0 || token >= model.vocabularySize()) {
      throw new IllegalStateException(
          "the sampler or a constraint chose token "
              + token
              + "; expected one of the vocabulary, in [0, "
              + model.vocabularySize()
              + ")");
    }
    long position = history.length();
    history.append(token);
    sampler.accept(token);
    if (window != null) {
      window.add(token);
    }
    takeTrace();
    options.trace().ifPresent(trace -> trace.onToken(position, token, traced));
    traced = List.of();
    String text = release(token, window);
    Token result = Token.of(token, text);
    if (observed) {
      RowStatistics row = RowStatistics.of(raw, token, options.alternatives().orElse(0), position);
      result =
          new Token(token, text, row.logProbability(), processed, row.rank(), row.alternatives());
    }
    observed = false;
    processed = Double.NaN;
    tokens.add(result);
    return result;
  }

  private void takeTrace() {
    List<StageTrace> more = step.takeTrace();
    traced = more.isEmpty() ? traced : more;
  }

  /** Decides whether the token ends the sequence, and which text may be shown now. */
  private String release(int token, @Nullable ContextWindow window) {
    finish = ending(token);
    String text = "";
    if (finish == null && detokenizer != null && isText(token, tokenizer)) {
      text = detokenizer.append(token);
      text = history.generated() > options.minNewTokens() ? releaser.append(text) : text;
      if (releaser.matched() != null) {
        matchedStop = releaser.matched();
        finish = FinishReason.STOP_STRING;
      }
    }
    if (finish == null) {
      finish = limit(window);
    }
    if (finish != null && detokenizer != null) {
      text += releaser.append(detokenizer.finish()) + releaser.finish();
    }
    return text;
  }

  private @Nullable FinishReason ending(int token) {
    if (model.endTokens().contains(token)) {
      return FinishReason.END_TOKEN; // before the minimum only if nothing else can follow
    }
    if (history.generated() <= options.minNewTokens()) {
      return null;
    }
    return options.stopTokens().contains(token) ? FinishReason.STOP_TOKEN : null;
  }

  private @Nullable FinishReason limit(@Nullable ContextWindow window) {
    for (StopCondition condition : options.stopConditions()) {
      if (condition.isMet(history)) {
        return condition.reason();
      }
    }
    if (history.generated() >= options.maxNewTokens()) {
      return FinishReason.MAX_NEW_TOKENS;
    }
    return window != null && window.endsHere() ? FinishReason.CONTEXT_FULL : null;
  }

  private static boolean isText(int token, @Nullable Tokenizer tokenizer) {
    // a model may have more logits than its tokenizer has tokens
    return tokenizer != null
        && token < tokenizer.vocabulary().size()
        && !tokenizer.vocabulary().special().contains(token);
  }

  /** Why the sequence ended, or null while it has not. */
  public @Nullable FinishReason finishReason() {
    return finish;
  }

  /** Ends the sequence for an outside reason. */
  public void finish(FinishReason reason) {
    finish = reason;
  }

  /** The generated tokens. */
  public List<Token> tokens() {
    return tokens;
  }

  /** The sequence as a result, with a score to compare it by; NaN if there is none. */
  public GeneratedSequence toSequence(double score) {
    StringBuilder text = new StringBuilder();
    tokens.forEach(token -> text.append(token.text()));
    return new GeneratedSequence(
        tokens,
        text.toString(),
        requireNonNull(finish, "the sequence has not ended"),
        Optional.ofNullable(matchedStop),
        score);
  }

  /** An independent copy with the same past; its further draws are those of another sequence. */
  public Transcript fork(Randomness randomness) {
    Transcript copy =
        new Transcript(
            binding,
            options,
            history.fork(),
            randomness,
            sampler instanceof Stateful stateful ? (Sampler) stateful.fork() : sampler,
            detokenizer == null ? null : detokenizer.fork(),
            releaser.fork(),
            new ArrayList<>(tokens));
    takeTrace();
    copy.traced = traced;
    copy.observed = observed;
    copy.processed = processed;
    copy.finish = finish;
    copy.matchedStop = matchedStop;
    System.arraycopy(raw, 0, copy.raw, 0, raw.length);
    return copy;
  }
}
