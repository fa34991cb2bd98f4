package io.fundamentallm.benchmarks.products;

import io.fundamentallm.benchmarks.rotation.Arguments;
import io.fundamentallm.benchmarks.rotation.Arithmetic;
import io.fundamentallm.benchmarks.rotation.Figure;
import io.fundamentallm.benchmarks.rotation.Machine;
import io.fundamentallm.benchmarks.rotation.Rotation;
import io.fundamentallm.runtime.cpu.kernels.product.Form;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.SplittableRandom;

/**
 * Matrix products beside OpenBLAS, by turns in one process. Prints GFLOP/s, first those of
 * multiply-adds alone, the ratio of each product, their geometric mean and the least of them.
 *
 * <p>Arguments are {@code key=value}, lists with commas. Their defaults:
 *
 * <pre>
 * sizes=1024x1024x1024,768x512x128,3072x1536x384,256x3072x768,256x50257x768    M×N×K
 * forms=A_B,AT_B,A_BT
 * rounds=7
 * warmup=1                     seconds for each
 * threads=2
 * </pre>
 *
 * <p>OpenBLAS obeys {@code OPENBLAS_CORETYPE} and {@code OPENBLAS_L2_SIZE}: run without them.
 */
public final class CompareProducts {
  /** Repeated for at least so long within a round. */
  private static final double SECONDS = 0.05;

  private static final List<String> VARIABLES = List.of("OPENBLAS_CORETYPE", "OPENBLAS_L2_SIZE");

  private final Arguments arguments;
  private final OurProduct ours;
  private final OpenBlas openBlas;
  private final double peak;
  private double logarithms;
  private double min = Double.POSITIVE_INFINITY;
  private int compared;

  private CompareProducts(Arguments arguments) {
    this.arguments = arguments;
    this.ours = new OurProduct(arguments.number("threads"));
    this.openBlas = new OpenBlas(arguments.number("threads"));
    this.peak = Arithmetic.measure(arguments.number("threads"));
  }

  /** Compares what the arguments say. */
  public static void main(String[] commandLine) {
    Map<String, String> defaults = new LinkedHashMap<>();
    defaults.put("sizes", "1024x1024x1024,768x512x128,3072x1536x384,256x3072x768,256x50257x768");
    defaults.put("forms", "A_B,AT_B,A_BT");
    defaults.put("rounds", "7");
    defaults.put("warmup", "1");
    defaults.put("threads", "2");
    new CompareProducts(Arguments.of(commandLine, defaults)).run();
  }

  private void run() {
    System.out.println(Machine.description() + "; " + OpenBlas.configuration());
    System.out.printf(Locale.ROOT, "multiply-adds alone: %.0f GFLOP/s%n", peak);
    for (String variable : VARIABLES) {
      if (System.getenv(variable) != null) {
        System.out.println(variable + " is set: OpenBLAS does not choose by itself");
      }
    }
    for (String size : arguments.list("sizes")) {
      int[] mnk = Arrays.stream(size.split("x", -1)).mapToInt(Integer::parseInt).toArray();
      for (String form : arguments.list("forms")) {
        compare(size, Form.valueOf(form), mnk[0], mnk[1], mnk[2]);
      }
    }
    System.out.printf(
        Locale.ROOT, "geometric mean %.3f, least %.3f%n", Math.exp(logarithms / compared), min);
  }

  private void compare(String size, Form form, int m, int n, int k) {
    float[] a = random(m * k, 1);
    float[] b = random(k * n, 2);
    double operations = 2.0 * m * n * k;
    try (Product.Prepared our = ours.prepare(form, m, n, k, a, b);
        Product.Prepared their = openBlas.prepare(form, m, n, k, a, b)) {
      Rotation rotation = new Rotation();
      rotation.add("ours", () -> operations / seconds(our::run));
      rotation.add("openblas", () -> operations / seconds(their::run));
      rotation.warmUp(arguments.real("warmup"));
      rotation.run(arguments.number("rounds"));
      double ratio = rotation.median("ours") / rotation.median("openblas");
      logarithms += Math.log(ratio);
      min = Math.min(min, ratio);
      compared++;
      for (String name : rotation.names()) {
        Figure.add(size + " " + form, name, rotation.median(name) * 1e-9);
      }
      Figure.add(size + " " + form, Figure.LIMIT, peak);
      System.out.printf(
          Locale.ROOT,
          "%-15s %-4s  ours %6.1f GFLOP/s  OpenBLAS %6.1f  ratio %.3f  difference %.1e%n",
          size,
          form,
          rotation.median("ours") * 1e-9,
          rotation.median("openblas") * 1e-9,
          ratio,
          difference(our, their, m * n));
    }
  }

  /** The mean time of one run. */
  static double seconds(Runnable product) {
    long start = System.nanoTime();
    int times = 0;
    long elapsed;
    do {
      product.run();
      times++;
      elapsed = System.nanoTime() - start;
    } while (elapsed < SECONDS * 1e9);
    return elapsed * 1e-9 / times;
  }

  /** The largest difference, at some places, over the largest element there. */
  private static double difference(Product.Prepared our, Product.Prepared their, int elements) {
    int[] places = new SplittableRandom(3).ints(1000, 0, elements).toArray();
    float[] one = our.result(places);
    float[] other = their.result(places);
    double largest = 0;
    double difference = 0;
    for (int i = 0; i < places.length; i++) {
      largest = Math.max(largest, Math.abs(other[i]));
      difference = Math.max(difference, Math.abs(one[i] - other[i]));
    }
    return difference / largest;
  }

  static float[] random(int length, long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    float[] values = new float[length];
    for (int i = 0; i < length; i++) {
      values[i] = (float) (random.nextDouble() - 0.5);
    }
    return values;
  }
}
