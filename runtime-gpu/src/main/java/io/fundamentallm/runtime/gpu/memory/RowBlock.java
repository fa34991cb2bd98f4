package io.fundamentallm.runtime.gpu.memory;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtException;
import io.fundamentallm.runtime.gpu.ort.FixedRuns;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * Rows of keys and values that runs write into. A row may hold several pasts, each of them the
 * beginning of what is written there. One of them can continue in place; the next has to copy. The
 * owner's lock guards everything but the tensors.
 */
public final class RowBlock {
  public final Memory.Rows rows;

  /** How many pasts each row holds, including those that a run is about to make. */
  private final int[] pasts;

  /** How many tokens of a row may be read. */
  private final int[] written;

  private final AtomicReference<@Nullable View> last = new AtomicReference<>();

  RowBlock(Memory.Rows rows) {
    this.rows = rows;
    this.pasts = new int[rows.count()];
    this.written = new int[rows.count()];
  }

  public boolean isFree(int row) {
    return pasts[row] == 0;
  }

  public boolean isEmpty() {
    return Arrays.stream(pasts).noneMatch(count -> count > 0);
  }

  /**
   * Whether a past of this length can continue in its row: nobody reads what it would overwrite.
   */
  public boolean canAppend(int row, int length) {
    return pasts[row] == 1 || written[row] == length;
  }

  /** Counts a past that is about to reach this length. */
  public void add(int row, int length) {
    pasts[row]++;
    written[row] = length;
  }

  /** Counts one more past of tokens that are already there. */
  public void share(int row) {
    pasts[row]++;
  }

  public void remove(int row) {
    pasts[row]--;
  }

  /** Some rows as tensors. The next run will most likely want them again. */
  public static final class View {
    private final int from;
    private final int count;
    private final List<OnnxTensor> tensors;
    private FixedRuns.@Nullable Fixed fixed;
    private boolean mayBeFixed = true;

    private View(int from, int count, List<OnnxTensor> tensors) {
      this.from = from;
      this.count = count;
      this.tensors = tensors;
    }

    public List<OnnxTensor> tensors() {
      return tensors;
    }

    /** For runs of one token; null if there are too many of them. */
    public FixedRuns.@Nullable Fixed fixed(FixedRuns runs) throws OrtException {
      if (mayBeFixed && fixed == null) {
        fixed = runs.next();
        mayBeFixed = fixed != null;
      }
      return fixed;
    }

    private void close() {
      tensors.forEach(OnnxTensor::close);
      if (fixed != null) {
        fixed.close();
      }
    }
  }

  public View view(int from, int count) throws OrtException {
    View view = last.getAndSet(null);
    if (view != null) {
      if (view.from == from && view.count == count) {
        return view;
      }
      view.close();
    }
    return new View(from, count, rows.tensors(from, count));
  }

  public void release(View view) {
    if (!last.compareAndSet(null, view)) {
      view.close();
    }
  }

  /** No run may be under way. */
  void free() {
    View view = last.getAndSet(null);
    if (view != null) {
      view.close();
    }
    rows.free();
  }
}
