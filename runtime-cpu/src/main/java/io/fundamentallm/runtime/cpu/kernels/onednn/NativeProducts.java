package io.fundamentallm.runtime.cpu.kernels.onednn;

import java.util.HashMap;
import java.util.Map;
import org.bytedeco.dnnl.IntMemoryMap;
import org.bytedeco.dnnl.global.dnnl;
import org.bytedeco.dnnl.matmul;
import org.bytedeco.dnnl.memory;
import org.bytedeco.dnnl.stream;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.javacpp.Pointer;
import org.bytedeco.javacpp.PointerScope;
import org.jspecify.annotations.Nullable;

/**
 * Matrix products outside the heap, on the calling thread. It keeps what it needs from one product
 * to the next: two operands, a result, and what oneDNN compiled for each size. One thread at a
 * time.
 */
public final class NativeProducts implements AutoCloseable {

  /** How B lies in memory. */
  public enum Right {
    /**
     * In blocks {@code [N/64][K/32][16][64][2]} of 16-bit floats or {@code [N/64][K][64]} of 32-bit
     * ones, zeros after the last column: as products read it.
     */
    BLOCKED,
    /** {@code [N][K]}. */
    TRANSPOSED,
    /** {@code [K][N]}. */
    PLAIN
  }

  /**
   * A size of products.
   *
   * @param bf16 whether A and B are 16-bit floats, else 32-bit ones; C is always 32-bit
   * @param leftTransposed whether A is {@code [K][M]} instead of {@code [M][K]}
   * @param right how B is
   * @param ldb between two rows of B as it lies in memory; of no meaning in blocks
   */
  public record Shape(
      boolean bf16, boolean leftTransposed, Right right, int ldb, int m, int n, int k) {}

  /** Columns of B in a block. */
  public static final int BLOCK = 64;

  /** Compiled products that are kept at most: a few hundred kilobytes each. */
  private static final int MOST = 256;

  private final OneDnn library;
  private final stream stream;
  private final Map<Shape, Compiled> compiled = new HashMap<>();
  private NativeMemory left = new NativeMemory(0);
  private NativeMemory right = new NativeMemory(0);
  private NativeMemory result = new NativeMemory(0);

  NativeProducts(OneDnn library) {
    this.library = library;
    stream = new stream(library.cpu);
  }

  /** Own memory for A, of at least so many bytes; its contents are lost when it grows. */
  public NativeMemory left(int bytes) {
    left = grown(left, bytes);
    return left;
  }

  /** Own memory for B. */
  public NativeMemory right(int bytes) {
    right = grown(right, bytes);
    return right;
  }

  /** Own memory for C [M][N]. */
  public NativeMemory result(int bytes) {
    result = grown(result, bytes);
    return result;
  }

  private static NativeMemory grown(NativeMemory memory, int bytes) {
    return memory.size() >= bytes ? memory : new NativeMemory(bytes);
  }

  /** {@link #multiply(Shape, NativeMemory, int, NativeMemory, int)} with the own memory for B. */
  public void multiply(Shape shape, NativeMemory a, int at) {
    multiply(shape, a, at, right, 0);
  }

  /**
   * {@code C = A·B}. Each element of C is a fixed function of its row of A and its column of B: it
   * does not depend on m, on n, or on where the two lie.
   *
   * @param a where A is
   * @param aAt its first byte
   * @param b where B is
   * @param bAt its first byte
   */
  public void multiply(Shape shape, NativeMemory a, int aAt, NativeMemory b, int bAt) {
    Compiled product = compiled.get(shape);
    if (product == null) {
      if (compiled.size() >= MOST) {
        forget();
      }
      product = compile(shape);
      compiled.put(shape, product);
    }
    product.run(stream, a, aAt, b, bAt, result);
  }

