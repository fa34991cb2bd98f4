package io.fundamentallm.webservice.answer;

import static java.util.Objects.requireNonNull;

import io.fundamentallm.TextGenerator;
import io.fundamentallm.TextScore;
import io.fundamentallm.TextScorer;
import io.fundamentallm.TokenScore;
import io.fundamentallm.chat.ChatAnswer;
import io.fundamentallm.chat.ChatParser;
import io.fundamentallm.chat.ChatPart;
import io.fundamentallm.decoding.FinishReason;
import io.fundamentallm.decoding.GeneratedSequence;
import io.fundamentallm.decoding.Generation;
import io.fundamentallm.decoding.Token;
import io.fundamentallm.model.ConstraintException;
import io.fundamentallm.model.NoTokenException;
import io.fundamentallm.webservice.error.ApiException;
import io.fundamentallm.webservice.request.AnswerPlan;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.CancellationException;
import java.util.concurrent.Executor;
import java.util.concurrent.ThreadLocalRandom;
import org.jspecify.annotations.Nullable;

/**
 * The answer to one request, piece by piece as it is computed. Read by one thread at a time; can be
 * closed from any.
 */
final class Answer implements AutoCloseable {
  /**
   * A token with what is reported about it.
   *
   * @param id the token
   * @param logProbability NaN if it has none
   * @param alternatives best first
   * @param echoed whether it is the prompt's: of these the text has special ones, too
   */
  record Scored(
      int id, double logProbability, List<Token.Alternative> alternatives, boolean echoed) {}

  /**
   * A piece of one of the continuations.
   *
   * @param choice which one
   * @param text what is added to it
   * @param parts what that is, if it is a chat's: text, thinking and calls
   * @param tokens that were read or written for it
   * @param finish why the continuation ends here; null if it does not
   */
  record Piece(
      int choice,
      String text,
      List<ChatPart> parts,
      List<Scored> tokens,
      @Nullable FinishReason finish) {}

  private final AnswerPlan plan;
  private final Duration time;
  private final Executor threads;
  private final long startNanos = System.nanoTime();
  private final Queue<Piece> ready = new ArrayDeque<>();

  /** Which prompt is continued, and the number of its first continuation. */
  private int prompt = -1;

  private int firstChoice;
  private boolean ended = true;

  /** Of the prompt, once its echo was taken. */
  private volatile @Nullable Generation generation;

  /** Of the same prompt, if it is a chat. */
  private @Nullable ChatAnswer chat;

  private @Nullable ChatParser parser;

  /** Of the prompt, if its continuations are written side by side. */
  private volatile @Nullable Continuations continuations;

  private final List<List<TokenScore>> promptScores = new ArrayList<>();

  private volatile boolean closed;

  private int promptTokens;
  private int cachedTokens;
  private int generatedTokens;
  private int thinkingTokens;

  private @Nullable String matchedStop;

  private volatile boolean complete;
  private volatile boolean failed;

  /**
   * Starts its time limit.
   *
   * @param time the most time for the whole answer; what is not written by then is left out
   * @param threads for continuations beside the first that are written at the same time
   */
  Answer(AnswerPlan plan, Duration time, Executor threads) {
    this.threads = threads;
    this.plan = plan;
    this.time = time;
  }

  AnswerPlan plan() {
    return plan;
  }

  /** Whether all of it was read. */
  boolean isComplete() {
    return complete;
  }

  /** Whether it ended with an error. */
  boolean hasFailed() {
    return failed;
  }

  /** Ends it with an error from elsewhere. */
  void fail() {
    failed = true;
  }

  /** How many tokens the prompts begun so far had. */
  int promptTokens() {
    return promptTokens;
  }

  /** How many of them were known, and so not read. */
  int cachedTokens() {
    return cachedTokens;
  }

  /** What the tokens of each prompt scored, if that was asked for. */
  List<List<TokenScore>> promptScores() {
    return promptScores;
  }

  /**
   * How many tokens were generated so far, in all continuations, including those that are not among
   * the best, and end tokens.
   */
  int generatedTokens() {
    return generatedTokens;
  }

  /** The stop string that ended the last of the prompts; null if none did. */
  @Nullable String matchedStop() {
    return matchedStop;
  }

  /** Of the generated tokens those that told more of what the model thinks. */
  int thinkingTokens() {
    return thinkingTokens;
  }

