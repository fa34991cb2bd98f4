package io.fundamentallm.runtime.cpu.kernels.product;

import io.fundamentallm.runtime.cpu.kernels.math.Floats;
import org.jspecify.annotations.Nullable;

/**
 * A matrix product {@code C = S + A·B}: what {@link ProductKernels#product} computes. A matrix is
 * an array, the index of its first element and a leading dimension {@code ld}: the distance between
 * two of its rows, at least the row's length.
 *
 * <p>Each thread has its own and reuses it for one product after another, so that none needs an
 * allocation: first {@link #shape}, then the matrices in any order. It provides the scratch memory
 * that kernels need.
 */
public final class Product {

  /**
   * Floats of scratch that kernels need: 1.25 MiB, of which nearly all is used on Intel and less
   * than half elsewhere.
   */
  public static final int SCRATCH = Floats.FRONT + 320 * 1024;

  final float[] scratch;
  final Tile tile = new Tile();

  /** A copy of weights, which B may be among. */
  @Nullable RoundedWeights rounded;

  /** Made when oneDNN first computes a product of this thread. */
  @Nullable NativeScratch natives;

  Form form = Form.A_B;
  int m;
  int n;
  int k;

  /** Multiply-adds and the smallest size of the whole product, of which this may be a part. */
  long work;

  int least;
  float[] a = {};
  int aAt;
  int lda;
  float[] b = {};
  int bAt;
  int ldb;
  float @Nullable [] start;
  int startAt;
  int lds;
  float[] c = {};
  int cAt;
  int ldc;

  /**
   * With its own scratch, of a size that {@linkplain Floats#aligned aligns} it: products of 512 to
   * 3,072 rows on Intel take 8 % longer where vectors in it straddle cache lines.
   */
  public Product() {
    this(new float[Floats.aligned(SCRATCH)]);
  }

  /**
   * With given scratch, whose contents do not matter before and are undefined after.
   *
   * @param scratch {@link #SCRATCH} floats that no other thread uses meanwhile
   */
  public Product(float[] scratch) {
    this.scratch = scratch;
  }

  /**
   * Starts another product, whose sums start at zero.
   *
   * @param m rows of C
   * @param n columns of C
   * @param k terms of each sum
   */
  public Product shape(Form form, int m, int n, int k) {
    this.form = form;
    this.m = m;
    this.n = n;
    this.k = k;
    work = (long) m * n * k;
    least = Math.min(k, Math.min(m, n));
    start = null;
    return this;
  }

  /** A, laid out as the form says. */
  public Product left(float[] a, int at, int ld) {
    this.a = a;
    aAt = at;
    lda = ld;
    return this;
  }

  /** B, laid out as the form says. */
  public Product right(float[] b, int at, int ld) {
    this.b = b;
    bAt = at;
    ldb = ld;
    return this;
  }

  /**
   * S, where the sums start from: a matrix [M][N], or a row shared by all rows if {@code ld} is 0.
   * It may be C itself, at the same place: then the product is added to what is there.
   *
   * @param s null for zeros
   */
  public Product start(float @Nullable [] s, int at, int ld) {
    start = s;
    startAt = at;
    lds = ld;
    return this;
  }

  /** C [M][N], which overlaps neither A nor B. */
  public Product into(float[] c, int at, int ld) {
    this.c = c;
    cAt = at;
    ldc = ld;
    return this;
  }

  /** C, to which the product is added. */
  public Product addTo(float[] c, int at, int ld) {
    return start(c, at, ld).into(c, at, ld);
  }

  /** Frees what was made outside the heap for its products; later ones make it anew. */
  public void close() {
    rounded = null;
    NativeScratch own = natives;
    natives = null;
    if (own != null) {
      own.products.close();
    }
  }

  /** A part of another product: some rows and columns of its C. */
  Product part(Product whole, int row, int rows, int column, int columns) {
    shape(whole.form, rows, columns, whole.k);
    work = whole.work;
    least = whole.least;
    rounded = whole.rounded;
    return this.left(whole.a, whole.a(row, 0), whole.lda)
        .right(whole.b, whole.b(0, column), whole.ldb)
        .start(whole.start, whole.startAt + row * whole.lds + column, whole.lds)
        .into(whole.c, whole.cAt + row * whole.ldc + column, whole.ldc);
  }

  /** Index of element [row][j] of A. */
  int a(int row, int j) {
    return aAt + row * rowStep() + j * kStep();
  }

  /** Distance between two rows of A. */
  int rowStep() {
    return form == Form.AT_B ? 1 : lda;
  }

  /** Distance between two neighbours in a row of A. */
  int kStep() {
    return form == Form.AT_B ? lda : 1;
  }

  /** Index of element [j][column] of B. */
  int b(int j, int column) {
    return form == Form.A_BT ? bAt + column * ldb + j : bAt + j * ldb + column;
  }
}
