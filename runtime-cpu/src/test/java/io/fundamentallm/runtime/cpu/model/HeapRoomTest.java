package io.fundamentallm.runtime.cpu.model;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.fundamentallm.model.HeapTooSmallException;
import io.fundamentallm.runtime.cpu.kernels.Kernels;
import io.fundamentallm.runtime.cpu.kernels.elementwise.Activation;
import io.fundamentallm.runtime.cpu.kernels.team.Parallel;
import java.nio.file.Path;
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
  private static final long MIB = 1L << 20;
  private static final long LAYER = 64 * MIB;

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

    assertThat(packer.room(shape, weights).bytes()).isEqualTo(packer.pack(shape, weights).bytes());
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
            new TransformerConfig.Norms(true, 1e-5f, TransformerConfig.Placement.BEFORE),
            TransformerConfig.Attention.of(16, 16, 64),
            new TransformerConfig.FeedForward(4096, Activation.SILU, true),
            TransformerConfig.Scales.NONE,
            TransformerConfig.Positions.same(
                layers, new Rotary(64, 10_000, new Rotary.Unscaled()), 0));

    assertThatThrownBy(
            () -> RandomWeights.model(large, null, KvCache.Format.F32, OptionalLong.empty()))
        .isInstanceOfSatisfying(
            HeapTooSmallException.class,
            e -> {
              assertThat(e)
                  .hasMessageStartingWith("the model does not fit into the heap: ")
                  .hasMessageContaining("at most " + (max >> 20) + " MiB")
                  .hasMessageContaining("-Xmx")
                  .hasMessageContaining("weights=int8");
            });
  }

  private static HeapRoom room(int arrays, long bytes) {
    HeapRoom room = new HeapRoom();
    for (int i = 0; i < arrays; i++) {
      room.add(bytes);
    }
    return room;
  }

  @Test
  void a_quarter_more_than_the_weights_is_asked_for_and_something_for_the_application() {
    assertThat(room(10, 100 * MIB).enough(0)).isEqualTo(1408); // 1250 + 128, in steps of 64
    assertThat(room(10, 100 * MIB).enough(640 * MIB)).isEqualTo(2048);
  }

  /** Holds as many arrays of so many bytes as its arguments say. */
  static final class Holding {
    public static void main(String[] arguments) {
      int[][] arrays = new int[Integer.parseInt(arguments[0])][];
      for (int i = 0; i < arrays.length; i++) {
        arrays[i] = new int[Integer.parseInt(arguments[1]) / Integer.BYTES];
      }
      System.out.println(arrays.length + " arrays");
    }
  }

  /** With their headers these exceed half a region of G1, which gives each a region of its own. */
  @Test
  void what_is_asked_for_holds_arrays_whose_numbers_fill_half_a_region() throws Exception {
    int bytes = 1 << 19;
    String heap = "-Xmx" + room(600, bytes).enough(0) + "m";
    Process process =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                heap,
                "-XX:+UseG1GC",
                "-cp",
                System.getProperty("java.class.path"),
                Holding.class.getName(),
                "600",
                String.valueOf(bytes))
            .redirectErrorStream(true)
            .start();

    assertThat(process.getInputStream()).asString(UTF_8).contains("600 arrays");
    assertThat(process.waitFor()).isZero();
  }

  /** As of G1: 2 MiB each in a heap of 3 GiB, so that one of 1.25 MiB wastes almost half. */
  @Test
  void arrays_that_fill_a_region_by_little_more_than_half_take_it_as_a_whole() {
    long array = 5 * MIB / 4;

    assertThat(room(1000, array).bytes()).isEqualTo(1000 * array);
    assertThat(room(1000, array).enough(0)).isEqualTo(2000 + 125 + 128 - 2253 % 64 + 64);
    // in one of 16 GiB a region of 8 MiB has six of them
    assertThat(room(10_000, array).enough(0)).isEqualTo((15_625 + 128) / 64 * 64 + 64);
  }

  @Test
  void where_others_hold_the_heap_a_larger_one_is_asked_for() {
    long max = Runtime.getRuntime().maxMemory();

    HeapTooSmallException full = room(1, 1).tooSmall(new OutOfMemoryError());

    Matcher asked = Pattern.compile("-Xmx(\\d+)m").matcher(full.getMessage());
    assertThat(asked.find()).isTrue();
    assertThat(Long.parseLong(asked.group(1)) << 20).isGreaterThan(max);
  }
}
