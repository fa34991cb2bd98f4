package io.fundamentallm.runtime.cpu.format;

import io.fundamentallm.runtime.cpu.format.tensor.HalfPrecision;
import io.fundamentallm.runtime.cpu.format.tensor.TensorType;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;

/** Writes GGUF files for tests. */
public final class GgufBytes {
  /** The numbers of ggml_type. */
  private static final Map<String, Integer> TYPES =
      Map.ofEntries(
          Map.entry("F32", 0),
          Map.entry("F16", 1),
          Map.entry("Q4_0", 2),
          Map.entry("Q4_1", 3),
          Map.entry("Q5_0", 6),
          Map.entry("Q5_1", 7),
          Map.entry("Q8_0", 8),
          Map.entry("Q2_K", 10),
          Map.entry("Q3_K", 11),
          Map.entry("Q4_K", 12),
          Map.entry("Q5_K", 13),
          Map.entry("Q6_K", 14),
          Map.entry("IQ1_S", 19),
          Map.entry("IQ4_NL", 20),
          Map.entry("IQ4_XS", 23),
          Map.entry("BF16", 30),
          Map.entry("MXFP4", 39));

  private record Stored(String type, int[] shape, byte[] data) {}

  /** Keys: of Long (UINT64), Integer (UINT32), Float, Boolean, String, or List of one of them. */
  public final Map<String, Object> keys = new LinkedHashMap<>();

  private final Map<String, Stored> tensors = new LinkedHashMap<>();

  /** Written into the header. */
  public int version = 3;

  /** Of the tensors' data. */
  public int alignment = 32;

  /** Sets a key. */
  public GgufBytes set(String key, Object value) {
    keys.put(key, value);
    return this;
  }

  /** Adds a tensor of F32, F16, BF16 or Q8_0. */
  public GgufBytes add(String name, String type, Weights weights) {
    return add(name, type, weights.shape(), encode(type, weights.values()));
  }

  /** Adds a tensor of 32-bit floats. */
  public GgufBytes add(String name, Weights weights) {
    return add(name, "F32", weights);
  }

  /** Adds a tensor whose numbers are encoded; its shape has the outermost dimension first. */
  public GgufBytes add(String name, String type, int[] shape, byte[] data) {
    tensors.put(name, new Stored(type, shape, data));
    return this;
  }

  /** The names of all tensors. */
  public List<String> tensors() {
    return List.copyOf(tensors.keySet());
  }

  /** Adds a tensor of another file. */
  public GgufBytes copy(String name, GgufBytes from) {
    tensors.put(name, from.tensors.get(name));
    return this;
  }

  /** Leaves a tensor out. */
  public GgufBytes remove(String name) {
    tensors.remove(name);
    return this;
  }

  /** Random blocks of a quantised type, the scales between 1/16 and 1/4. */
  public static byte[] randomBlocks(String type, int elements, Random random) {
    TensorType known = TensorType.valueOf(type);
    byte[] blocks = new byte[elements / known.blockElements() * known.blockBytes()];
    random.nextBytes(blocks);
    for (int at = 0; at < blocks.length; at += known.blockBytes()) {
      int d = type.equals("Q6_K") ? at + 208 : at;
      blocks[d + 1] = (byte) (0x2C + random.nextInt(8));
      if (type.endsWith("_1") || (type.endsWith("K") && !type.equals("Q6_K"))) {
        blocks[d + 3] = (byte) (0x2C + random.nextInt(8));
      }
    }
    return blocks;
  }

  private static byte[] encode(String type, float[] values) {
    ByteBuffer bytes = ByteBuffer.allocate(4 * values.length).order(ByteOrder.LITTLE_ENDIAN);
    switch (type) {
      case "F16" -> {
        for (float value : values) {
          bytes.putShort(SafeTensorsBytes.f16(value));
        }
      }
      case "BF16" -> {
        for (float value : values) {
          bytes.putShort((short) (Float.floatToIntBits(value) >> 16));
        }
      }
      case "Q8_0" -> {
        for (int at = 0; at < values.length; at += 32) {
          float max = 0;
          for (int i = 0; i < 32; i++) {
            max = Math.max(max, Math.abs(values[at + i]));
          }
          short half = SafeTensorsBytes.f16(max / 127);
          float d = HalfPrecision.f16(half);
          bytes.putShort(half);
          for (int i = 0; i < 32; i++) {
            int q = d == 0 ? 0 : Math.round(values[at + i] / d);
            bytes.put((byte) Math.max(-128, Math.min(127, q)));
          }
        }
      }
      default -> {
        for (float value : values) {
          bytes.putFloat(value);
        }
      }
    }
    return Arrays.copyOf(bytes.array(), bytes.position());
  }

  /** The file. */
  public byte[] bytes() {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    int32(out, 0x46554747);
    int32(out, version);
    int64(out, tensors.size());
    int64(out, keys.size());
    keys.forEach(
        (key, value) -> {
          text(out, key);
          int32(out, type(value));
          value(out, value);
        });
    List<Long> offsets = new ArrayList<>();
    long offset = 0;
    for (Stored tensor : tensors.values()) {
      offsets.add(offset);
      offset += (tensor.data.length + alignment - 1L) / alignment * alignment;
    }
    int index = 0;
    for (Map.Entry<String, Stored> tensor : tensors.entrySet()) {
      text(out, tensor.getKey());
      int[] shape = tensor.getValue().shape;
      int32(out, shape.length);
      for (int i = shape.length - 1; i >= 0; i--) {
        int64(out, shape[i]);
      }
      int32(out, TYPES.getOrDefault(tensor.getValue().type, 99));
      int64(out, offsets.get(index++));
    }
    for (Stored tensor : tensors.values()) {
      pad(out);
      out.writeBytes(tensor.data);
    }
    pad(out);
    return out.toByteArray();
  }

  private void pad(ByteArrayOutputStream out) {
    while (out.size() % alignment != 0) {
      out.write(0);
    }
  }

  private static int type(Object value) {
    if (value instanceof Integer) {
      return 4;
    } else if (value instanceof Long) {
      return 10;
    } else if (value instanceof Float) {
      return 6;
    } else if (value instanceof Boolean) {
      return 7;
    }
    return value instanceof String ? 8 : 9;
  }

  private static void value(ByteArrayOutputStream out, Object value) {
    if (value instanceof Integer number) {
      int32(out, number);
    } else if (value instanceof Long number) {
      int64(out, number);
    } else if (value instanceof Float number) {
      int32(out, Float.floatToIntBits(number));
    } else if (value instanceof Boolean flag) {
      out.write(flag ? 1 : 0);
    } else if (value instanceof String text) {
      text(out, text);
    } else if (value instanceof List<?> list) {
      int32(out, type(list.get(0)));
      int64(out, list.size());
      list.forEach(element -> value(out, element));
    }
  }

  private static void text(ByteArrayOutputStream out, String text) {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    int64(out, bytes.length);
    out.writeBytes(bytes);
  }

  private static void int32(ByteArrayOutputStream out, int value) {
    for (int i = 0; i < 4; i++) {
      out.write(value >> (8 * i));
    }
  }

  private static void int64(ByteArrayOutputStream out, long value) {
    int32(out, (int) value);
    int32(out, (int) (value >> 32));
  }
}
