package io.fundamentallm.runtime.cpu.onnx;

import io.fundamentallm.runtime.cpu.kernels.product.PackedWeights;
import io.fundamentallm.runtime.cpu.model.Matrix;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Matrices in blocks of 4 or 8 bits, multiplied by MatMulNBits. Its blocks have a scale and a zero
 * point, and it is fast only where the zero point is the middle of the codes. The runtime's 4-bit
 * blocks have a minimum instead. The difference is one number for each block times the sum of that
 * block's inputs.
 */
final class QuantizedMatrices implements Matrices {
  private static final int BLOCK = QuantizedMatrix.BLOCK;
  private static final String EMBEDDING = "embedding";
  private static final Operator TO_FLOAT = Operator.of("Cast").with("to", ElementType.FLOAT);
  private static final Operator SHIFT = Operator.of("BitShift").with("direction", "RIGHT");

  /** The accuracy_level of products whose inputs may be rounded to 8 bits; 0 asks for floats. */
  private static final int ROUNDED = 4;

  private final Graph graph;
  private final int bits;
  private final int accuracy;
  private final Map<String, String> sums = new HashMap<>(); // of blocks, by their tensor
  private @Nullable Matrix embedding;

  /**
   * Of 4 or 8 bits.
   *
   * @param weights not those of 32
   */
  QuantizedMatrices(Graph graph, OnnxWeights weights) {
    this.graph = graph;
    this.bits = weights.bits();
    accuracy = weights.roundedInputs() ? ROUNDED : 0;
  }

  private static int blocks(Matrix matrix) {
    return PackedWeights.padded(matrix.columns()) / BLOCK;
  }

  /** Adds the constants of a matrix. */
  private void store(String name, Matrix matrix, int bits) {
    QuantizedMatrix quantized = new QuantizedMatrix(matrix, bits);
    long rows = matrix.rows();
    long blocks = blocks(matrix);
    graph.weight(
        new Weight(
            name + ".codes",
            ElementType.UINT8,
            List.of(rows, blocks, (long) BLOCK * bits / 8),
            quantized::writeCodes));
    graph.weight(
        new Weight(
            name + ".scales", ElementType.FLOAT, List.of(rows, blocks), quantized::writeScales));
    if (bits == 4) {
      graph.weight(
          new Weight(
              name + ".offsets",
              ElementType.FLOAT,
              List.of(blocks, rows),
              quantized::writeOffsets));
    }
  }

  @Override
  public String embed(Matrix table, String ids) {
    embedding = table;
    store(EMBEDDING, table, bits);
    int blocks = blocks(table);
    String codes = graph.add("Gather", EMBEDDING + ".codes", ids); // [B, T, blocks, bytes]
    String values = graph.add(TO_FLOAT, bits == 4 ? unpack(codes, blocks) : codes);
    values = graph.add("Sub", values, graph.real(1 << bits - 1)); // [B, T, blocks, BLOCK]
    String scales = graph.add("Gather", EMBEDDING + ".scales", ids); // [B, T, blocks]
    values = graph.add("Mul", values, graph.add("Unsqueeze", scales, graph.numbers(-1)));
    if (bits == 4) {
      Operator column = Operator.of("Gather").with("axis", 1);
      String offsets = graph.add(column, EMBEDDING + ".offsets", ids); // [blocks, B, T]
      Operator turn = Operator.of("Transpose").with("perm", 1, 2, 0);
      offsets = graph.add(turn, offsets);
      values = graph.add("Add", values, graph.add("Unsqueeze", offsets, graph.numbers(-1)));
    }
    values = graph.add("Reshape", values, graph.numbers(0, 0, (long) blocks * BLOCK));
    return table.columns() == blocks * BLOCK
        ? values
        : graph.add(
            "Slice", values, graph.numbers(0), graph.numbers(table.columns()), graph.numbers(-1));
  }

  /** Two codes of 4 bits out of each byte. */
  private String unpack(String codes, int blocks) {
    String low = graph.add("BitwiseAnd", codes, graph.octet(15));
    String high = graph.add(SHIFT, codes, graph.octet(4));
    String last = graph.numbers(-1);
    String pairs =
        graph.add(
            Operator.of("Concat").with("axis", -1),
            graph.add("Unsqueeze", low, last),
            graph.add("Unsqueeze", high, last));
    return graph.add("Reshape", pairs, graph.numbers(0, 0, blocks, BLOCK));
  }

  @Override
  public String multiply(String name, Matrix matrix, String x) {
    return multiply(name, matrix, x, bits);
  }

  @Override
  public String multiplySensitive(String name, Matrix matrix, String x) {
    return multiply(name, matrix, x, 8);
  }

  private String multiply(String name, Matrix matrix, String x, int bits) {
    String stored = matrix == embedding ? EMBEDDING : name;
    if (matrix != embedding) {
      store(name, matrix, bits);
    }
    Operator product =
        Operator.microsoft("MatMulNBits")
            .with("K", matrix.columns())
            .with("N", matrix.rows())
            .with("bits", bits)
            .with("block_size", BLOCK)
            .with("accuracy_level", accuracy);
    String y = graph.add(product, x, stored + ".codes", stored + ".scales");
    if (bits == 8) {
      return y;
    }
    String sums = this.sums.computeIfAbsent(x, input -> sums(input, matrix.columns()));
    return graph.add("Add", y, graph.add("MatMul", sums, stored + ".offsets"));
  }

  /** Sums of the blocks of a tensor's last dimension, [B, T, blocks]. */
  private String sums(String x, int columns) {
    int padded = PackedWeights.padded(columns);
    String whole =
        padded == columns
            ? x
            : graph.add(
                "Pad", x, graph.numbers(0, padded - columns), graph.real(0), graph.numbers(-1));
    String blocked = graph.add("Reshape", whole, graph.numbers(0, 0, padded / BLOCK, BLOCK));
    return graph.add(Operator.of("ReduceSum").with("keepdims", 0), blocked, graph.numbers(-1));
  }
}
