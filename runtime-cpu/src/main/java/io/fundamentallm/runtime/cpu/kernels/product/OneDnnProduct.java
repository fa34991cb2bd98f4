package io.fundamentallm.runtime.cpu.kernels.product;

import static io.fundamentallm.runtime.cpu.kernels.product.PackedWeights.PANEL;

import io.fundamentallm.runtime.cpu.kernels.math.Floats;
import io.fundamentallm.runtime.cpu.kernels.onednn.NativeMemory;
import io.fundamentallm.runtime.cpu.kernels.onednn.NativeProducts.Right;
import io.fundamentallm.runtime.cpu.kernels.onednn.NativeProducts.Shape;
import io.fundamentallm.runtime.cpu.kernels.onednn.OneDnn;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Large products by oneDNN, all others by the Java kernels.
 *
 * <p>The Java heap cannot be lent to native code, so operands are copied, and what a product gives
 * is added to y. The copies are made on the way of conversions that are needed anyway: inputs are
 * rounded once for all who multiply with them, and a few panels of weights at a time are expanded
 * to 16-bit floats, whatever they are held in, and used for all rows.
 *
 * <p>Whether oneDNN takes a product depends on its weights and on how many rows there are in all,
 * not on how these are divided. An element is the sum of its terms as oneDNN forms it, the same for
 * any division, added to what was there.
 *
 * <p>Products of two matrices, those of training, go to oneDNN if BF16 was asked for: {@link
 * OneDnnMatrices}.
 */
public final class OneDnnProduct implements ProductKernels {

  /**
   * Rows from which it pays: below, expanding weights costs more than the Java kernels' arithmetic.
   * With 16, int8 and int4 weights of 110M parameters are 1.5 to 1.6 times as fast as in Java.
   */
  static final int ROWS = 16;

  /** The same for 32-bit weights and products, whose copies cost less and whose gain is smaller. */
  static final int FLOAT_ROWS = 64;

  /** Multiply-adds of a product of matrices from which it pays to copy them. */
  static final int WORK = 1 << 23;

  /** Rows are computed in multiples of this, the rows of a matrix unit's tile. */
  private static final int UNIT = 16;

  private static final int STRIP = FloatWeights.STRIP;

  /**
   * Panels at a time: half a megabyte of 16-bit weights with 1,024 columns, for the second cache.
   */
  private static final int PANELS = 8;

  /** Pairs of a block of columns of two panels. */
  private static final int PAIRS_OF_BLOCK = PackedWeights.BLOCK / 2 * Bf16Kernels.PAIRS;

  private final ProductKernels java;
  private final Bf16Kernels rounding;
  private final OneDnn library;
  private final Precision precision;
  private final boolean floats; // whether it is faster than the Java kernels in 32 bits, too

  private OneDnnProduct(
      ProductKernels java, Bf16Kernels rounding, OneDnn library, Precision precision) {
    this.java = java;
    this.rounding = rounding;
    this.library = library;
    this.precision = precision;
    floats = !(java instanceof VectorProduct && VectorPanelTiles.FIT);
  }

  /** Over kernels in plain Java. */
  public static OneDnnProduct over(ScalarProduct java, OneDnn library) {
    return new OneDnnProduct(java, new ScalarBf16(), library, Precision.AUTO);
  }

  /** Over kernels on the Vector API. */
  public static OneDnnProduct over(VectorProduct java, OneDnn library) {
    return new OneDnnProduct(java, new VectorBf16(), library, Precision.AUTO);
  }

  @Override
  public ProductKernels with(Precision other) {
    return new OneDnnProduct(java, rounding, library, other);
  }

  /** How oneDNN multiplies with these weights; null if it does not. */
  private @Nullable Precision precision(PackedWeights weights) {
    boolean wide = weights.formats().contains("f32");
    if (library.bf16() && (precision == Precision.BF16 || precision == Precision.AUTO && !wide)) {
      return Precision.BF16;
    }
    return floats && weights instanceof FloatWeights ? Precision.F32 : null;
  }

  private @Nullable Precision precision(PackedProduct p) {
    Precision of = p.all < ROWS ? null : precision(p.weights);
    return of == Precision.F32 && p.all < FLOAT_ROWS ? null : of;
  }

