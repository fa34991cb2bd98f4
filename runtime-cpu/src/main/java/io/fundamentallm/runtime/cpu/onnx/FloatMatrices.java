package io.fundamentallm.runtime.cpu.onnx;

import io.fundamentallm.runtime.cpu.kernels.math.Half;
import io.fundamentallm.runtime.cpu.model.Matrix;
import java.io.IOException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Matrices as 32-bit or 16-bit floats. Inputs and outputs of products have 32 bits. */
final class FloatMatrices implements Matrices {
  private static final String EMBEDDING = "embedding";

  /** Weights read at a time: 16 MiB. */
  private static final int MAX_READ = 1 << 22;

  private final Graph graph;
  private final ElementType type;
  private @Nullable Matrix embedding;

  /**
   * Of one type.
   *
   * @param type FLOAT or FLOAT16
   */
  FloatMatrices(Graph graph, ElementType type) {
    this.graph = graph;
    this.type = type;
  }

  @Override
  public String embed(Matrix table, String ids) {
    embedding = table;
    return cast(graph.add("Gather", store(graph, EMBEDDING, table, type), ids), ElementType.FLOAT);
  }

  /** A matrix as it is, [rows][columns]. */
  static String store(Graph graph, String name, Matrix matrix, ElementType type) {
    List<Long> shape = List.of((long) matrix.rows(), (long) matrix.columns());
    return graph.weight(new Weight(name, type, shape, into -> writeRows(name, matrix, type, into)));
  }

  @Override
  public String multiply(String name, Matrix matrix, String x) {
    return cast(product(name, matrix, cast(x, type)), ElementType.FLOAT);
  }

  private String cast(String x, ElementType to) {
    return type == ElementType.FLOAT ? x : graph.add(Operator.of("Cast").with("to", to), x);
  }

  private String product(String name, Matrix matrix, String x) {
    if (matrix == embedding) {
      return graph.add("MatMul", x, graph.add("Transpose", EMBEDDING));
    }
    // as MatMul reads it: transposing it in the graph would copy it when it is loaded
    List<Long> shape = List.of((long) matrix.columns(), (long) matrix.rows());
    String full = name + ".weight";
    String weight =
        graph.weight(new Weight(full, type, shape, into -> writeColumns(full, matrix, type, into)));
    return graph.add("MatMul", x, weight);
  }

  private static void writeRows(String name, Matrix matrix, ElementType type, Region into)
      throws IOException {
    int columns = matrix.columns();
    float[] values = new float[batch(matrix) * columns];
    for (int row = 0; row < matrix.rows(); row += batch(matrix)) {
      int count = Math.min(batch(matrix), matrix.rows() - row);
      matrix.read(row, count, values);
      check(name, type, values, count * columns);
      write(into, type, (long) row * columns, values, 0, count * columns);
    }
  }

  private static void writeColumns(String name, Matrix matrix, ElementType type, Region into)
      throws IOException {
    int rows = matrix.rows();
    int columns = matrix.columns();
    float[] values = new float[batch(matrix) * columns];
    float[] transposed = new float[values.length];
    for (int row = 0; row < rows; row += batch(matrix)) {
      int count = Math.min(batch(matrix), rows - row);
      matrix.read(row, count, values);
      check(name, type, values, count * columns);
      for (int i = 0; i < count; i++) {
        for (int column = 0; column < columns; column++) {
          transposed[column * count + i] = values[i * columns + column];
        }
      }
      if (count == rows) {
        write(into, type, 0, transposed, 0, count * columns);
        return;
      }
      for (int column = 0; column < columns; column++) {
        write(into, type, (long) column * rows + row, transposed, column * count, count);
      }
    }
  }

  /** Refuses a weight that 16 bits cannot hold. */
  private static void check(String name, ElementType type, float[] values, int count)
      throws IOException {
    for (int i = 0; type == ElementType.FLOAT16 && i < count; i++) {
      if (!(Math.abs(values[i]) < Half.BEYOND)) {
        throw new IOException(
            name
                + " holds "
                + values[i]
                + ", and floats of 16 bits end at 65504; OnnxWeights.F32, INT8 and INT4 have room");
      }
    }
  }

  private static void write(
      Region into, ElementType type, long element, float[] values, int from, int count)
      throws IOException {
    if (type == ElementType.FLOAT16) {
      into.halves(element, values, from, count);
    } else {
      into.floats(element, values, from, count);
    }
  }

  private static int batch(Matrix matrix) {
    return Math.max(1, Math.min(matrix.rows(), MAX_READ / matrix.columns()));
  }
}