  /**
   * The next piece; null at the end, and once closed.
   *
   * @throws ApiException if the client's constraint allows no next token, there is no memory left
   *     for now, or the model is closed
   */
  @Nullable Piece next() {
    try {
      Piece piece = compute();
      complete = piece == null && !closed;
      return piece;
    } catch (RuntimeException e) {
      failed = true;
      throw meaning(e);
    } catch (Error e) {
      failed = true;
      throw e;
    }
  }

  private RuntimeException meaning(RuntimeException e) {
    if (plan.constraint() != null
        && (e instanceof ConstraintException || e instanceof NoTokenException)) {
      return ApiException.invalid(
          plan.constraint(), "'" + plan.constraint() + "': " + e.getMessage());
    }
    ApiException known = ApiException.of(e);
    return known == null ? e : known;
  }

  private Duration timeLeft() {
    Duration left = time.minusNanos(System.nanoTime() - startNanos);
    return left.isNegative() ? Duration.ZERO : left;
  }

  private @Nullable Piece compute() {
    while (ready.isEmpty() && !closed) {
      if (ended) {
        if (prompt + 1 == plan.prompts().size()) {
          return null;
        }
        prompt++;
        ended = false;
        begin();
      } else {
        advance();
      }
    }
    return closed ? null : ready.poll();
  }

  private void begin() {
    if (timeLeft().isZero()) {
      leaveOut();
      return;
    }
    if (plan.promptAlternatives().isPresent()) {
      try {
        promptScores.add(score(plan.promptAlternatives().getAsInt()).tokens());
      } catch (CancellationException e) {
        leaveOut();
        return;
      }
    }
    if (plan.echo()) {
      String text = plan.prompts().get(prompt).text();
      List<Scored> scored;
      try {
        scored = scored();
      } catch (CancellationException e) {
        leaveOut();
        return;
      }
      for (int i = 0; i < plan.choices(); i++) {
        ready.add(new Piece(firstChoice + i, text, List.of(), scored, null));
      }
    }
  }

  /** There is no time left for the prompt. */
  private void leaveOut() {
    for (int i = 0; i < plan.choices(); i++) {
      add(firstChoice + i, "", List.of(), List.of(), FinishReason.TIME_LIMIT);
    }
    end();
  }

  private void end() {
    firstChoice += plan.choices();
    ended = true;
    continuations = null;
    generation = null;
    chat = null;
    parser = null;
  }

  private Continuations.Begun begun(TextGenerator generator) {
    TextGenerator limited = generator.with(options -> options.timeLimit(timeLeft()));
    AnswerPlan.Prompt asked = plan.prompts().get(prompt);
    if (asked.chat() != null) {
      ChatAnswer answering = asked.chat().apply(limited);
      return new Continuations.Begun(answering.generation(), answering);
    }
    return new Continuations.Begun(
        requireNonNull(asked.generation(), "neither continued nor answered").apply(limited), null);
  }

  private Generation started() {
    Continuations.Begun begun = begun(plan.generator());
    Generation started = begun.generation();
    chat = begun.chat();
    parser = chat == null ? null : chat.parser();
    generation = started;
    promptTokens += started.summary().promptTokens();
    if (closed) {
      started.close();
    }
    return started;
  }

  /** What the model reads, without the begin token that it puts before a text. */
  private int[] tokens() {
    AnswerPlan.Prompt asked = plan.prompts().get(prompt);
    return asked.tokens() == null
        ? plan.generator().tokenizer().encode(asked.text())
        : asked.tokens().get();
  }

  private TextScore score(int alternatives) {
    return TextScorer.of(plan.generator().tokenizer(), plan.generator().model())
        .withAlternatives(alternatives)
        .withCancellation(() -> closed || timeLeft().isZero())
        .score(tokens());
  }

  private List<Scored> scored() {
    int alternatives = plan.alternatives().orElse(-1);
    if (alternatives < 0) {
      return List.of();
    }
    int[] tokens = tokens();
    TextScore score = score(alternatives);
    List<Scored> scored = new ArrayList<>();
    // the first has none unless a begin token precedes it
    for (int i = 0; i < tokens.length - score.tokens().size(); i++) {
      scored.add(new Scored(tokens[i], Double.NaN, List.of(), true));
    }
    for (TokenScore token : score.tokens()) {
      scored.add(new Scored(token.token(), token.logProbability(), token.alternatives(), true));
    }
    return scored;
  }

