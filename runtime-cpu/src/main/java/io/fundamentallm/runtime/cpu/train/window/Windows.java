package io.fundamentallm.runtime.cpu.train.window;

import io.fundamentallm.runtime.cpu.train.layer.Batch;
import io.fundamentallm.runtime.cpu.train.layer.Objective;
import io.fundamentallm.runtime.cpu.train.parameter.Recipe;
import io.fundamentallm.spi.Options;
import io.fundamentallm.text.Tokenizer;
import io.fundamentallm.text.Vocabulary;
import io.fundamentallm.training.TokenSequence;
import io.fundamentallm.training.TrainingPlan;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/**
 * Numbered windows of T inputs and T targets, the targets one token later, cut out of a sequence of
 * tokens. One thread at a time.
 */
public abstract class Windows {
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

  /** T. */
  final int length;

  Windows(int length) {
    this.length = length;
  }

  /**
   * The windows to train on, as {@link TrainingPlan#windows()} cuts them.
   *
   * @throws IllegalArgumentException for an unknown way or option, or a value out of range, or if
   *     there is nothing to train on
   */
  public static Windows training(TrainingPlan plan, TokenSequence tokens, Vocabulary vocabulary) {
    Windows windows = cut("training", method(plan), tokens, plan.contextLength(), vocabulary);
    if (windows.count() == 0) {
      throw new IllegalArgumentException(
          "there is no document to train on; expected one of at least 2 tokens");
    }
    return windows;
  }

  /** Cuts tokens into windows of a given number of inputs. */
  @FunctionalInterface
  public interface Method {
    /**
     * Cuts.
     *
     * @throws IllegalArgumentException if tokens of this kind cannot be cut so; says how they can
     */
    Windows cut(TokenSequence tokens, int length, Vocabulary vocabulary);
  }

  /**
   * How a plan cuts windows. One text: {@code random}, anywhere; {@code chunks}, one after the
   * other; {@code shifted}, the same from another beginning in each epoch; {@code
   * sliding(stride=S)}, with windows that overlap; {@code documents}, each document cut by itself
   * and padded. Examples: {@code packed}, which {@code random} and {@code shifted} mean too,
   * several in a window, or {@code documents}, one in each; what does not fit is refused, or with
   * {@code packed(long=cut)} loses its end (and is left out where nothing to learn remains), or
   * with {@code packed(long=skip)} is left out.
   *
   * @throws IllegalArgumentException for an unknown way or option, or a value out of range
   */
  public static Method method(TrainingPlan plan) {
    return Recipe.resolve(
        "windows",
        plan.windows(),
        Map.of(
            "random",
            options -> of((tokens, n, v) -> anywhere(tokens, n), Packing.Long.REFUSE, true),
            "shifted",
            options -> of((tokens, n, v) -> anywhere(tokens, n), Packing.Long.REFUSE, true),
            "chunks",
            options -> ofText((tokens, n, v) -> Strided.covering(tokens, n, n)),
            "sliding",
            options -> ofText(sliding(options.integer("stride", 1, plan.contextLength()))),
            "documents",
            options -> of(DocumentCut::new, tooLong(options), false),
            "packed",
            options -> packed(tooLong(options))));
  }

  /**
   * Checks that a text fills a window. Documents need not, which are cut and padded by themselves,
   * nor examples.
   *
   * @throws IllegalArgumentException for one that is shorter
   */
  public static void requireOne(TrainingPlan plan, TokenSequence tokens) {
    boolean text = tokens.marks().isEmpty() && !Recipe.name(plan.windows()).equals("documents");
    if (text && tokens.size() <= plan.contextLength()) {
      throw new IllegalArgumentException(
          "the text to train on has "
              + tokens.size()
              + " tokens; a window of contextLength "
              + plan.contextLength()
              + " and the token after it take "
              + (plan.contextLength() + 1L)
              + ". Train on a longer text, or set a contextLength of less than "
              + tokens.size());
    }
  }

  /** Cuts, and says in which tokens something is wrong. */
  private static Windows cut(
      String which, Method method, TokenSequence tokens, int length, Vocabulary vocabulary) {
    try {
      return method.cut(tokens, length, vocabulary);
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException("in the " + which + " tokens: " + e.getMessage(), e);
    }
  }

