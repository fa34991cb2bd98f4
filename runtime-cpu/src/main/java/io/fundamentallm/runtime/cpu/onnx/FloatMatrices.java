package io.fundamentallm.runtime.cpu.onnx;

import io.fundamentallm.runtime.cpu.model.Matrix;
import java.io.IOException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Matrices as 32-bit floats. */
final class FloatMatrices implements Matrices {
  private static final String EMBEDDING = "embedding";

  /** Weights read at a time: 16 MiB. */
  private static final int MOST_READ = 1 << 22;

  private final Graph graph;
  private @Nullable Matrix embedding;

  FloatMatrices(Graph graph) {
    this.graph = graph;
  }

  @Override
  public String embed(Matrix table, String ids) {
    embedding = table;
    return graph.add("Gather", store(graph, EMBEDDING, table), ids);
  }

  /** A matrix as it is, [rows][columns]. */
  static String store(Graph graph, String name, Matrix matrix) {
    List<Long> shape = List.of((long) matrix.rows(), (long) matrix.columns());
    return graph.weight(
        new Weight(name, ElementType.FLOAT, shape, into -> writeRows(matrix, into)));
  }

  @Override
  public String multiply(String name, Matrix matrix, String x) {
    if (matrix == embedding) {
      return graph.add("MatMul", x, graph.add("Transpose", EMBEDDING));
    }
    // as MatMul reads it: what would transpose it in the graph would copy it when it is loaded
    List<Long> shape = List.of((long) matrix.columns(), (long) matrix.rows());
    String weight =
        graph.weight(
            new Weight(
                name + ".weight", ElementType.FLOAT, shape, into -> writeColumns(matrix, into)));
    return graph.add("MatMul", x, weight);
  }

  private static void writeRows(Matrix matrix, Region into) throws IOException {
    int columns = matrix.columns();
    float[] values = new float[batch(matrix) * columns];
    for (int row = 0; row < matrix.rows(); row += batch(matrix)) {
      int count = Math.min(batch(matrix), matrix.rows() - row);
      matrix.read(row, count, values);
      into.floats((long) row * columns, values, 0, count * columns);
    }
  }

  private static void writeColumns(Matrix matrix, Region into) throws IOException {
    int rows = matrix.rows();
    int columns = matrix.columns();
    float[] values = new float[batch(matrix) * columns];
    float[] transposed = new float[values.length];
    for (int row = 0; row < rows; row += batch(matrix)) {
      int count = Math.min(batch(matrix), rows - row);
      matrix.read(row, count, values);
      for (int i = 0; i < count; i++) {
        for (int column = 0; column < columns; column++) {
          transposed[column * count + i] = values[i * columns + column];
        }
      }
      if (count == rows) {
        into.floats(0, transposed, 0, count * columns);
        return;
      }
      for (int column = 0; column < columns; column++) {
        into.floats((long) column * rows + row, transposed, column * count, count);
      }
    }
  }

  private static int batch(Matrix matrix) {
    return Math.max(1, Math.min(matrix.rows(), MOST_READ / matrix.columns()));
  }
}
