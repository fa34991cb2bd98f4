package io.fundamentallm.runtime.cpu.model;

import io.fundamentallm.runtime.cpu.kernels.product.BlockFormat;
import io.fundamentallm.runtime.cpu.kernels.product.BlockRow;
import io.fundamentallm.runtime.cpu.kernels.product.BlockWeights;
import io.fundamentallm.runtime.cpu.kernels.product.FloatWeights;
import io.fundamentallm.runtime.cpu.kernels.product.HalfWeights;
import io.fundamentallm.runtime.cpu.kernels.product.Int4Weights;
import io.fundamentallm.runtime.cpu.kernels.product.Int8Weights;
import io.fundamentallm.runtime.cpu.kernels.product.MixedWeights;
import io.fundamentallm.runtime.cpu.kernels.product.PackedWeights;
import io.fundamentallm.runtime.cpu.kernels.product.ProductKernels;
import io.fundamentallm.runtime.cpu.kernels.team.Parallel;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/**
 * Copies matrices of a file into the layout of the kernels: each panel is read and written by one
 * member of the team, so nothing is in memory twice but a panel for each.
 */
public final class MatrixPacker {
  private static final int PANEL = PackedWeights.PANEL;

  /** How a matrix is held: as blocks of the file, else as its 16-bit floats, else converted. */
  private record Form(
      @Nullable BlockFormat blocks, HalfWeights.@Nullable Type half, Matrix.Format format) {
    static Form of(Matrix matrix, Matrix.@Nullable Format as) {
      return as == null
          ? new Form(matrix.blocks(), matrix.halfFloats(), Matrix.Format.F32)
          : new Form(null, null, as);
    }

    long bytes(int rows, int columns) {
      int padded = PackedWeights.padded(rows);
      if (blocks != null) {
        return BlockWeights.bytes(blocks, padded, columns);
      } else if (half != null) {
        return HalfWeights.bytes(padded, columns);
      }
      return switch (format) {
        case F32 -> FloatWeights.bytes(padded, columns);
        case INT8 -> Int8Weights.bytes(padded, columns);
        case INT4 -> Int4Weights.bytes(padded, columns);
      };
    }

    PackedWeights allocate(int rows, int columns) {
      if (blocks != null) {
        return new BlockWeights(blocks, rows, columns);
      } else if (half != null) {
        return new HalfWeights(half, rows, columns);
      }
      return switch (format) {
        case F32 -> new FloatWeights(rows, columns);
        case INT8 -> new Int8Weights(rows, columns);
        case INT4 -> new Int4Weights(rows, columns);
      };
    }
  }

  private final ProductKernels kernels;
  private final Parallel parallel;

  /** A packer whose panels are divided among a team. */
  public MatrixPacker(ProductKernels kernels, Parallel parallel) {
    this.kernels = kernels;
    this.parallel = parallel;
  }

  /**
   * Counts the arrays of a packed matrix.
   *
   * @param as the format to convert to; null to keep the file's
   */
  static void count(Matrix matrix, Matrix.@Nullable Format as, HeapRoom room) {
    if (as == null && mixed(matrix)) {
      matrix.parts().forEach(part -> count(part, null, room));
    } else {
      room.add(Form.of(matrix, as).bytes(matrix.rows(), matrix.columns()));
    }
  }

  /** Counts those of a gate and of what it gates. */
  static void count(Matrix gate, Matrix up, Matrix.@Nullable Format as, HeapRoom room) {
    Form form = Form.of(up, as);
    if (!Form.of(gate, as).equals(form)) {
      count(gate, as, room);
      count(up, as, room);
    } else {
      room.add(2 * form.bytes(up.rows(), up.columns()));
    }
  }

  /** Whether its parts are held in different forms, each in panels of its own. */
  private static boolean mixed(Matrix matrix) {
    List<Matrix> parts = matrix.parts();
    boolean differ = false;
    for (int i = 0; i < parts.size(); i++) {
      differ |= !Form.of(parts.get(i), null).equals(Form.of(parts.get(0), null));
      if (i < parts.size() - 1 && parts.get(i).rows() % PANEL != 0) {
        return false;
      }
    }
    return differ;
  }

