package io.fundamentallm.runtime.cpu.model;

import static org.assertj.core.api.Assertions.assertThat;

import io.fundamentallm.model.Session;
import java.lang.management.BufferPoolMXBean;
import java.lang.management.ManagementFactory;
import java.util.OptionalLong;
import java.util.Random;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.management.JMException;
import javax.management.ObjectName;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.TestReporter;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What a model of 110 million weights keeps of heap and direct memory. */
class MemoryTest {
  private static final TransformerConfig SHAPE = Shapes.large();

  /** Weights of embedding and blocks but for the matrices that are wider in four bits. */
  private static final long DOWN = 12L * 768 * 2048;

  private static final long OTHERS = 32_000L * 768 + 12L * (4 * 768 * 768 + 2 * 768 * 2048);

  /** For each token, keys and values of 12 layers of 12 heads of 64 floats. */
  private static final long CACHE_OF_A_TOKEN = 12L * 12 * 2 * 64 * 4;

  /** Bytes of all objects that are reachable, and direct memory. */
  private static long live() throws JMException {
    Object[] none = {new String[0]};
    String histogram =
        (String)
            ManagementFactory.getPlatformMBeanServer()
                .invoke(
                    new ObjectName("com.sun.management:type=DiagnosticCommand"),
                    "gcClassHistogram",
                    none,
                    new String[] {String[].class.getName()});
    Matcher total = Pattern.compile("Total\\s+\\d+\\s+(\\d+)").matcher(histogram);
    assertThat(total.find()).as(histogram).isTrue();
    long direct =
        ManagementFactory.getPlatformMXBeans(BufferPoolMXBean.class).stream()
            .filter(pool -> pool.getName().equals("direct"))
            .mapToLong(BufferPoolMXBean::getMemoryUsed)
            .sum();
    return Long.parseLong(total.group(1)) + direct;
  }

  /** What the collector counts: G1 gives every array above half a region regions of its own. */
  private static long used() {
    System.gc();
    return ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed();
  }

  /** Quantised weights have scales: 4 bytes for each 32. */
  private static long weights(Matrix.Format format) {
    return switch (format) {
      case F32 -> 4 * (OTHERS + DOWN);
      case INT8 -> (OTHERS + DOWN) * 36 / 32;
      case INT4 -> OTHERS * 20 / 32 + DOWN * 36 / 32;
    };
  }

  @Tag("long")
  @ParameterizedTest
  @EnumSource
  void a_model_takes_a_tenth_more_than_its_weights_and_the_cache_in_use(
      Matrix.Format format, TestReporter reporter) throws JMException {
    long usedBefore = used();
    long before = live();
    try (CpuLanguageModel model =
            RandomWeights.model(SHAPE, format, KvCache.Format.F32, OptionalLong.empty());
        Session session = model.open()) {
      long loaded = live() - before;
      long usedLoaded = used() - usedBefore;
      float[] logits = new float[SHAPE.vocabularySize()];
      session.append(new Random(1).ints(512, 0, SHAPE.vocabularySize()).toArray(), logits);
      for (int i = 0; i < 64; i++) {
        session.append(new int[] {i}, logits);
      }
      long running = live() - before;
      long usedRunning = used() - usedBefore;
      long weights = weights(format);
      int blocks = model.cache().blocksInUse();
      long cache = blocks * KvBlock.POSITIONS * CACHE_OF_A_TOKEN;
      reporter.publishEntry(
          String.format(
              "%s: weights %d; loaded %d, %d as the collector counts;"
                  + " running %d, %d, of which cache %d bytes",
              format, weights, loaded, usedLoaded, running, usedRunning, cache));
      assertThat(blocks).isEqualTo(18);
      assertThat(loaded).isLessThan(weights * 11 / 10);
      assertThat(running).isLessThan((weights + cache) * 11 / 10);
    }
  }
}
