package io.fundamentallm.samplers.decode;

import io.fundamentallm.decoding.ContextPolicy;
import io.fundamentallm.decoding.ContextWindow;
import io.fundamentallm.decoding.DecodingOptions;
import io.fundamentallm.decoding.Distribution;
import io.fundamentallm.decoding.DraftProposer;
import io.fundamentallm.decoding.History;
import io.fundamentallm.decoding.Randomness;
import io.fundamentallm.decoding.Sampler;
import io.fundamentallm.decoding.Step;
import io.fundamentallm.decoding.TokenBuffer;
import io.fundamentallm.decoding.Transcript;
import io.fundamentallm.model.Cancellation;
import io.fundamentallm.model.ConstraintException;
import io.fundamentallm.model.LanguageModel;
import io.fundamentallm.model.ModelInfo;
import io.fundamentallm.model.NoTokenException;
import io.fundamentallm.model.NotFiniteException;
import io.fundamentallm.model.Stateful;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Guesses the continuation of a smaller model with the same vocabulary, under a fork of the
 * sequence's own sampler, which is dropped with the guess. When its context, which may be shorter,
 * is full, it forgets the oldest tokens.
 */
final class ModelDraft implements DraftProposer {
  private static final long DRAFT = Randomness.purpose("speculative-draft");
  private static final float[][] NO_ROWS = {};

  private final ContextWindow window;
  private final float[][] row;
  private final ModelInfo target;
  private final boolean drawn;

  private @Nullable TokenBuffer past;
  private @Nullable Step step;

  /** The last guess, the length of the history it was made for, and how much of it was read. */
  private List<Integer> guess = List.of();

  private int from;
  private int held;

  /** Whether the prompt was offered to the cache. */
  private boolean shared;

  /**
   * A draft of one generation.
   *
   * @param model remains the caller's
   * @param target describes the model that checks the guesses
   * @param drawn whether tokens are drawn from reported distributions, for rejection sampling;
   *     otherwise they are sampled with the same random numbers that the sequence itself will use,
   *     so that a nearly identical model nearly always guesses right
   */
  ModelDraft(LanguageModel model, ModelInfo target, DecodingOptions options, boolean drawn) {
    DecodingOptions.Builder own =
        DecodingOptions.builder().contextPolicy(ContextPolicy.truncateLeft());
    options.prefixCache().ifPresent(own::prefixCache);
    window = ContextWindow.of(model, own.build());
    row = new float[][] {new float[model.info().vocabularySize()]};
    this.target = target;
    this.drawn = drawn;
  }

  @Override
  public Draft propose(Transcript sequence, int count, Cancellation cancellation) {
    TokenBuffer text = follow(sequence.history());
    if (step == null) {
      step = new Step(target, text, sequence.randomness());
    }
    Sampler sampler = sequence.sampler();
    if (sampler instanceof Stateful stateful) {
      sampler = (Sampler) stateful.fork();
    }
    List<Integer> tokens = new ArrayList<>(count);
    List<Distribution> distributions = new ArrayList<>(count);
    while (tokens.size() < count) {
      Distribution choice = next(sequence, step, sampler, tokens.isEmpty(), cancellation);
      if (choice == null) {
        break;
      }
      int token = choice.draw(step.uniform(DRAFT));
      tokens.add(token);
      distributions.add(choice);
      text.append(token);
      window.add(token);
      if (target.endTokens().contains(token) || !accepts(sampler, token)) {
        break;
      }
    }
    text.rollback(tokens.size());
    guess = tokens;
    return new Draft(tokens, drawn ? distributions : List.of());
  }

  /** Takes the history's new tokens, and takes back the wrong part of the last guess. */
  private TokenBuffer follow(History history) {
    TokenBuffer text = past;
    if (text == null) {
      text = TokenBuffer.ofPrompt(history.tokens(0, history.promptLength()));
      past = text;
      window.add(history.tokens(0, history.length()));
    } else {
      // at least one token is left to read, for its row
      int max = Math.min(guess.size(), history.length() - from - 1);
      int right = Math.min(0, max);
      while (right < max && guess.get(right) == history.token(from + right)) {
        right++;
      }
      window.truncate(held + right);
      window.add(history.tokens(from + right, history.length()));
    }
    for (int i = text.length(); i < history.length(); i++) {
      text.append(history.token(i));
    }
    from = history.length();
    held = window.length();
    return text;
  }

  /** Where the next token comes from, or null if the guess ends. */
  private @Nullable Distribution next(
      Transcript sequence, Step step, Sampler sampler, boolean first, Cancellation cancellation) {
    int forced = sampler.forced(step);
    if (forced != Sampler.NOT_FORCED) {
      return Distribution.certain(forced);
    }
    if (!first && window.remaining() < 0) {
      return null; // tokens are forgotten only between guesses
    }
    window.read(row, NO_ROWS, cancellation);
    if (first) {
      held = window.length();
    }
    if (!shared) {
      shared = true;
      window.share();
    }
    sequence.begin(step, row[0]);
    Optional<Distribution> choice;
    try {
      choice =
          drawn
              ? sampler.distribution(step)
              : Optional.of(Distribution.certain(sampler.sample(step)));
    } catch (NoTokenException | ConstraintException e) {
      return null; // with other scores than the draft's the stages may still leave a token
    } catch (NotFiniteException e) {
      throw new NotFiniteException("the draft model: " + e.getMessage(), e);
    }
    return choice.orElseThrow(
        () ->
            new IllegalStateException(
                "rejection sampling needs a sampler that draws from a distribution; use"
                    + " mode=compare"));
  }

  private static boolean accepts(Sampler sampler, int token) {
    try {
      sampler.accept(token);
      return true;
    } catch (ConstraintException e) {
      return false; // nothing follows, as far as a constraint knows
    }
  }

  @Override
  public void close() {
    window.close();
  }
}
