package io.fundamentallm.runtime.cpu.kernels.product;

import io.fundamentallm.runtime.cpu.kernels.math.Floats;
import io.fundamentallm.runtime.cpu.kernels.team.Parallel;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Matrix products that a whole team computes. Bit for bit those of {@link ProductKernels#product},
 * for any number of threads.
 *
 * <p>There are as many parts of C as members, and each begins with its own; the part of one that is
 * late is taken over. It is a range of rows if there are enough of them: then a member reads in the
 * next product what it wrote itself, and little data moves between processors.
 *
 * <p>Keeps scratch memory for each thread, see {@link #bytes}. One thread at a time; several of
 * these may share a team.
 */
public final class TeamProduct {

  /** Multiply-adds below which waking the team costs more than it saves: a few microseconds. */
  private static final long MAX_SERIAL = 1 << 18;

  /** Rows that stay together when rows are divided: few, so that shares are nearly even. */
  public static final int ROWS = 4;

  // The same of columns.
  private static final int COLUMNS = 64;

  // The cost to a member of each element of B that it copies, in multiply-adds.
  private static final int COPY = 32;
  // The same for an element that another member may have written: those of A where rows are shared,
  // and those of both where the sums are over rows.
  private static final int REMOTE = 128;

  private final ProductKernels kernels;
  private final Parallel parallel;
  private final Product whole;
  private final Product[] parts; // [slot]
  private final Parallel.Piece alone = (i, slot) -> part(0, 1, slot);
  private final Parallel.Piece divided = this::part;

  /** Products by these kernels and this team; allocates {@link #bytes}. */
  public TeamProduct(ProductKernels kernels, Parallel parallel) {
    this.kernels = kernels;
    this.parallel = parallel;
    parts = new Product[parallel.slots()];
    Arrays.setAll(parts, slot -> new Product());
    whole = new Product(parts[0].scratch);
  }

  /**
   * A member's own, for products between two that all members compute.
   *
   * @param slot from 0 to the team's slots − 1
   */
  public Product own(int slot) {
    return parts[slot];
  }

  /** Bytes that it keeps, for a team of this many threads. */
  public static long bytes(int threads) {
    return (long) threads * Float.BYTES * Floats.aligned(Product.SCRATCH);
  }

  /** Starts another product, see {@link Product#shape}, which {@link #run} computes. */
  public Product shape(Form form, int m, int n, int k) {
    return whole.shape(form, m, n, k);
  }

  /**
   * From now on, where B is among these weights, kernels may read their copy instead. They must not
   * change before the copy does.
   *
   * @param weights null for none
   */
  public void rounded(@Nullable RoundedWeights weights) {
    whole.rounded = weights;
    for (Product part : parts) {
      part.rounded = weights;
    }
  }

  /**
   * Computes the product that was described last.
   *
   * @throws IllegalStateException if called from within parallel work of the team
   */
  public void run() {
    if ((long) whole.m * whole.n * whole.k < MAX_SERIAL) {
      parallel.run(1, alone);
    } else {
      parallel.divide(parallel.slots(), divided);
    }
  }

  /** Frees what the members have outside the heap. */
  public void close() {
    whole.close();
    for (Product part : parts) {
      part.close();
    }
  }

  /** One of as many parts of C as there are members. */
  private void part(int part, int slot) {
    part(part, parts.length, slot);
  }

  /** One of so many parts of C. */
  private void part(int part, int all, int slot) {
    int down = down(whole, kernels.copies(whole), all);
    int across = all / down;
    int row = Parallel.share(whole.m, ROWS, part / across, down);
    int rows = Parallel.share(whole.m, ROWS, part / across + 1, down) - row;
    int column = Parallel.share(whole.n, COLUMNS, part % across, across);
    int columns = Parallel.share(whole.n, COLUMNS, part % across + 1, across) - column;
    if (rows > 0 && columns > 0) {
      kernels.product(parts[slot].part(whole, row, rows, column, columns));
    }
  }

  /** The best number of row ranges to divide C into; beyond that it is divided by columns. */
  private static int down(Product p, boolean copies, int members) {
    int m = p.m;
    int n = p.n;
    int best = 1;
    double min = Double.POSITIVE_INFINITY;
    for (int down = 1; down <= members; down++) {
      if (members % down == 0) {
        int across = members / down;
        double rows = largest(m, ROWS, down);
        double columns = largest(n, COLUMNS, across);
        double cost = (rows + COPY) * columns;
        if (copies || p.form == Form.AT_B) {
          cost += REMOTE * (rows + columns);
        } else if (across > 1) {
          cost += REMOTE * m;
        }
        if (cost < min) {
          min = cost;
          best = down;
        }
      }
    }
    return best;
  }

  /** The largest share of n, in whole units. */
  private static double largest(int n, int unit, int parts) {
    int units = (n + unit - 1) / unit;
    return (double) ((units + parts - 1) / parts) * unit;
  }
}
