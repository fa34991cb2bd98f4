package io.fundamentallm.runtime.cpu.train.window;

import io.fundamentallm.runtime.cpu.train.layer.Batch;
import io.fundamentallm.runtime.cpu.train.layer.Objective;
import io.fundamentallm.text.Tokenizer;
import io.fundamentallm.training.TeacherTokens;
import io.fundamentallm.training.TokenSequence;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Windows of one text. If a window's tokens end early, targets are {@link Objective#IGNORE_INDEX}
 * and inputs repeat a token, which has no effect because of causal masking.
 */
final class CutWindows extends Windows {
  private final TokenSequence tokens;
  private final @Nullable TeacherTokens teacher;
  private final Cut cut;
  private final @Nullable Beginnings beginnings;
  private final int[] read;
  private final int[] before = new int[1];

  CutWindows(TokenSequence tokens, int length, Cut cut) {
    this(tokens, length, cut, null);
  }

  private CutWindows(TokenSequence tokens, int length, Cut cut, @Nullable Beginnings beginnings) {
    super(length);
    this.tokens = tokens;
    this.cut = cut;
    this.beginnings = beginnings;
    teacher = tokens.teacher().orElse(null);
    read = new int[length + 1];
  }

  /** A teacher has seen the text as it is. */
  @Override
  Windows beginning(Tokenizer tokenizer) {
    return teacher != null
        ? this
        : Beginnings.of(tokenizer)
            .<Windows>map(found -> new CutWindows(tokens, length, cut, found))
            .orElse(this);
  }

  @Override
  public long count() {
    return cut.count();
  }

  @Override
  public Batch batch(int size) {
    return Batch.ofText(size, length, teacher == null ? 0 : teacher.count());
  }

  @Override
  public void fill(long window, int b, Batch into) {
    long from = cut.start(window);
    int available = (int) Math.min(length + 1L, tokens.size() - from);
    tokens.read(from, read, 0, available);
    int extent = cut.extent(read, available);
    Arrays.fill(read, extent, read.length, read[0]);
    System.arraycopy(read, 0, into.inputs(), b * length, length);
    if (beginnings != null && from > 0) {
      tokens.read(from - 1, before, 0, 1);
      into.inputs()[b * length] = beginnings.first(before[0], read[0]);
    }
    System.arraycopy(read, 1, into.targets(), b * length, length);
    if (into.begins().length > 0) { // beside windows of examples
      Arrays.fill(into.begins(), b * length, (b + 1) * length, 0);
    }
    Arrays.fill(into.targets(), b * length + extent - 1, (b + 1) * length, Objective.IGNORE_INDEX);
    if (teacher != null && into.teacher().count() > 0) {
      Batch.Taught taught = into.teacher();
      teacher.read(from, taught.tokens(), taught.logProbabilities(), b * length, extent - 1);
    }
  }
}
