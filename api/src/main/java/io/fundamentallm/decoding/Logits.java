package io.fundamentallm.decoding;

import io.fundamentallm.internal.numerics.ColumnMaxima;
import io.fundamentallm.model.NoTokenException;
import io.fundamentallm.model.NotFiniteException;
import java.util.Objects;
import java.util.OptionalInt;
import java.util.function.IntPredicate;
import org.jspecify.annotations.Nullable;

/**
 * The scores of the next token. Wraps the model's row of logits in place and keeps the candidates:
 * the tokens that no stage has filtered, always in ascending order of id. Stages loop over
 * candidate indices in {@code [0, count())}, so after a top-k of 40 everything else touches only 40
 * numbers.
 *
 * <p>Scores are logits: any finite number, or negative infinity for a token that cannot be chosen.
 * One thread at a time; reused from step to step.
 */
public final class Logits {
  private final int vocabularySize;
  private float[] row;
  private long position;

  /** Ids and scores of the candidates after some were dropped; before that, the row itself. */
  private int[] tokens = {};

  private float[] kept = {};
  private int[] passing = {};
  private boolean dense = true;
  private int count;

  private int maximumIndex = -1;
  private boolean maximumKnown;
  private float maximum;
  private int fallback = -1;

  /** What all scores must still be divided by; most are dropped or drawn from before that. */
  private float temperature = 1;

  /** From this many candidates on, the maximum is taken by columns. */
  private static final int MANY = 4 * ColumnMaxima.COLUMNS;

  private @Nullable ColumnMaxima columns;

  /**
   * Scores of a vocabulary of this size; call {@link #reset} before the first use.
   *
   * @param vocabularySize at least 1
   * @throws IllegalArgumentException if it is less
   */
  public Logits(int vocabularySize) {
    if (vocabularySize < 1) {
      throw new IllegalArgumentException("vocabularySize " + vocabularySize + " is not at least 1");
    }
    this.vocabularySize = vocabularySize;
    this.row = new float[0];
  }

  /** Scores of one row, at position 0. */
  public static Logits of(float... row) {
    return new Logits(row.length).reset(row, 0);
  }

  /**
   * Takes the logits of the next step, with every token a candidate.
   *
   * @param row vocabularySize floats; stages write into them
   * @param position index in the history of the token to be chosen, for error messages
   * @return this
   */
  public Logits reset(float[] row, long position) {
    if (row.length != vocabularySize) {
      throw new IllegalArgumentException(
          "a row of " + row.length + " logits for a vocabulary of " + vocabularySize);
    }
    this.row = row;
    this.position = position;
    this.dense = true;
    this.count = row.length;
    this.temperature = 1;
    this.fallback = -1;
    forgetMaximum();
    return this;
  }

  /** V: how many tokens there are, candidates or not. */
  public int vocabularySize() {
    return vocabularySize;
  }

  /** How many candidates are left. */
  public int count() {
    return count;
  }

  /** The token id of a candidate; ids ascend with the index. */
  public int token(int index) {
    return dense ? index : tokens[index];
  }

  /** The score of a candidate. */
  public float score(int index) {
    float score = dense ? row[index] : kept[index];
    return temperature == 1 ? score : score / temperature;
  }

  /**
   * Changes the score of a candidate.
   *
   * @throws NotFiniteException for NaN or +infinity, unless the score was no better before
   */
  public void setScore(int index, float score) {
    float[] scores = scores();
    requireScore(index, scores[index], score);
    scores[index] = score;
    forgetMaximum();
  }

  /** So that what a stage makes of the model's scores is not taken for the model's fault. */
  private void requireScore(int index, float before, float after) {
    // false for NaN, too
    if (!(after < Float.POSITIVE_INFINITY) && before < Float.POSITIVE_INFINITY) {
      throw new NotFiniteException(
          logit(index) + " was set to " + shown(after) + "; it was " + before);
    }
  }

  /** How a score changes. */
  @FunctionalInterface
  public interface Rescoring {
    /** The new score of the candidate at an index. */
    float of(int index, float score);
  }

  /**
   * Changes the scores of all candidates, in the order of their indices.
   *
   * @throws NotFiniteException as {@link #setScore} does; the candidates before that one are
   *     changed
   */
  public void rescore(Rescoring rescoring) {
    float[] scores = scores();
    for (int i = 0; i < count; i++) {
      float score = rescoring.of(i, scores[i]);
      requireScore(i, scores[i], score);
      scores[i] = score;
    }
    forgetMaximum();
  }

  /**
   * The scores of the candidates, at their indices, for loops over many of them; only the first
   * {@link #count()} are valid. A read-only view, valid until candidates are dropped or the next
   * {@link #reset}. To write, use {@link #setScore} or {@link #rescore}.
   */
  public float[] scores() {
    float[] scores = undivided();
    if (temperature != 1) {
      for (int i = 0; i < count; i++) {
        scores[i] /= temperature;
      }
      temperature = 1;
    }
    return scores;
  }

  /** The scores before they were divided by {@link #temperature()}. */
  float[] undivided() {
    return dense ? row : kept;
  }

  /** What {@link #undivided()} must be divided by. */
  float temperature() {
    return temperature;
  }

  private void forgetMaximum() {
    maximumIndex = -1;
    maximumKnown = false;
  }

  /** The index of the candidate with this token id, or -1 if it was filtered or never existed. */
  public int indexOf(int token) {
    if (dense) {
      return token >= 0 && token < count ? token : -1;
    }
    int index = java.util.Arrays.binarySearch(tokens, 0, count, token);
    return index < 0 ? -1 : index;
  }

