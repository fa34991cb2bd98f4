package io.fundamentallm.runtime.cpu.format;

import static org.assertj.core.api.Assertions.assertThat;

import io.fundamentallm.runtime.cpu.format.safetensors.SafeTensors;
import io.fundamentallm.runtime.cpu.format.tensor.GgufBlocks;
import io.fundamentallm.runtime.cpu.format.tensor.HalfPrecision;
import io.fundamentallm.runtime.cpu.format.tensor.MappedFile;
import io.fundamentallm.runtime.cpu.format.tensor.TensorFiles;
import io.fundamentallm.runtime.cpu.format.tensor.TensorMatrix;
import io.fundamentallm.runtime.cpu.format.tensor.TensorType;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Numbers of every type come out as what their definition says. */
class NumbersTest {
  @TempDir private Path folder;

  @Test
  void every_f16_has_its_value() {
    for (int bits = 0; bits < 1 << 16; bits++) {
      int exponent = bits >> 10 & 31;
      double fraction = (bits & 1023) / 1024.0;
      double magnitude =
          exponent == 0
              ? fraction * 0x1p-14
              : exponent < 31
                  ? Math.scalb(1 + fraction, exponent - 15)
                  : fraction == 0 ? Double.POSITIVE_INFINITY : Double.NaN;
      float expected = (float) (bits >> 15 == 0 ? magnitude : -magnitude);
      assertThat(HalfPrecision.f16((short) bits)).isEqualTo(Float.valueOf(expected));
    }
  }

  @Test
  void numbers_may_lie_across_windows_and_at_any_byte() throws IOException {
    byte[] bytes = new byte[5000];
    new Random(5).nextBytes(bytes);
    Path file = Files.write(folder.resolve("bytes"), bytes);
    ByteBuffer expected = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    try (MappedFile mapped = MappedFile.open(file, 9)) {
      for (int at = 0; at < 600; at++) {
        int count = (bytes.length - at) / 4;
        float[] floats = new float[count + 1];
        mapped.floats(at, floats, 1, count);
        short[] shorts = new short[2 * count];
        mapped.shorts(at, shorts, 2 * count);
        for (int i = 0; i < count; i++) {
          assertThat(Float.floatToRawIntBits(floats[1 + i])).isEqualTo(expected.getInt(at + 4 * i));
          assertThat(shorts[2 * i]).isEqualTo(expected.getShort(at + 4 * i));
        }
        byte[] some = new byte[bytes.length - at];
        mapped.bytes(at, some, some.length);
        assertThat(ByteBuffer.wrap(some)).isEqualTo(ByteBuffer.wrap(bytes, at, some.length));
      }
    }
  }

  @Test
  void a_tensor_may_be_larger_than_two_gibibytes() throws IOException {
    int rows = (1 << 19) + 3;
    String header =
        "{\"t\":{\"dtype\":\"F32\",\"shape\":[%d,1024],\"data_offsets\":[0,%d]}}  "
            .formatted(rows, rows * 4096L);
    Path file = folder.resolve("model.safetensors");
    int[] written = {0, (1 << 18) - 1, 1 << 18, (1 << 19) - 1, rows - 1};
    try (FileChannel channel =
        FileChannel.open(
            file,
            StandardOpenOption.CREATE_NEW,
            StandardOpenOption.WRITE,
            StandardOpenOption.SPARSE)) {
      ByteBuffer head = ByteBuffer.allocate(8 + header.length()).order(ByteOrder.LITTLE_ENDIAN);
      head.putLong(header.length()).put(header.getBytes(StandardCharsets.US_ASCII));
      channel.write(head.flip());
      for (int row : written) {
        ByteBuffer numbers = ByteBuffer.allocate(4096).order(ByteOrder.LITTLE_ENDIAN);
        for (int c = 0; c < 1024; c++) {
          numbers.putFloat(row % 1000 + c / 1024f);
        }
        channel.write(numbers.flip(), head.capacity() + row * 4096L);
      }
    }
    try (TensorFiles files = SafeTensors.open(file)) {
      TensorMatrix matrix = new TensorMatrix(files.tensor("t").require(rows, 1024), rows, 1024);
      for (int row : written) {
        float[] two = new float[2048];
        int first = Math.max(0, row - 1);
        matrix.read(first, 2, two);
        for (int c = 0; c < 1024; c++) {
          assertThat(two[(row - first) * 1024 + c]).isEqualTo(row % 1000 + c / 1024f);
        }
      }
    }
  }