  @Override
  public boolean prepares(PackedProduct p) {
    return precision(p) == null ? java.prepares(p) : p.shared != null;
  }

  @Override
  public @Nullable NativeMemory sharedInputs(int rows, int columns) {
    int all = wholeUnits(rows + UNIT);
    return new NativeMemory(Math.multiplyExact(all, PackedWeights.padded(columns) * Float.BYTES));
  }

  private static int wholeUnits(int rows) {
    return (rows + UNIT - 1) / UNIT * UNIT;
  }

  @Override
  public void prepareRows(PackedProduct p) {
    Precision of = precision(p);
    if (of == null) {
      java.prepareRows(p);
    } else if (p.shared != null) {
      inputs(of, p, p.shared, p.row);
    }
  }

  /** Writes the inputs of the product's rows as rows of a matrix, from one on. */
  private void inputs(Precision of, PackedProduct p, NativeMemory to, int row) {
    int columns = p.weights.columns();
    int width = PackedWeights.padded(columns);
    NativeScratch own = scratch(p.floats);
    if (of == Precision.F32) {
      for (int i = 0; i < p.rows; i++) {
        int at = (row + i) * width;
        to.floats().put(at, p.x, p.xAt + i * p.ldx, columns);
        to.floats().put(at + columns, NativeScratch.ZEROS, 0, width - columns);
      }
      return;
    }
    short[] rounded = own.shorts(width);
    for (int i = 0; i < p.rows; i++) {
      rounding.round(columns, p.x, p.xAt + i * p.ldx, rounded);
      Arrays.fill(rounded, columns, width, (short) 0);
      to.shorts().put((row + i) * width, rounded, 0, width);
    }
  }

  @Override
  public void multiply(PackedProduct p) {
    Precision of = precision(p);
    if (of == null) {
      java.multiply(p);
      return;
    }
    if (p.rows == 0) {
      return;
    }
    NativeScratch own = scratch(p.floats);
    int width = PackedWeights.padded(p.weights.columns());
    int bytes = of == Precision.F32 ? Float.BYTES : Short.BYTES;
    int rows = wholeUnits(p.rows);
    NativeMemory a = p.shared;
    int row = p.row;
    if (a == null) {
      a = own.products.left(rows * width * bytes);
      row = 0;
      inputs(of, p, a, row);
    }
    for (int panel = p.fromPanel; panel < p.toPanel; panel += PANELS) {
      int end = Math.min(p.toPanel, panel + PANELS);
      int n = (end - panel + 1) / 2 * (2 * PANEL);
      weights(of, p, panel, end, own);
      own.products.result(rows * n * Float.BYTES);
      own.products.multiply(
          new Shape(of == Precision.BF16, false, Right.BLOCKED, n, rows, n, width),
          a,
          row * width * bytes);
      add(p, panel, end, n, own, rounding);
    }
  }

  /** Writes panels as B, if they are not still there. */
  private void weights(Precision of, PackedProduct p, int from, int to, NativeScratch own) {
    if (own.holds(p.weights, from, to)) {
      return;
    }
    int width = PackedWeights.padded(p.weights.columns());
    int ints = of == Precision.F32 ? width : width / 2; // of a column of B
    int block = ints * 2 * PANEL;
    NativeMemory b = own.products.right((to - from + 1) / 2 * block * Integer.BYTES);
    if (of == Precision.F32) {
      for (int panel = from; panel < to; panel += 2) {
        int at = (panel - from) / 2 * block;
        floats((FloatWeights) p.weights, panel, Math.min(to, panel + 2), b, at, own);
      }
    } else {
      // panels by turns, so that memory has several streams to fetch, and what was expanded still
      // is in the first cache when it is copied
      int blocks = width / PackedWeights.BLOCK;
      int turn = turn(p.weights);
      for (int first = 0; first < blocks; first += turn) {
        int count = Math.min(turn, blocks - first);
        for (int panel = from; panel < to; panel += 2) {
          int at = (panel - from) / 2 * block + first * PAIRS_OF_BLOCK;
          pairs(p, panel, Math.min(to, panel + 2), first, count, b, at, own);
        }
      }
    }
    own.hold(p.weights, from, to);
  }

