package io.fundamentallm.runtime.cpu.format;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.data.Index.atIndex;

import io.fundamentallm.runtime.cpu.model.ModelWeights.Expert;
import io.fundamentallm.runtime.cpu.model.ModelWeights.Linear;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** gpt-oss as it is published. */
class FusedExpertsTest {
  /** E2M1: two bits of exponent, one of mantissa, and the sign above them. */
  private static final float[] E2M1 = {0, 0.5f, 1, 1.5f, 2, 3, 4, 6};

  private static final String EXPERTS = "model.layers.1.mlp.experts.";

  @TempDir private Path folder;
  private TinyModel model;

  @BeforeEach
  void model() {
    model = TinyModel.experts("gpt_oss");
  }

  /** A number of a matrix of 3 experts. */
  private float number(String name, int expert, int row, int column) {
    Weights scales = model.tensor(EXPERTS + name + "_scales");
    int rows = scales.shape()[1];
    int across = scales.shape()[2];
    int block = (expert * rows + row) * across + column / 32;
    Weights blocks = model.tensor(EXPERTS + name + "_blocks");
    int pair = (int) blocks.values()[block * 16 + column % 32 / 2];
    int code = column % 2 == 0 ? pair & 15 : pair >> 4;
    float size = E2M1[code & 7] * (float) Math.pow(2, scales.values()[block] - 127);
    return code < 8 ? size : -size;
  }

  @Test
  void gates_and_what_they_multiply_are_read_by_turns() throws IOException {
    try (ModelFiles files = ModelFiles.open(model.write(folder, "BF16"))) {
      List<Expert> experts = files.weights().layer(1).feedForward().experts();
      assertThat(experts).hasSize(3);
      Expert last = experts.get(2);
      Linear gate = Objects.requireNonNull(last.gate());
      float[][] gates = MatrixReading.all(gate.matrix());
      float[][] ups = MatrixReading.all(last.up().matrix());
      assertThat(gates).hasNumberOfRows(64);
      for (int r = 0; r < 64; r++) {
        for (int c = 0; c < 32; c++) {
          assertThat(gates[r][c]).isEqualTo(number("gate_up_proj", 2, 2 * r, c));
          assertThat(ups[r][c]).isEqualTo(number("gate_up_proj", 2, 2 * r + 1, c));
        }
      }
      float[][] downs = MatrixReading.all(last.down().matrix());
      for (int r = 0; r < 32; r++) {
        for (int c = 0; c < 64; c++) {
          assertThat(downs[r][c]).isEqualTo(number("down_proj", 2, r, c));
        }
      }
      float[] biases = model.tensor(EXPERTS + "gate_up_proj_bias").values();
      assertThat(gate.bias()).hasSize(64).contains(biases[256 + 20], atIndex(10));
      assertThat(last.up().bias()).contains(biases[256 + 21], atIndex(10));
      long bytes = 3 * (128 * 16 + 32 * 2 * 16); // of two numbers each
      long others = 11 * 32 * 2 + 32 + 2 * (2 * 32 + 2 * 32 * 32 + 2 * 16 * 32 + 32 + 32 + 32 + 4);
      others += 2 * (3 * 33 + 3 * (128 + 32));
      assertThat(files.parameters()).isEqualTo(others + 2 * 2 * bytes);
    }
  }

  static Stream<Arguments> tensors() {
    String up = EXPERTS + "gate_up_proj";
    return Stream.of(
        Arguments.of(up + "_blocks", new int[] {3, 128, 2, 8}, "has shape [3, 128, 2, 8]"),
        Arguments.of(up + "_blocks", new int[] {3, 128, 16}, "has shape"),
        Arguments.of(
            up + "_scales", new int[] {3, 128}, "has shape [3, 128], expected [3, 128, 1]"),
        Arguments.of(up + "_scales", new int[] {2, 128, 1}, "has shape"),
        Arguments.of(up + "_bias", new int[] {3, 64}, "expected [3, 128]"),
        Arguments.of(up, new int[] {3, 32, 128}, "is none that this architecture"),
        Arguments.of("model.layers.0.self_attn.sinks", new int[] {5}, "expected [4]"));
  }

