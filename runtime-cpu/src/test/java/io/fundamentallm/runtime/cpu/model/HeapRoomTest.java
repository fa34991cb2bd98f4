package io.fundamentallm.runtime.cpu.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.fundamentallm.model.HeapTooSmallException;
import io.fundamentallm.runtime.cpu.kernels.Kernels;
import io.fundamentallm.runtime.cpu.kernels.elementwise.Activation;
import io.fundamentallm.runtime.cpu.kernels.team.Parallel;
import java.util.Collections;
import java.util.OptionalLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** What weights take is known before they are read. */
class HeapRoomTest {
  private static final long LAYER = 64L << 20;

  static Stream<Arguments> models() {
    return Stream.of(Shapes.llama(4, 2, 6, false, 0, 0), Shapes.gptNeox())
        .flatMap(
            shape ->
                Stream.of(null, Matrix.Format.F32, Matrix.Format.INT8, Matrix.Format.INT4)
                    .map(format -> Arguments.of(shape, format)));
  }

  @ParameterizedTest
  @MethodSource("models")
  void what_is_planned_is_what_is_packed(TransformerConfig shape, Matrix.Format format)
      throws Exception {
    RandomWeights weights = new RandomWeights(shape, true);
    WeightPacker packer = new WeightPacker(format, Kernels.best(), Parallel.ofThreads(1));

    assertThat(packer.bytes(shape, weights)).isEqualTo(packer.pack(shape, weights).bytes());
  }

  @Test
  void a_model_that_no_heap_of_this_size_holds_is_refused_with_the_heap_to_give() {
    long max = Runtime.getRuntime().maxMemory();
    int layers = (int) (max / LAYER) + 1;
    TransformerConfig large =
        new TransformerConfig(
            "llama",
            32,
            128,
            1024,
            layers,
            16,
            16,
            64,
            4096,
            true,
            1e-5f,
            Activation.SILU,
            true,
            false,
            false,
            new Rotary(64, 10_000, new Rotary.Unscaled()),
            Collections.nCopies(layers, 0));

    assertThatThrownBy(
            () -> RandomWeights.model(large, null, KvCache.Format.F32, OptionalLong.empty()))
        .isInstanceOfSatisfying(
            HeapTooSmallException.class,
            e -> {
              assertThat(e)
                  .hasMessageContaining("at most " + (max >> 20) + " MiB")
                  .hasMessageContaining("-Xmx")
                  .hasMessageContaining("weights=int8");
            });
  }

  @Test
  void where_others_hold_the_heap_a_larger_one_is_asked_for() {
    long max = Runtime.getRuntime().maxMemory();

    HeapTooSmallException full = HeapRoom.tooSmall(1, new OutOfMemoryError());

    Matcher asked = Pattern.compile("-Xmx(\\d+)m").matcher(full.getMessage());
    assertThat(asked.find()).isTrue();
    assertThat(Long.parseLong(asked.group(1)) << 20).isGreaterThan(max);
  }
}
