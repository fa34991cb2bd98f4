package io.fundamentallm.benchmarks.products;

import io.fundamentallm.benchmarks.rotation.Arguments;
import io.fundamentallm.benchmarks.rotation.Figure;
import io.fundamentallm.benchmarks.rotation.Machine;
import io.fundamentallm.benchmarks.rotation.Rotation;
import io.fundamentallm.runtime.cpu.kernels.Kernels;
import io.fundamentallm.runtime.cpu.kernels.onednn.NativeMemory;
import io.fundamentallm.runtime.cpu.kernels.onednn.NativeProducts;
import io.fundamentallm.runtime.cpu.kernels.onednn.NativeProducts.Right;
import io.fundamentallm.runtime.cpu.kernels.onednn.OneDnn;
import io.fundamentallm.runtime.cpu.kernels.onednn.OneDnnUnavailableException;
import io.fundamentallm.runtime.cpu.kernels.product.Form;
import io.fundamentallm.runtime.cpu.kernels.product.Precision;
import io.fundamentallm.runtime.cpu.kernels.team.Parallel;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;

/**
 * Products by the Java kernels, by oneDNN as the library uses it (operands in the heap, rounded and
 * copied each time), and by oneDNN alone (operands outside the heap, the second packed once), by
 * turns in one process. Needs oneDNN's native code: build the jar with {@code -Ponednn}.
 *
 * <p>Arguments are {@code key=value}, lists with commas. Their defaults:
 *
 * <pre>
 * sizes=1024x1024x1024,768x512x128,256x3072x768,512x2048x768,16x2048x768,256x50257x768    M×N×K
 * rounds=5
 * warmup=1                     seconds for each
 * threads=2
 * </pre>
 */
public final class CompareOneDnn {
  private static final int UNIT = 64;

  private final Arguments arguments;
  private final OneDnn library;
  private final Parallel parallel;

  private CompareOneDnn(Arguments arguments, OneDnn library) {
    this.arguments = arguments;
    this.library = library;
    parallel = Parallel.ofThreads(arguments.number("threads"));
  }

  /** Compares what the arguments say. */
  public static void main(String[] commandLine) throws OneDnnUnavailableException {
    Map<String, String> defaults = new LinkedHashMap<>();
    defaults.put(
        "sizes", "1024x1024x1024,768x512x128,256x3072x768,512x2048x768,16x2048x768,256x50257x768");
    defaults.put("rounds", "5");
    defaults.put("warmup", "1");
    defaults.put("threads", "2");
    OneDnn library = OneDnn.load();
    System.out.println(Machine.description() + "; " + library.description());
    new CompareOneDnn(Arguments.of(commandLine, defaults), library).run();
  }

  private void run() {
    System.out.println("| GFLOP/s | Java | oneDNN bf16 with copies | alone, bf16 | alone, f32 |");
    System.out.println("|---|---|---|---|---|");
    for (String size : arguments.list("sizes")) {
      int[] mnk = Arrays.stream(size.split("x", -1)).mapToInt(Integer::parseInt).toArray();
      compare(size, mnk[0], mnk[1], mnk[2]);
    }
    System.out.printf(Locale.ROOT, "load average %.1f after%n", Machine.load());
  }

  private void compare(String size, int m, int n, int k) {
    float[] a = CompareProducts.random(m * k, 1);
    float[] b = CompareProducts.random(k * n, 2);
    double operations = 2.0 * m * n * k;
    Kernels kernels = Kernels.best();
    OurProduct java = new OurProduct(kernels.with(Precision.F32).product(), parallel);
    Rotation rotation = new Rotation();
    try (Product.Prepared inJava = java.prepare(Form.A_B, m, n, k, a, b)) {
      rotation.add("Java", () -> operations / CompareProducts.seconds(inJava::run));
      if (library.bf16()) {
        OurProduct mixed = new OurProduct(kernels.with(Precision.BF16).product(), parallel);
        Product.Prepared copied = mixed.prepare(Form.A_B, m, n, k, a, b);
        rotation.add(
            "oneDNN bf16 with copies", () -> operations / CompareProducts.seconds(copied::run));
        Runnable alone = alone(true, m, n, k);
        rotation.add("alone, bf16", () -> operations / CompareProducts.seconds(alone));
      }
      Runnable alone = alone(false, m, n, k);
      rotation.add("alone, f32", () -> operations / CompareProducts.seconds(alone));
      rotation.warmUp(arguments.real("warmup"));
      rotation.run(arguments.number("rounds"));
    }
    System.out.print("| " + size + " |");
    for (String name : rotation.names()) {
      Figure.add(size, name, rotation.median(name) * 1e-9);
      System.out.printf(Locale.ROOT, " %.0f |", rotation.median(name) * 1e-9);
    }
    System.out.println();
  }

  /** Each thread has some columns. */
  private Runnable alone(boolean bf16, int m, int n, int k) {
    int threads = parallel.slots();
    NativeProducts[] products = new NativeProducts[threads];
    NativeProducts.Shape[] shapes = new NativeProducts.Shape[threads];
    int bytes = bf16 ? Short.BYTES : Float.BYTES;
    NativeMemory left = new NativeMemory(m * k * bytes);
    for (int i = 0; i < threads; i++) {
      int from = Parallel.share(n, UNIT, i, threads);
      int columns = Parallel.share(n, UNIT, i + 1, threads) - from;
      int whole = (columns + UNIT - 1) / UNIT * UNIT;
      products[i] = library.products();
      products[i].right(whole * k * bytes);
      products[i].result(m * whole * Float.BYTES);
      shapes[i] = new NativeProducts.Shape(bf16, false, Right.BLOCKED, whole, m, whole, k);
    }
    return () -> parallel.run(threads, (i, slot) -> products[i].multiply(shapes[i], left, 0));
  }
}
