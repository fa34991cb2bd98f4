package io.fundamentallm.runtime.cpu.train.window;

import io.fundamentallm.runtime.cpu.train.layer.Batch;
import io.fundamentallm.runtime.cpu.train.layer.Objective;
import io.fundamentallm.training.TeacherTokens;
import io.fundamentallm.training.TokenMarks;
import io.fundamentallm.training.TokenSequence;
import io.fundamentallm.training.TrainingPlan;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Windows of whole examples, or of pairs of them, one beside the other. Only learned tokens are
 * targets. The last token of an example is no input, so it takes no row.
 */
final class PackedWindows extends Windows {
  private final TokenSequence tokens;
  private final TokenMarks marks;
  private final @Nullable TeacherTokens teacher;
  private final Packing packing;
  private final float[] reference;
  private int[] read = new int[0];
  private byte[] bits = new byte[0];

  /**
   * Packs examples.
   *
   * @param several whether a window has more than one
   */
  PackedWindows(TokenSequence tokens, int length, Packing.Long tooLong, boolean several) {
    super(length);
    this.tokens = tokens;
    marks = tokens.marks().orElseThrow();
    teacher = tokens.teacher().orElse(null);
    packing = new Packing(tokens, length, tooLong, several);
    reference = new float[packing.pairs() ? 2 * packing.units() : 0];
  }

  @Override
  public long count() {
    return packing.windows();
  }

  @Override
  public float[] reference() {
    return reference;
  }

  @Override
  public Batch batch(int size) {
    return packing.pairs()
        ? Batch.ofPairs(size, length, reference)
        : Batch.ofExamples(size, length, teacher == null ? 0 : teacher.count());
  }

  /** All of them in a random order, epoch after epoch. */
  @Override
  public WindowSampling order(TrainingPlan plan) {
    return WindowSampling.shuffled(plan, count());
  }

  @Override
  public void fill(long window, int b, Batch into) {
    int row = b * length;
    int end = row + length;
    for (int unit : packing.of(window)) {
      row = fill(unit, row, end, into);
    }
    Arrays.fill(into.inputs(), row, end, 0);
    pad(row, end, into);
  }

  /** Fills the rows of a unit, up to an end at which a long one is cut; returns the next row. */
  private int fill(int unit, int firstRow, int end, Batch into) {
    int count = packing.tokens(unit);
    if (read.length < count) {
      read = new int[count];
      bits = new byte[count];
    }
    tokens.read(packing.start(unit), read, 0, count);
    marks.read(packing.start(unit), bits, 0, count);
    int row = firstRow;
    int begin = 0;
    int example = 2 * unit - 1;
    for (int i = 0; i + 1 < count && row < end; i++) {
      if ((bits[i] & TokenMarks.BEGIN) != 0) {
        begin = row % length;
        example++;
      }
      if ((bits[i + 1] & TokenMarks.BEGIN) != 0) {
        continue; // the last token of an example
      }
      into.inputs()[row] = read[i];
      boolean learned = (bits[i + 1] & TokenMarks.LEARNED) != 0;
      into.targets()[row] = learned ? read[i + 1] : Objective.IGNORE_INDEX;
      into.begins()[row] = begin;
      if (into.examples().length > 0) {
        into.examples()[row] = example;
      }
      if (teacher != null && into.teacher().count() > 0 && learned) {
        Batch.Taught taught = into.teacher();
        teacher.read(packing.start(unit) + i, taught.tokens(), taught.logProbabilities(), row, 1);
      }
      row++;
    }
    return row;
  }
}
