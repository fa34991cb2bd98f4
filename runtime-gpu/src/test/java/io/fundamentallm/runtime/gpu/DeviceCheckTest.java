package io.fundamentallm.runtime.gpu;

import static org.assertj.core.api.Assertions.assertThat;

import io.fundamentallm.model.Append;
import io.fundamentallm.model.Cancellation;
import io.fundamentallm.model.LanguageModel;
import io.fundamentallm.model.Session;
import io.fundamentallm.runtime.gpu.TinyDecoder.Form;
import io.fundamentallm.runtime.gpu.ort.GpuSettings;
import io.fundamentallm.spi.Options;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * For a machine with a GPU: a decoder of 34 million parameters chooses the same tokens there as on
 * the CPU, with each way of keeping keys and values, and prints how fast. {@code
 * -Dfundamentallm.device=cuda} runs it, see {@code integration-tests/gpu/check.sh}.
 */
@EnabledIfSystemProperty(named = "fundamentallm.device", matches = ".+")
class DeviceCheckTest {
  private static final int TOKENS = 200;
  private static final int SESSIONS = 16;
  private static final int[] PROMPT = new Random(3).ints(300, 0, 16_000).toArray();

  @TempDir private static Path directory;

  /** Two best logits nearer than this may change places; those of 16 bits are rounded more. */
  private static double undecided(Form form) {
    return form == Form.GROUPED_F16 ? 0.05 : 1e-3;
  }

  @ParameterizedTest
  @CsvSource({
    "MASK_AND_POSITIONS, true",
    "MASK_AND_POSITIONS, false",
    "GROUPED_F16, true",
    "GROUPED_F16, false",
    "GROUPED, true"
  })
  void the_device_chooses_the_tokens_of_the_cpu(Form form, boolean onDevice) throws IOException {
    TinyDecoder.random(16_000, 1024, 512, 8, 8, 11).save(directory, form);
    GpuSettings there = settings(System.getProperty("fundamentallm.device"));
    try (LanguageModel cpu = OnnxModel.load(directory, settings("cpu"), engine -> false);
        LanguageModel device = OnnxModel.load(directory, there, engine -> onDevice)) {
      List<float[]> expected = new ArrayList<>();
      int[] tokens = greedy(cpu, expected);
      assertFollows(device, tokens, expected, undecided(form));
      speed(device, 1);
      System.out.printf(
          Locale.ROOT,
          "%s, %s: %,.0f tokens/s, %d sessions %,.0f tokens/s, a prompt of %d in %.1f ms%n",
          form,
          device.info().device(),
          speed(device, 1),
          SESSIONS,
          speed(device, SESSIONS),
          PROMPT.length,
          prefill(device));
    }
  }

  private static GpuSettings settings(String device) {
    return GpuSettings.of(Options.of("gpu", Map.of("device", device)));
  }

  private static int[] greedy(LanguageModel model, List<float[]> rows) {
    int[] tokens = new int[TOKENS];
    try (Session session = model.open()) {
      int[] next = PROMPT;
      for (int i = 0; i < TOKENS; i++) {
        float[] row = new float[model.info().vocabularySize()];
        session.append(next, row);
        rows.add(row);
        tokens[i] = best(row);
        next = new int[] {tokens[i]};
      }
    }
    return tokens;
  }

  /** Told the same tokens, the device would have chosen each of them, or one as good. */
  private static void assertFollows(
      LanguageModel model, int[] tokens, List<float[]> expected, double undecided) {
    try (Session session = model.open()) {
      int[] next = PROMPT;
      int others = 0;
      for (int i = 0; i < TOKENS; i++) {
        float[] row = new float[model.info().vocabularySize()];
        session.append(next, row);
        int chosen = best(row);
        if (chosen != tokens[i]) {
          others++;
          assertThat((double) expected.get(i)[tokens[i]] - expected.get(i)[chosen])
              .as("step %d: token %d for %d", i, chosen, tokens[i])
              .isLessThan(undecided);
        }
        next = new int[] {tokens[i]};
      }
      System.out.printf("%d of %d tokens as on the CPU%n", TOKENS - others, TOKENS);
    }
  }

  private static int best(float[] row) {
    int best = 0;
    for (int v = 1; v < row.length; v++) {
      best = row[v] > row[best] ? v : best;
    }
    return best;
  }

  /** Tokens a second of all sessions. */
  private static double speed(LanguageModel model, int sessions) {
    List<Append> batch = new ArrayList<>();
    for (int i = 0; i < sessions; i++) {
      Session session = model.open();
      session.append(PROMPT);
      float[] row = new float[model.info().vocabularySize()];
      batch.add(Append.of(session, new int[] {i}, row));
    }
    model.forward(batch, Cancellation.none());
    long start = System.nanoTime();
    for (int i = 0; i < TOKENS; i++) {
      model.forward(batch, Cancellation.none());
    }
    double seconds = (System.nanoTime() - start) * 1e-9;
    batch.forEach(append -> append.session().close());
    return TOKENS * sessions / seconds;
  }

  /** Milliseconds to the first token. */
  private static double prefill(LanguageModel model) {
    float[] row = new float[model.info().vocabularySize()];
    long start = System.nanoTime();
    try (Session session = model.open()) {
      session.append(PROMPT, row);
    }
    return (System.nanoTime() - start) * 1e-6;
  }
}