  /**
   * Divides every score by a positive temperature.
   *
   * @throws IllegalArgumentException for any other number
   */
  public void divide(float by) {
    if (!(by > 0 && by < Float.POSITIVE_INFINITY)) {
      throw new IllegalArgumentException(
          "the temperature " + by + " is not a finite number above 0");
    }
    scores(); // applies an earlier division first: two quotients are rounded twice
    temperature = by;
    // the order stays, but rounding can make two scores equal, and then the lower id is the maximum
    maximumIndex = -1;
    maximum /= by;
  }

  /**
   * The index of the best candidate; of equal ones, the one with the lowest id.
   *
   * @throws NotFiniteException when a score is NaN or +infinity
   * @throws NoTokenException when every token is filtered and there is no {@link #keepBest()
   *     fallback}
   */
  public int maximumIndex() {
    if (maximumIndex < 0) {
      float best = maximum(); // before count: it may fall back to one candidate
      float[] scores = scores();
      int index = 0;
      while (scores[index] != best) {
        index++;
      }
      maximumIndex = index;
    }
    return maximumIndex;
  }

  /** The score of the best candidate; errors as for {@link #maximumIndex()}. */
  public float maximum() {
    if (!maximumKnown) {
      float best = largest();
      if (Float.isNaN(best) || best == Float.POSITIVE_INFINITY) {
        throw notFinite(best);
      } else if (best == Float.NEGATIVE_INFINITY) {
        best = allFiltered();
      }
      maximum = best;
      maximumKnown = true;
    }
    return maximum;
  }

  private float largest() {
    float[] scores = undivided();
    float largest = Float.NEGATIVE_INFINITY;
    if (count >= MANY) {
      if (columns == null) {
        columns = new ColumnMaxima();
      }
      columns.of(scores, count);
      largest = columns.maximum();
    } else {
      for (int i = 0; i < count; i++) {
        largest = Math.max(largest, scores[i]);
      }
    }
    return largest / temperature; // as the quotients' maximum: division keeps the order
  }

  private NotFiniteException notFinite(float bad) {
    int index = 0;
    while (Float.compare(score(index), bad) != 0) {
      index++;
    }
    float undivided = undivided()[index];
    return new NotFiniteException(
        logit(index)
            + " is "
            + shown(bad)
            + (undivided < Float.POSITIVE_INFINITY
                ? ": " + undivided + " divided by " + temperature
                : ""));
  }

  private String logit(int index) {
    return "the logit of token " + token(index) + " at position " + position;
  }

  private static String shown(float bad) {
    return Float.isNaN(bad) ? "NaN" : "infinite";
  }

  /**
   * Keeps only the candidates at some indices.
   *
   * @param indices ascending; the first {@code length} are read
   */
  public void retain(int[] indices, int length) {
    int[] target = buffer();
    float[] scores = undivided();
    for (int n = 0; n < length; n++) {
      int index = Objects.checkIndex(indices[n], count);
      kept[n] = scores[index];
      target[n] = dense ? index : target[index];
    }
    count = length;
    dense = false;
    forgetMaximum();
  }

  /**
   * Keeps only the candidates whose bit is set.
   *
   * @param allowed bit {@code t % 64} of word {@code t / 64} for token t; tokens beyond the last
   *     word are not kept
   */
  public void retainMask(long[] allowed) {
    int[] target = buffer();
    int n = 0;
    if (dense) {
      for (int word = 0; word < allowed.length; word++) {
        for (long bits = allowed[word]; bits != 0; bits &= bits - 1) {
          int token = word * Long.SIZE + Long.numberOfTrailingZeros(bits);
          if (token < count) {
            target[n] = token;
            kept[n++] = row[token];
          }
        }
      }
    } else {
      for (int i = 0; i < count; i++) {
        int token = target[i];
        if (token / Long.SIZE < allowed.length && (allowed[token / Long.SIZE] >>> token & 1) != 0) {
          target[n] = token;
          kept[n++] = kept[i];
        }
      }
    }
    count = n;
    dense = false;
    forgetMaximum();
  }

  /** Keeps only the candidates whose index passes. */
  public void retainIf(IntPredicate index) {
    if (passing.length == 0) {
      passing = new int[vocabularySize];
    }
    // decided before anything moves, so that the predicate may read any score
    int n = 0;
    for (int i = 0; i < count; i++) {
      if (index.test(i)) {
        passing[n++] = i;
      }
    }
    retain(passing, n);
  }

  /**
   * Remembers the candidate that is best at this point: if later stages filter every token, it
   * stays. Without this, that is an error.
   */
  public void keepBest() {
    fallback = token(maximumIndex());
  }

  /** The token that {@link #keepBest} remembered in this step. */
  public OptionalInt fallback() {
    return fallback < 0 ? OptionalInt.empty() : OptionalInt.of(fallback);
  }

  private float allFiltered() {
    if (fallback < 0) {
      throw new NoTokenException(
          "no token can be chosen at position "
              + position
              + ": all "
              + vocabularySize
              + " are filtered or have a logit of -infinity. Put a constraint before stages that"
              + " filter; where there is none, keep-best before them falls back to the best one");
    }
    int[] target = buffer();
    target[0] = fallback;
    kept[0] = 0;
    count = 1;
    dense = false;
    maximumIndex = 0;
    return 0;
  }

  private int[] buffer() {
    if (tokens.length == 0) {
      tokens = new int[vocabularySize];
      kept = new float[vocabularySize];
    }
    return tokens;
  }
}
