package io.fundamentallm.runtime.cpu.format.safetensors;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.fundamentallm.runtime.cpu.format.tensor.TensorFiles;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

@Tag("once")
class SafeTensorsTest {
  @TempDir private Path folder;

  private Path file(String header, int dataBytes) throws IOException {
    byte[] json = header.getBytes(StandardCharsets.UTF_8);
    return raw(json.length, json, dataBytes);
  }

  private Path raw(long claimed, byte[] json, int dataBytes) throws IOException {
    ByteBuffer bytes =
        ByteBuffer.allocate(8 + json.length + dataBytes).order(ByteOrder.LITTLE_ENDIAN);
    bytes.putLong(claimed).put(json);
    return Files.write(folder.resolve("model.safetensors"), bytes.array());
  }

  @Test
  void what_is_written_is_read() throws IOException {
    Path file = folder.resolve("model.safetensors");
    Random random = new Random(1);
    float[] values = new float[600_000]; // more than one chunk
    for (int i = 0; i < values.length; i++) {
      values[i] = Float.intBitsToFloat(random.nextInt());
    }
    SafeTensorsWriter.write(
        file,
        List.of(
            new SafeTensorsWriter.Tensor("a", List.of(2, 3), values, 5),
            new SafeTensorsWriter.Tensor("\"b\"", List.of(500_000), values, 11)));
    try (TensorFiles tensors = SafeTensors.open(file);
        Stream<Path> left = Files.list(folder)) {
      assertThat(tensors.tensors().keySet()).containsExactly("a", "\"b\"");
      float[] a = new float[8];
      tensors.tensor("a").require(2, 3).read(0, 6, a, 1);
      assertThat(a[0]).isZero();
      float[] b = tensors.tensor("\"b\"").require(500_000).read();
      for (int i = 0; i < 6; i++) {
        assertThat(Float.floatToRawIntBits(a[1 + i]))
            .isEqualTo(Float.floatToRawIntBits(values[5 + i]));
      }
      for (int i = 0; i < b.length; i++) {
        assertThat(Float.floatToRawIntBits(b[i]))
            .isEqualTo(Float.floatToRawIntBits(values[11 + i]));
      }
      assertThat(left).containsExactly(file);
    }
  }

  @Test
  void a_failed_write_leaves_the_old_file_and_nothing_else() throws IOException {
    Path file = Files.writeString(folder.resolve("model.safetensors"), "old");
    assertThatThrownBy(
            () ->
                SafeTensorsWriter.write(
                    file, List.of(new SafeTensorsWriter.Tensor("a", List.of(9), new float[2], 0))))
        .isInstanceOf(IndexOutOfBoundsException.class);
    assertThat(file).hasContent("old");
    try (Stream<Path> left = Files.list(folder)) {
      assertThat(left).containsExactly(file);
    }
  }

  static Stream<Arguments> malformedHeaders() {
    return Stream.of(
        Arguments.of("[]", 0, "at byte 8: expected {"),
        Arguments.of("{\"a\":1}", 0, "\"a\" is 1, expected an object"),
        Arguments.of("{\"a\":{\"dtype\":\"F32\"", 0, "malformed JSON at byte "),
        Arguments.of(
            "{\"a\":{\"dtype\":\"F32\",\"shape\":[1]}}",
            4,
            "has the keys [dtype, shape], expected dtype"),
        Arguments.of(tensor("a", "F31", "[1]", 0, 4), 4, "\"dtype\" is F31, which is unknown"),
        Arguments.of(tensor("a", "F32", "[-1]", 0, 4), 4, "none negative"),
        Arguments.of(tensor("a", "F32", "[1.5]", 0, 4), 4, "whole numbers"),
        Arguments.of(tensor("a", "F32", "[2]", 0, 4), 4, "needs 8 bytes, but has 4"),
        Arguments.of(
            tensor("a", "F32", "[1]", 0, 4),
            3,
            "lies at [0, 4], but the data end at 3: the file is torn; copy or download it again"),
        Arguments.of(tensor("a", "F32", "[1]", 4, 0), 4, "lies at [4, 0]"),
        Arguments.of(tensor("a", "F32", "[1]", 0, 4), 8, "ends at byte"),
        Arguments.of(tensor("a", "F32", "[1]", 4, 8), 8, "begins at byte"),
        Arguments.of(tensor("a", "F32", "[9223372036854775807,4]", 0, 4), 4, "impossible shape"),
        Arguments.of(
            "{\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4]},"
                + "\"b\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4]}}",
            4,
            "begins at byte"),
        Arguments.of(
            "{\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4]},"
                + "\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4]}}",
            4,
            "expected no second \"a\""),
        Arguments.of(
            "{\"a\":{\"dtype\":\"F32\",\"shape\":[99999999999999999999],\"data_offsets\":[0,4]}}",
            4,
            "\"shape\" is […], expected a list of whole numbers"));
  }

  @Test
  void the_first_bad_tensor_is_refused_before_the_rest_is_read() throws IOException {
    Path bad = file("{\"a\":{\"dtype\":\"F32\"},\"b\":nonsense", 0);
    assertThatThrownBy(() -> SafeTensors.open(bad).close())
        .isInstanceOf(IOException.class)
        .hasMessageContaining("\"a\": has the keys [dtype], expected");
    Path wide = file(tensor("a", "F32", "[" + "1,".repeat(2000) + "1]", 0, 4), 4);
    assertThatThrownBy(() -> SafeTensors.open(wide).close())
        .isInstanceOf(IOException.class)
        .hasMessageContaining("at most 1000 values");
  }

