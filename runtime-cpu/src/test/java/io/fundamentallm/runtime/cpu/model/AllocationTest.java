package io.fundamentallm.runtime.cpu.model;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import io.fundamentallm.model.Append;
import io.fundamentallm.model.Cancellation;
import io.fundamentallm.model.LanguageModel;
import io.fundamentallm.model.Session;
import io.fundamentallm.runtime.cpu.kernels.Kernels;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.OptionalLong;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * What decoding allocates once the JIT has compiled it, on the caller and on the helpers: nothing
 * for a token. A session is opened for each 500 tokens, and takes its blocks from those of the
 * last.
 */
class AllocationTest {
  private static final int SESSIONS = 2;
  private static final int STEPS = 500;

  /** The most rounds of {@link #SESSIONS} until the JIT has done its work. */
  private static final int ROUNDS = 15;

  /** A session and its lists, spread over its tokens. */
  private static final double FEW_BYTES = 4;

  private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

  private static long[] helpers() {
    return Thread.getAllStackTraces().keySet().stream()
        .filter(thread -> thread.getName().startsWith("fundamentallm-cpu-"))
        .mapToLong(Thread::getId)
        .toArray();
  }

  private static long allocated(long[] helpers) {
    return THREADS.getThreadAllocatedBytes(Thread.currentThread().getId())
        + Arrays.stream(THREADS.getThreadAllocatedBytes(helpers)).sum();
  }

  private static void decode(LanguageModel model, int[] token, float[] logits) {
    try (Session session = model.open()) {
      List<Append> batch = List.of(Append.of(session, token, logits));
      for (int i = 0; i < STEPS; i++) {
        token[0] = i % model.info().vocabularySize();
        model.forward(batch, Cancellation.none());
      }
    }
  }

  /** Prints the bytes for each token; the least of some rounds. */
  public static void main(String[] formats) {
    Matrix.Format weights = Matrix.Format.valueOf(formats[0]);
    KvCache.Format cache = KvCache.Format.valueOf(formats[1]);
    TransformerConfig shape = Shapes.longer(Shapes.llama(4, 2, 8, true, 0, 40), STEPS);
    try (LanguageModel model = RandomWeights.model(shape, weights, cache, OptionalLong.empty())) {
      int[] token = {0};
      float[] logits = new float[shape.vocabularySize()];
      decode(model, token, logits);
      long[] helpers = helpers();
      double min = Double.MAX_VALUE;
      for (int round = 0; round < ROUNDS && min > FEW_BYTES; round++) {
        long before = allocated(helpers);
        for (int i = 0; i < SESSIONS; i++) {
          decode(model, token, logits);
        }
        min = Math.min(min, (allocated(helpers) - before) / (double) (SESSIONS * STEPS));
      }
      System.out.println(min);
    }
  }

  /**
   * In JVMs of their own: where many tests have run before, the JIT no longer inlines all of the
   * Vector API, and each vector that crosses a call is an object. The order in which its threads
   * come to compile differs; the best of six counts.
   */
  @ParameterizedTest
  @CsvSource({"F32, F32", "INT8, F16", "INT4, INT8"})
  void a_token_allocates_nothing(String weights, String cache) throws Exception {
    // the scalar kernels keep partial sums in small arrays
    Assumptions.assumeTrue(Kernels.best().name().startsWith("vector"));
    double min = bytesPerToken(weights, cache);
    for (int i = 1; i < 6 && min > FEW_BYTES; i++) {
      min = Math.min(min, bytesPerToken(weights, cache));
    }
    assertThat(min).isLessThanOrEqualTo(FEW_BYTES);
  }

  private static double bytesPerToken(String weights, String cache) throws Exception {
    Process java =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "--add-modules",
                "jdk.incubator.vector",
                "-Xbatch", // or a busy machine's JIT would lag behind the rounds
                "-Dfundamentallm.kernels=vector", // not the scalar ones first, which allocate
                "-cp",
                System.getProperty("java.class.path"),
                AllocationTest.class.getName(),
                weights,
                cache)
            .redirectError(ProcessBuilder.Redirect.DISCARD)
            .start();
    String printed = new String(java.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(java.waitFor()).isZero();
    return Double.parseDouble(printed.strip().lines().reduce("", (first, last) -> last));
  }
}
