package io.fundamentallm.runtime.cpu.kernels.product;

import io.fundamentallm.runtime.cpu.kernels.onednn.NativeMemory;
import io.fundamentallm.runtime.cpu.kernels.onednn.NativeProducts.Right;
import io.fundamentallm.runtime.cpu.kernels.onednn.NativeProducts.Shape;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * {@link ProductKernels#product} by oneDNN, in 16 bits with 32-bit sums: the products of training
 * in mixed precision.
 *
 * <p>Operands are rounded on their way out of the heap, unless they are weights that have a {@link
 * RoundedWeights copy} there, some terms at a time: the smaller one whole, the other in pieces, so
 * that what a piece gives still is in the second cache when it is copied back. Each element is a
 * sum over as many terms as are taken at a time, in the order of these pieces, added to where it
 * starts.
 */
final class OneDnnMatrices {

  /** Terms at a time. */
  private static final int TERMS = 1024;

  /** Elements of C at a time: a megabyte. */
  private static final int ELEMENTS = 1 << 18;

  /** Rows or columns of the operand that is copied whole, at most: 8 MiB. */
  private static final int WHOLE = 4096;

  private static final int UNIT = 16;
  private static final int BLOCK = Bf16Kernels.PAIRS;
  private static final int STEP = PackedWeights.BLOCK;

  private OneDnnMatrices() {}

  static void multiply(Product p, NativeScratch own, Bf16Kernels rounding) {
    own.hold(null, 0, 0);
    for (int term = 0; term < p.k; term += TERMS) {
      int terms = Math.min(TERMS, p.k - term);
      if (p.n <= p.m) {
        for (int column = 0; column < p.n; column += WHOLE) {
          int columns = Math.min(WHOLE, p.n - column);
          right(p, term, terms, column, columns, own, rounding);
          int size = pieces(columns);
          for (int row = 0; row < p.m; row += size) {
            int rows = Math.min(size, p.m - row);
            NativeMemory a = left(p, term, terms, row, rows, own, rounding);
            piece(p, term, terms, row, rows, column, columns, a, own, rounding);
          }
        }
      } else {
        for (int row = 0; row < p.m; row += WHOLE) {
          int rows = Math.min(WHOLE, p.m - row);
          NativeMemory a = left(p, term, terms, row, rows, own, rounding);
          int size = pieces(rows);
          for (int column = 0; column < p.n; column += size) {
            int columns = Math.min(size, p.n - column);
            right(p, term, terms, column, columns, own, rounding);
            piece(p, term, terms, row, rows, column, columns, a, own, rounding);
          }
        }
      }
    }
  }

  /** Rows or columns of a piece, whole blocks. */
  private static int pieces(int other) {
    return Math.max(BLOCK, ELEMENTS / other / BLOCK * BLOCK);
  }

  private static int whole(int n, int unit) {
    return (n + unit - 1) / unit * unit;
  }

  /** A: [rows][terms], or the other way round where it is stored so. */
  private static NativeMemory left(
      Product p, int term, int terms, int row, int rows, NativeScratch own, Bf16Kernels rounding) {
    int depth = whole(terms, STEP);
    int height = whole(rows, UNIT);
    NativeMemory a = own.products.left(height * depth * Short.BYTES);
    if (p.form == Form.AT_B) {
      rows(p.a, p.a(row, term), p.lda, terms, rows, a, depth, height, own, rounding);
    } else {
      rows(p.a, p.a(row, term), p.lda, rows, terms, a, height, depth, own, rounding);
    }
    return a;
  }

  /**
   * Rounds rows as they are.
   *
   * @param width of a row there, filled with zeros
   * @param height rows there; those that are missing are zeros
   */
  private static void rows(
      float[] x,
      int at,
      int ld,
      int rows,
      int columns,
      NativeMemory to,
      int height,
      int width,
      NativeScratch own,
      Bf16Kernels rounding) {
    short[] rounded = own.shorts(width);
    for (int i = 0; i < rows; i++) {
      rounding.round(columns, x, at + i * ld, rounded);
      Arrays.fill(rounded, columns, width, (short) 0);
      to.shorts().put(i * width, rounded, 0, width);
    }
    Arrays.fill(rounded, 0, width, (short) 0);
    for (int i = rows; i < height; i++) {
      to.shorts().put(i * width, rounded, 0, width);
    }
  }

  /** The copy that B has, if it can be multiplied with; it has no zeros after its last term. */
  private static @Nullable RoundedWeights copy(Product p, int terms) {
    RoundedWeights weights = p.rounded;
    return weights != null && terms % STEP == 0 && weights.of(p.b, p.bAt) ? weights : null;
  }

  /**
   * B, unless it has a copy: [terms][columns], or [columns][terms] where it is stored so, with
   * zeros after the last term.
   */
  private static void right(
      Product p,
      int term,
      int terms,
      int column,
      int columns,
      NativeScratch own,
      Bf16Kernels rounding) {
    if (copy(p, terms) != null) {
      return;
    }
    int depth = whole(terms, STEP);
    int width = whole(columns, UNIT);
    int from = p.b(term, column);
    if (p.form == Form.A_BT) {
      NativeMemory b = own.products.right(columns * depth * Short.BYTES);
      rows(p.b, from, p.ldb, columns, terms, b, columns, depth, own, rounding);
    } else {
      NativeMemory b = own.products.right(width * depth * Short.BYTES);
      rows(p.b, from, p.ldb, terms, columns, b, depth, width, own, rounding);
    }
  }

  /** A piece of C, of the terms that A and B hold. */
  private static void piece(
      Product p,
      int term,
      int terms,
      int row,
      int rows,
      int column,
      int columns,
      NativeMemory a,
      NativeScratch own,
      Bf16Kernels rounding) {
    boolean leftTransposed = p.form == Form.AT_B;
    boolean rightTransposed = p.form == Form.A_BT;
    RoundedWeights weights = copy(p, terms);
    int height = whole(rows, UNIT);
    int depth = whole(terms, STEP);
    NativeMemory c = own.products.result(height * columns * Float.BYTES);
    Right right = rightTransposed ? Right.TRANSPOSED : Right.PLAIN;
    int ldb = weights != null ? p.ldb : rightTransposed ? depth : whole(columns, UNIT);
    Shape shape = new Shape(true, leftTransposed, right, ldb, height, columns, depth);
    if (weights == null) {
      own.products.multiply(shape, a, 0);
    } else {
      own.products.multiply(shape, a, 0, weights.bits, weights.at(p.b(term, column)));
    }
    float[] start = term == 0 ? p.start : p.c;
    boolean toItself =
        start == p.c && (term > 0 || p.startAt == p.cAt && p.lds == p.ldc); // and not beside it
    float[] sums = own.floats(columns);
    for (int i = 0; i < rows; i++) {
      int at = p.cAt + (row + i) * p.ldc + column;
      if (toItself) {
        c.floats().get(i * columns, sums, 0, columns);
        rounding.add(columns, sums, 0, p.c, at);
        continue;
      }
      c.floats().get(i * columns, p.c, at, columns);
      if (start != null) {
        rounding.add(columns, start, p.startAt + (row + i) * p.lds + column, p.c, at);
      }
    }
  }
}