  @ParameterizedTest
  @MethodSource("tensors")
  void tensors_of_other_shapes_are_refused_by_name(String name, int[] shape, String message) {
    model.add(name, shape);
    refuses(name, message);
  }

  private void refuses(String... messages) {
    assertThatThrownBy(() -> ModelFiles.open(model.write(folder)).close())
        .isInstanceOf(IOException.class)
        .hasMessageContaining(folder.toString())
        .hasMessageContainingAll(messages);
  }

  @Test
  void missing_tensors_are_named() {
    for (String part : List.of("_scales", "_blocks", "_bias")) {
      model = TinyModel.experts("gpt_oss");
      model.tensors.remove(EXPERTS + "down_proj" + part);
      refuses("has no tensor \"" + EXPERTS + "down_proj" + (part.equals("_blocks") ? "\"" : part));
    }
    model = TinyModel.experts("gpt_oss");
    model.tensors.remove("model.layers.1.self_attn.sinks");
    refuses("has no tensor \"model.layers.1.self_attn.sinks\"");
  }

  @Test
  void bytes_are_no_weights_and_weights_no_bytes() throws IOException {
    model.write(folder);
    byte[] file = Files.readAllBytes(folder.resolve("model.safetensors"));
    String text = new String(file, StandardCharsets.ISO_8859_1);
    String broken = text.replaceFirst("(down_proj_blocks\":\\{\"dtype\":\")U8", "$1I8");
    Files.writeString(folder.resolve("model.safetensors"), broken, StandardCharsets.ISO_8859_1);
    assertThatThrownBy(() -> ModelFiles.open(folder).close())
        .isInstanceOf(IOException.class)
        .hasMessageContainingAll("down_proj_blocks", "at byte", "has type I8, expected U8");
  }

  static Stream<Arguments> settings() {
    return Stream.of(
        Arguments.of("num_local_experts", Integer.MAX_VALUE, "has shape"),
        Arguments.of("num_local_experts", 1L << 31, "a whole number"),
        Arguments.of("num_local_experts", 0, "at least 1"),
        Arguments.of("num_experts_per_tok", 4, "at most the 3"),
        Arguments.of("intermediate_size", Integer.MAX_VALUE, "has shape"),
        Arguments.of("intermediate_size", 60, "has shape"),
        Arguments.of("quantization_config", Map.of("quant_method", "gptq"), "expected none"),
        Arguments.of("quantization_config", Map.of("bits", 4), "expected none"),
        Arguments.of("quantization_config", List.of(1), "expected an object"));
  }

  @ParameterizedTest
  @MethodSource("settings")
  void settings_are_refused_by_name(String key, Object value, String message) {
    model.set(key, value);
    refuses(message);
  }

  @Test
  void blocks_do_not_hide_that_rows_are_longer() {
    // as many blocks as rows of 64
    model.set("intermediate_size", 80);
    for (int layer = 0; layer < 2; layer++) {
      String h = "model.layers." + layer + ".mlp.experts.gate_up_proj";
      model
          .add(h + "_blocks", 3, 160, 1, 16)
          .add(h + "_scales", 3, 160, 1)
          .add(h + "_bias", 3, 160);
    }
    refuses("down_proj_blocks", "holds no matrices [32, 80]");
  }

  @Test
  void a_scale_that_is_no_number_is_refused_when_it_is_read() throws IOException {
    model.tensor(EXPERTS + "down_proj_scales").values()[3 * 2 + 1] = 255;
    try (ModelFiles files = ModelFiles.open(model.write(folder))) {
      Linear down = files.weights().layer(1).feedForward().experts().get(0).down();
      down.matrix().read(0, 3, new float[3 * 64]);
      assertThatThrownBy(() -> down.matrix().read(3, 1, new float[64]))
          .isInstanceOf(IOException.class)
          .hasMessageContainingAll(
              folder.toString(), EXPERTS + "down_proj_scales", "at byte", "its byte 7");
    }
  }

  @Test
  void other_families_have_no_such_blocks() {
    model =
        TinyModel.experts("mixtral").set("quantization_config", Map.of("quant_method", "mxfp4"));
    refuses("\"quantization_config\"", "expected none");
  }
}