  /**
   * Blocks of a panel that are expanded at a time: about 1 KiB, or as many as have their scales
   * together. From memory one block is 1.7 times as fast as eight, with int8.
   */
  private static int turn(PackedWeights weights) {
    return weights instanceof BlockWeights || weights instanceof MixedWeights
        ? ScalarBlocks.BLOCKS
        : 1;
  }

  /** Some blocks of two neighbouring panels, or of one and zeros. */
  private void pairs(
      PackedProduct p,
      int panel,
      int end,
      int block,
      int count,
      NativeMemory b,
      int at,
      NativeScratch own) {
    int size = count * PAIRS_OF_BLOCK;
    int[] pairs = own.ints(size);
    int front = Floats.FRONT;
    for (int i = 0; i < end - panel; i++) {
      PackedWeights weights = p.weights;
      int of = panel + i;
      while (weights instanceof MixedWeights mixed) {
        weights = mixed.partOf(of);
        of = mixed.panelOf(of);
      }
      rounding.panel(weights, of, block, count, p.floats.scratch, pairs, front + i * PANEL);
    }
    if (end - panel == 1) {
      NativeScratch.clear(pairs, front + PANEL, front + size);
    }
    int columns = p.weights.columns() - block * PackedWeights.BLOCK;
    int known = Math.min(size, (columns + 1) / 2 * 2 * PANEL);
    Arrays.fill(pairs, front + known, front + size, 0);
    b.ints().put(at, pairs, front, size);
  }

  /** Two neighbouring panels, or one and zeros: four strips side by side. */
  private static void floats(
      FloatWeights w, int panel, int end, NativeMemory b, int at, NativeScratch own) {
    int columns = w.columns();
    int size = columns * 2 * PANEL;
    float[] both = own.floats(size);
    int strips = (end - panel) * PANEL / STRIP;
    for (int k = 0; k < columns; k++) {
      int to = k * 2 * PANEL;
      for (int i = 0; i < strips; i++) {
        int from = w.at(panel) + i * w.strip() + k * STRIP;
        System.arraycopy(w.values, from, both, to + i * STRIP, STRIP);
      }
      Arrays.fill(both, to + strips * STRIP, to + 2 * PANEL, 0f);
    }
    b.floats().put(at, both, 0, size);
    int rest = (PackedWeights.padded(columns) - columns) * 2 * PANEL;
    b.floats().put(at + size, NativeScratch.ZEROS, 0, rest);
  }

  /** Adds what was computed for some panels. */
  private static void add(
      PackedProduct p, int from, int to, int n, NativeScratch own, Bf16Kernels adding) {
    int count = (to - from) * PANEL;
    float[] sums = own.floats(count);
    for (int i = 0; i < p.rows; i++) {
      own.products.result(0).floats().get(i * n, sums, 0, count);
      adding.add(count, sums, 0, p.y, p.yAt + i * p.ldy + from * PANEL);
    }
  }

  @Override
  public @Nullable RoundedWeights rounded(float[] weights, int from, int slots) {
    if (precision != Precision.BF16 || weights.length - from > RoundedWeights.MOST) {
      return null;
    }
    NativeMemory bits;
    try {
      bits = new NativeMemory((weights.length - from) * Short.BYTES);
    } catch (OutOfMemoryError e) {
      return null; // they are then rounded on the way, to the same numbers
    }
    return new RoundedWeights(weights, from, bits, rounding, slots);
  }

  @Override
  public boolean copies(Product p) {
    return precision == Precision.BF16 && p.work >= WORK && p.least >= UNIT;
  }

  @Override
  public void product(Product p) {
    if (copies(p)) {
      OneDnnMatrices.multiply(p, scratch(p), rounding);
    } else {
      java.product(p);
    }
  }

  @Override
  public float dot(int n, float[] x, int xAt, float[] y, int yAt) {
    return java.dot(n, x, xAt, y, yAt);
  }

  @Override
  public void quantize(int n, float[] x, float[] scales, float[] minima) {
    java.quantize(n, x, scales, minima);
  }

  private NativeScratch scratch(Product p) {
    NativeScratch own = p.natives;
    if (own == null) {
      own = new NativeScratch(library.products());
      p.natives = own;
    }
    return own;
  }
}
