package io.fundamentallm.runtime.cpu.train.window;

import io.fundamentallm.runtime.cpu.train.layer.Objective;
import io.fundamentallm.runtime.cpu.train.layer.Recipe;
import io.fundamentallm.text.Vocabulary;
import io.fundamentallm.training.TokenSequence;
import io.fundamentallm.training.TrainingPlan;
import java.util.Arrays;
import java.util.Map;

/**
 * Numbered windows of T inputs and T targets, the targets one token later, cut out of a sequence of
 * tokens. If a window's tokens end early, targets are {@link Objective#IGNORE_INDEX} and inputs
 * repeat a token, which has no effect because of causal masking. One thread at a time.
 */
public final class Windows {
  /** Where windows begin and end. */
  public interface Cut {
    /** How many windows there are. */
    long count();

    /** The first token of a window. */
    long start(long window);

    /** How many of the tokens from a window's first on, at least one, are its own. */
    default int extent(int[] tokens, int count) {
      return count;
    }
  }

  private final TokenSequence tokens;
  private final int length;
  private final Cut cut;
  private final int[] read;

  /** Windows of {@code length} inputs. */
  Windows(TokenSequence tokens, int length, Cut cut) {
    this.tokens = tokens;
    this.length = length;
    this.cut = cut;
    this.read = new int[length + 1];
  }

  /**
   * The windows to train on, as {@link TrainingPlan#windows()} cuts them.
   *
   * @throws IllegalArgumentException for an unknown way or option, or a value out of range
   */
  public static Windows training(TrainingPlan plan, TokenSequence tokens, Vocabulary vocabulary) {
    int length = plan.contextLength();
    Cut cut = method(plan).cut(tokens, length, vocabulary);
    if (cut.count() == 0) {
      throw new IllegalArgumentException(
          "there is no document to train on; expected one of at least 2 tokens");
    }
    return new Windows(tokens, length, cut);
  }

  /** Cuts tokens into windows of a given number of inputs. */
  @FunctionalInterface
  public interface Method {
    Cut cut(TokenSequence tokens, int length, Vocabulary vocabulary);
  }

  /**
   * How a plan cuts windows: {@code random}, anywhere; {@code chunks}, one after the other; {@code
   * sliding(stride=S)}, the same with windows that overlap; {@code documents}, each document cut by
   * itself and padded.
   *
   * @throws IllegalArgumentException for an unknown way or option, or a value out of range
   */
  public static Method method(TrainingPlan plan) {
    return Recipe.resolve(
        "windows",
        plan.windows(),
        Map.of(
            "random", options -> (tokens, length, v) -> anywhere(tokens, length),
            "chunks", options -> (tokens, length, v) -> Strided.covering(tokens, length, length),
            "sliding", options -> sliding(options.integer("stride", 1, plan.contextLength())),
            "documents", options -> DocumentCut::new));
  }

  private static Cut anywhere(TokenSequence tokens, int length) {
    return new Strided(Math.max(1, tokens.size() - length), 1);
  }

  private static Method sliding(int stride) {
    return (tokens, length, vocabulary) -> Strided.covering(tokens, length, stride);
  }

  /**
   * Windows that cover all targets once, in the order of the tokens, however the plan cuts its own.
   */
  public static Windows validation(TrainingPlan plan, TokenSequence tokens, Vocabulary vocabulary) {
    int length = plan.contextLength();
    boolean documents = Recipe.name(plan.windows()).equals("documents");
    return new Windows(
        tokens,
        length,
        documents
            ? new DocumentCut(tokens, length, vocabulary)
            : Strided.covering(tokens, length, length));
  }

  /**
   * Windows at even distances, regardless of documents.
   *
   * @param stride tokens from one beginning to the next
   */
  private record Strided(long count, int stride) implements Cut {
    /** As many windows as it takes to have each target in one. */
    static Strided covering(TokenSequence tokens, int length, int stride) {
      long targets = Math.max(0, tokens.size() - 1);
      long further = Math.max(0, targets - length);
      return new Strided(targets == 0 ? 0 : 1 + (further + stride - 1) / stride, stride);
    }

    @Override
    public long start(long window) {
      return window * stride;
    }
  }

  /** How many there are. */
  public long count() {
    return cut.count();
  }

  /**
   * Fills row b of a batch with a window.
   *
   * @param window from 0 to below {@link #count()}
   * @param inputs [B][T]
   * @param targets [B][T]
   */
  public void fill(long window, int b, int[] inputs, int[] targets) {
    long from = cut.start(window);
    int available = (int) Math.min(length + 1L, tokens.size() - from);
    tokens.read(from, read, 0, available);
    int extent = cut.extent(read, available);
    Arrays.fill(read, extent, read.length, read[0]);
    System.arraycopy(read, 0, inputs, b * length, length);
    System.arraycopy(read, 1, targets, b * length, length);
    Arrays.fill(targets, b * length + extent - 1, (b + 1) * length, Objective.IGNORE_INDEX);
  }

  /** A row without any target, for the rest of the last batch of an evaluation. */
  public void fillEmpty(int b, int[] inputs, int[] targets) {
    Arrays.fill(inputs, b * length, (b + 1) * length, 0);
    Arrays.fill(targets, b * length, (b + 1) * length, Objective.IGNORE_INDEX);
  }
}
