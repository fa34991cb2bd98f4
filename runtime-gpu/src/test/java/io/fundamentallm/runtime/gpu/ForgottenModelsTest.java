package io.fundamentallm.runtime.gpu;

import static org.assertj.core.api.Assertions.assertThat;

import io.fundamentallm.model.LanguageModel;
import io.fundamentallm.model.Session;
import io.fundamentallm.runtime.gpu.TinyDecoder.Form;
import io.fundamentallm.runtime.gpu.ort.GpuSettings;
import io.fundamentallm.spi.Options;
import java.io.IOException;
import java.lang.ref.Reference;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A model that nobody closes and nobody holds is closed when the garbage collector notices. */
@Timeout(value = 5, unit = TimeUnit.MINUTES, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class ForgottenModelsTest {
  private static final int[] TOKENS = new Random(4).ints(100, 0, 17).toArray();

  @TempDir private Path directory;

  @Test
  void forgotten_models_leave_no_threads() throws IOException, InterruptedException {
    TinyDecoder.random(17, 256, 64, 2, 2, 3).save(directory, Form.MASK_AND_POSITIONS);
    Set<Thread> before = ownThreads();
    Set<Thread> left = new HashSet<>();
    for (int i = 0; i < 20; i++) {
      left.addAll(forget());
    }
    left.removeAll(before);
    assertThat(left).hasSize(20);
    // the collector says when they go; the limit of the class is the only one
    while (left.stream().anyMatch(Thread::isAlive)) {
      System.gc();
      Thread.sleep(10);
    }
  }

  /** The threads there were while somebody still held the model. */
  private Set<Thread> forget() throws IOException {
    GpuSettings settings = GpuSettings.of(Options.of("gpu", Map.of("device", TestDevice.name())));
    LanguageModel model = OnnxModel.load(directory, settings);
    Session session = model.open();
    session.append(TOKENS, new float[17]);
    try {
      return ownThreads();
    } finally {
      Reference.reachabilityFence(model);
    }
  }

  private static Set<Thread> ownThreads() {
    Set<Thread> threads = new HashSet<>(Thread.getAllStackTraces().keySet());
    threads.removeIf(thread -> !thread.getName().equals("fundamentallm-onnx-cancellation"));
    return threads;
  }
}
