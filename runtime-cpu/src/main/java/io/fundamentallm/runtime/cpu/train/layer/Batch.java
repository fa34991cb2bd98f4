package io.fundamentallm.runtime.cpu.train.layer;

import java.util.Arrays;

/**
 * Windows as the model takes them, row by row, [B·T]. Whoever makes it fills it; the layers only
 * read it.
 *
 * @param steps T
 * @param inputs token ids
 * @param targets the token that follows each of them, or one that does not count
 * @param begins the position in its window at which the example of a row begins; empty where tokens
 *     are not of examples
 * @param examples the number of the example of a row, or -1 for padding; of pairs, an even one is
 *     preferred to the next. Empty where tokens are not of pairs
 * @param reference log-probability of each pair's examples under the model that training starts
 *     from, by number
 * @param teacher what is expected of each row; none without a teacher
 */
@SuppressWarnings("ArrayRecordComponent") // filled and read in place, never compared
public record Batch(
    int steps,
    int[] inputs,
    int[] targets,
    int[] begins,
    int[] examples,
    float[] reference,
    Taught teacher) {

  private static final int[] NONE = {};

  /**
   * The likeliest next tokens as a teacher sees them, [B·T][K].
   *
   * @param count K
   */
  @SuppressWarnings("ArrayRecordComponent")
  public record Taught(int count, int[] tokens, float[] logProbabilities) {
    static final Taught NOTHING = new Taught(0, NONE, new float[0]);

    /** Room for the expectations of rows. */
    static Taught of(int count, int rows) {
      return count == 0
          ? NOTHING
          : new Taught(count, new int[rows * count], new float[rows * count]);
    }

    private Taught rows(int from, int to) {
      return count == 0
          ? NOTHING
          : new Taught(
              count,
              Arrays.copyOfRange(tokens, from * count, to * count),
              Arrays.copyOfRange(logProbabilities, from * count, to * count));
    }
  }

  /** Windows of one text. */
  public static Batch of(int[] inputs, int[] targets, int steps) {
    return new Batch(steps, inputs, targets, NONE, NONE, new float[0], Taught.NOTHING);
  }

  /**
   * Room for windows of one text.
   *
   * @param taught K, or 0 without a teacher
   */
  public static Batch ofText(int size, int steps, int taught) {
    int rows = size * steps;
    return new Batch(
        steps, new int[rows], new int[rows], NONE, NONE, new float[0], Taught.of(taught, rows));
  }

  /** Room for windows of examples. */
  public static Batch ofExamples(int size, int steps, int taught) {
    int rows = size * steps;
    return new Batch(
        steps,
        new int[rows],
        new int[rows],
        new int[rows],
        NONE,
        new float[0],
        Taught.of(taught, rows));
  }

  /** Room for windows of pairs. */
  public static Batch ofPairs(int size, int steps, float[] reference) {
    int rows = size * steps;
    return new Batch(
        steps,
        new int[rows],
        new int[rows],
        new int[rows],
        new int[rows],
        reference,
        Taught.NOTHING);
  }

  /** Bytes of its arrays, but for the reference, which all windows share. */
  public long bytes() {
    long ints = inputs.length + targets.length + begins.length + examples.length;
    return Integer.BYTES * (ints + teacher.tokens().length)
        + Float.BYTES * (long) teacher.logProbabilities().length;
  }

  /** B·T. */
  public int rows() {
    return inputs.length;
  }

  /** B. */
  public int size() {
    return inputs.length / steps;
  }

  /** Some whole windows. */
  Batch rows(int from, int to) {
    return new Batch(
        steps,
        Arrays.copyOfRange(inputs, from, to),
        Arrays.copyOfRange(targets, from, to),
        begins.length == 0 ? NONE : Arrays.copyOfRange(begins, from, to),
        examples.length == 0 ? NONE : Arrays.copyOfRange(examples, from, to),
        reference,
        teacher.rows(from, to));
  }
}
