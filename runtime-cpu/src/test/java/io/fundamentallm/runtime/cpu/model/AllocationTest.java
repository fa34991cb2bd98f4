package io.fundamentallm.runtime.cpu.model;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import io.fundamentallm.Append;
import io.fundamentallm.Cancellation;
import io.fundamentallm.LanguageModel;
import io.fundamentallm.Session;
import io.fundamentallm.runtime.cpu.kernels.Kernels;
import java.lang.management.ManagementFactory;
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
  private static final int ROUNDS = 60;

  /** A session and its lists, spread over its tokens. */
  private static final double FEW_BYTES = 4;

  /** JDK 17's compiler leaves a vector in its box in each product with quantised weights. */
  private static final double FEW_BOXES = 2048;

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

  @ParameterizedTest
  @CsvSource({"F32, F32", "INT8, F16", "INT4, INT8"})
  void a_token_allocates_nothing(Matrix.Format weights, KvCache.Format cache) {
    // the scalar kernels keep partial sums in small arrays
    Assumptions.assumeTrue(Kernels.best().name().startsWith("vector"));
    boolean boxes = Runtime.version().feature() < 21 && weights != Matrix.Format.F32;
    double most = boxes ? FEW_BOXES : FEW_BYTES;
    TransformerConfig shape = Shapes.longer(Shapes.llama(4, 2, 8, true, 0, 40), STEPS);
    try (LanguageModel model = RandomWeights.model(shape, weights, cache, OptionalLong.empty())) {
      int[] token = {0};
      float[] logits = new float[shape.vocabularySize()];
      decode(model, token, logits);
      long[] helpers = helpers();
      double least = Double.MAX_VALUE;
      for (int round = 0; round < ROUNDS && least > most; round++) {
        long before = allocated(helpers);
        for (int i = 0; i < SESSIONS; i++) {
          decode(model, token, logits);
        }
        least = Math.min(least, (allocated(helpers) - before) / (double) (SESSIONS * STEPS));
      }
      assertThat(least).as("bytes for each token").isLessThanOrEqualTo(most);
    }
  }
}
