package io.fundamentallm.runtime.cpu.format.gguf;

import io.fundamentallm.internal.gguf.GgufInput;
import io.fundamentallm.runtime.cpu.format.safetensors.SafeTensorsHeader.Entry;
import io.fundamentallm.runtime.cpu.format.tensor.MappedFile;
import io.fundamentallm.runtime.cpu.format.tensor.Tensor;
import io.fundamentallm.runtime.cpu.format.tensor.TensorType;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Reads the second part of a GGUF header: name, shape, type and place of each tensor. Checks that
 * all are inside the file and do not overlap.
 */
final class GgufTensors {
  /** ggml itself limits names to 64 bytes. */
  private static final int LONGEST_NAME = 1 << 10;

  /** GGML_MAX_DIMS. */
  private static final int MAX_DIMENSIONS = 4;

  /** Names of ggml_type by number; those removed from the format are empty. */
  private static final String[] TYPES = {
    "F32", "F16", "Q4_0", "Q4_1", "", "", "Q5_0", "Q5_1", "Q8_0", "Q8_1", "Q2_K", "Q3_K", "Q4_K",
    "Q5_K", "Q6_K", "Q8_K", "IQ2_XXS", "IQ2_XS", "IQ3_XXS", "IQ1_S", "IQ4_NL", "IQ3_S", "IQ2_S",
    "IQ4_XS", "I8", "I16", "I32", "I64", "F64", "IQ1_M", "BF16", "", "", "", "TQ1_0", "TQ2_0", "",
    "", "", "MXFP4"
  };

  private final MappedFile mapped;
  private final GgufInput in;

  GgufTensors(MappedFile mapped, GgufInput in) {
    this.mapped = mapped;
    this.in = in;
  }

  /** Reads the list, which follows the keys. */
  Map<String, Tensor> read(GgufKeys keys, long count) throws IOException {
    int alignment = keys.size("general.alignment", 32);
    if (Integer.bitCount(alignment) != 1) {
      throw keys.problem("general.alignment", "expected a power of two");
    }
    // offsets are counted from the end of the header, so the places are known only after all of it
    Map<String, Entry> relative = new LinkedHashMap<>();
    for (long i = 0; i < count; i++) {
      long at = in.at();
      String name = in.string(LONGEST_NAME);
      if (relative.put(name, entry(name, alignment)) != null) {
        throw in.error(at, "the tensor \"" + name + "\" occurs twice");
      }
    }
    long dataAt = (in.at() + alignment - 1) / alignment * alignment;
    long dataSize = mapped.size() - dataAt;
    Map<String, Tensor> tensors = new LinkedHashMap<>();
    for (Map.Entry<String, Entry> named : relative.entrySet()) {
      Entry entry = named.getValue();
      Tensor tensor =
          new Tensor(
              mapped,
              named.getKey(),
              entry.type(),
              entry.shape(),
              dataAt + entry.begin(),
              dataAt + entry.end());
      if (entry.end() > dataSize) {
        throw tensor.problem(
            "ends at byte "
                + (dataAt + entry.end())
                + ", but the file at "
                + mapped.size()
                + ": it is torn; copy or download it again");
      }
      tensors.put(named.getKey(), tensor);
    }
    checkOverlap(relative, tensors);
    return tensors;
  }

  private Entry entry(String name, int alignment) throws IOException {
    String what = "tensor \"" + name + "\" ";
    long at = in.at();
    int dimensions = in.int32();
    if (dimensions < 0 || dimensions > MAX_DIMENSIONS) {
      throw in.error(
          at,
          what + "has " + Integer.toUnsignedString(dimensions) + " dimensions, expected 0 to 4");
    }
    long[] shape = new long[dimensions];
    long elements = 1;
    for (int i = dimensions - 1; i >= 0; i--) { // the file has the innermost first
      shape[i] = in.int64();
      if (shape[i] < 0 || Math.multiplyHigh(elements, shape[i]) != 0 || elements * shape[i] < 0) {
        throw in.error(at, what + "has an impossible shape");
      }
      elements *= shape[i];
    }
    long typeAt = in.at();
    int number = in.int32();
    String typeName = number >= 0 && number < TYPES.length ? TYPES[number] : "";
    TensorType type = TensorType.of(typeName);
    if (type == null) {
      throw in.error(
          typeAt,
          what
              + "has type "
              + (typeName.isEmpty() ? "" + number : typeName)
              + ", which this runtime does not implement; expected one of "
              + List.of(TensorType.values()));
    }
    long inner = dimensions == 0 ? 1 : shape[dimensions - 1];
    if (inner % type.blockElements() != 0) {
      throw in.error(
          at, what + "has rows of " + inner + " numbers, no whole blocks of " + typeName);
    }
    long offsetAt = in.at();
    long offset = in.int64();
    long size = elements / type.blockElements() * type.blockBytes();
    if (offset < 0 || offset % alignment != 0) {
      throw in.error(
          offsetAt,
          what
              + "has the offset "
              + Long.toUnsignedString(offset)
              + ", no multiple of the alignment "
              + alignment);
    }
    // both are bounded by what is left, so no sum overflows
    if (elements > 1L << 56 || size > in.left() || offset > in.left() - size) {
      throw in.error(
          offsetAt,
          what
              + "has "
              + elements
              + " elements at offset "
              + offset
              + ", beyond the file's end: it is torn or damaged; copy or download it again");
    }
    return new Entry(typeName, shape, offset, offset + size);
  }

  private static void checkOverlap(Map<String, Entry> relative, Map<String, Tensor> tensors)
      throws IOException {
    List<Map.Entry<String, Entry>> byOffset = new ArrayList<>(relative.entrySet());
    byOffset.sort(
        Comparator.comparingLong((Map.Entry<String, Entry> e) -> e.getValue().begin())
            .thenComparingLong(e -> e.getValue().end()));
    for (int i = 1; i < byOffset.size(); i++) {
      Map.Entry<String, Entry> before = byOffset.get(i - 1);
      if (before.getValue().end() > byOffset.get(i).getValue().begin()) {
        Tensor tensor = tensors.get(byOffset.get(i).getKey());
        if (tensor != null) {
          throw tensor.problem("overlaps tensor \"" + before.getKey() + "\"");
        }
      }
    }
  }
}
