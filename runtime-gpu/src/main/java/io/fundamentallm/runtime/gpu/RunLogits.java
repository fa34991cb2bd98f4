package io.fundamentallm.runtime.gpu;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import java.util.List;
import java.util.Map;

/** What comes out of a run besides keys and values. Belongs to one run at a time. */
final class RunLogits implements AutoCloseable {
  private final Graph graph;
  private final int vocabularySize;
  private final NativeArray logits;

  RunLogits(OrtEnvironment environment, Graph graph, int vocabularySize) {
    this.graph = graph;
    this.vocabularySize = vocabularySize;
    this.logits = new NativeArray(environment, graph.precision().type(), graph.precision().bytes());
  }

  /** Adds room for the logits of so many columns to the outputs of a run. */
  void pin(int rows, int columns, Map<String, OnnxTensor> pinned) throws OrtException {
    long count = (long) rows * columns * vocabularySize;
    if (count > Integer.MAX_VALUE) {
      throw new IllegalStateException(
          "the graph gives the logits of all "
              + columns
              + " tokens at once, more than 2 GB; exported with its cache it takes them in parts");
    }
    logits.reserve((int) count);
    pinned.put(graph.logits(), logits.tensor(rows, columns, vocabularySize));
  }

  /**
   * Reads what sequences want.
   *
   * @param columns of the run
   * @param kept how many of the last columns have logits
   */
  void read(List<Sequence> sequences, Turn turn, boolean padsLeft, int columns, int kept) {
    for (int i = 0; i < sequences.size(); i++) {
      Sequence sequence = sequences.get(i);
      int end = padsLeft ? columns : sequence.count();
      int first = turn.row(i) * kept + end - sequence.wanted() - (columns - kept);
      int skipped = sequence.rows().length - sequence.wanted();
      for (int row = 0; row < sequence.wanted(); row++) {
        graph
            .precision()
            .read(logits.buffer(), (first + row) * vocabularySize, sequence.rows()[skipped + row]);
      }
    }
  }

  @Override
  public void close() {
    logits.close();
  }
}