  private static Packing.Long tooLong(Options options) {
    return Packing.Long.named(options.choice("long", "refuse", List.of("refuse", "cut", "skip")));
  }

  /** Says where windows of one text are. */
  @FunctionalInterface
  private interface TextCut {
    Cut cut(TokenSequence tokens, int length, Vocabulary vocabulary);
  }

  private static Method of(TextCut text, Packing.Long tooLong, boolean several) {
    return (tokens, length, vocabulary) ->
        tokens.marks().isPresent()
            ? new PackedWindows(tokens, length, tooLong, several)
            : new CutWindows(tokens, length, text.cut(tokens, length, vocabulary));
  }

  private static Method ofText(TextCut text) {
    return (tokens, length, vocabulary) -> {
      if (tokens.marks().isPresent()) {
        throw new IllegalArgumentException(
            "examples are not one text that can be cut anywhere; expected the windows packed or"
                + " documents");
      }
      return new CutWindows(tokens, length, text.cut(tokens, length, vocabulary));
    };
  }

  private static Method packed(Packing.Long tooLong) {
    return (tokens, length, vocabulary) -> {
      if (tokens.marks().isEmpty()) {
        throw new IllegalArgumentException(
            "packed windows are for examples, such as conversations; for texts expected random,"
                + " shifted, chunks, sliding or documents");
      }
      return new PackedWindows(tokens, length, tooLong, true);
    };
  }

  private static Cut anywhere(TokenSequence tokens, int length) {
    return new Strided(Math.max(1, tokens.size() - length), 1);
  }

  private static TextCut sliding(int stride) {
    return (tokens, length, vocabulary) -> Strided.covering(tokens, length, stride);
  }

  /**
   * Windows that cover all targets once, in the order of the tokens, however the plan cuts its own.
   */
  public static Windows validation(TrainingPlan plan, TokenSequence tokens, Vocabulary vocabulary) {
    int length = plan.contextLength();
    if (tokens.marks().isPresent()) {
      return cut("validation", method(plan), tokens, length, vocabulary);
    }
    boolean documents = Recipe.name(plan.windows()).equals("documents");
    return new CutWindows(
        tokens,
        length,
        documents
            ? new DocumentCut(tokens, length, vocabulary)
            : Strided.covering(tokens, length, length));
  }

  /**
   * How many windows a plan takes to see all tokens once.
   *
   * @throws IllegalArgumentException as {@link #training} does
   */
  public static long epoch(TrainingPlan plan, TokenSequence tokens, Vocabulary vocabulary) {
    String name = Recipe.name(plan.windows());
    boolean text = tokens.marks().isEmpty();
    if (text && name.equals("random")) {
      int length = plan.contextLength();
      return Math.max(1, Strided.covering(tokens, length, length).count());
    }
    long count = training(plan, tokens, vocabulary).count();
    return text && name.equals("shifted")
        ? WindowSampling.inEpoch(count, plan.contextLength())
        : count;
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

  /** The same, where a text could begin with its {@link Beginnings}. */
  Windows beginning(Tokenizer tokenizer) {
    return this;
  }

  /** How many there are. */
  public abstract long count();

  /** Room for this many of these windows. */
  public abstract Batch batch(int size);

  /**
   * Fills row b of a batch with a window.
   *
   * @param window from 0 to below {@link #count()}
   * @param into that {@link #batch} made
   */
  public abstract void fill(long window, int b, Batch into);

  /** The log-probability of each example of pairs under the model that training starts from. */
  public float[] reference() {
    return new float[0];
  }

  /** Which windows a plan takes when. */
  public WindowSampling order(TrainingPlan plan) {
    return WindowSampling.of(plan, count());
  }

  /** A row without any target, for the rest of the last batch of an evaluation. */
  public final void fillEmpty(int b, Batch into) {
    int from = b * length;
    Arrays.fill(into.inputs(), from, from + length, 0);
    pad(from, from + length, into);
  }

  /** Makes rows of a batch count for nothing. */
  final void pad(int from, int to, Batch into) {
    Arrays.fill(into.targets(), from, to, Objective.IGNORE_INDEX);
    for (int row = from; row < to && into.begins().length > 0; row++) {
      into.begins()[row] = row % length;
    }
    if (into.examples().length > 0) {
      Arrays.fill(into.examples(), from, to, -1);
    }
  }
}
