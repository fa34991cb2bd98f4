package io.fundamentallm.runtime.gpu;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What comes out of a run besides keys and values. Belongs to one run at a time. */
final class RunLogits implements AutoCloseable {
  private final Graph graph;
  private final int vocabularySize;
  private final @Nullable DeviceLogits device;
  private final NativeArray logits;
  private DeviceLogits.@Nullable Room room;

  /**
   * Memory for logits.
   *
   * @param device where a device computes them that has a memory of its own
   */
  RunLogits(
      OrtEnvironment environment, Graph graph, int vocabularySize, @Nullable DeviceLogits device) {
    this.graph = graph;
    this.vocabularySize = vocabularySize;
    this.device = device;
    Precision precision = graph.precision();
    this.logits =
        new NativeArray(
            environment,
            precision.type(),
            precision.bytes(),
            device == null ? NativeArray::direct : device::hostMemory);
  }

  /**
   * Adds room for the logits of so many columns to the outputs of a run.
   *
   * @param all whether every one of them is wanted
   */
  void pin(int rows, int columns, boolean all, Map<String, OnnxTensor> pinned) throws OrtException {
    if (device != null && !all) {
      room = device.room(rows, columns);
      pinned.put(graph.logits(), room.tensor());
      return;
    }
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
  void read(List<Sequence> sequences, Turn turn, boolean padsLeft, int columns, int kept)
      throws OrtException {
    for (int i = 0; i < sequences.size(); i++) {
      Sequence sequence = sequences.get(i);
      int wanted = sequence.wanted();
      int end = padsLeft ? columns : sequence.count();
      int column = end - wanted - (columns - kept);
      int first = turn.row(i) * kept + column;
      if (room != null && wanted > 0) {
        logits.reserve(wanted * vocabularySize);
        room.copy(turn.row(i), column, wanted, logits.tensor(1, wanted, vocabularySize));
        first = 0;
      }
      int skipped = sequence.rows().length - wanted;
      for (int row = 0; row < wanted; row++) {
        int from = (first + row) * vocabularySize;
        graph.precision().read(logits.buffer(), from, sequence.rows()[skipped + row]);
      }
    }
  }

  /** After a run, however it ended. */
  void reset() {
    if (room != null) {
      room.free();
      room = null;
    }
  }

  @Override
  public void close() {
    logits.close();
  }
}