  /** Packs as ggml's quantize_row_*_ref do, and multiplies as its dequantize_row_* do. */
  @ParameterizedTest
  @EnumSource(
      value = TensorType.class,
      names = {"Q8_0", "Q4_0", "Q4_1", "Q5_0", "Q5_1", "Q4_K", "Q5_K", "Q6_K"})
  void blocks_of_ggml_have_the_values_of_its_formulas(TensorType type) {
    Random random = new Random(6);
    for (int round = 0; round < 200; round++) {
      int n = type.blockElements();
      short dBits = SafeTensorsBytes.f16(0.01f + random.nextFloat());
      short mBits = SafeTensorsBytes.f16(random.nextFloat() - 0.5f);
      float d = HalfPrecision.f16(dBits);
      float m = HalfPrecision.f16(mBits);
      int bits = type.name().charAt(1) - '0';
      int[] q = random.ints(n, 0, 1 << bits).toArray();
      int[] scales = random.ints(16, 0, type == TensorType.Q6_K ? 256 : 64).toArray();
      int[] minima = random.ints(8, 0, 64).toArray();
      byte[] block = pack(type, dBits, mBits, q, scales, minima);
      assertThat(block).hasSize(type.blockBytes());
      float[] decoded = new float[n + 2];
      GgufBlocks.decode(type, block, 0, decoded, 1);
      for (int i = 0; i < n; i++) {
        float expected =
            switch (type) {
              case Q8_0 -> (q[i] - 128) * d;
              case Q4_0 -> (q[i] - 8) * d;
              case Q5_0 -> (q[i] - 16) * d;
              case Q4_1, Q5_1 -> q[i] * d + m;
              case Q6_K -> d * (byte) scales[i / 16] * (q[i] - 32);
              default -> d * scales[i / 32] * q[i] - m * minima[i / 32];
            };
        assertThat(decoded[1 + i]).isEqualTo(expected);
      }
      if (type.hasFormatBlocks()) {
        byte[] parts = new byte[n];
        float[] partScales = new float[n / 32];
        float[] partMinima = new float[n / 32];
        GgufBlocks.split(type, block, 0, parts, 0, partScales, partMinima);
        for (int i = 0; i < n; i++) {
          assertThat(partScales[i / 32] * parts[i] - partMinima[i / 32]).isEqualTo(decoded[1 + i]);
        }
      }
    }
  }

  private static byte[] pack(
      TensorType type, short d, short m, int[] q, int[] scales, int[] minima) {
    ByteBuffer out = ByteBuffer.allocate(type.blockBytes()).order(ByteOrder.LITTLE_ENDIAN);
    switch (type) {
      case Q8_0 -> {
        out.putShort(d);
        for (int value : q) {
          out.put((byte) (value - 128));
        }
      }
      case Q4_0, Q4_1, Q5_0, Q5_1 -> {
        out.putShort(d);
        if (type == TensorType.Q4_1 || type == TensorType.Q5_1) {
          out.putShort(m);
        }
        if (type == TensorType.Q5_0 || type == TensorType.Q5_1) {
          int fifth = 0;
          for (int i = 0; i < 32; i++) {
            fifth |= (q[i] >> 4) << i;
          }
          out.putInt(fifth);
        }
        for (int i = 0; i < 16; i++) {
          out.put((byte) ((q[i] & 15) | (q[i + 16] & 15) << 4));
        }
      }
      case Q4_K, Q5_K -> {
        out.putShort(d).putShort(m);
        byte[] packed = new byte[12];
        for (int j = 0; j < 8; j++) {
          if (j < 4) {
            packed[j] |= (byte) scales[j];
            packed[j + 4] |= (byte) minima[j];
          } else {
            packed[j + 4] = (byte) ((scales[j] & 15) | (minima[j] & 15) << 4);
            packed[j - 4] |= (byte) (scales[j] >> 4 << 6);
            packed[j] |= (byte) (minima[j] >> 4 << 6);
          }
        }
        out.put(packed);
        if (type == TensorType.Q5_K) {
          for (int i = 0; i < 32; i++) {
            int fifth = 0;
            for (int j = 0; j < 8; j++) {
              fifth |= (q[32 * j + i] >> 4) << j;
            }
            out.put((byte) fifth);
          }
        }
        for (int j = 0; j < 256; j += 64) {
          for (int i = 0; i < 32; i++) {
            out.put((byte) ((q[j + i] & 15) | (q[j + i + 32] & 15) << 4));
          }
        }
      }
      default -> {
        for (int j = 0; j < 256; j += 128) {
          for (int i = 0; i < 64; i++) {
            out.put((byte) ((q[j + i] & 15) | (q[j + i + 64] & 15) << 4));
          }
        }
        for (int j = 0; j < 256; j += 128) {
          for (int i = 0; i < 32; i++) {
            int upper = 0;
            for (int part = 0; part < 4; part++) {
              upper |= (q[j + i + 32 * part] >> 4) << (2 * part);
            }
            out.put((byte) upper);
          }
        }
        for (int i = 0; i < 16; i++) {
          out.put((byte) scales[i]);
        }
        out.putShort(d);
      }
    }
    return out.array();
  }
}