  /** A token of each continuation. */
  private void advanceTogether() {
    Continuations present = continuations;
    if (present == null) {
      long seed = ThreadLocalRandom.current().nextLong();
      present =
          new Continuations(
              plan.choices(),
              i ->
                  begun(
                      plan.generator()
                          .with(o -> o.seed(o.build().seed().orElse(seed)).sequence(i))),
              threads);
      continuations = present;
      promptTokens += present.first().summary().promptTokens();
      if (closed) {
        present.close();
      }
    }
    for (Continuations.Step step : present.step()) {
      if (step.finish() == FinishReason.CANCELLED) {
        return; // closed, as next() will see
      }
      Token token = step.token();
      List<Token> tokens = token == null ? List.of() : List.of(token);
      List<ChatPart> parts =
          step.parser() == null ? List.of() : parts(step.parser(), tokens, step.last());
      add(
          firstChoice + step.choice(),
          token == null ? "" : token.text(),
          parts,
          tokens,
          step.finish());
    }
    if (present.isOver()) {
      cachedTokens += present.first().summary().cachedTokens();
      present.close();
      end();
    }
  }

  private void advance() {
    if (plan.together()) {
      advanceTogether();
      return;
    }
    Generation present = generation;
    if (present == null) {
      present = started();
    }
    Token token = present.hasNext() ? present.next() : null;
    boolean last = present.hasEnded();
    FinishReason finish = last ? present.finishReason() : null;
    if (finish == FinishReason.CANCELLED) {
      return; // closed, as next() will see
    }
    List<Token> tokens = token == null ? List.of() : List.of(token);
    List<ChatPart> parts = parser == null ? List.of() : parts(parser, tokens, last);
    add(firstChoice, token == null ? "" : token.text(), parts, tokens, finish);
    if (last) {
      cachedTokens += present.summary().cachedTokens();
      matchedStop =
          finish == FinishReason.STOP_STRING
              ? present.sequences().get(0).matchedStop().orElse(null)
              : null;
      addOthers(present, finish);
      end();
      present.close();
    }
  }

  /** The continuations beside the iterated one; none of their text if it was cut off. */
  private void addOthers(Generation over, @Nullable FinishReason finish) {
    boolean cutOff = finish == FinishReason.TIME_LIMIT;
    List<GeneratedSequence> sequences = cutOff ? List.of() : over.sequences();
    for (int i = 1; i < plan.choices(); i++) {
      if (i < sequences.size()) {
        GeneratedSequence other = sequences.get(i);
        List<ChatPart> parts =
            chat == null ? List.of() : parts(chat.parser(), other.tokens(), true);
        add(firstChoice + i, other.text(), parts, other.tokens(), other.finishReason());
      } else {
        add(firstChoice + i, "", List.of(), List.of(), finish);
      }
    }
    for (int i = plan.choices(); i < sequences.size(); i++) { // written, and not the best
      generatedTokens += sequences.get(i).tokens().size();
    }
  }

  private List<ChatPart> parts(ChatParser parser, List<Token> tokens, boolean last) {
    List<ChatPart> parts = new ArrayList<>();
    for (Token token : tokens) {
      List<ChatPart> more = parser.append(token);
      thinkingTokens += more.stream().anyMatch(ChatPart.Thinking.class::isInstance) ? 1 : 0;
      parts.addAll(more);
    }
    if (last) {
      parts.addAll(parser.finish());
    }
    return parts;
  }

  private void add(
      int choice,
      String text,
      List<ChatPart> parts,
      List<Token> tokens,
      @Nullable FinishReason finish) {
    generatedTokens += tokens.size();
    List<Scored> scored = new ArrayList<>();
    if (plan.alternatives().isPresent()) {
      for (Token token : tokens) {
        scored.add(new Scored(token.id(), token.logProbability(), token.alternatives(), false));
      }
    }
    ready.add(new Piece(choice, text, parts, scored, finish));
  }

  /** Ends the computation; its session is freed at once, or when the pass is over. */
  @Override
  public void close() {
    closed = true;
    Generation present = generation;
    if (present != null) {
      present.close();
    }
    Continuations several = continuations;
    if (several != null) {
      several.close();
    }
  }
}