  /**
   * Packs a matrix.
   *
   * @param as the format to convert to; null to keep the file's
   * @throws IOException when it cannot be read
   */
  public PackedWeights pack(Matrix matrix, Matrix.@Nullable Format as) throws IOException {
    if (as == null && mixed(matrix)) {
      List<PackedWeights> parts = new ArrayList<>();
      for (Matrix part : matrix.parts()) {
        parts.add(pack(part, null));
      }
      return MixedWeights.stacked(parts);
    }
    PackedWeights packed = Form.of(matrix, as).allocate(matrix.rows(), matrix.columns());
    fill(packed, matrix, 0, 1);
    return packed;
  }

  /** Packs panels of a gate and of what it gates by turns. */
  PackedWeights pack(Matrix gate, Matrix up, Matrix.@Nullable Format as) throws IOException {
    if (!Form.of(gate, as).equals(Form.of(up, as))) {
      return MixedWeights.alternating(pack(gate, as), pack(up, as));
    }
    int inner = PackedWeights.padded(up.rows());
    PackedWeights packed = Form.of(up, as).allocate(2 * inner, up.columns());
    fill(packed, gate, 0, 2);
    fill(packed, up, 1, 2);
    return packed;
  }

  /** Fills every {@code step}-th panel from {@code first} on with the panels of a matrix. */
  private void fill(PackedWeights packed, Matrix matrix, int first, int step) throws IOException {
    if (packed instanceof BlockWeights weights) {
      BlockRow[] rows = new BlockRow[parallel.slots()];
      Arrays.setAll(rows, slot -> BlockRow.of(weights.format(), matrix.columns()));
      eachPanel(
          matrix,
          (panel, slot) -> {
            for (int row = panel * PANEL; row < end(matrix, panel); row++) {
              matrix.readRow(row, rows[slot]);
              weights.fillRow(target(row, first, step), rows[slot]);
            }
          });
      return;
    }
    if (fillBlocks(packed, matrix, first, step)) {
      return;
    }
    int columns = matrix.columns();
    float[][] values = new float[parallel.slots()][PANEL * columns];
    eachPanel(
        matrix,
        (panel, slot) -> {
          int count = end(matrix, panel) - panel * PANEL;
          matrix.read(panel * PANEL, count, values[slot]);
          Arrays.fill(values[slot], count * columns, values[slot].length, 0f);
          packed.fill(kernels, first + panel * step, values[slot]);
        });
  }

  /** The same with the file's own blocks, where they are those of the format converted to. */
  private boolean fillBlocks(PackedWeights packed, Matrix matrix, int first, int step)
      throws IOException {
    boolean bytes = packed instanceof Int8Weights && matrix.format() == Matrix.Format.INT8;
    boolean nibbles = packed instanceof Int4Weights && matrix.format() == Matrix.Format.INT4;
    if (!bytes && !nibbles || matrix.columns() % Matrix.BLOCK != 0) {
      return false;
    }
    int columns = matrix.columns();
    AtomicBoolean all = new AtomicBoolean(true);
    eachPanel(
        matrix,
        (panel, slot) -> {
          byte[] q = new byte[columns];
          float[] scales = new float[columns / Matrix.BLOCK];
          float[] minima = new float[scales.length];
          float[] values = new float[columns];
          for (int row = panel * PANEL; row < end(matrix, panel) && all.get(); row++) {
            int to = target(row, first, step);
            boolean own = matrix.readBlocks(row, q, scales, minima);
            if (own && packed instanceof Int8Weights weights) {
              weights.fillRow(to, q, scales);
            } else if (own && packed instanceof Int4Weights weights) {
              weights.fillRow(to, q, scales, minima);
            } else if (packed instanceof Int8Weights weights) {
              matrix.read(row, 1, values);
              weights.fillRow(to, values, 0);
            } else {
              all.set(false);
            }
          }
        });
    return all.get();
  }

  private static int end(Matrix matrix, int panel) {
    return Math.min(matrix.rows(), (panel + 1) * PANEL);
  }

  private static int target(int row, int first, int step) {
    return (first + row / PANEL * step) * PANEL + row % PANEL;
  }

  /** Work on one panel of a matrix, which may fail to read it. */
  private interface PanelWork {
    void run(int panel, int slot) throws IOException;
  }

  private void eachPanel(Matrix matrix, PanelWork work) throws IOException {
    try {
      parallel.run(
          (matrix.rows() + PANEL - 1) / PANEL,
          (panel, slot) -> {
            try {
              work.run(panel, slot);
            } catch (IOException e) {
              throw new UncheckedIOException(e);
            }
          });
    } catch (UncheckedIOException e) {
      throw e.getCause();
    }
  }
}
