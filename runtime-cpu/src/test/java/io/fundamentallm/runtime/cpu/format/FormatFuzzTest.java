package io.fundamentallm.runtime.cpu.format;

import static org.assertj.core.api.Assertions.assertThat;

import io.fundamentallm.model.LanguageModel;
import io.fundamentallm.model.Session;
import io.fundamentallm.runtime.cpu.CpuRuntimeProvider;
import io.fundamentallm.runtime.cpu.kernels.product.BlockFormat;
import io.fundamentallm.runtime.cpu.kernels.product.BlockRow;
import io.fundamentallm.runtime.cpu.model.Matrix;
import io.fundamentallm.runtime.cpu.model.ModelWeights;
import io.fundamentallm.runtime.cpu.model.ModelWeights.Linear;
import io.fundamentallm.spi.Options;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Files with random changes open as a model that can be read whole, or are refused by name. */
@Tag("once")
class FormatFuzzTest {
  private static final Pattern JSON_VALUE =
      Pattern.compile("\"(?:[^\"\\\\]|\\\\.)*\"|-?[0-9][0-9.e+-]*|true|false|null|[\\[{]");
  private static final List<String> VALUES =
      List.of(
          "null",
          "true",
          "false",
          "0",
          "1",
          "-1",
          "2",
          "3",
          "24",
          "2147483647",
          "2147483648",
          "9223372036854775807",
          "1e300",
          "1e-999999999",
          "0.5",
          "\"\"",
          "\"a\"",
          "\"\\ud800\"",
          "\"\\u0000\"",
          "\"yarn\"",
          "\"linear\"",
          "\"qwen3\"",
          "\"gpt2\"",
          "\"gpt_neox\"",
          "\"model.safetensors\"",
          "\"model-00001.safetensors\"",
          "\"F16\"",
          "\"BOOL\"",
          "[]",
          "{}",
          "[[]]",
          "[1,2]",
          "[9223372036854775807,2]");

  @TempDir private Path folder;

  static List<String> kinds() {
    return FuzzedFile.KINDS;
  }

  @ParameterizedTest
  @MethodSource("kinds")
  void some_hundred_changes(String kind) throws IOException {
    fuzz(kind, new Random(41), 300, Long.MAX_VALUE);
  }

  @Tag("long")
  @ParameterizedTest
  @MethodSource("kinds")
  void changes_for_a_minute(String kind) throws IOException {
    fuzz(kind, new Random(42), Integer.MAX_VALUE, System.nanoTime() + 60_000_000_000L);
  }

  private void fuzz(String kind, Random random, int rounds, long end) throws IOException {
    FuzzedFile victim = FuzzedFile.write(kind, folder);
    byte[] sound = Files.readAllBytes(victim.file());
    int opened = 0;
    int refused = 0;
    for (int round = 0; round < rounds && System.nanoTime() - end < 0; round++) {
      byte[] changed = changed(victim.file().toString().endsWith(".json"), sound, random);
      Files.write(victim.file(), changed);
      ModelFiles.supports(victim.model());
      try (ModelFiles files = ModelFiles.open(victim.model(), victim.adapter())) {
        use(files);
        if (victim.adapter() == null && random.nextInt(4) == 0) {
          load(victim.model());
        }
        opened++;
      } catch (IOException e) {
        assertThat(e).hasMessageContaining(folder.toString());
        refused++;
      } catch (RuntimeException | Error e) {
        String content = new String(changed, StandardCharsets.ISO_8859_1);
        throw new AssertionError("round " + round + ": " + content, e);
      }
    }
    System.out.printf("%s: %d changed files were read, %d refused%n", kind, opened, refused);
    assertThat(opened).isPositive();
    assertThat(refused).isPositive();
  }

  private static void load(Path model) throws IOException {
    Options options = Options.of("cpu", Map.of("threads", "1"));
    try (LanguageModel loaded = new CpuRuntimeProvider().load(model, options);
        Session session = loaded.open()) {
      session.append(new int[] {0, 1, 2}, new float[loaded.info().vocabularySize()]);
    }
  }

  private static byte[] changed(boolean json, byte[] sound, Random random) {
    if (json && random.nextInt(4) > 0) {
      String text = new String(sound, StandardCharsets.UTF_8);
      Matcher matcher = JSON_VALUE.matcher(text);
      int which = random.nextInt((int) matcher.results().count());
      matcher.reset();
      for (int i = 0; i <= which; i++) {
        matcher.find();
      }
      String value = VALUES.get(random.nextInt(VALUES.size()));
      return (text.substring(0, matcher.start()) + value + text.substring(matcher.end()))
          .getBytes(StandardCharsets.UTF_8);
    }
    // most of a file of weights is weights, and few changes there are of interest
    int head = random.nextInt(8) == 0 ? sound.length : Math.min(sound.length, 6000);
    byte[] changed =
        Arrays.copyOf(sound, random.nextInt(6) == 0 ? random.nextInt(sound.length) : sound.length);
    for (int n = random.nextInt(3); n >= 0 && changed.length > 8; n--) {
      int at = random.nextInt(Math.min(head, changed.length - 8));
      ByteBuffer buffer = ByteBuffer.wrap(changed).order(ByteOrder.LITTLE_ENDIAN);
      switch (random.nextInt(4)) {
        case 0 -> buffer.putLong(at, random.nextLong() >> random.nextInt(64));
        case 1 -> buffer.putInt(at, random.nextInt() >> random.nextInt(32));
        case 2 -> changed[at] ^= (byte) (1 << random.nextInt(8));
        default -> changed[at] = (byte) random.nextInt(256);
      }
    }
    return changed;
  }

  private static void use(ModelFiles files) throws IOException {
    ModelWeights weights = files.weights();
    assertThat(files.end()).allMatch(id -> id >= 0 && id < files.config().vocabularySize());
    use(weights.embedding());
    Matrix positions = weights.positions();
    if (positions != null) {
      use(positions);
    }
    for (int i = 0; i < files.config().layers(); i++) {
      ModelWeights.Layer layer = weights.layer(i);
      use(layer.queryKeyValue());
      use(layer.attentionOut());
      ModelWeights.Router router = layer.feedForward().router();
      if (router != null) {
        use(router.weights());
      }
      for (ModelWeights.Expert expert : layer.feedForward().experts()) {
        Linear gate = expert.gate();
        if (gate != null) {
          use(gate);
        }
        use(expert.up());
        use(expert.down());
      }
    }
    weights.finalNorm();
    use(weights.head());
  }

  private static void use(Linear linear) throws IOException {
    float[] bias = linear.bias();
    assertThat(bias == null || bias.length == linear.matrix().rows()).isTrue();
    use(linear.matrix());
  }

  private static void use(Matrix matrix) throws IOException {
    int columns = matrix.columns();
    matrix.read(0, matrix.rows(), new float[matrix.rows() * columns]);
    BlockFormat format = matrix.blocks();
    for (int row = 0; format != null && row < matrix.rows(); row++) {
      matrix.readRow(row, BlockRow.of(format, columns));
    }
    int blocks = columns / 32;
    matrix.readBlocks(matrix.rows() - 1, new byte[columns], new float[blocks], new float[blocks]);
  }
}