  /** In a thread of its own, so that the caller's OpenMP settings stay as they are. */
  private Compiled compile(Shape shape) {
    Compiled[] made = new Compiled[1];
    Throwable[] failure = new Throwable[1];
    Thread thread =
        new Thread(
            () -> {
              library.useOneThread();
              made[0] = new Compiled(library, shape);
            },
            "fundamentallm-onednn");
    thread.setDaemon(true);
    thread.setUncaughtExceptionHandler((t, e) -> failure[0] = e);
    thread.start();
    boolean interrupted = false;
    while (true) {
      try {
        thread.join();
        break;
      } catch (InterruptedException e) {
        interrupted = true;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
    if (failure[0] != null) {
      throw new IllegalStateException("oneDNN refused a product of " + shape, failure[0]);
    }
    return made[0];
  }

  private void forget() {
    compiled.values().forEach(Compiled::close);
    compiled.clear();
  }

  /** Frees what was compiled; the memory of operands is freed when nothing refers to this. */
  @Override
  public void close() {
    forget();
    stream.close();
  }

  /** What oneDNN made for a size. */
  private static final class Compiled implements AutoCloseable {
    private final PointerScope scope;
    private final matmul matmul;
    private final memory a;
    private final memory b;
    private final memory c;
    private final IntMemoryMap arguments;
    private @Nullable NativeMemory lastA;
    private @Nullable BytePointer pointerA;
    private @Nullable NativeMemory lastB;
    private @Nullable BytePointer pointerB;
    private @Nullable NativeMemory lastC;

    Compiled(OneDnn library, Shape shape) {
      // collects what is created here, to be freed together
      try (PointerScope created = new PointerScope()) {
        scope = created;
        memory.data_type type = shape.bf16 ? memory.data_type.bf16 : memory.data_type.f32;
        memory.desc left =
            new memory.desc(
                new long[] {shape.m, shape.k},
                type,
                shape.leftTransposed ? memory.format_tag.ba : memory.format_tag.ab);
        memory.desc right = right(shape, type);
        memory.desc result =
            new memory.desc(
                new long[] {shape.m, shape.n}, memory.data_type.f32, memory.format_tag.ab);
        matmul = new matmul(new matmul.primitive_desc(library.cpu, left, right, result));
        a = new memory(left, library.cpu, (Pointer) null);
        b = new memory(right, library.cpu, (Pointer) null);
        c = new memory(result, library.cpu, (Pointer) null);
        arguments = new IntMemoryMap();
        arguments.put(dnnl.DNNL_ARG_SRC, a);
        arguments.put(dnnl.DNNL_ARG_WEIGHTS, b);
        arguments.put(dnnl.DNNL_ARG_DST, c);
        scope.extend();
      }
    }

    private static memory.desc right(Shape shape, memory.data_type type) {
      long[] sizes = {shape.k, shape.n};
      return switch (shape.right) {
        case BLOCKED ->
            new memory.desc(
                sizes,
                type,
                shape.bf16 ? memory.format_tag.BA16a64b2a : memory.format_tag.BA16a64b);
        case TRANSPOSED -> new memory.desc(sizes, type, new long[] {1, shape.ldb});
        case PLAIN -> new memory.desc(sizes, type, new long[] {shape.ldb, 1});
      };
    }

    void run(
        stream stream,
        NativeMemory left,
        int leftAt,
        NativeMemory right,
        int rightAt,
        NativeMemory result) {
      BytePointer pointer = pointerA;
      if (left != lastA || pointer == null) {
        pointer = new BytePointer(left.bytes);
        pointerA = pointer;
        lastA = left;
      }
      a.set_data_handle(pointer.position(leftAt));
      pointer = pointerB;
      if (right != lastB || pointer == null) {
        pointer = new BytePointer(right.bytes);
        pointerB = pointer;
        lastB = right;
      }
      b.set_data_handle(pointer.position(rightAt));
      if (result != lastC) {
        c.set_data_handle(new BytePointer(result.bytes).position(0));
        lastC = result;
      }
      matmul.execute(stream, arguments);
    }

    @Override
    public void close() {
      scope.close();
    }
  }
}
