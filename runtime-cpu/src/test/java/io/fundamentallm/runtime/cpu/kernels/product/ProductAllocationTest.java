package io.fundamentallm.runtime.cpu.kernels.product;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import io.fundamentallm.runtime.cpu.kernels.Kernels;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Products with blocks of a file, in the mixtures in which files have them. */
@Tag("once") // of the best kernels
class ProductAllocationTest {
  private static final int ROUNDS = 60;
  private static final int PRODUCTS = 20;

  /** Bytes of a product: what measuring allocates. */
  private static final long FEW_BYTES = 64;

  /** Prints the bytes for each product of one row; the least of some rounds. */
  public static void main(String[] formats) {
    ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    long thread = Thread.currentThread().getId();
    int columns = 2048;
    List<PackedWeights> all =
        Arrays.stream(formats)
            .map(format -> LinearCase.weights(format, 256, columns, new Random(1)))
            .toList();
    float[] x = new float[columns];
    Arrays.fill(x, 0.5f);
    float[] y = new float[256];
    float[] quantized =
        new float[PackedProduct.PREPARED_TILES * PackedProduct.preparedSize(columns)];
    ProductKernels kernels = Kernels.best().product();
    PackedProduct product = new PackedProduct(new Product());
    long min = Long.MAX_VALUE;
    for (int round = 0; round < ROUNDS && min > FEW_BYTES; round++) {
      long before = threads.getThreadAllocatedBytes(thread);
      for (int i = 0; i < PRODUCTS; i++) {
        for (int w = 0; w < all.size(); w++) {
          PackedWeights weights = all.get(w);
          product.weights(weights, 1).inputs(x, columns, quantized).rows(0, 1);
          kernels.prepareRows(product);
          kernels.multiply(product.panels(0, weights.panels()).addTo(y, 0, 256));
        }
      }
      min = Math.min(min, (threads.getThreadAllocatedBytes(thread) - before) / PRODUCTS);
    }
    System.out.println(min);
  }

  /** In JVMs of their own, the best of a few, as the JIT's inlining differs from run to run. */
  @ParameterizedTest
  @ValueSource(strings = {"q4_k q6_k", "q2_k q3_k q6_k", "q5_0 q8_0 int4 int8"})
  void a_product_allocates_nothing(String formats) throws Exception {
    // the scalar kernels keep partial sums in small arrays
    Assumptions.assumeTrue(Kernels.best().name().startsWith("vector"));
    long min = Long.MAX_VALUE;
    for (int i = 0; i < 4 && min > FEW_BYTES; i++) {
      min = Math.min(min, bytes(formats));
    }
    assertThat(min).isLessThanOrEqualTo(FEW_BYTES);
  }

  private static long bytes(String formats) throws Exception {
    List<String> command =
        Stream.concat(
                Stream.of(
                    Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                    "--add-modules",
                    "jdk.incubator.vector",
                    "-Xbatch", // or a busy machine's JIT would lag behind the rounds
                    "-cp",
                    System.getProperty("java.class.path"),
                    ProductAllocationTest.class.getName()),
                Arrays.stream(formats.split(" ")))
            .toList();
    Process java =
        new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.DISCARD).start();
    String printed = new String(java.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(java.waitFor()).isZero();
    return Long.parseLong(printed.strip().lines().reduce("", (first, last) -> last));
  }
}