  @Test
  void metadata_may_be_longer_than_a_tensor() throws IOException {
    String metadata = "\"__metadata__\":{\"é\":[" + "{\"a\":\"\uFFFD\"},".repeat(3000) + "1]},";
    Path file = file("{" + metadata + tensor("a", "F32", "[1]", 0, 4).substring(1), 4);
    try (TensorFiles tensors = SafeTensors.open(file)) {
      assertThat(tensors.tensors().keySet()).containsExactly("a");
    }
  }

  @Test
  void a_header_that_is_no_utf_8_is_refused() throws IOException {
    byte[] json = ("{" + " ".repeat(10_000) + "\"é\":{}}").getBytes(StandardCharsets.ISO_8859_1);
    Path file = raw(json.length, json, 0);
    assertThatThrownBy(() -> SafeTensors.open(file).close())
        .isInstanceOf(IOException.class)
        .hasMessageContaining(file + ": the header from byte 8 is not UTF-8");
  }

  @Test
  void messages_do_not_repeat_a_long_header() throws IOException {
    String name = "n".repeat(5000);
    for (String header :
        List.of(tensor(name, "F32", "[1]", 4, 8), "{\"%s\":{\"%s\":1}}".formatted(name, name))) {
      Path file = file(header, 8);
      assertThatThrownBy(() -> SafeTensors.open(file).close())
          .isInstanceOf(IOException.class)
          .message()
          .contains("n".repeat(90) + "…")
          .hasSizeLessThan(1000);
    }
  }

  private static String tensor(String name, String type, String shape, long begin, long end) {
    return "{\"%s\":{\"dtype\":\"%s\",\"shape\":%s,\"data_offsets\":[%d,%d]}}"
        .formatted(name, type, shape, begin, end);
  }

  @ParameterizedTest
  @MethodSource("malformedHeaders")
  void a_malformed_header_is_an_error_that_names_file_and_place(
      String header, int dataBytes, String message) throws IOException {
    Path file = file(header, dataBytes);
    assertThatThrownBy(() -> SafeTensors.open(file).close())
        .isInstanceOf(IOException.class)
        .hasMessageContaining(file.toString())
        .hasMessageContaining(message);
  }

  @Test
  void a_header_longer_than_the_file_is_refused_without_allocating_it() throws IOException {
    for (long claimed : new long[] {10_000_000_000L, -1, 99, 0, 1}) {
      Path file = raw(claimed, "{}".getBytes(StandardCharsets.UTF_8), 0);
      assertThatThrownBy(() -> SafeTensors.open(file).close())
          .isInstanceOf(IOException.class)
          .hasMessageContaining(file + ": at byte 0 a header of " + Long.toUnsignedString(claimed))
          .hasMessageEndingWith(
              claimed == 99
                  ? ": the file is torn; copy or download it again"
                  : ": it is no safetensors file; download the file itself");
    }
    Path tiny = Files.write(folder.resolve("tiny"), new byte[7]);
    assertThatThrownBy(() -> SafeTensors.open(tiny).close())
        .isInstanceOf(IOException.class)
        .hasMessageContaining("7 bytes are too few")
        .hasMessageEndingWith(": the file is torn; copy or download it again");
  }

  /** As a clone without Git LFS leaves it. */
  @Test
  void a_pointer_of_git_lfs_is_said_to_be_one() throws IOException {
    Path file =
        Files.writeString(
            folder.resolve("model.safetensors"),
            "version https://git-lfs.github.com/spec/v1\noid sha256:4d7a\nsize 538090408\n");
    assertThatThrownBy(() -> SafeTensors.open(file).close())
        .isInstanceOf(IOException.class)
        .hasMessage(
            file
                + ": it is a pointer of Git LFS and not the file itself; fetch that with git lfs"
                + " pull, or download it");
  }

  @Test
  void asking_for_what_is_not_there_names_the_tensor() throws IOException {
    Path file = file(tensor("a", "I16", "[2]", 0, 4), 4);
    try (TensorFiles tensors = SafeTensors.open(file)) {
      assertThatThrownBy(() -> tensors.tensor("b"))
          .isInstanceOf(IOException.class)
          .hasMessageContaining("has no tensor \"b\"");
      assertThatThrownBy(() -> tensors.tensor("a").require(1, 2))
          .isInstanceOf(IOException.class)
          .hasMessageContaining("has shape [2], expected [1, 2]");
      assertThatThrownBy(() -> tensors.tensor("a").require(2))
          .isInstanceOf(IOException.class)
          .hasMessageContaining("has type I16, expected one of [F64, F32");
    }
  }

  @Test
  void any_damage_to_a_file_is_an_io_exception_or_harmless() throws IOException {
    Path file = folder.resolve("model.safetensors");
    SafeTensorsWriter.write(
        file,
        List.of(
            new SafeTensorsWriter.Tensor("a", List.of(2, 3), new float[6], 0),
            new SafeTensorsWriter.Tensor("b", List.of(4), new float[4], 0)));
    byte[] whole = Files.readAllBytes(file);
    Random random = new Random(3);
    for (int i = 0; i < 3000; i++) {
      byte[] damaged =
          java.util.Arrays.copyOf(
              whole, random.nextInt(4) == 0 ? random.nextInt(whole.length) : whole.length);
      for (int n = random.nextInt(3); n >= 0 && damaged.length > 0; n--) {
        damaged[random.nextInt(damaged.length)] = (byte) random.nextInt(256);
      }
      Files.write(file, damaged);
      try (TensorFiles tensors = SafeTensors.open(file)) {
        tensors.tensor("a").require(2, 3).read();
      } catch (IOException e) {
        assertThat(e).hasMessageContaining(file.toString());
      }
    }
  }
}
