package io.fundamentallm.runtime.cpu.kernels.product;

import static org.assertj.core.api.Assertions.assertThat;

import io.fundamentallm.runtime.cpu.kernels.Kernels;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Pairs of 16-bit floats on the Vector API beside those of plain Java. */
@Tag("once") // of the best kernels
class Bf16KernelsTest {
  private static final int UPPER = 0xFFFF0000;

  @BeforeEach
  void vectors() {
    Assumptions.assumeTrue(Kernels.best().name().contains("vector"));
  }

  @ParameterizedTest
  @CsvSource({
    "f32,64,96", "f32,40,33", "bf16,64,96", "bf16,40,33", "f16,64,70", "f16,40,33",
    "int8,64,320", "int8,70,100", "int8,40,33", "int4,64,320", "int4,70,100", "int4,40,33",
    "q4_0,64,320", "q4_1,40,64", "q4_k,64,512", "q8_0,40,320", "q6_k,64,256", "iq4_nl,40,64"
  })
  void pairs_are_those_of_plain_java(String format, int rows, int columns) {
    PackedWeights w = LinearCase.weights(format, rows, columns, new Random(7));
    boolean exact = !w.quantized();
    int beside = 0;
    for (int panel = 0; panel < w.panels(); panel++) {
      int[] expected = pairs(new ScalarBf16(), w, panel);
      int[] actual = pairs(new VectorBf16(), w, panel);
      for (int i = 0; i < expected.length; i++) {
        int low = Math.abs((short) actual[i] - (short) expected[i]);
        int high = Math.abs((actual[i] >> 16) - (expected[i] >> 16));
        assertThat(low).as("panel %s pair %s", panel, i).isLessThanOrEqualTo(exact ? 0 : 1);
        assertThat(high).as("panel %s pair %s", panel, i).isLessThanOrEqualTo(exact ? 0 : 1);
        beside += low + high;
      }
    }
    assertThat(beside).as("rounded the other way").isLessThan(rows * columns / 16);
  }

  /** What belongs to columns; an odd last one has any neighbour. */
  private static int[] pairs(Bf16Kernels kernels, PackedWeights w, int panel) {
    int blocks = PackedWeights.padded(w.columns()) / PackedWeights.BLOCK;
    int ofBlock = PackedWeights.BLOCK / 2 * Bf16Kernels.PAIRS;
    int[] into = new int[blocks * ofBlock + Bf16Kernels.PAIRS];
    for (int block = 0; block < blocks; block += ScalarBlocks.BLOCKS) {
      int count = Math.min(ScalarBlocks.BLOCKS, blocks - block);
      int to = block * ofBlock + PackedWeights.PANEL;
      kernels.panel(w, panel, block, count, new float[Product.SCRATCH], into, to);
    }
    int[] pairs = Arrays.copyOf(into, (w.columns() + 1) / 2 * Bf16Kernels.PAIRS);
    if (w.columns() % 2 == 1) {
      for (int i = w.columns() / 2 * Bf16Kernels.PAIRS; i < pairs.length; i++) {
        pairs[i] &= 0xFFFF;
      }
    }
    for (int i = 0; i < pairs.length; i++) {
      boolean beyond =
          panel * PackedWeights.PANEL + i % PackedWeights.PANEL >= w.rows()
              || i % Bf16Kernels.PAIRS < PackedWeights.PANEL;
      pairs[i] = beyond ? 0 : pairs[i];
      // -0 is 0
      pairs[i] = (pairs[i] & 0x7FFF0000) == 0 ? pairs[i] & 0xFFFF : pairs[i];
      pairs[i] = (pairs[i] & 0x7FFF) == 0 ? pairs[i] & UPPER : pairs[i];
    }
    return pairs;
  }
}
