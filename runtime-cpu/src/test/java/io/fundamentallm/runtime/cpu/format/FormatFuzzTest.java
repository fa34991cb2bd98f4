package io.fundamentallm.runtime.cpu.format;

import static org.assertj.core.api.Assertions.assertThat;

import io.fundamentallm.runtime.cpu.model.Matrix;
import io.fundamentallm.runtime.cpu.model.ModelWeights;
import io.fundamentallm.runtime.cpu.model.ModelWeights.Linear;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

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

  private record Victim(Path model, Path adapter, Path file) {}

  private Victim victim(String kind) throws IOException {
    TinyModel model =
        TinyModel.llama("llama", 32, 4, 2, 8, 32)
            .set("rope_theta", 500)
            .set("sliding_window", null)
            .set("layer_types", List.of("full_attention", "full_attention"))
            .set(
                "rope_scaling",
                Map.of("rope_type", "yarn", "factor", 4, "original_max_position_embeddings", 8));
    Path base = Files.createDirectory(folder.resolve("model"));
    Path adapter = folder.resolve("adapter");
    TinyAdapter lora =
        new TinyAdapter()
            .set("rank_pattern", Map.of("q_proj", 3))
            .add("model.layers.0.self_attn.q_proj", 3, 32, 32)
            .add("lm_head", 2, 11, 32);
    model.write(base);
    switch (kind) {
      case "config" -> {
        return new Victim(base, null, base.resolve("config.json"));
      }
      case "safetensors" -> {
        return new Victim(base, null, base.resolve("model.safetensors"));
      }
      case "index" -> {
        Files.delete(base.resolve("model.safetensors"));
        SafeTensorsBytes.writeShards(base, model.tensors, "BF16", 7);
        return new Victim(base, null, base.resolve("model.safetensors.index.json"));
      }
      case "adapter config" -> {
        return new Victim(base, lora.write(adapter), adapter.resolve("adapter_config.json"));
      }
      case "adapter" -> {
        return new Victim(base, lora.write(adapter), adapter.resolve("adapter_model.safetensors"));
      }
      default -> {
        GgufBytes gguf =
            GgufModels.llama(model)
                .set("llama.rope.scaling.type", "yarn")
                .set("llama.rope.scaling.factor", 2f)
                .set("tokenizer.ggml.tokens", Collections.nCopies(11, "token"));
        for (String type : List.of("Q8_0", "Q4_0", "Q4_1", "Q5_0", "Q5_1")) {
          byte[] data = GgufBytes.randomBlocks(type, 32 * 32, new Random(1));
          String name = type.startsWith("Q5") ? "blk.1.ffn_" : "blk.0.ffn_";
          String part = type.endsWith("1") ? "gate" : type.equals("Q8_0") ? "down" : "up";
          gguf.add(name + part + ".weight", type, new int[] {32, 32}, data);
        }
        Path file = Files.write(folder.resolve("model.gguf"), gguf.bytes());
        return new Victim(file, null, file);
      }
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"config", "safetensors", "index", "adapter config", "adapter", "gguf"})
  void some_hundred_changes(String kind) throws IOException {
    fuzz(kind, new Random(41), 300, Long.MAX_VALUE);
  }

  @Tag("long")
  @ParameterizedTest
  @ValueSource(strings = {"config", "safetensors", "index", "adapter config", "adapter", "gguf"})
  void changes_for_a_minute(String kind) throws IOException {
    fuzz(kind, new Random(42), Integer.MAX_VALUE, System.nanoTime() + 60_000_000_000L);
  }

  private void fuzz(String kind, Random random, int rounds, long end) throws IOException {
    Victim victim = victim(kind);
    byte[] sound = Files.readAllBytes(victim.file);
    int opened = 0;
    int refused = 0;
    for (int round = 0; round < rounds && System.nanoTime() - end < 0; round++) {
      byte[] changed = changed(victim.file.toString().endsWith(".json"), sound, random);
      Files.write(victim.file, changed);
      ModelFiles.supports(victim.model);
      try (ModelFiles files = ModelFiles.open(victim.model, victim.adapter)) {
        use(files);
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
    // most of a file of weights is weights, and no change there is of interest
    int head = Math.min(sound.length, 6000);
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
      Linear gate = layer.gate();
      if (gate != null) {
        use(gate);
      }
      use(layer.up());
      use(layer.down());
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
    int blocks = columns / 32;
    matrix.readBlocks(matrix.rows() - 1, new byte[columns], new float[blocks], new float[blocks]);
  }
}
