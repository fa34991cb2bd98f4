package io.fundamentallm.runtime.cpu.format;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Writes safetensors files of any floating-point type, whole or in shards, for tests. */
public final class SafeTensorsBytes {
  private SafeTensorsBytes() {}

  /**
   * The bytes of a file in which all tensors have one type, F64, F32, F16 or BF16, but for bytes of
   * blocks and of their scales.
   */
  public static byte[] of(Map<String, Weights> tensors, String floats) {
    List<String> entries = new ArrayList<>();
    int size = 0;
    for (Map.Entry<String, Weights> tensor : tensors.entrySet()) {
      String type = type(tensor.getKey(), floats);
      int bytes = tensor.getValue().values().length * width(type);
      entries.add(
          "\"%s\":{\"dtype\":\"%s\",\"shape\":%s,\"data_offsets\":[%d,%d]}"
              .formatted(
                  tensor.getKey(),
                  type,
                  Arrays.toString(tensor.getValue().shape()),
                  size,
                  size + bytes));
      size += bytes;
    }
    byte[] header = ("{" + String.join(",", entries) + "}").getBytes(StandardCharsets.UTF_8);
    ByteBuffer bytes = ByteBuffer.allocate(8 + header.length + size).order(ByteOrder.LITTLE_ENDIAN);
    bytes.putLong(header.length).put(header);
    for (Map.Entry<String, Weights> tensor : tensors.entrySet()) {
      for (float value : tensor.getValue().values()) {
        switch (type(tensor.getKey(), floats)) {
          case "U8" -> bytes.put((byte) value);
          case "F64" -> bytes.putDouble(value);
          case "F32" -> bytes.putFloat(value);
          case "F16" -> bytes.putShort(f16(value));
          default -> bytes.putShort((short) (Float.floatToIntBits(value) >> 16));
        }
      }
    }
    return bytes.array();
  }

  private static String type(String name, String floats) {
    return name.endsWith("_blocks") || name.endsWith("_scales") ? "U8" : floats;
  }

  private static int width(String type) {
    return switch (type) {
      case "F64" -> 8;
      case "F32" -> 4;
      case "U8" -> 1;
      default -> 2;
    };
  }

  /** The F16 nearest to a value of its normal range, or zero; for numbers that it holds. */
  public static short f16(float value) {
    int bits = Float.floatToIntBits(value);
    int exponent = (bits >> 23 & 0xFF) - 127;
    if (value == 0 || exponent < -14) {
      return (short) (bits >>> 16 & 0x8000);
    }
    int rounded = (bits & 0x7FFFFF) + 0xFFF + (bits >> 13 & 1);
    return (short) ((bits >>> 16 & 0x8000) | (((exponent + 15) << 10) + (rounded >> 13)));
  }

  /** Writes shards of some tensors each and their index. */
  public static void writeShards(
      Path directory, Map<String, Weights> tensors, String type, int each) throws IOException {
    Map<String, String> index = new LinkedHashMap<>();
    Map<String, Weights> shard = new LinkedHashMap<>();
    int number = 0;
    for (Map.Entry<String, Weights> tensor : tensors.entrySet()) {
      shard.put(tensor.getKey(), tensor.getValue());
      index.put(tensor.getKey(), "model-%05d.safetensors".formatted(number));
      if (shard.size() == each || index.size() == tensors.size()) {
        Files.write(directory.resolve(index.get(tensor.getKey())), of(shard, type));
        shard.clear();
        number++;
      }
    }
    Files.writeString(
        directory.resolve("model.safetensors.index.json"),
        JsonText.of(Map.of("metadata", Map.of("total_size", 1), "weight_map", index)));
  }
}
