package io.fundamentallm.runtime.cpu.format.tensor;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import io.fundamentallm.runtime.cpu.kernels.product.BlockFormat;
import io.fundamentallm.runtime.cpu.kernels.product.BlockRow;
import io.fundamentallm.runtime.cpu.kernels.product.BlockWeights;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Blocks stand for the numbers that llama.cpp itself reads from them, bit for bit. */
class GgmlBlocksTest {
  private static final int NUMBERS = 256;

  /** Blocks of one type, and what llama.cpp made of them. */
  @SuppressWarnings("ArrayRecordComponent") // never compared
  record Golden(TensorType type, byte[] blocks, int[] bits) {
    @Override
    public String toString() {
      return type.name();
    }
  }

  static List<Golden> goldens() throws IOException {
    List<Golden> goldens = new ArrayList<>();
    try (InputStream in = GgmlBlocksTest.class.getResourceAsStream("ggml-blocks.txt")) {
      for (String line : new String(in.readAllBytes(), US_ASCII).split("\n", -1)) {
        String[] parts = line.split(" ", -1);
        if (!line.startsWith("#") && parts.length == 3) {
          int[] bits = new int[NUMBERS];
          for (int i = 0; i < NUMBERS; i++) {
            bits[i] = HexFormat.fromHexDigits(parts[2], 8 * i, 8 * i + 8);
          }
          byte[] blocks = HexFormat.of().parseHex(parts[1]);
          goldens.add(new Golden(TensorType.valueOf(parts[0]), blocks, bits));
        }
      }
    }
    return goldens;
  }

  @Test
  void every_type_of_blocks_is_there() throws IOException {
    assertThat(goldens().stream().map(Golden::type))
        .containsExactlyInAnyOrderElementsOf(
            Stream.of(TensorType.values()).filter(type -> type.blocks() != null).toList());
    assertThat(BlockFormat.values()).hasSize(goldens().size());
  }

  @ParameterizedTest
  @MethodSource("goldens")
  void they_are_decoded_to_the_bits_of_llama_cpp(Golden golden) {
    float[] decoded = new float[NUMBERS];
    TensorType type = golden.type;
    for (int i = 0; i < NUMBERS / type.blockElements(); i++) {
      int at = i * type.blockBytes();
      GgufBlocks.decode(type, golden.blocks, at, decoded, i * type.blockElements());
    }
    for (int i = 0; i < NUMBERS; i++) {
      assertThat(Float.floatToRawIntBits(decoded[i]))
          .as("%s %d", type, i)
          .isEqualTo(golden.bits[i]);
    }
  }

  @ParameterizedTest
  @MethodSource("goldens")
  void kept_as_they_are_they_stand_for_the_same_numbers(Golden golden) {
    TensorType type = golden.type;
    BlockRow row = BlockRow.of(type.blocks(), NUMBERS);
    for (int i = 0; i < NUMBERS / type.blockElements(); i++) {
      int at = i * type.blockBytes();
      assertThat(BlockReader.read(golden.blocks, at, row, i * type.blockElements())).isTrue();
    }
    BlockWeights weights = new BlockWeights(type.blocks(), 33, NUMBERS);
    weights.fillRow(17, row);
    weights.fillRow(32, row);
    float[] held = new float[NUMBERS];
    for (int r : new int[] {17, 32}) {
      weights.row(r, held, 0);
      for (int i = 0; i < NUMBERS; i++) {
        assertThat(held[i]).as("%s %d", type, i).isEqualTo(Float.intBitsToFloat(golden.bits[i]));
      }
    }
  }

  @Test
  void factors_that_are_not_finite_are_noticed() throws IOException {
    for (Golden golden : goldens()) {
      TensorType type = golden.type;
      int factor =
          switch (type) {
            case Q6_K -> 208;
            case Q3_K -> 108;
            case Q2_K -> 80;
            default -> 0;
          };
      byte[] blocks = golden.blocks.clone();
      blocks[factor + 1] |= 0x7C;
      BlockRow row = BlockRow.of(type.blocks(), NUMBERS);
      assertThat(BlockReader.read(blocks, 0, row, 0)).isEqualTo(type == TensorType.MXFP4);
    }
  }
}
